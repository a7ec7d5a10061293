from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "gateway"

    def ready(self) -> None:
        from gateway import checks  # noqa: F401 - registers them
        from gateway.revisions import record_revision
        from providers.config import config_changed

        config_changed.connect(record_revision, dispatch_uid="gateway.revisions")

"""The provider that makes the gateway work at once: Anthropic's API, with whatever credential the client brings."""

from django.db import migrations


def add_default_provider(apps, schema_editor):
    apps.get_model("providers", "Provider").objects.using(schema_editor.connection.alias).create(
        name="anthropic",
        kind="anthropic",
        base_url="https://api.anthropic.com",
        credential_source="client",
        is_default=True,
    )


class Migration(migrations.Migration):
    dependencies = [("providers", "0001_initial")]
    operations = [migrations.RunPython(add_default_provider, migrations.RunPython.noop)]

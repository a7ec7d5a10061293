"""The ASGI program: the API's paths go to the lean handler, everything else to Django, WebSockets to channels."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.base")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - needs the apps
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from gateway.connection import Receive, Send  # noqa: E402
from gateway.handler import ApiHandler  # noqa: E402
from gateway.lifespan import Lifespan  # noqa: E402

api_application = ApiHandler()
_PROBES = frozenset(("/healthz", "/readyz", "/api/hello"))


async def http_application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    path: str = scope["path"]
    if path.startswith("/v1/") or path in _PROBES or (path == "/" and scope["method"] == "HEAD"):
        await api_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "lifespan": Lifespan(api_application.journal),
        "http": http_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([]))),
    }
)

"""The production server: uvicorn, which measures best (tests/bench/RESULTS.md) and lets streams finish on SIGTERM."""

from __future__ import annotations

import socket

import uvicorn
from django.conf import settings
from uvicorn.supervisors import Multiprocess

_KEEP_ALIVE_SECONDS = 120  # longer than clients keep idle connections, so that they close them and not we under them
_BACKLOG = 4096


class CannotListen(Exception):
    """The text says where, and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"Cannot listen on {host}:{port}: {reason}. Stop the other program, or set HOST and PORT."
        ) from error
    listener.set_inheritable(True)
    return listener


def run(listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, and until the streams under way have ended."""
    config = uvicorn.Config(
        "gateway.asgi:application",
        http="gateway.http_protocol:GatewayHttpProtocol",
        loop="uvloop",
        lifespan="on",
        workers=settings.WORKERS,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        proxy_headers=bool(settings.FORWARDED_ALLOW_IPS),
        forwarded_allow_ips=settings.FORWARDED_ALLOW_IPS or None,
        access_log=False,
        server_header=False,
        date_header=False,
        log_config=None,
    )
    if settings.WORKERS == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()

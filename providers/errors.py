"""What can go wrong between the gateway and a provider.

    UpstreamError
    ├── UpstreamUnreachable      no connection: name not found, refused, TLS, connect timeout. Nothing was sent.
    ├── UpstreamDisconnected     the connection ended before the answer's head
    │   └── StaleConnection      it had been used before, so the upstream may have closed it before it saw the request
    ├── UpstreamTimeout          no answer, or no more bytes of it, within the provider's limit
    └── UpstreamBroken           the answer is not valid HTTP, or ended before its end

The texts are for the people who read them in Claude Code and in the log: what is wrong, where, what to do.
"""

from __future__ import annotations


class UpstreamError(Exception):
    pass


class UpstreamUnreachable(UpstreamError):
    pass


class UpstreamDisconnected(UpstreamError):
    pass


class StaleConnection(UpstreamDisconnected):
    pass


class UpstreamTimeout(UpstreamError):
    pass


class UpstreamBroken(UpstreamError):
    pass

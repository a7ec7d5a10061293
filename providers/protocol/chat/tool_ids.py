"""The ids of tool calls on both sides.

The Messages API takes ids of letters, digits, `_` and `-` only, while some models need their own ids back as they gave
them (Kimi K2 writes `functions.Bash:0`, and loses the thread where it reads another). So an id that the Messages API
would refuse is written in Base64 behind a mark, and read back before it goes upstream.
"""

from __future__ import annotations

import base64
import binascii
import re

_ALLOWED = re.compile(r"[a-zA-Z0-9_-]*\Z")
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9_-]")
_MARK = "toolu_b64_"
_STEM_LENGTH = 24
"""OpenAI takes ids of up to 40 characters."""


def to_client(upstream_id: str) -> str:
    """The id as the client gets it."""
    if _ALLOWED.match(upstream_id) and not upstream_id.startswith(_MARK):
        return upstream_id
    encoded = base64.urlsafe_b64encode(upstream_id.encode("utf-8", "replace"))
    return _MARK + encoded.decode().rstrip("=")


def to_upstream(client_id: str) -> str:
    """The id as the upstream gave it: what `to_client` was called with."""
    if not client_id.startswith(_MARK):
        return client_id
    encoded = client_id.removeprefix(_MARK)
    try:
        upstream_id = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return client_id
    return upstream_id if to_client(upstream_id) == client_id else client_id


class ToolIds:
    """Gives each tool call of one answer an id that no other call of the conversation has."""

    def __init__(self, message_id: str, used: frozenset[str]) -> None:
        self._stem = _FORBIDDEN.sub("_", message_id.removeprefix("msg_"))[-_STEM_LENGTH:]
        self._used = set(used)
        self._made = 0

    def claim(self, upstream_id: str) -> str:
        """The id for a call that came with `upstream_id`, which may be empty."""
        tool_id = to_client(upstream_id) if upstream_id else self._make()
        while tool_id in self._used:
            tool_id = self._make()
        self._used.add(tool_id)
        return tool_id

    def _make(self) -> str:
        self._made += 1
        return f"toolu_{self._stem}_{self._made}"

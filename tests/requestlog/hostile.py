"""An exchange in which every text that a client or an upstream can choose tries to get out of the page."""

from __future__ import annotations

from requestlog.models import Entry
from tests.support.log_entries import message_response, messages_request, store_exchange

HOSTILE = (
    "</pre></title><script>executed=1</script><img src=x onerror=executed=1>"
    "\" onmouseover=\"executed=1\" style='color:red' ' onmouseover='executed=1' \x1b[31m\x00\u202e&lt;"
)
_TEXT_COLUMNS = (
    *("user_agent", "session_id", "agent_id", "parent_agent_id", "method", "path", "requested_model", "routed_model"),
    *("provider", "decision_reason", "stop_reason", "error_type", "error_message", "client_key", "wire_format"),
    *("call_kind", "subagent", "subagent_known_by", "agent_fingerprint"),
)
_BLOCKS = [
    {"type": HOSTILE, "text": HOSTILE, "id": HOSTILE, "name": HOSTILE},
    {"type": "text", "text": HOSTILE},
    {"type": "thinking", "thinking": HOSTILE},
    {"type": "tool_use", "id": HOSTILE, "name": HOSTILE, "input": {HOSTILE: HOSTILE}},
    {"type": "tool_result", "tool_use_id": HOSTILE, "content": [{"type": "text", "text": HOSTILE}, {"type": HOSTILE}]},
    {"type": "image", "source": {"type": HOSTILE, "media_type": HOSTILE, "data": HOSTILE}},
    {"type": "image", "source": {"type": "url", "url": f"javascript:executed=1//{HOSTILE}"}},
]


def hostile_exchange() -> Entry:
    tool = {"name": HOSTILE, "description": HOSTILE, "input_schema": {HOSTILE: HOSTILE}}
    message = {"role": HOSTILE, "content": _BLOCKS}
    return store_exchange(
        request=messages_request(message, system=HOSTILE, tools=[tool], **{HOSTILE: HOSTILE}),
        sent=HOSTILE.encode(),
        received=HOSTILE.encode(),
        conversion_notes=[HOSTILE, {HOSTILE: HOSTILE}],
        usage_is_estimate=True,
        message=message_response(*_BLOCKS, stop_reason=HOSTILE),
        response=HOSTILE.encode(),
        request_headers=[(HOSTILE, HOSTILE)],
        response_headers=[("content-encoding", HOSTILE)],
        tools_called=[HOSTILE, {HOSTILE: HOSTILE}],
        attempts=[
            HOSTILE,
            {"provider": HOSTILE, "model": HOSTILE, "started_at": 0, "duration_ms": 0, "error": HOSTILE},
        ],
        **dict.fromkeys(_TEXT_COLUMNS, HOSTILE),
    )

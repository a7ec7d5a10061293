"""Valid requests of the Messages API, with every kind of block, for property tests."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st

from providers.protocol.chat.capabilities import (
    Capabilities,
    DocumentForm,
    MaxTokensField,
    ReasoningHistory,
    ReasoningSwitch,
    ResponseFormat,
    SchemaDialect,
    SystemRole,
    UserField,
)

Json = dict[str, Any]
PDF_TEXT = "the text of the PDF"
_DATA = base64.b64encode(b"data").decode()
_IDS = st.sampled_from(["toolu_1", "toolu_2", "functions.Bash:0", "toolu_b64_ZnVuY3Rpb25zLkJhc2g6MA"])
_NAMES = ["Read", "Bash", "ToolSearch", "Deep", "mcp__server__" + "x" * 90]

flags = st.booleans()
texts = st.text(max_size=12) | st.sampled_from(["", " ", "\n", "Error: no", "<system-reminder>x</system-reminder>"])
json_values = st.recursive(
    st.none() | flags | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
inputs = st.dictionaries(texts, json_values, max_size=3)
cache_control = st.sampled_from([{}, {"cache_control": {"type": "ephemeral"}}])


def block(
    kind: str, optional: dict[str, st.SearchStrategy[Any]] | None = None, **fields: Any
) -> st.SearchStrategy[Json]:
    strategies = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in fields.items()
    }
    return st.builds(
        lambda fields, extra: fields | extra,
        st.fixed_dictionaries({"type": st.just(kind), **strategies}, optional=optional or {}),
        cache_control,
    )


text_blocks = block("text", {"citations": st.sampled_from([None, [], [{"type": "char_location"}]])}, text=texts)
images = block(
    "image",
    source=st.sampled_from(
        [
            {"type": "base64", "media_type": "image/png", "data": _DATA},
            {"type": "url", "url": "https://example.org/a.png"},
        ]
    ),
)
document_sources = st.one_of(
    st.just({"type": "base64", "media_type": "application/pdf", "data": _DATA}),
    st.builds(lambda text: {"type": "text", "media_type": "text/plain", "data": text}, texts),
    st.builds(
        lambda content: {"type": "content", "content": content}, texts | st.lists(text_blocks | images, max_size=2)
    ),
)
documents = block("document", {"title": texts | st.none(), "context": texts | st.none()}, source=document_sources)
search_results = block("search_result", title=texts, source=texts, content=st.lists(text_blocks, max_size=2))
references = block("tool_reference", tool_name=st.sampled_from(_NAMES))
unknown_blocks = block("novel", {"text": texts, "data": json_values})
result_content = texts | st.lists(
    text_blocks | images | documents | search_results | references | unknown_blocks, max_size=3
)
tool_results = block("tool_result", {"content": result_content, "is_error": flags}, tool_use_id=_IDS)
tool_uses = block("tool_use", id=_IDS, name=st.sampled_from([*_NAMES, "Forgotten"]), input=inputs)
thinking = block("thinking", thinking=texts, signature=st.sampled_from(["", "c2ln"])) | block(
    "redacted_thinking", data=_DATA
)
server_blocks = st.one_of(
    block("server_tool_use", id="srv_1", name="web_search", input=inputs),
    block("mcp_tool_use", id="mcp_1", name="log", server_name="git", input=inputs),
    block("mcp_tool_result", tool_use_id="mcp_1", is_error=False, content=texts | st.lists(text_blocks, max_size=2)),
    block(
        "web_search_tool_result",
        tool_use_id="srv_1",
        content=st.lists(block("web_search_result", title=texts, url=texts, encrypted_content="ZW5j"), max_size=2)
        | st.just({"type": "web_search_tool_result_error", "error_code": "unavailable"}),
    ),
    block(
        "web_fetch_tool_result", tool_use_id="srv_1", content=block("web_fetch_result", url=texts, content=documents)
    ),
    block(
        "bash_code_execution_tool_result",
        tool_use_id="srv_1",
        content=block("bash_code_execution_result", stdout=texts, stderr=texts, return_code=0, content=[]),
    ),
    block(
        "tool_search_tool_result",
        tool_use_id="srv_1",
        content=st.builds(lambda found: {"tool_references": found}, st.lists(references, max_size=2)),
    ),
    block("compaction", content=texts | st.none()),
    block("container_upload", file_id="file_1"),
)


def messages_of(role: str, blocks: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"role": st.just(role), "content": texts | st.lists(blocks, max_size=4)})


user_messages = messages_of(
    "user",
    text_blocks
    | tool_results
    | images
    | documents
    | search_results
    | unknown_blocks
    | block("container_upload", file_id="f"),
)
assistant_messages = messages_of("assistant", text_blocks | tool_uses | thinking | server_blocks)
system_messages = messages_of("system", text_blocks)
conversations = st.builds(
    lambda first, rest: [{"role": "user", "content": f"Hello {first}"}, *rest],
    texts,
    st.lists(user_messages | assistant_messages | system_messages, max_size=7),
)

schemas = st.sampled_from(
    [
        {"type": "object"},
        {},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False},
        {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "$defs": {"N": {"type": ["integer", "null"]}}},
        {"type": "object", "properties": {"u": {"oneOf": [{"const": 1}, {"enum": ["x"]}]}}},
    ]
)
client_tools = st.lists(st.sampled_from(_NAMES), unique=True, min_size=1).flatmap(
    lambda names: st.tuples(
        *(
            st.fixed_dictionaries(
                {"name": st.just(name), "input_schema": schemas},
                optional={"description": texts, "strict": flags, "defer_loading": flags, "type": st.just("custom")},
            )
            for name in names
        )
    ).map(list)
)
server_tools = st.lists(st.just({"type": "web_search_20250305", "name": "web_search"}), max_size=1)


@st.composite
def tool_fields(draw: st.DrawFn) -> Json:
    if draw(flags):
        return {}
    tools = draw(client_tools)
    kind = draw(st.sampled_from([None, "auto", "any", "tool", "none"]))
    choice = {"type": kind} | ({"name": draw(st.sampled_from(tools))["name"]} if kind == "tool" else {})
    parallel = {"disable_parallel_tool_use": draw(flags)} if kind in ("auto", "any", "tool") else {}
    return {"tools": tools + draw(server_tools)} | ({"tool_choice": choice | parallel} if kind else {})


thinking_modes = st.sampled_from(
    [
        {"type": "adaptive"},
        {"type": "disabled"},
        *({"type": "enabled", "budget_tokens": n} for n in (1024, 8000, 32_000)),
    ]
)
output_configs = st.fixed_dictionaries(
    {},
    optional={
        "effort": st.sampled_from(["low", "medium", "high", "xhigh", "max"]),
        "format": st.builds(lambda schema: {"type": "json_schema", "schema": schema}, schemas),
    },
)
parameters = st.fixed_dictionaries(
    {"model": st.just("claude-opus-5-5"), "max_tokens": st.integers(1, 64_000)},
    optional={
        "system": texts | st.lists(text_blocks, max_size=3),
        "temperature": st.floats(0, 1),
        "top_p": st.floats(0, 1),
        "top_k": st.integers(0, 100),
        "stop_sequences": st.lists(texts, max_size=6),
        "metadata": st.fixed_dictionaries({}, optional={"user_id": texts}),
        "stream": flags,
        "thinking": thinking_modes,
        "output_config": output_configs,
        "context_management": st.just({"edits": []}),
        "cache_control": st.just({"type": "ephemeral"}),
    },
)
requests = st.builds(
    lambda fields, tools, messages: fields | tools | {"messages": messages}, parameters, tool_fields(), conversations
)

_FLAGS = (
    *("mid_conversation_system", "temperature", "top_p", "top_k", "prompt_cache_key", "stream_usage", "tools"),
    *("tool_choice_required", "parallel_tool_calls", "strict_tools", "thought_signatures", "images", "image_urls"),
)
efforts = st.sampled_from([(), ("low", "medium", "high"), ("none", "minimal", "high"), ("none",)])
capabilities = st.builds(
    Capabilities,
    max_output_tokens=st.none() | st.integers(1, 32_000),
    max_tokens_field=st.sampled_from(MaxTokensField),
    system_role=st.sampled_from(SystemRole),
    user_field=st.sampled_from(UserField),
    max_stop_sequences=st.integers(0, 4),
    schema_dialect=st.sampled_from(SchemaDialect),
    documents=st.sampled_from([DocumentForm.FILE, DocumentForm.TEXT]),
    reasoning=st.sampled_from(ReasoningSwitch),
    reasoning_efforts=efforts,
    reasoning_history=st.sampled_from(ReasoningHistory),
    response_format=st.sampled_from(ResponseFormat),
    **dict.fromkeys(_FLAGS, flags),
)

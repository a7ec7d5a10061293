"""The tools of a request as functions.

Every turn of a session sends the same tools, which are most of its bytes. So they are converted once: the result is
kept under the raw bytes of the list and the capabilities that matter, and later turns put its bytes into their body
unread. Where the provider takes all of JSON Schema, a tool's schema itself is never changed but copied byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from providers.protocol.chat.capabilities import Capabilities, SchemaDialect
from providers.protocol.chat.requests.conversion import encode_json, is_blank
from providers.protocol.chat.requests.notes import Notes
from providers.protocol.chat.requests.reading import Fields, decode, refuse
from providers.protocol.chat.requests.schemas import GeminiSchemas
from providers.protocol.chat.requests.strict_schemas import is_strict
from providers.protocol.chat.requests.tool_names import ToolNames

CACHED_BYTES = 256 << 10
"""A longer list of tools is converted anew each time, so that the cache stays within some tens of megabytes."""


class _Tool(msgspec.Struct):
    name: str = ""
    type: str | None = None
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.Raw(b"null")
    strict: bool | None = None
    defer_loading: bool | None = None
    mcp_server_name: str | None = None
    input_examples: list[Any] | None = None
    allowed_callers: list[str] | None = None


_decode_tools = msgspec.json.Decoder(list[_Tool])
_decode_schema = msgspec.json.Decoder(dict[str, Any] | None)


@dataclass(frozen=True, slots=True)
class Function:
    """A tool that is offered to the model; `json` is its entry in the list of tools."""

    name: str
    deferred: bool
    json: bytes


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools of a request. `server_tools` are those that only Anthropic's servers know, in words."""

    functions: tuple[Function, ...] = ()
    server_tools: tuple[tuple[str, str], ...] = ()
    names: ToolNames = ToolNames()
    notes: tuple[str, ...] = ()
    json: bytes = b""
    """The list of all functions."""

    @property
    def has_deferred(self) -> bool:
        return any(function.deferred for function in self.functions)

    def listed(self, loaded: Collection[str], notes: Notes) -> bytes:
        """The JSON list of what the model gets to see: deferred tools only once they were loaded.

        Without a tool to search with there is no way to load them, so then they are all listed.
        """
        if not self.has_deferred or not any(_can_search(function) for function in self.functions):
            return self.json
        held_back = [function.name for function in self.functions if function.deferred and function.name not in loaded]
        if held_back:
            notes.add(f"held back until a search finds them, by `defer_loading`: {_shortened(held_back)}")
        listed = [function.json for function in self.functions if function.name not in held_back]
        return b"[" + b",".join(listed) + b"]"


def _shortened(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def read_tools(fields: Fields, capabilities: Capabilities) -> Offer:
    """The tools that the client offers. Raises `InvalidRequest`."""
    raw = fields.raw("tools")
    if raw is None:
        return Offer()
    read = _read_cached if len(raw) <= CACHED_BYTES else _read
    return read(raw, capabilities.schema_dialect, capabilities.tool_name_length, capabilities.strict_tools)


def _read(raw: bytes, dialect: SchemaDialect, name_length: int, takes_strict: bool) -> Offer:
    tools = decode(_decode_tools, raw, "tools")
    declared = [tool.name for tool in tools if not _is_server_tool(tool)]
    _check_names(declared)
    reading = _Reading(dialect, takes_strict, ToolNames(declared, name_length), Notes())
    functions = tuple(
        reading.function(tool, f"tools.{index}") for index, tool in enumerate(tools) if not _is_server_tool(tool)
    )
    return Offer(
        functions,
        tuple((tool.name, _label(tool)) for tool in tools if _is_server_tool(tool)),
        reading.names,
        reading.all_notes(),
        b"[" + b",".join(function.json for function in functions) + b"]" if functions else b"",
    )


_read_cached = lru_cache(maxsize=64)(_read)


class _Reading:
    """One conversion of a list of tools."""

    def __init__(self, dialect: SchemaDialect, takes_strict: bool, names: ToolNames, notes: Notes) -> None:
        self.names = names
        self._dialect = dialect
        self._takes_strict = takes_strict
        self._notes = notes
        self._left_out: set[str] = set()

    def all_notes(self) -> tuple[str, ...]:
        if self._left_out:
            keywords = ", ".join(f"`{keyword}`" for keyword in sorted(self._left_out))
            self._notes.add(f"tool schemas: {keywords} not supported by this provider: left out")
        return self._notes.all()

    def function(self, tool: _Tool, path: str) -> Function:
        name = self.names.sent(tool.name)
        if name != tool.name:
            self._notes.add(f"tool name shortened: {tool.name} → {name}")
        self._note_what_is_lost(tool)
        function: dict[str, Any] = {"name": name}
        if tool.description is not None and not is_blank(tool.description):
            function["description"] = tool.description
        schema = decode(_decode_schema, tool.input_schema, f"{path}.input_schema") or {}
        parameters = self._parameters(schema, tool.input_schema)
        if parameters is not None:
            function["parameters"] = parameters
        if tool.strict and self._may_be_strict(schema):
            function["strict"] = True
        return Function(tool.name, tool.defer_loading is True, encode_json({"type": "function", "function": function}))

    def _parameters(self, schema: dict[str, Any], raw: msgspec.Raw) -> msgspec.Raw | dict[str, Any] | None:
        if self._dialect is SchemaDialect.GEMINI:
            conversion = GeminiSchemas(schema)
            parameters = conversion.parameters()
            self._left_out |= conversion.left_out
            return parameters
        if schema.get("type") == "object" and "properties" in schema:
            return raw
        return {**schema, "type": "object", "properties": schema.get("properties", {})}

    def _may_be_strict(self, schema: dict[str, Any]) -> bool:
        if self._takes_strict and self._dialect is SchemaDialect.FULL and is_strict(schema):
            return True
        self._notes.add("`strict` of tools left out: not supported by this provider, or not for these schemas")
        return False

    def _note_what_is_lost(self, tool: _Tool) -> None:
        if tool.input_examples:
            self._notes.add("`input_examples` of tools are not supported: left out")
        if tool.allowed_callers and "direct" not in tool.allowed_callers:
            self._notes.add("`allowed_callers` of tools is not supported: the model may call them itself")


def _is_server_tool(tool: _Tool) -> bool:
    return tool.type not in (None, "custom")


def _label(tool: _Tool) -> str:
    name = tool.name or tool.mcp_server_name
    return f"{name} ({tool.type})" if name else str(tool.type)


def _check_names(names: list[str]) -> None:
    if not all(names):
        refuse("tools", "every tool needs a name")
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        refuse("tools", f"Tool names must be unique, and {name} is there {count} times")


def _can_search(function: Function) -> bool:
    """Whether this is a tool of the client that finds others, as Claude Code's `ToolSearch`."""
    name = function.name.lower().replace("_", "").replace("-", "")
    return not function.deferred and ("toolsearch" in name or "searchtool" in name)

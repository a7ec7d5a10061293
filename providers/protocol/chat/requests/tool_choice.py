"""Which tools a request sends, and how the model is told to use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from providers.protocol.chat.requests.conversion import Conversion
from providers.protocol.chat.requests.reading import Fields, refuse
from providers.protocol.chat.requests.tools import Offer


class _Choice(msgspec.Struct):
    type: str
    name: str = ""
    disable_parallel_tool_use: bool | None = None


_decode_choice = msgspec.json.Decoder(_Choice)


def convert_tools(conversion: Conversion, fields: Fields, offer: Offer) -> dict[str, Any]:
    """The request's `tools`, `tool_choice` and `parallel_tool_calls`.

    To be called when the history has been converted, which knows the tools that were loaded. Raises `InvalidRequest`
    where nothing of what the client offers, or not the tool that it insists on, can be sent.
    """
    choice = fields.read("tool_choice", _decode_choice)
    _check(choice or _Choice("auto"), offer)
    for _, label in offer.server_tools:
        conversion.notes.add(f"server tool left out: {label}")
    if not offer.functions:
        return {}
    if not conversion.capabilities.tools:
        conversion.notes.add(f"tools are not supported by this model: {len(offer.functions)} left out")
        return {}
    for note in offer.notes:
        conversion.notes.add(note)
    wanted = conversion.loaded_tools | ({choice.name} if choice else set())
    sent = {"tools": msgspec.Raw(offer.listed(wanted, conversion.notes))}
    return sent | _choice(conversion, choice) | _parallel(conversion, choice) if choice else sent


def _check(choice: _Choice, offer: Offer) -> None:
    if choice.type not in _CHOICES:
        refuse("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'")
    labels = [label for _, label in offer.server_tools]
    if labels and not offer.functions:
        refuse(
            "tools",
            f"only Anthropic's own models can use {', '.join(labels)}; use one of those, or offer other tools",
        )
    if choice.type == "any" and not offer.functions:
        refuse("tool_choice", "a tool is asked for, but `tools` offers none")
    if choice.type == "tool" and choice.name not in [function.name for function in offer.functions]:
        server_tool = next((label for name, label in offer.server_tools if name == choice.name), None)
        if server_tool:
            refuse("tool_choice", f"only Anthropic's own models can use {server_tool}; choose another tool")
        refuse("tool_choice", f"Tool '{choice.name}' not found in provided tools")


def _auto(conversion: Conversion, choice: _Choice) -> Any:
    return "auto"


def _none(conversion: Conversion, choice: _Choice) -> Any:
    return "none"


def _any(conversion: Conversion, choice: _Choice) -> Any:
    return "required" if _can_be_forced(conversion, "any") else "auto"


def _tool(conversion: Conversion, choice: _Choice) -> Any:
    if not _can_be_forced(conversion, choice.name):
        return "auto"
    return {"type": "function", "function": {"name": conversion.names.sent(choice.name)}}


def _can_be_forced(conversion: Conversion, what: str) -> bool:
    possible = conversion.capabilities.tool_choice_required
    if not possible:
        conversion.notes.add(f"`tool_choice` {what} is not supported by this provider: left to the model")
    return possible


_CHOICES: dict[str, Callable[[Conversion, _Choice], Any]] = {"auto": _auto, "any": _any, "tool": _tool, "none": _none}


def _choice(conversion: Conversion, choice: _Choice) -> dict[str, Any]:
    return {"tool_choice": _CHOICES[choice.type](conversion, choice)}


def _parallel(conversion: Conversion, choice: _Choice) -> dict[str, Any]:
    if not choice.disable_parallel_tool_use:
        return {}
    if conversion.capabilities.parallel_tool_calls:
        return {"parallel_tool_calls": False}
    conversion.notes.add("`disable_parallel_tool_use` is not supported by this provider")
    return {}

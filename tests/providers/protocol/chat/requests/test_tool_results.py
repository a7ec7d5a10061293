"""Results of tools."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.protocol.chat.requests.converting import (
    assistant,
    chat_messages,
    text,
    tool_message,
    tool_result,
    tool_use,
    user,
)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (tool_result("t1"), "(no output)"),
        ({"type": "tool_result", "tool_use_id": "t1"}, "(no output)"),
        (tool_result("t1", ""), "(no output)"),
        (tool_result("t1", text(" "), text("x")), "x"),
        (tool_result("t1", "no such file", is_error=True), "Error: no such file"),
        (tool_result("t1", "Error: no such file", is_error=True), "Error: no such file"),
        (
            tool_result("t1", "<tool_use_error>no</tool_use_error>", is_error=True),
            "<tool_use_error>no</tool_use_error>",
        ),
        (tool_result("t1", "Errors are shown below", is_error=True), "Error: Errors are shown below"),
        (tool_result("t1", is_error=True), "Error: (no output)"),
        (tool_result("t1", "fine", is_error=False), "fine"),
        (tool_result("t1", {"type": "tool_reference", "tool_name": "Deep"}), "The tool Deep is available now."),
    ],
)
def test_the_text_of_a_result(result: dict[str, Any], message: str) -> None:
    assert chat_messages([user("Go."), assistant(tool_use("t1")), user(result)])[2] == tool_message("t1", message)

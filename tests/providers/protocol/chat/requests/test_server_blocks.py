"""Blocks of tools that Anthropic's servers ran in earlier turns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.protocol.chat.requests.converting import assistant, chat_messages, notes, text, user

FETCHED = {
    "type": "web_fetch_result",
    "url": "https://example.org",
    "content": {"type": "document", "title": "Page", "source": {"type": "text", "data": "the page's text"}},
}


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "cats"}},
            '[server_tool_use web_search: {"query":"cats"}]',
        ),
        (
            {"type": "mcp_tool_use", "id": "m1", "server_name": "git", "name": "log", "input": {}},
            "[mcp_tool_use git.log: {}]",
        ),
        (
            {
                "type": "web_search_tool_result",
                "content": [
                    {"type": "web_search_result", "title": "Cats", "url": "u", "encrypted_content": "gibberish"}
                ],
            },
            "[web_search_tool_result]\nCats\n\nu",
        ),
        (
            {"type": "web_fetch_tool_result", "content": FETCHED},
            "[web_fetch_tool_result]\nhttps://example.org\n\nPage\n\nthe page's text",
        ),
        (
            {
                "type": "bash_code_execution_tool_result",
                "content": {"type": "bash_code_execution_result", "stdout": "out", "stderr": "err", "return_code": 1},
            },
            "[bash_code_execution_tool_result]\nout\n\nerr",
        ),
        (
            {"type": "code_execution_tool_result", "content": {"type": "x_error", "error_code": "unavailable"}},
            "[code_execution_tool_result]\nunavailable",
        ),
        ({"type": "mcp_tool_result", "content": "plain"}, "[mcp_tool_result]\nplain"),
        ({"type": "mcp_tool_result", "content": [text("a"), text("b")]}, "[mcp_tool_result]\na\n\nb"),
        ({"type": "compaction", "content": "what was said before"}, "what was said before"),
        (
            {
                "type": "tool_search_tool_result",
                "content": {"tool_references": [{"type": "tool_reference", "tool_name": "Deep"}]},
            },
            "[tool_search_tool_result]\nThe tool Deep is available now.",
        ),
    ],
)
def test_what_can_be_read_of_a_block_is_told_as_text(block: dict[str, Any], words: str) -> None:
    messages = [user("Hello"), assistant(block, "So.")]
    assert chat_messages(messages)[1]["content"] == f"{words}\n\nSo."
    assert notes(messages=messages) == (
        f"blocks of the type `{block['type']}` sent as text, the first at messages.1.content.0",
    )


@pytest.mark.parametrize(
    "block",
    [
        {"type": "container_upload", "file_id": "file_1"},
        {"type": "compaction", "content": None, "encrypted_content": "gibberish"},
        {
            "type": "web_fetch_tool_result",
            "content": {"type": "document", "source": {"type": "base64", "data": "JVBERg=="}},
        },
    ],
)
def test_a_block_that_holds_no_text_is_named(block: dict[str, Any]) -> None:
    messages = [user("Hello", block)]
    assert chat_messages(messages) == [{"role": "user", "content": "Hello"}]
    assert notes(messages=messages) == (
        f"blocks of the type `{block['type']}` left out, the first at messages.0.content.1",
    )

"""The system prompt as the first message."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities, SystemRole
from tests.providers.protocol.chat.requests.converting import HELLO, chat, refusal, text

BILLING = text("x-anthropic-billing-header: cc_version=2.1.197; cc_entrypoint=cli;")


@pytest.mark.parametrize(
    ("system", "content"),
    [
        ("Be brief.", "Be brief."),
        ([text("Be brief."), text("Be kind.")], "Be brief.\n\nBe kind."),
        ([BILLING, text("Be brief.") | {"cache_control": {"type": "ephemeral"}}], "Be brief."),
        ([text(""), text("  "), text("Be brief.")], "Be brief."),
    ],
)
def test_the_blocks_become_one_message(system: Any, content: str) -> None:
    assert chat(system=system)["messages"] == [{"role": "system", "content": content}, *HELLO]


@pytest.mark.parametrize("system", [None, "", " ", [], [BILLING], [text("")]])
def test_no_message_stands_for_an_empty_prompt(system: Any) -> None:
    assert chat(system=system)["messages"] == HELLO


def test_some_models_call_it_the_developers() -> None:
    sent = chat(Capabilities(system_role=SystemRole.DEVELOPER), system="Be brief.")
    assert sent["messages"][0] == {"role": "developer", "content": "Be brief."}


@pytest.mark.parametrize(
    ("system", "words"),
    [
        (5, "system: Input should be a valid string or list"),
        ([5], "system.0: Input should be a valid dictionary"),
        ([text("x"), {"type": "text"}], "system.1.text: Field required"),
    ],
)
def test_a_malformed_prompt_is_refused_with_its_place(system: Any, words: str) -> None:
    assert refusal(system=system) == words

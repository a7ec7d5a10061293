"""What becomes of an assistant message: text, tool calls, reasoning."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities, ReasoningHistory
from providers.protocol.chat.context import ThoughtSignatures
from tests.providers.protocol.chat.requests.converting import (
    assistant,
    called,
    chat_messages,
    image,
    notes,
    text,
    tool_result,
    tool_use,
    user,
)

KEEPS_REASONING = Capabilities(reasoning_history=ReasoningHistory.REASONING_CONTENT)
SIGNED = Capabilities(thought_signatures=True)


def thinking(value: str, signature: str = "") -> dict[str, Any]:
    return {"type": "thinking", "thinking": value, "signature": signature}


def said(*blocks: dict[str, Any] | str, capabilities: Capabilities | None = None, **fields: Any) -> dict[str, Any]:
    """The message that an assistant message with these blocks becomes."""
    messages = chat_messages([user("Hello"), assistant(*blocks), user("Go on.")], capabilities, **fields)
    return next(message for message in messages if message["role"] == "assistant")


def test_thinking_never_becomes_text() -> None:
    for capabilities in (Capabilities(), KEEPS_REASONING):
        message = said(thinking("secret"), thinking("signed", "c2ln"), "answer", capabilities=capabilities)
        assert message["content"] == "answer"
        assert "signed" not in str(message)


@pytest.mark.parametrize("field", [ReasoningHistory.REASONING, ReasoningHistory.REASONING_CONTENT])
def test_reasoning_of_this_format_goes_back_under_the_name_that_the_provider_uses(field: ReasoningHistory) -> None:
    message = said(thinking("one"), thinking("two"), "answer", capabilities=Capabilities(reasoning_history=field))
    assert message == {"role": "assistant", "content": "answer", field.value: "one\n\ntwo"}


def test_reasoning_that_does_not_go_back_is_mentioned_once() -> None:
    messages = [user("a"), assistant(thinking("x"), "b"), user("c"), assistant(thinking("y"), "d"), user("e")]
    assert notes(messages=messages) == ("thinking of earlier turns is not sent back to this model",)


def test_foreign_and_redacted_thinking_is_left_out_with_a_word() -> None:
    blocks = (thinking("x", "c2ln"), {"type": "redacted_thinking", "data": "ZW5j"}, "answer")
    assert said(*blocks, capabilities=Capabilities(reasoning_history=ReasoningHistory.REASONING)) == {
        "role": "assistant",
        "content": "answer",
    }
    assert notes(KEEPS_REASONING, messages=[user("a"), assistant(*blocks)]) == (
        "thinking of another provider's model in the history is left out",
        "redacted thinking in the history is left out: only Anthropic's models can read it",
    )


def test_a_turn_without_reasoning_says_so_where_the_provider_insists_on_the_field() -> None:
    assert said("answer", capabilities=KEEPS_REASONING)["reasoning_content"] == " "
    off = said("answer", capabilities=KEEPS_REASONING, thinking={"type": "disabled"})
    assert "reasoning_content" not in off


def test_a_message_of_nothing_but_thinking_vanishes() -> None:
    messages = [user("one"), assistant(thinking("x")), user("two")]
    assert chat_messages(messages, KEEPS_REASONING) == [{"role": "user", "content": "one\n\ntwo"}]


def test_texts_that_citations_cut_are_one_sentence_again() -> None:
    cited = {"type": "text", "text": "it is 30 years old", "citations": [{"type": "char_location"}]}
    assert said("According to the file ", cited, ", which is much.", "Next.")["content"] == (
        "According to the file it is 30 years old, which is much.\n\nNext."
    )


def test_an_image_of_an_assistant_is_left_out_with_its_place() -> None:
    assert said("See:", image())["content"] == "See:"
    assert notes(messages=[user("a"), assistant("See:", image())]) == (
        "messages.1.content.1: the provider takes no image in an assistant message: left out",
    )


def test_arguments_are_the_input_as_json_with_its_order_and_characters() -> None:
    block = {"type": "tool_use", "id": "t1", "name": "Read", "input": {"z": 1.0, "a": ["ü", None, True], "n": 10**25}}
    arguments = said(block, capabilities=None)["tool_calls"][0]["function"]["arguments"]
    assert arguments == '{"z":1.0,"a":["ü",null,true],"n":10000000000000000000000000}'


def step(*tool_use_ids: str) -> list[dict[str, Any]]:
    calls = assistant(*(tool_use(tool_use_id) for tool_use_id in tool_use_ids))
    return [calls, user(*(tool_result(tool_use_id, "ok") for tool_use_id in tool_use_ids))]


def sent_signatures(messages: list[dict[str, Any]], known: ThoughtSignatures | None) -> list[str | None]:
    found = chat_messages(messages, SIGNED, signatures=known)
    calls = [call for message in found for call in message.get("tool_calls", ())]
    return [call.get("extra_content", {}).get("google", {}).get("thought_signature") for call in calls]


def test_signatures_return_with_their_calls() -> None:
    known = ThoughtSignatures()
    known.remember("a", "sig-a")
    known.remember("d", "sig-d")
    messages = [user("Go."), *step("a", "b"), *step("c", "d")]
    # the first call of each step has to have one, the others only have what the model gave
    assert sent_signatures(messages, known) == ["sig-a", None, "skip_thought_signature_validator", "sig-d"]


def test_without_known_signatures_the_first_call_of_a_step_asks_not_to_be_validated() -> None:
    messages = [user("Go."), *step("a", "b")]
    assert sent_signatures(messages, None) == ["skip_thought_signature_validator", None]


def test_other_providers_get_no_signatures() -> None:
    known = ThoughtSignatures()
    known.remember("a", "sig-a")
    messages = chat_messages([user("Go."), *step("a")], signatures=known)
    assert messages[1]["tool_calls"] == [called("a")]


def test_a_blank_text_between_others_does_not_stick_them_together() -> None:
    cited = text("one") | {"citations": [{}]}
    assert said(cited, " ", "two")["content"] == "one\n\ntwo"

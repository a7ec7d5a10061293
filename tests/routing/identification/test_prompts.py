"""The same fingerprint for the same definition, whatever surrounds its body, and never for another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.identification.prompts import agent_prompt, body_of, fingerprint, fingerprint_of_body, prompt_digest
from tests.routing.identification.client import (
    BILLING,
    FOREIGN_NOTES,
    MEMORY,
    MESSAGES,
    NEWER_TAIL,
    NOTES,
    OLDER_TAIL,
    SDK,
    TERMINAL,
    TERMINAL_IN_SDK,
    TOKENS_LEFT,
    environment,
    git_status,
)

BODY = "You review code.\n\nLook at:\n- names\n- tests"
EXPECTED = fingerprint_of_body(BODY)

SURROUNDINGS = {
    "nothing around it": BODY,
    "one string": f"{SDK}\n\n{BODY}{OLDER_TAIL}",
    "one string with billing line": f"{BILLING}\n{TERMINAL}\n{BODY}{OLDER_TAIL}",
    "1 block": [BODY + OLDER_TAIL],
    "1 block with the identity in it": [f"{TERMINAL}\n{BODY}{OLDER_TAIL}"],
    "1 block with billing line and identity in it": [f"{BILLING}\n{SDK}\n\n{BODY}{NEWER_TAIL}"],
    "2 blocks, no billing block": [SDK, BODY + OLDER_TAIL],
    "2 blocks, no identity": [BILLING, BODY + OLDER_TAIL],
    "3 blocks of 2.1.197": [BILLING, SDK, BODY + OLDER_TAIL],
    "3 blocks of 2.1.330": [BILLING, SDK, BODY + NEWER_TAIL],
    "4 blocks, the tail apart": [BILLING, SDK, BODY, OLDER_TAIL],
    "5 blocks, the tail in two": [BILLING, SDK, BODY, NOTES.strip(), environment().strip()],
    "an empty block": [BILLING, "", SDK, BODY + NEWER_TAIL],
    "identity of the terminal": [BILLING, TERMINAL, BODY + OLDER_TAIL],
    "identity of the terminal in the SDK": [BILLING, TERMINAL_IN_SDK, BODY + NEWER_TAIL],
    "another project": [BILLING, SDK, BODY + NOTES + environment("C:\\tide", platform="win32")],
    "another model": [BILLING, SDK, BODY + NOTES + environment(model="Haiku 4.5")],
    "git status": [BILLING, SDK, BODY + OLDER_TAIL + git_status("main")],
    "another git status": [BILLING, SDK, BODY + OLDER_TAIL + git_status("topic")],
    "environment without notes": [BILLING, SDK, BODY + environment()],
    "notes in other words": [BILLING, SDK, BODY + FOREIGN_NOTES + environment()],
    "token count": [BILLING, SDK, BODY + NEWER_TAIL + TOKENS_LEFT],
    "token count alone": [BILLING, SDK, BODY + TOKENS_LEFT],
    "memory": [BILLING, SDK, BODY + MEMORY.format(folder="/srv/boats") + NEWER_TAIL],
    "memory of another project": [BILLING, SDK, BODY + MEMORY.format(folder="/tmp") + OLDER_TAIL],
    "CRLF": [BILLING, SDK, (BODY + OLDER_TAIL).replace("\n", "\r\n")],
    "CRLF in the body alone": [BILLING, SDK, BODY.replace("\n", "\r\n") + OLDER_TAIL],
    "CR": [BILLING, SDK, (BODY + NEWER_TAIL).replace("\n", "\r")],
    "BOM": [BILLING, SDK, "\ufeff" + BODY + OLDER_TAIL],
    "spaces at the ends of lines": [BILLING, SDK, BODY.replace("\n", "  \n") + " \t" + NEWER_TAIL],
    "empty lines around the body": [BILLING, SDK, "\n\n" + BODY + "\n\n\n" + NEWER_TAIL],
}


@pytest.mark.parametrize("system", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_what_surrounds_a_body_does_not_change_its_fingerprint(system: str | list[str]) -> None:
    assert body_of(agent_prompt(system)) == BODY
    assert fingerprint(system) == EXPECTED


BOATS = "\n\nHere is useful information about the environment of boats:\n<env>\nsea\n</env>"
AUTHORS_OWN = {
    "a line of three dashes": f"{BODY}\n\n---\n\nAnd on.",
    "three dashes at both ends": f"---\n\n{BODY}\n\n---",
    "a list of notes in the middle": f"{BODY}\n\nNotes:\n- mind the sea\n\nAnd on.",
    "a list of notes at the end": f"{BODY}\n\nNotes:\n- mind the sea",
    "notes as the whole body": "Notes:\n- mind the sea",
    "an environment": f"{BODY}{BOATS}\n\nAnd on.",
    "an environment at the end": f"{BODY}{BOATS}",
    "notes and an environment": f"{BODY}{FOREIGN_NOTES}{BOATS}",
    "a status of git": f"{BODY}\n\ngitStatus: always clean",
    "words about the client": f"You are Claude Code, Anthropic's official CLI for Claude, but for boats.\n{BODY}",
    "a line separator of Unicode": f"{BODY}\u2028And on.",
}


@pytest.mark.parametrize(
    "tail", [OLDER_TAIL, OLDER_TAIL + git_status("main"), NEWER_TAIL], ids=["older", "git", "newer"]
)
@pytest.mark.parametrize("body", AUTHORS_OWN.values(), ids=AUTHORS_OWN)
def test_an_authors_own_lines_belong_to_the_body(body: str, tail: str) -> None:
    assert fingerprint([BILLING, SDK, body + tail]) == fingerprint_of_body(body)
    assert fingerprint_of_body(body) != EXPECTED


@pytest.mark.parametrize("tail", [OLDER_TAIL, NEWER_TAIL, MESSAGES, TOKENS_LEFT, ""])
def test_two_agents_that_share_a_beginning_differ(tail: str) -> None:
    longer = f"{BODY}\n\nNotes:\n- also the documents"
    assert fingerprint([BILLING, SDK, BODY + tail]) != fingerprint([BILLING, SDK, longer + tail])


@pytest.mark.parametrize(
    "system",
    ["", [], [BILLING, SDK], [BILLING, SDK, NEWER_TAIL], [BILLING, SDK, OLDER_TAIL.strip()], "\ufeff\r\n \t"],
)
def test_without_a_body_there_is_no_fingerprint(system: str | list[str]) -> None:
    assert fingerprint(system) == ""


@given(st.lists(st.text(), max_size=4))
def test_any_text_has_a_fingerprint(texts: list[str]) -> None:
    assert len(fingerprint(texts)) in (0, 32)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from([OLDER_TAIL, NEWER_TAIL]))
def test_any_body_is_found_in_front_of_a_tail(body: str, tail: str) -> None:
    assert fingerprint([BILLING, SDK, body + tail]) == fingerprint_of_body(body)


def test_halves_of_characters_count_as_the_client_writes_them() -> None:
    assert prompt_digest("a \ud83d b") == prompt_digest("a \ufffd b")
    assert prompt_digest("a \U0001f600 b") == prompt_digest("a \ud83d\ude00 b") != prompt_digest("a \ufffd b")


@pytest.mark.parametrize("prompt", ["Find it.", "Find it.\n", "  Find it. \n", "\r\nFind it."])
def test_what_stands_around_a_prompt_does_not_change_its_digest(prompt: str) -> None:
    assert prompt_digest(prompt) == prompt_digest("Find it.")


def test_line_ends_do_not_change_a_digest_and_words_do() -> None:
    assert prompt_digest("One.\r\nTwo.") == prompt_digest("One.\nTwo.")
    assert prompt_digest("One. Two.") != prompt_digest("One.\nTwo.")


@pytest.mark.parametrize("prompt", ["", "   \n"])
def test_a_prompt_that_the_client_does_not_pass_on_has_no_digest(prompt: str) -> None:
    assert prompt_digest(prompt) == ""

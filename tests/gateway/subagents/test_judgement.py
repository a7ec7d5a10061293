"""What the evidence says about a name: which kind is trusted before which, and when nothing is said."""

from __future__ import annotations

import pytest

from gateway.subagents.judgement import Evidence, KnownPrompt, Prompt, judge, known_prompt, one_name
from requestlog.naming import AgentName

NAMED = AgentName("captain", "launched")
DEFINED = AgentName("mate", "file")
RESEMBLES = AgentName("cook", "pasted")
LEARNED = KnownPrompt(Prompt.LEARNED, "scout", "launched")
REMEMBERED = KnownPrompt(Prompt.DEFINED, "old-mate", "file")
AMBIGUOUS = KnownPrompt(Prompt.AMBIGUOUS)


@pytest.mark.parametrize(
    ("evidence", "name"),
    [
        (Evidence(NAMED, frozenset({"lookout"}), LEARNED, DEFINED, RESEMBLES), NAMED),
        (Evidence(None, frozenset({"lookout"}), LEARNED, DEFINED, RESEMBLES), AgentName("lookout", "launched")),
        (Evidence(None, frozenset(), LEARNED, DEFINED, RESEMBLES), AgentName("scout", "fingerprint")),
        (Evidence(None, frozenset(), REMEMBERED, DEFINED, RESEMBLES), DEFINED),
        (Evidence(None, frozenset(), REMEMBERED, None, RESEMBLES), RESEMBLES),
        (Evidence(None, frozenset(), REMEMBERED), AgentName("old-mate", "file")),
        (Evidence(), None),
    ],
    ids=["agent", "launch", "learned", "defined", "resembles", "remembered", "nothing"],
)
def test_the_most_trusted_evidence_decides(evidence: Evidence, name: AgentName | None) -> None:
    assert judge(evidence) == name


def test_a_prompt_that_was_launched_under_two_names_is_asked_for_another_kind_of_evidence() -> None:
    launched = frozenset({"scout", "lookout"})
    assert judge(Evidence(launched=launched)) is None
    assert judge(Evidence(launched=launched, prompt=LEARNED)) == AgentName("scout", "fingerprint")
    assert judge(Evidence(launched=launched, defined=DEFINED)) == DEFINED


def test_a_fingerprint_of_two_names_tells_nothing_and_neither_does_a_definition_of_it() -> None:
    assert judge(Evidence(prompt=AMBIGUOUS, defined=DEFINED, resembles=RESEMBLES)) is None
    assert judge(Evidence(prompt=AMBIGUOUS, launched=frozenset({"scout"}))) == AgentName("scout", "launched")


def test_spellings_of_one_name_are_one_name() -> None:
    assert one_name(["Scout", "scout", "SCOUT"]) == one_name(["scout", "SCOUT", "Scout"]) == "SCOUT"
    assert one_name(["scout", "scouts"]) == one_name([]) == ""


def test_launch_and_learned_prompt_agree_whatever_their_case() -> None:
    assert Evidence(launched=frozenset({"SCOUT"}), prompt=LEARNED).agrees
    assert not Evidence(launched=frozenset({"lookout"}), prompt=LEARNED).agrees
    assert not Evidence(launched=frozenset({"scout", "lookout"}), prompt=LEARNED).agrees
    assert not Evidence(prompt=KnownPrompt()).agrees
    assert not Evidence(launched=frozenset({"old-mate"}), prompt=REMEMBERED).agrees


@pytest.mark.parametrize(
    ("name", "source", "state"),
    [
        ("scout", "launched", Prompt.LEARNED),
        ("scout", "", Prompt.LEARNED),
        ("scout", "file", Prompt.DEFINED),
        ("scout", "pasted", Prompt.DEFINED),
        ("", "ambiguous", Prompt.AMBIGUOUS),
        ("", "launched", Prompt.UNKNOWN),
        ("", "", Prompt.UNKNOWN),
    ],
)
def test_a_stored_fingerprint_is_read_by_its_source(name: str, source: str, state: Prompt) -> None:
    assert known_prompt(name, source).state is state

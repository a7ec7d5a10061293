"""What a process remembers, and for how long."""

from __future__ import annotations

from gateway.subagents.judgement import KnownPrompt, Prompt
from gateway.subagents.memory import KNOWN_SECONDS, UNKNOWN_SECONDS, Memory, Recent
from requestlog.naming import AgentName

SCOUT = AgentName("scout", "launched")
LEARNED = KnownPrompt(Prompt.LEARNED, "scout", "launched")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_least_recently_used_is_forgotten_first() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c"), len(recent)) == (1, None, 3, 2)


def test_an_agent_is_known_by_session_and_id() -> None:
    memory = Memory()
    memory.name_agent("s", "a1", SCOUT)
    memory.name_agent("s", "", SCOUT)
    assert memory.agent("s", "a1") == SCOUT
    assert (memory.agent("other", "a1"), memory.agent("s", "a2"), memory.agent("s", "")) == (None, None, None)


def test_launches_are_those_of_the_session_with_any_of_the_prompts() -> None:
    memory = Memory()
    memory.add_launch("s", "d1", "scout")
    memory.add_launch("s", "d1", "lookout")
    memory.add_launch("s", "d2", "cook")
    memory.add_launch("other", "d1", "captain")
    assert memory.launched("s", ["d1"]) == {"scout", "lookout"}
    assert memory.launched("s", ["d0", "d2"]) == {"cook"}
    assert memory.launched("s", []) == frozenset()


def test_the_database_need_not_be_asked_again_for_a_while() -> None:
    clock = Clock()
    memory = Memory(clock)
    assert not memory.is_fresh("f")
    memory.keep_prompt("f", KnownPrompt())
    memory.keep_prompt("g", LEARNED)
    assert memory.is_fresh("f") and memory.is_fresh("g") and memory.is_fresh("")
    clock.now += UNKNOWN_SECONDS + 0.1
    assert (memory.is_fresh("f"), memory.is_fresh("g")) == (False, True)
    clock.now += KNOWN_SECONDS
    assert not memory.is_fresh("g")
    assert memory.prompt("g") == LEARNED


def test_what_was_learned_a_moment_ago_outlasts_a_database_that_does_not_have_it_yet() -> None:
    clock = Clock()
    memory = Memory(clock)
    memory.learn_prompt("f", "scout")
    memory.keep_prompt("f", KnownPrompt())
    assert memory.prompt("f") == LEARNED
    clock.now += KNOWN_SECONDS + 0.1
    memory.keep_prompt("f", KnownPrompt())
    assert memory.prompt("f") == KnownPrompt()


def test_a_second_name_makes_a_learned_prompt_ambiguous_and_another_spelling_does_not() -> None:
    memory = Memory()
    memory.learn_prompt("f", "scout")
    memory.learn_prompt("f", "Scout")
    assert memory.prompt("f") == LEARNED
    memory.learn_prompt("f", "lookout")
    assert memory.prompt("f").state is Prompt.AMBIGUOUS
    memory.learn_prompt("f", "scout")
    assert memory.prompt("f").state is Prompt.AMBIGUOUS


def test_a_launch_knows_better_than_a_definition_and_not_better_than_a_person() -> None:
    memory = Memory()
    memory.keep_prompt("f", KnownPrompt(Prompt.DEFINED, "mate", "file"))
    memory.learn_prompt("f", "scout")
    assert memory.prompt("f") == LEARNED
    by_hand = KnownPrompt(Prompt.LEARNED, "mate", "")
    memory.keep_prompt("g", by_hand)
    memory.learn_prompt("g", "scout")
    assert memory.prompt("g") == by_hand


def test_a_call_without_a_fingerprint_teaches_nothing() -> None:
    memory = Memory()
    memory.learn_prompt("", "scout")
    assert memory.prompt("") == KnownPrompt()


def test_the_last_spelling_counts() -> None:
    memory = Memory()
    assert memory.spelling("explore") is None
    memory.keep_spelling("explore")
    memory.keep_spelling("Explore")
    assert memory.spelling("EXPLORE") == "Explore"

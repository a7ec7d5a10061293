"""Subagents in the database: rows that several processes count on, and names that are given and taken away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.subagents import storage
from gateway.subagents.backlog import Launch, SeenAgent, SeenPrompt
from gateway.subagents.judgement import KnownPrompt, Prompt
from routing.models import AgentLaunch, Subagent, SubagentFingerprint

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)


def seen(name: str = "scout", at: datetime = NOON, **fields: Any) -> SeenAgent:
    return SeenAgent(**{"name": name, "known_by": "launched", "first": at, "last": at, "requests": 1} | fields)


def prompt(fingerprint: str = "f", at: datetime = NOON, **fields: Any) -> SeenPrompt:
    return SeenPrompt(**{"fingerprint": fingerprint, "first": at, "last": at, "requests": 1} | fields)


def name_prompt(name: str, source: str = "launched", fingerprint: str = "f") -> None:
    storage.store_agents([seen(name)])
    storage.store_prompts([prompt(fingerprint, name=name, source=source)])


def test_the_launches_of_a_session_are_found_by_their_prompts() -> None:
    storage.store_launches(
        [
            Launch("s", "d1", "scout", NOON),
            Launch("s", "d1", "lookout", NOON),
            Launch("s", "d2", "cook", NOON),
            Launch("other", "d1", "captain", NOON),
        ]
    )
    assert storage.launched_names("s", ["d1", "d9"]) == {"scout", "lookout"}
    assert storage.launched_names("s", []) == frozenset()


def test_old_launches_go_some_at_a_time() -> None:
    storage.store_launches([Launch("s", f"d{number}", "scout", NOON) for number in range(250)])
    storage.store_launches([Launch("s", "new", "scout", LATER)])
    assert [storage.prune_launches(LATER) for _ in range(3)] == [200, 50, 0]
    assert [launch.prompt_digest for launch in AgentLaunch.objects.all()] == ["new"]


def test_counts_of_several_processes_add_up() -> None:
    storage.store_agents([seen(at=NOON, requests=2)])
    storage.store_agents([seen(at=LATER, requests=3)])
    storage.store_agents([seen(at=NOON, requests=1)])  # of a process that was late
    [agent] = Subagent.objects.all()
    assert (agent.requests, agent.first_seen, agent.last_seen, agent.known_by) == (6, NOON, LATER, "launched")


def test_an_announced_agent_has_no_requests_until_it_calls() -> None:
    announced = seen(known_by="announced", requests=0, description="Looks around.")
    storage.store_agents([announced])
    assert Subagent.objects.values_list("requests", "known_by", "description").get() == (
        0,
        "announced",
        "Looks around.",
    )
    storage.store_agents([seen(at=LATER, known_by="fingerprint")])
    storage.store_agents([announced])
    assert Subagent.objects.values_list("requests", "known_by", "last_seen").get() == (1, "fingerprint", LATER)


def test_a_weaker_way_to_know_an_agent_does_not_hide_a_stronger_one() -> None:
    for known_by in ("file", "launched", "fingerprint", "pasted", ""):
        storage.store_agents([seen(known_by=known_by)])
    assert Subagent.objects.get().known_by == "launched"


def test_a_prompt_that_nobody_knows_is_listed_with_its_beginning() -> None:
    storage.store_prompts([prompt(sample="You look", requests=2)])
    storage.store_prompts([prompt(at=LATER, sample="You look", requests=1)])
    row = SubagentFingerprint.objects.get()
    assert (row.subagent, row.source, row.sample, row.requests) == (None, "", "You look", 3)
    assert (row.first_seen, row.last_seen) == (NOON, LATER)
    assert storage.prompt_of("f") == storage.prompt_of("nobody's") == KnownPrompt()


def test_a_launch_names_a_prompt_for_good() -> None:
    storage.store_prompts([prompt()])
    name_prompt("scout")
    name_prompt("mate", source="file")
    assert storage.prompt_of("f") == KnownPrompt(Prompt.LEARNED, "scout", "launched")


def test_a_second_launched_name_takes_the_first_one_away() -> None:
    name_prompt("scout")
    name_prompt("lookout")
    assert storage.prompt_of("f") == KnownPrompt(Prompt.AMBIGUOUS)
    name_prompt("scout")
    name_prompt("mate", source="file")
    assert storage.prompt_of("f") == KnownPrompt(Prompt.AMBIGUOUS)


def test_two_names_in_one_batch_are_ambiguous_too() -> None:
    storage.store_agents([seen("scout"), seen("lookout")])
    named = [prompt(name=name, source="launched") for name in ("scout", "lookout")]
    storage.store_prompts(named)
    assert storage.prompt_of("f").state is Prompt.AMBIGUOUS


def test_a_launch_knows_better_than_a_definition() -> None:
    name_prompt("mate", source="file")
    assert storage.prompt_of("f") == KnownPrompt(Prompt.DEFINED, "mate", "file")
    name_prompt("scout")
    assert storage.prompt_of("f") == KnownPrompt(Prompt.LEARNED, "scout", "launched")


def test_a_name_that_a_person_has_given_stays() -> None:
    storage.store_prompts([prompt()])
    SubagentFingerprint.objects.update(subagent=Subagent.objects.create(name="by-hand", known_by="file"))
    name_prompt("scout")
    assert storage.prompt_of("f") == KnownPrompt(Prompt.LEARNED, "by-hand", "")


def test_a_prompt_whose_subagent_was_deleted_can_be_learned_again() -> None:
    name_prompt("scout")
    Subagent.objects.all().delete()
    assert storage.prompt_of("f") == KnownPrompt()
    name_prompt("lookout")
    assert storage.prompt_of("f") == KnownPrompt(Prompt.LEARNED, "lookout", "launched")


def test_names_are_known_whatever_their_case() -> None:
    storage.store_agents([seen("Explore"), seen("scout"), seen("100%_sure")])
    assert storage.spellings_of(["explore", "scout", "nobody", "100%_SURE", "100xxsure"]) == {
        "explore": "Explore",
        "scout": "scout",
        "100%_SURE": "100%_sure",
    }


def test_a_prompt_that_was_seen_before_its_launch_in_one_batch_gets_its_name() -> None:
    storage.store_agents([seen("scout")])
    storage.store_prompts([prompt(), prompt(name="scout", source="launched"), prompt(name="scout", source="file")])
    assert storage.prompt_of("f") == KnownPrompt(Prompt.LEARNED, "scout", "launched")
    assert SubagentFingerprint.objects.get().requests == 3

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.identification.known_bodies import KnownBodies
from routing.identification.prompts import agent_prompt
from tests.routing.identification.client import BILLING, SDK

REVIEW = "You review code."
REVIEW_TESTS = "You review code.\n\nBut only tests."
KNOWN = KnownBodies({REVIEW: "reviewer", REVIEW_TESTS: "test-reviewer", "You plan.\r\n": "planner"})
lines = st.sampled_from(["a", "b", "ab", ""])
bodies = st.lists(lines, min_size=1, max_size=5).map("\n".join)


def found(text: str) -> str | None:
    return KNOWN.find(agent_prompt([BILLING, SDK, text]))


def test_a_tail_of_unknown_shape_does_not_hide_the_body() -> None:
    assert found("You plan.\n\n## Where you are\n/srv/boats") == "planner"
    assert found("You plan.\n(in /srv/boats)") == "planner"


def test_the_longest_body_wins() -> None:
    assert found(f"{REVIEW_TESTS}\n\n## Where you are") == "test-reviewer"
    assert found(f"{REVIEW}\n\nBut only documents.") == "reviewer"
    assert found(REVIEW) == "reviewer"


def test_a_body_ends_where_a_line_ends() -> None:
    assert found("You plan. And more on the same line.") is None
    assert found("You review code.\n\nBut only tests. And lint.") == "reviewer"


def test_what_is_not_at_the_beginning_is_not_found() -> None:
    assert found("Now: You plan.\n") is None
    assert found("Hello.\nYou plan.\n") is None


def test_an_empty_body_is_never_found() -> None:
    assert KnownBodies({"": "nobody"}).find("You plan.") is None
    assert len(KnownBodies({" \n": "nobody"})) == 0


@given(st.lists(bodies, max_size=12), bodies)
def test_it_finds_what_a_look_at_every_body_finds(known: list[str], prompt: str) -> None:
    text = agent_prompt(prompt)
    fitting = [body for body in map(agent_prompt, known) if body and (text + "\n").startswith(body + "\n")]
    index = KnownBodies({body: agent_prompt(body) for body in known})
    assert index.find(text) == max(fitting, key=len, default=None)


def test_ten_thousand_bodies_that_begin_alike_are_told_apart() -> None:
    many = {f"You are a worker.\n\nYour number is\n{number}": number for number in range(10_000)}
    index = KnownBodies(many)
    assert [index.find(f"You are a worker.\n\nYour number is\n{number}\n\nElse.") for number in (0, 77, 9_999)] == [
        0,
        77,
        9_999,
    ]
    assert index.find("You are a worker.\n\nYour number is\n10000") is None

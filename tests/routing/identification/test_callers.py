"""Who calls: read off headers and bodies of every shape that the clients send, and of those that they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.messages_request import InvalidRequest, read_facts
from routing.identification import callers
from routing.identification.callers import Caller, CallKind
from routing.identification.prompts import fingerprint_of_body, prompt_digest
from tests.routing.identification.client import (
    BILLING,
    MAIN_BILLING,
    MEMORY,
    NEWER_TAIL,
    OLDER_TAIL,
    SDK,
    blocks,
    request,
    user,
)

SESSION = "4f1c2a9e-0000-4000-8000-1234567890ab"
HEADERS = [(b"user-agent", b"claude-cli/2.1.330"), (b"x-claude-code-session-id", SESSION.encode())]
AGENT_HEADERS = [*HEADERS, (b"x-claude-code-agent-id", b"a1")]
BODY = "You review code."
REMINDER = "<system-reminder>\nThe project's rules.\n</system-reminder>\n"
ASSISTANT = {"role": "assistant", "content": blocks("I look.")}
ENVIRONMENT = {"role": "system", "content": "# Environment\nYou are on a boat."}
AGENT_SYSTEM = blocks(BILLING, SDK, BODY + NEWER_TAIL)
MAIN_SYSTEM = blocks(MAIN_BILLING, SDK, BODY)  # as with `claude --agent`: the main loop with an agent's prompt
FORK = "<fork-boilerplate>\nYou are a fork.\n</fork-boilerplate>\n\nYour directive: Go on."


def read_caller(headers: list[tuple[bytes, bytes]], body: bytes) -> Caller:
    return callers.read_caller(headers, read_facts(body))


def agent(*messages: dict[str, Any], **fields: Any) -> Caller:
    return read_caller(AGENT_HEADERS, request(AGENT_SYSTEM, *messages, **fields))


def test_the_main_loop_has_a_session_and_nothing_that_could_match_a_definition() -> None:
    caller = read_caller(HEADERS, request(MAIN_SYSTEM, user("Review it."), tools=("Agent", "Read")))
    assert caller == Caller(CallKind.MAIN_LOOP, session_id=SESSION, offers_agent_tool=True)


def test_a_subagent_tells_its_ids_and_its_prompt() -> None:
    headers = [*AGENT_HEADERS, (b"x-claude-code-parent-agent-id", b"a0")]
    caller = read_caller(headers, request(AGENT_SYSTEM, user(REMINDER, "Review it."), ENVIRONMENT))
    assert (caller.kind, caller.session_id, caller.agent_id, caller.parent_agent_id) == (
        CallKind.SUBAGENT,
        SESSION,
        "a1",
        "a0",
    )
    assert caller.fingerprint == fingerprint_of_body(BODY)
    assert caller.prompt.startswith(BODY + "\n\nMessages from the agent that launched you")
    assert caller.prompt_digests == (prompt_digest("Review it."),)
    assert (caller.is_fork, caller.offers_agent_tool) == (False, False)


def test_a_client_without_agent_ids_shows_a_subagent_in_its_billing_line() -> None:
    body = request(blocks(BILLING, SDK, BODY + OLDER_TAIL), user("Review it."))
    caller = read_caller(HEADERS, body)
    assert (caller.kind, caller.agent_id) == (CallKind.SUBAGENT, "")
    assert caller.fingerprint == fingerprint_of_body(BODY)


@pytest.mark.parametrize(
    "system",
    [
        blocks(MAIN_BILLING, SDK, "Calls with cc_is_subagent=true; are a subagent's."),
        f"{MAIN_BILLING}\n{SDK}\nx-anthropic-billing-header: cc_is_subagent=true;",
        "cc_is_subagent=true",
    ],
)
def test_the_same_words_elsewhere_make_no_subagent(system: Any) -> None:
    assert read_caller(HEADERS, request(system, user("Hello."))).kind is CallKind.MAIN_LOOP


@pytest.mark.parametrize("tools", [[], None], ids=["none", "null"])
def test_a_call_without_tools_is_a_side_call(tools: Any) -> None:
    content = {"model": "m", "system": MAIN_SYSTEM, "messages": [user("A title, please.")], "tools": tools}
    caller = read_caller(HEADERS, json.dumps(content).encode())
    assert caller == Caller(CallKind.SIDE_CALL, session_id=SESSION)


def test_an_agent_may_have_no_tools() -> None:
    assert agent(user("Think."), tools=()).kind is CallKind.SUBAGENT


def test_a_hook_that_runs_under_an_agents_id_is_a_side_call() -> None:
    form = {"effort": "medium", "format": {"type": "json_schema", "schema": {}}}
    caller = agent(user('Is this fine? {"tool": "Bash"}'), tools=(), output_config=form)
    assert caller == Caller(CallKind.SIDE_CALL, session_id=SESSION, agent_id="a1")


@pytest.mark.parametrize(
    ("user_id", "session"),
    [
        (json.dumps({"device_id": "d", "account_uuid": "", "session_id": SESSION}), SESSION),
        (f"user_00_account__session_{SESSION}", SESSION),
        ("somebody", ""),
        (5, ""),
    ],
)
def test_older_clients_name_the_session_in_the_metadata(user_id: Any, session: str) -> None:
    assert read_caller([], request("", user("Hi."), metadata={"user_id": user_id})).session_id == session


def test_the_header_counts_before_the_metadata() -> None:
    body = request("", user("Hi."), metadata={"user_id": "user_0_account__session_other"})
    assert read_caller(HEADERS, body).session_id == SESSION


@pytest.mark.parametrize("tool", ["Agent", "Task"])
def test_a_subagent_that_may_start_others_says_so(tool: str) -> None:
    assert agent(user("Review it."), tools=("Read", tool)).offers_agent_tool
    assert not agent(user("Review it."), tools=("Read", "AgentOutput", "TaskStop")).offers_agent_tool


FIRST_CALLS = {
    "a text alone": [user("Go.")],
    "a string": [{"role": "user", "content": "Go."}],
    "after reminders": [user(REMINDER, REMINDER, "Go.")],
    "before a system message": [user(REMINDER, "Go."), ENVIRONMENT],
    "in a message of its own": [user(REMINDER), user("Go.")],
    "with a line end more": [user(REMINDER, "Go.\n")],
    "beside an image": [{"role": "user", "content": [{"type": "image", "source": {}}, *blocks("Go.")]}],
    "a reminder itself": [user(REMINDER, "<system-reminder>Go.</system-reminder>")],
}


@pytest.mark.parametrize("name", FIRST_CALLS)
def test_the_prompt_is_the_last_text_of_the_first_turn(name: str) -> None:
    prompt = "<system-reminder>Go.</system-reminder>" if name == "a reminder itself" else "Go."
    assert agent(*FIRST_CALLS[name]).prompt_digests == (prompt_digest(prompt),)


def test_skills_that_follow_the_prompt_do_not_hide_it() -> None:
    skill = ("<command-message>sail</command-message>", "Base directory for this skill: /x\n\nSail.")
    digests = agent(user(REMINDER, "Go.\n", *skill), ENVIRONMENT).prompt_digests
    assert digests == tuple(map(prompt_digest, (skill[1], skill[0], "Go.")))


def test_later_calls_of_an_agent_have_no_digest_and_the_same_fingerprint() -> None:
    later = agent(user("Go."), ASSISTANT, user("Go on."))
    assert later.prompt_digests == ()
    assert later.fingerprint == agent(user("Go.")).fingerprint != ""


def test_a_fork_is_no_agent_of_its_own() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "A fork."}
    started = {"role": "user", "content": [result, *blocks(FORK)]}
    for messages in ([user("Hi."), ASSISTANT, started], [user("Hi."), ASSISTANT, started, ASSISTANT, user("More.")]):
        caller = agent(*messages)
        assert (caller.kind, caller.is_fork) == (CallKind.SUBAGENT, True)
        assert (caller.fingerprint, caller.prompt, caller.prompt_digests) == ("", "", ())


@pytest.mark.parametrize("text", [f"He said: {FORK}", f'{{"text":"{FORK}"}}'])
def test_words_about_forks_make_no_fork(text: str) -> None:
    assert not agent(user("Hi."), ASSISTANT, user(text)).is_fork


def test_a_memory_with_the_projects_folder_does_not_change_the_fingerprint() -> None:
    systems = [blocks(BILLING, SDK, BODY + MEMORY.format(folder=folder) + NEWER_TAIL) for folder in ("/a", "/b/c")]
    prints = {read_caller(AGENT_HEADERS, request(system, user("Go."))).fingerprint for system in systems}
    assert prints == {fingerprint_of_body(BODY)}


def agent_in_ascii(prompt: str, **fields: Any) -> Caller:
    """The call with `fields` in JSON that writes half a character as `\ud83d`, as JavaScript does."""
    content = json.loads(request(AGENT_SYSTEM, ENVIRONMENT)) | fields
    return read_caller(AGENT_HEADERS, json.dumps(content | {"messages": [user(prompt)]}).encode())


def test_half_a_character_in_a_prompt_is_what_the_client_makes_of_it() -> None:
    caller = agent_in_ascii("Cut \ud83d here.")
    assert caller.prompt_digests == (prompt_digest("Cut \ufffd here."),)
    assert caller.fingerprint == fingerprint_of_body(BODY)


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"name": 5}, {"name": "Agent"}, "Read"]},
        {"tools": [{"name": "Agent", "description": "\ud83d"}], "max_tokens": 10**400},
        {"tools": [{"name": "Agent", "input_schema": {"maximum": 10**400}}]},
    ],
    ids=["odd tools", "odd texts", "odd numbers"],
)
def test_what_the_quick_decoder_refuses_is_read_slowly(fields: dict[str, Any]) -> None:
    caller = agent_in_ascii("Go.", **fields)
    assert (caller.kind, caller.offers_agent_tool) == (CallKind.SUBAGENT, True)
    assert (caller.fingerprint, caller.prompt_digests) == (fingerprint_of_body(BODY), (prompt_digest("Go."),))


def test_a_message_of_an_odd_shape_does_not_hide_the_others() -> None:
    messages = ["Hello.", {"role": 5}, {"content": 7, "role": "user"}, {"role": "user", "content": [5, {"text": 6}]}]
    assert agent(*messages, user("Go.")).prompt_digests == (prompt_digest("Go."),)  # type: ignore[arg-type]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "text", "name", "format"]), inner, max_size=3)
    ),
    max_leaves=12,
)
FIELDS = ["model", "tools", "system", "messages", "metadata", "output_config"]


@given(st.dictionaries(st.sampled_from(FIELDS), json_values), st.booleans())
def test_no_body_that_the_gateway_takes_makes_it_fail(fields: dict[str, Any], is_agent: bool) -> None:
    body = json.dumps(fields | {"model": "m"}).encode()
    headers = AGENT_HEADERS if is_agent else HEADERS
    assert read_caller(headers, body).session_id == SESSION
    assert read_caller([], body).agent_id == ""


@pytest.mark.parametrize("field", ["system", "messages", "tools", "output_config"])
def test_deep_nesting_does_not_make_it_fail(field: str) -> None:
    body = b'{"model": "m", "%s": %s}' % (field.encode(), b"[" * 50_000 + b"]" * 50_000)
    try:
        read_facts(body)
    except InvalidRequest:
        return  # such a body comes no further
    assert read_caller(AGENT_HEADERS, body).agent_id == "a1"

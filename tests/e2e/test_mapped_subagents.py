"""Subagents that run elsewhere: each upstream gets exactly its calls, and the main loop notices nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.test_claude_code import agent_call, prompt_of
from tests.support import openai_api, openai_stream
from tests.support.anthropic_api import streamed
from tests.support.anthropic_stream import Text
from tests.support.claude_code import ClaudeCode
from tests.support.gateway import RunningGateway
from tests.support.openai_api import OpenAIUpstream
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream
from tests.support.wiretap import Wiretap

PROMPTS = {"scout": "Find the harbour.", "critic": "Find the fault.", "Explore": "Look around."}
MAP = """
from providers.models import Provider
from routing.models import SubagentMapping
for subagent, provider, model in [("scout", "scripted", "gpt-mapped"), ("critic", "anthropic", "claude-other-model")]:
    mapping = SubagentMapping(subagent=subagent, provider=Provider.objects.get(name=provider), model=model)
    mapping.full_clean()
    mapping.save()
"""
UNMAP = """
from routing.models import SubagentMapping
SubagentMapping.objects.all().delete()
"""


@pytest.fixture
def mapped(gateway: RunningGateway, openai_upstream: OpenAIUpstream) -> Iterator[RunningGateway]:
    gateway.configure(MAP)
    yield gateway
    gateway.configure(UNMAP)


def anthropic_script(request: RecordedRequest) -> Response:
    asked = request.json()
    name = next((name for name, prompt in PROMPTS.items() if prompt_of(request) == prompt), "")
    if name:
        return streamed(Text(f"{name} is back."))
    if any(message["role"] == "assistant" for message in asked["messages"]):
        return streamed(Text("All are back."))
    return streamed(Text("I send three."), *(agent_call(name, prompt) for name, prompt in PROMPTS.items()))


def test_each_of_three_parallel_agents_runs_where_its_mapping_says(
    claude: ClaudeCode,
    upstream: ScriptedUpstream,
    openai_upstream: OpenAIUpstream,
    mapped: RunningGateway,
    tap: Wiretap,
) -> None:
    claude.define_agent("scout", "You look for things.")
    claude.define_agent("critic", "You find faults.")
    upstream.answer_by(anthropic_script)
    openai_upstream.answer(openai_api.streamed(openai_stream.Text("A harbour in the north.")))

    run = claude.run("Send three agents.")

    assert run.result["result"] == "All are back."
    [converted] = openai_upstream.chats
    assert converted.json()["model"] == "gpt-mapped" and b"Find the harbour." in converted.body
    models = {prompt_of(request): request.json()["model"] for request in upstream.requests}
    assert PROMPTS["scout"] not in models
    assert models[PROMPTS["critic"]] == "claude-other-model"

    sent = [exchange.request.body for exchange in tap.exchanges()]
    untouched = [request.body for request in upstream.requests if prompt_of(request) != PROMPTS["critic"]]
    assert len(untouched) == 3 and all(body in sent for body in untouched)
    [critics] = [request.body for request in upstream.requests if prompt_of(request) == PROMPTS["critic"]]
    assert critics not in sent
    assert critics.replace(b'"claude-other-model"', f'"{models[PROMPTS["Explore"]]}"'.encode(), 1) in sent

    entries = mapped.log_entries(5)
    assert {entry["session_id"] for entry in entries} == {run.session_id}
    routes = {entry["subagent"]: (entry["provider"], entry["routed_model"]) for entry in entries}
    assert routes["scout"] == ("scripted", "gpt-mapped")
    assert routes["critic"] == ("anthropic", "claude-other-model")
    assert routes["Explore"][0] == routes[""][0] == "anthropic"
    reasons = {entry["subagent"]: entry["decision_reason"] for entry in entries}
    assert reasons["scout"] == "subagent scout → mapping → scripted:gpt-mapped"
    assert "default provider" in reasons["Explore"]

"""What it costs to know who calls: `.venv/bin/python -m tests.bench.identify` prints microseconds, best of five runs.

The main loop and side calls are on every request's path. What a subagent's calls cost is beside it; what a first call
waits for the database is not measured here, because it depends on the database.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.test")

import django

django.setup()

from gateway.subagents.identity import Identity  # noqa: E402 - needs the apps
from gateway.subagents.service import Subagents  # noqa: E402
from providers.protocol.messages_request import RequestFacts, read_facts  # noqa: E402
from routing.identification.callers import read_caller  # noqa: E402
from tests.gateway.subagents.clients import CONFIGURED, SESSION, agent_request, headers  # noqa: E402
from tests.requestlog.exchanges import session_requests  # noqa: E402
from tests.support.anthropic_stream import event  # noqa: E402

CALLS, RUNS = 2_000, 5
DELTA = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "the tide and the rope"})


async def best_of(call: Callable[[int], Awaitable[object]]) -> float:
    """Microseconds for one call."""
    times = []
    for run in range(RUNS):
        began = time.perf_counter()
        for number in range(CALLS):
            await call(run * CALLS + number)
        times.append((time.perf_counter() - began) / CALLS)
    return min(times) * 1e6


async def measure() -> None:
    process = Subagents()
    process._started = True  # no threads: what they write is not on the path
    for turns in (1, 150):
        body = session_requests(turns)[-1].replace(b'"tool_7"', b'"Agent"')
        facts = read_facts(body)
        took = await best_of(partial(identify_main_loop, process, body, facts))
        print(f"main loop, {len(body) >> 10} KiB: {took:.1f} µs")
    watch = process.watch(await process.identify(headers(), body, facts, CONFIGURED))
    assert watch is not None
    await measure_agents(process)

    async def feed(_: int) -> None:
        watch.feed(DELTA)

    print(f"a chunk of the main loop's answer: {await best_of(feed):.2f} µs")


async def identify_main_loop(process: Subagents, body: bytes, facts: RequestFacts, _: int) -> Identity:
    return await process.identify(headers(), body, facts, CONFIGURED)


async def measure_agents(process: Subagents) -> None:
    body = agent_request("You look for things. " * 100, "Look out.")
    facts = read_facts(body)
    caller = read_caller(headers("a"), facts)
    process._memory.learn_prompt(caller.fingerprint, "scout")
    process._memory.add_launch(SESSION, caller.prompt_digests[0], "scout")
    took = await best_of(lambda number: process.identify(headers(f"a{number}"), body, facts, CONFIGURED))
    print(f"an agent's first call, {len(body) >> 10} KiB, launch and prompt known: {took:.1f} µs")
    took = await best_of(lambda _: process.identify(headers("a1"), body, facts, CONFIGURED))
    print(f"an agent that has been named: {took:.1f} µs")


if __name__ == "__main__":
    asyncio.run(measure())

"""Processes that are killed: every request that was accepted is in the log once, with its right outcome."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chaos.conftest import StartGateway
from tests.chaos.crowd import Crowd, Phase
from tests.chaos.ledger import assert_logged, completed
from tests.chaos.load import Load
from tests.chaos.processes import kill_recorder, workers
from tests.chaos.visitor import TOLD, Visitor
from tests.support.gateway import RunningGateway
from tests.support.upstream import ScriptedUpstream
from tests.support.waiting import wait_until

Kill = Callable[[RunningGateway], None]


def kill_server_and_restart(gateway: RunningGateway) -> None:
    gateway.kill()
    gateway.start()


def kill_all_and_restart(gateway: RunningGateway) -> None:
    gateway.kill_all()
    gateway.start()


@pytest.mark.parametrize("kill_and_restart", [kill_server_and_restart, kill_all_and_restart])
def test_exchanges_of_a_killed_server_are_in_the_log_in_every_phase(
    start_gateway: StartGateway, upstream: ScriptedUpstream, visit: Callable[..., Visitor], kill_and_restart: Kill
) -> None:
    gateway = start_gateway()
    with Crowd(gateway, upstream) as crowd:
        kill_and_restart(gateway)
        later = visit(gateway)
        assert later.ask_something().status == 200

    entries = assert_logged(gateway, crowd.outcomes_if_cut() | completed(*later.answers))
    for body in crowd.in_phase(Phase.ANSWERED):
        assert gateway.log.body(entries[body], "response") == b"".join(TOLD)
        assert (entries[body]["input_tokens"], entries[body]["output_tokens"]) == (12, 7)


def test_a_recorder_killed_under_load_costs_no_request_and_no_entry(
    start_gateway: StartGateway, upstream: ScriptedUpstream
) -> None:
    gateway = start_gateway()
    with Load(gateway, upstream, requests=60, seed=1) as load:
        load.wait_for(20)
        kill_recorder(gateway)

    assert not load.cut
    load.assert_logged()


def test_a_killed_worker_is_replaced_and_takes_only_its_own_exchanges_along(
    start_gateway: StartGateway, upstream: ScriptedUpstream, visit: Callable[..., Visitor]
) -> None:
    gateway = start_gateway(WORKERS="2")
    wait_until(lambda: len(workers(gateway)) == 2, what="two workers")
    with Crowd(gateway, upstream) as crowd:
        victim = workers(gateway)[0]
        victim.kill()
        outcomes = crowd.go_on()
        wait_until(lambda: len(workers(gateway)) == 2 and victim not in workers(gateway), what="a new worker")
        later = visit(gateway)
        assert later.ask_something().status == 200

    assert_logged(gateway, outcomes | completed(*later.answers))


@pytest.mark.slow
def test_many_kills_at_random_moments_lose_nothing(start_gateway: StartGateway, upstream: ScriptedUpstream) -> None:
    gateway = start_gateway()
    kills: list[Kill] = [kill_server_and_restart, kill_all_and_restart, kill_recorder]
    with Load(gateway, upstream, requests=500, seed=20) as load:
        for number, moment in enumerate(load.random_moments(9)):
            load.wait_for(moment)
            kills[number % len(kills)](gateway)

    assert load.cut, "the kills cut nothing"
    load.assert_logged()

"""What the routes make of a request."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.snapshot import Snapshot
from gateway.trying.edited_rule import EditedRule
from gateway.trying.outgoing import Outgoing, prepare
from gateway.trying.requests import TriedRequest
from routing.call import Call
from routing.engine import Decision, Explanation, Step, explain


@dataclass(frozen=True, slots=True)
class Trial:
    """`outgoing` is the request to the first target, None where there is none."""

    call: Call
    explanation: Explanation
    outgoing: Outgoing | None
    problems: tuple[str, ...]
    revision: int

    @property
    def decision(self) -> Decision:
        return self.explanation.decision

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.explanation.steps


def try_request(tried: TriedRequest, edited: EditedRule | None = None) -> Trial:
    """By the configuration as it is stored, with `edited` in the place of the rule that it is of.

    Raises `TryingError`.
    """
    snapshot = Snapshot.load()
    if edited is not None:
        snapshot = replace(snapshot, routes=edited.put_among(snapshot.routes))
    call = tried.call()
    explanation = explain(call, snapshot.routes)
    targets = explanation.decision.targets
    outgoing = prepare(tried, targets[0], snapshot) if targets else None
    return Trial(call, explanation, outgoing, snapshot.routes.problems, snapshot.revision)

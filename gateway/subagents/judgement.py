"""What the evidence says about a subagent's name. Pure.

Kinds of evidence, the most trusted first:

1.  the agent's id has been named before;
2.  the parent's tool call with the agent's prompt;
3.  the prompt's fingerprint, learned from a call that 2 had named;
4.  a definition with exactly this body, then the longest one that the prompt begins with;
5.  the fingerprint, as a definition has named it once that is there no more.

Evidence that points to two names says nothing, and the next kind is asked. A prompt that was launched under two names
is the same for both, so that 4 and 5 are no better than 3. Names are compared without regard to case, as the client
compares them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from requestlog.naming import AgentName
from routing.models import KnownBy

DEFINED = frozenset({KnownBy.FILE.value, KnownBy.PASTED.value})


class Prompt(enum.Enum):
    """What is known of a fingerprint."""

    UNKNOWN = "unknown"
    LEARNED = "learned"
    """From a launch, or by a person."""
    DEFINED = "defined"
    """From a definition."""
    AMBIGUOUS = "ambiguous"
    """Launched under several names."""


AMBIGUOUS_SOURCE = Prompt.AMBIGUOUS.value
"""`SubagentFingerprint.source` of such a prompt."""


@dataclass(frozen=True, slots=True)
class KnownPrompt:
    """What memory or database know of a fingerprint; `name` is there for learned and defined ones."""

    state: Prompt = Prompt.UNKNOWN
    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`launched` are the names of the tool calls with the agent's prompt, as the model wrote them."""

    agent: AgentName | None = None
    launched: frozenset[str] = frozenset()
    prompt: KnownPrompt = KnownPrompt()
    defined: AgentName | None = None
    resembles: AgentName | None = None

    @property
    def launched_as(self) -> str:
        """The one name of the launches; empty without a launch, and where there are two."""
        return one_name(self.launched)

    @property
    def agrees(self) -> bool:
        """Whether the launch and what was learned before say the same: then nobody else need be asked."""
        return self.prompt.state is Prompt.LEARNED and same_name(self.launched_as, self.prompt.name)


def judge(evidence: Evidence) -> AgentName | None:
    """The agent's name; None where it is not known."""
    if evidence.agent is not None:
        return evidence.agent
    if name := evidence.launched_as:
        return AgentName(name, KnownBy.LAUNCHED.value)
    prompt = evidence.prompt
    if prompt.state is Prompt.AMBIGUOUS:
        return None
    if prompt.state is Prompt.LEARNED:
        return AgentName(prompt.name, KnownBy.FINGERPRINT.value)
    remembered = AgentName(prompt.name, prompt.source) if prompt.state is Prompt.DEFINED else None
    return evidence.defined or evidence.resembles or remembered


def known_prompt(name: str, source: str) -> KnownPrompt:
    """What a stored fingerprint says; `name` is empty where it has none."""
    if source == AMBIGUOUS_SOURCE:
        return KnownPrompt(Prompt.AMBIGUOUS)
    if not name:
        return KnownPrompt()
    return KnownPrompt(Prompt.DEFINED if source in DEFINED else Prompt.LEARNED, name, source)


def one_name(names: Iterable[str]) -> str:
    """The name, where all are the same but for case; of several spellings always the same one."""
    by_key: dict[str, str] = {}
    for name in sorted(names):
        by_key.setdefault(name.casefold(), name)
    return next(iter(by_key.values())) if len(by_key) == 1 else ""


def same_name(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()

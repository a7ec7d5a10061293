"""What keeps a request from being tried; each text is for the page.

TryingError
├── RequestUnusable   no such exchange, no body, or none that the gateway would serve
└── RuleUnusable      the edited rule has mistakes, or is there no more
"""

from __future__ import annotations


class TryingError(Exception):
    pass


class RequestUnusable(TryingError):
    pass


class RuleUnusable(TryingError):
    """`mistakes` has a sentence for each."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = mistakes

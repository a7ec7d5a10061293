"""Texts of clients as the database's columns take them: one text that it refuses would stop all the others."""

from __future__ import annotations

from requestlog.columns import clean_text
from routing.models import SAMPLE_CHARACTERS

NAME_CHARACTERS = 200
DESCRIPTION_CHARACTERS = 2_000


def fit(name: str) -> str:
    """A name or an id."""
    return clean_text(name)[:NAME_CHARACTERS]


def fit_description(text: str) -> str:
    return clean_text(text)[:DESCRIPTION_CHARACTERS]


def sample_of(prompt: str) -> str:
    """How a prompt begins."""
    return clean_text(prompt[:SAMPLE_CHARACTERS])[:SAMPLE_CHARACTERS]

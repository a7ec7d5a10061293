"""Makes the configuration be what a document says.

A section that the document has replaces what is there of it: rows are made, changed and deleted. A section that it
does not have is left alone. What is as it should be is not touched, so that the same document twice changes nothing.
All problems are looked for at once, and with any of them nothing is changed.

What others lead to is deleted last: until then, something may lead to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.configuration.problems import ConfigurationError
from gateway.configuration.sections import SECTIONS
from gateway.configuration.work import Work
from gateway.revisions import one_revision


def apply(document: Mapping[str, Any], note: str = "", is_restoring: bool = False) -> Sequence[str]:
    """In one transaction and as one revision. Raises `ConfigurationError`; then nothing has changed.

    Returns the names of providers whose secret could not be kept, which only `is_restoring` allows.
    """
    work = Work(is_restoring)
    with one_revision(note):
        work.mapping(document, (), [section.name for section in SECTIONS])
        _write(document, work)
        if work.problems:
            raise ConfigurationError(work.problems)
    return work.lost_secrets


def _write(document: Mapping[str, Any], work: Work) -> None:
    present = [section for section in SECTIONS if section.name in document]
    for section in present:
        if not section.others_lead_to_it:
            section.delete_others(section.names(document[section.name]), work)
    for section in present:
        section.write(document[section.name], work)
    if not work.problems:
        work.check_again()
    for section in present if not work.problems else ():
        if section.others_lead_to_it:
            section.delete_others(section.names(document[section.name]), work)

"""The configuration as one document: plain data of JSON's types, a key for each section.

Secrets are not in it: where one is stored stands a marker. Client keys are not in it either, since of a key only the
digest is known, which belongs to this gateway alone.
"""

from __future__ import annotations

from typing import Any

from gateway.configuration.sections import SECTIONS


def read_configuration() -> dict[str, Any]:
    """Every section, an empty one too. Takes rows as they are: it does not fail on what somebody broke by hand."""
    return {section.name: section.read() for section in SECTIONS}

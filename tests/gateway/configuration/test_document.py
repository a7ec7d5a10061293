from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gateway.configuration.document import read_configuration
from providers.models import Provider
from tests.gateway.configuration.samples import RICH, loaded

pytestmark = pytest.mark.django_db


def number_of_queries() -> int:
    with CaptureQueriesContext(connection) as queries:
        read_configuration()
    return len(queries)


def test_reading_it_costs_no_more_queries_for_many_rows() -> None:
    loaded(RICH)
    before = number_of_queries()
    mappings = "".join(f"    agent-{number}: {{target: 'openai:m', fallbacks: ['ollama:n']}}\n" for number in range(20))
    rules = "".join(f"- {{name: r{n}, target: 'openai:m', criteria: [{{subagent: a}}]}}\n" for n in range(20))
    loaded(f"subagents:\n  mappings:\n{mappings}rules:\n{rules}")
    assert number_of_queries() <= before


def test_what_somebody_broke_by_hand_is_read_as_it_is() -> None:
    Provider.objects.update(base_url="http://[", kind="soap", extra_headers=["x"], capabilities=7)
    provider = read_configuration()["providers"]["anthropic"]
    assert (provider["kind"], provider["base_url"]) == ("soap", "http://[")
    assert (provider["extra_headers"], provider["capabilities"]) == (["x"], 7)

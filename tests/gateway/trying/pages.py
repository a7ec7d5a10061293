"""What the page is sent, and what it shows."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from gateway.trying.trial import Trial
from tests.routing.admin.pages import rows

TRY = reverse("try_routes")
EDITED = reverse("try_edited_rule")
HELLO: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 1000,
    "tools": [{"name": "Read", "input_schema": {"type": "object"}}],
    "messages": [{"role": "user", "content": "Hello"}],
}


def paste(client: Client, body: dict[str, Any] | str = HELLO, **fields: str) -> HttpResponse:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(TRY, {"body": text, **fields})


def trial_of(response: HttpResponse) -> Trial:
    assert response.status_code == 200
    trial: Trial | None = response.context["trial"]  # type: ignore[attr-defined]
    assert trial is not None, mistakes_of(response)
    return trial


def mistakes_of(response: HttpResponse) -> list[str]:
    """Of the request's form, then of the edited rule."""
    assert response.status_code == 200
    context = response.context  # type: ignore[attr-defined]
    of_form = [error for errors in context["form"].errors.values() for error in errors]
    return [*of_form, *context["mistakes"]]


def rule_form(*criteria: tuple[str, str], **fields: Any) -> dict[str, Any]:
    """A rule's page as the browser sends it."""
    filled = {"name": "edited", "order": 5, "target": "scripted:gpt-x", "enabled": "on", **fields}
    return {
        **filled,
        **rows("criteria", *({"kind": kind, "value": value} for kind, value in criteria)),
        **rows("fallbacks"),
    }

"""Forms as a browser sends them, and what comes back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse


def rows(prefix: str, *filled: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """The inline rows of a page; `initial` of them were there before."""
    counts = {f"{prefix}-TOTAL_FORMS": len(filled), f"{prefix}-INITIAL_FORMS": initial}
    values = {f"{prefix}-{place}-{name}": value for place, row in enumerate(filled) for name, value in row.items()}
    return {**counts, **values}


def errors(response: HttpResponse) -> dict[str, list[str]]:
    assert response.status_code == 200, "it was saved"
    return response.context["adminform"].form.errors  # type: ignore[attr-defined]


def inline_errors(response: HttpResponse) -> list[dict[str, list[str]]]:
    formsets = response.context["inline_admin_formsets"]  # type: ignore[attr-defined]
    return [mistakes for each in formsets for mistakes in each.formset.errors if mistakes]


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()

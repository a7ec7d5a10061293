"""Looking at the log's pages."""

from __future__ import annotations

from django.test import Client

LIST = "/log/"


def page_at(client: Client, url: str) -> str:
    """The HTML of a page that must be there."""
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()

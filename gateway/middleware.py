"""Middleware of the admin and the log views. The hot path has none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from gateway.revisions import changes_made_by


@sync_and_async_middleware
def remember_user(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Revisions that are made while a request is served bear the name of its user. Costs no query by itself."""
    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponseBase:
            with changes_made_by(lambda: request.user.get_username()):
                response: HttpResponseBase = await get_response(request)
                return response

        return middleware

    def sync_middleware(request: HttpRequest) -> HttpResponseBase:
        with changes_made_by(lambda: request.user.get_username()):
            response: HttpResponseBase = get_response(request)
            return response

    return sync_middleware

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from gateway.middleware import remember_user
from gateway.models import ClientKey, Revision
from gateway.revisions import NOBODY

pytestmark = pytest.mark.django_db


def request_of(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request


def issue_key(request: HttpRequest) -> HttpResponse:
    ClientKey.issue("laptop")
    return HttpResponse()


def test_a_change_bears_the_name_of_the_requests_user() -> None:
    remember_user(issue_key)(request_of(User(username="ada")))
    assert Revision.objects.get().changed_by == "ada"


def test_it_does_so_in_an_asynchronous_chain_too() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0)
        return cast(HttpResponse, await sync_to_async(issue_key)(request))

    async_to_sync(remember_user(view))(request_of(User(username="ada")))
    assert Revision.objects.get().changed_by == "ada"


def test_nobody_is_remembered_after_the_request_or_without_a_user() -> None:
    remember_user(issue_key)(request_of(AnonymousUser()))
    assert Revision.objects.get().changed_by == NOBODY
    remember_user(lambda request: HttpResponse())(request_of(User(username="ada")))
    ClientKey.issue("desktop")
    assert Revision.objects.first().changed_by == NOBODY

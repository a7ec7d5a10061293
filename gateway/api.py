"""The API that Claude Code talks to: the Messages API's paths, and the probes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from gateway.errors import ApiError
from gateway.handler import ApiRequest
from gateway.health import readiness
from gateway.model_answers import answer_model, answer_models
from gateway.serving import serve_message, serve_token_count
from gateway.streaming import RelayResponse

api = NinjaAPI(docs_url=None, openapi_url=None, urls_namespace="gateway-api")


@api.exception_handler(ApiError)
def leave_to_the_handler(request: HttpRequest, error: ApiError) -> HttpResponse:
    """The handler answers errors of every origin in one shape."""
    raise error


@api.post("/v1/messages")
async def create_message(request: ApiRequest) -> RelayResponse:
    return await serve_message(request.flow)


@api.post("/v1/messages/count_tokens")
async def count_tokens(request: ApiRequest) -> HttpResponse | RelayResponse:
    return await serve_token_count(request.flow)


@api.get("/v1/models")
async def list_models(request: ApiRequest) -> HttpResponse | RelayResponse:
    page = request.GET
    return await answer_models(request.flow, page.get("limit", ""), page.get("after_id"), page.get("before_id"))


@api.get("/v1/models/{path:model_id}")
async def get_model(request: ApiRequest, model_id: str) -> HttpResponse | RelayResponse:
    return await answer_model(request.flow, model_id)


@api.api_operation(["HEAD"], "/")
async def greet(request: HttpRequest) -> HttpResponse:
    """Claude Code warms its connection up with this."""
    return HttpResponse()


@api.api_operation(["HEAD"], "/api/hello")
async def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@api.api_operation(["GET", "HEAD"], "/healthz")
async def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return HttpResponse("ok\n", content_type="text/plain")


@api.api_operation(["GET", "HEAD"], "/readyz")
async def readyz(request: HttpRequest) -> HttpResponse:
    """Requests can be served and logged; 503 with the reasons where they cannot."""
    return await readiness()

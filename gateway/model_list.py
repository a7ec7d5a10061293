"""`GET /v1/models`: our own aliases and models, with the list of an Anthropic upstream behind them.

The shape and the pages are those of the Messages API: `limit` objects at a time, 20 unless said otherwise and 1000 at
most; `after_id` and `before_id` name the object that the page comes right after or before; `has_more` tells whether
there are more in that direction. An upstream's objects are kept as they are, except those whose id is one of ours.

Whoever asks an upstream should ask for all of it, by `?limit=1000`: pages are cut here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from gateway.snapshot import Snapshot
from routing.engine import Routes, Target, decide_by_name
from routing.tables import Offer

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000
_UNKNOWN_DATE = "1970-01-01T00:00:00Z"
"""What the API itself gives where it does not know when a model came out."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model as clients see it. The limits are in tokens, None where they are not known."""

    id: str
    display_name: str
    max_input_tokens: int | None = None
    max_tokens: int | None = None


class _Id(msgspec.Struct):
    id: str


class _UpstreamPage(msgspec.Struct):
    data: list[msgspec.Raw] = []
    has_more: bool = False


class _Page(msgspec.Struct):
    data: list[msgspec.Raw]
    has_more: bool
    first_id: str | None
    last_id: str | None


@dataclass(frozen=True, slots=True)
class _Listed:
    id: str
    json: msgspec.Raw


_decode_page = msgspec.json.Decoder(_UpstreamPage).decode
_decode_id = msgspec.json.Decoder(_Id).decode
_encode = msgspec.json.Encoder().encode


def own_models(snapshot: Snapshot) -> list[ModelInfo]:
    """What this gateway offers. Each id leads to its model by itself: `decide_by_name` says the same."""
    return [_info(offer, name, snapshot) for offer in snapshot.offers if (name := _id(offer, snapshot.routes))]


def find_model(models: Iterable[ModelInfo], model_id: str) -> ModelInfo | None:
    return next((model for model in models if model.id == model_id), None)


def encode_model(model: ModelInfo) -> bytes:
    """The answer to `GET /v1/models/{id}`."""
    limits = {"max_input_tokens": model.max_input_tokens, "max_tokens": model.max_tokens}
    known = {name: value for name, value in limits.items() if value is not None}
    return _encode(
        {
            "type": "model",
            "id": model.id,
            "display_name": model.display_name,
            "created_at": _UNKNOWN_DATE,
            "lifecycle": "active",
            **known,
        }
    )


def list_page(
    models: Sequence[ModelInfo],
    upstream_body: bytes | None = None,
    limit: int = DEFAULT_LIMIT,
    after_id: str | None = None,
    before_id: str | None = None,
) -> bytes:
    """One page. `upstream_body` is an upstream's own answer; one that is no list of models adds nothing.

    A page after or before an id that is not there is empty.
    """
    theirs = _read_page(upstream_body)
    listed = _unique([*(_Listed(model.id, msgspec.Raw(encode_model(model))) for model in models), *_objects(theirs)])
    page, has_more = _cut(listed, min(max(limit, 1), MAX_LIMIT), after_id, before_id)
    if before_id is None and page and not has_more:
        has_more = theirs.has_more
    first_id, last_id = (page[0].id, page[-1].id) if page else (None, None)
    return _encode(_Page([listed.json for listed in page], has_more, first_id, last_id))


def _id(offer: Offer, routes: Routes) -> str:
    """The shortest name that leads to what is offered; empty where an alias stands in the way of each."""
    names = [offer.name] if offer.is_alias else [offer.name, str(offer.target)]
    return next((name for name in names if _leads_to(name, routes) == offer.target), "")


def _leads_to(name: str, routes: Routes) -> Target:
    decision = decide_by_name(name, routes)
    return Target(decision.provider, decision.model)


def _info(offer: Offer, model_id: str, snapshot: Snapshot) -> ModelInfo:
    provider = snapshot.providers[offer.target.provider]
    max_tokens = provider.capabilities.of(offer.target.model).max_output_tokens
    return ModelInfo(model_id, offer.display_name, offer.context_window, max_tokens)


def _read_page(body: bytes | None) -> _UpstreamPage:
    try:
        return _decode_page(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _UpstreamPage()


def _objects(page: _UpstreamPage) -> Iterator[_Listed]:
    for json in page.data:
        try:
            yield _Listed(_decode_id(json).id, json)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue  # nobody could ask for a model without an id


def _unique(listed: Iterable[_Listed]) -> list[_Listed]:
    by_id: dict[str, _Listed] = {}
    for one in listed:
        by_id.setdefault(one.id, one)
    return list(by_id.values())


def _cut(listed: list[_Listed], limit: int, after_id: str | None, before_id: str | None) -> tuple[list[_Listed], bool]:
    """The page, and whether there are more in its direction. Where both ids are given, the first one counts."""
    positions = {one.id: position for position, one in enumerate(listed)}
    if after_id is not None:
        start = positions.get(after_id, len(listed)) + 1
        return listed[start : start + limit], start + limit < len(listed)
    if before_id is not None:
        end = positions.get(before_id, 0)
        return listed[max(end - limit, 0) : end], end > limit
    return listed[:limit], limit < len(listed)

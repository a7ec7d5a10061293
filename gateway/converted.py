"""An answer in another format than the client's, given out as one of the Messages API.

A `ConvertedAnswer` stands in for the `Relay` that it reads from. Its `open()` waits for more than the head: until there
is something to tell, because a provider may begin a stream with status 200 and an error, and such an error is to reach
the client as an honest status.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable

from gateway.connection import MAX_LOGGED_RESPONSE_BYTES
from gateway.errors import ProviderAnsweredError
from gateway.flow import Flow
from gateway.relay import FIRST_TOKEN, Relay
from providers.adapters.base import HeaderList, Translation
from providers.errors import UpstreamBroken, UpstreamError
from providers.protocol.answers import AnswerFailed, ErrorAnswer
from requestlog.content_encoding import ContentDecoder, UndecodableContent
from requestlog.exchange import Outcome

MAX_WHOLE_ANSWER_BYTES = 64 << 20
_JSON_BEGINS_WITH = (b"{", b"[")
_EVENT_STREAM: HeaderList = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]


class ConvertedAnswer(ABC):
    """`close()` must be called; it may be called at any time."""

    status = 200
    headers: HeaderList

    def __init__(self, relay: Relay, translation: Translation, flow: Flow) -> None:
        self._relay = relay
        self._translation = translation
        self._exchange = flow.exchange
        self._received = flow.received
        self._received_bytes = 0
        self._decoder = ContentDecoder("")

    async def open(self) -> None:
        """Wait until the answer's status is known for good. Raises `ApiError`."""
        await self._relay.open()
        try:
            await self._open_body(dict(self._relay.headers))
        except AnswerFailed as failed:
            raise ProviderAnsweredError(failed.error) from failed
        except UpstreamError as error:
            raise self._relay.failure(error) from error

    @abstractmethod
    async def read(self) -> bytes:
        """The next bytes for the client, empty at the end. Raises `UpstreamError` where the answer breaks off."""

    @abstractmethod
    async def _begin(self) -> None:
        """Go as far as the status is certain. Raises `AnswerFailed` and `UpstreamError`."""

    async def chunks(self) -> AsyncIterator[bytes]:
        while chunk := await self.read():
            yield chunk

    def close(self) -> None:
        self._relay.close()

    async def _open_body(self, headers: dict[bytes, bytes]) -> None:
        try:
            self._decoder = ContentDecoder(headers.get(b"content-encoding", b"").decode("latin-1"))
        except UndecodableContent as error:
            raise UpstreamBroken(f"The provider's answer is {error}.") from error
        if self._relay.status >= 300:
            raise AnswerFailed(self._translation.error(self._relay.status, headers, await self._receive_all()))
        await self._begin()

    async def _receive(self) -> bytes:
        """The upstream's next bytes without their content encoding, empty at the end. Raises `UpstreamError`."""
        while chunk := await self._relay.read():
            try:
                data = self._decoder.feed(chunk)
            except UndecodableContent as error:
                raise UpstreamBroken(f"The provider's answer is {error}.") from error
            if data:
                self._keep(data)
                return data
        return b""

    async def _receive_all(self, begin: bytes = b"") -> bytes:
        chunks, size = [begin], len(begin)
        while chunk := await self._receive():
            size += len(chunk)
            if size > MAX_WHOLE_ANSWER_BYTES:
                raise UpstreamBroken(f"The provider's answer is longer than {MAX_WHOLE_ANSWER_BYTES} bytes.")
            chunks.append(chunk)
        return b"".join(chunks)

    def _keep(self, data: bytes) -> None:
        """For the log, which keeps no more of it than of what the client gets."""
        if self._received_bytes < MAX_LOGGED_RESPONSE_BYTES:
            self._received.append(data)
        self._received_bytes += len(data)

    def _note(self, notes: Iterable[str], usage_is_estimate: bool) -> None:
        self._exchange.conversion_notes += notes
        self._exchange.usage_is_estimate = usage_is_estimate


class WholeAnswer(ConvertedAnswer):
    """An answer that is one JSON document."""

    _body = b""

    async def read(self) -> bytes:
        body, self._body = self._body, b""
        return body

    async def _begin(self) -> None:
        converted = self._translation.message(await self._receive_all())
        self._note(converted.notes, converted.usage_is_estimate)
        self._body = converted.body
        length = str(len(converted.body)).encode()
        self.headers = [(b"content-type", b"application/json"), (b"content-length", length)]


class StreamedAnswer(ConvertedAnswer):
    """An answer that is a stream of events."""

    headers = _EVENT_STREAM

    def __init__(self, relay: Relay, translation: Translation, flow: Flow) -> None:
        super().__init__(relay, translation, flow)
        self._translator = translation.stream()
        self._ready = b""
        self._ended = False

    async def read(self) -> bytes:
        while not self._ready and not self._ended:
            self._ready = await self._translate_more()
        ready, self._ready = self._ready, b""
        if self._exchange.first_token_at is None and FIRST_TOKEN in ready:
            self._exchange.first_token_at = time.time()
        return ready

    def close(self) -> None:
        super().close()
        self._note(self._translator.notes, self._translator.usage_is_estimate)
        self._translator.notes = []

    async def _begin(self) -> None:
        """A provider that does not stream answers with one JSON document, whatever it was asked for."""
        first = await self._receive()
        if first.lstrip().startswith(_JSON_BEGINS_WITH):
            self._ready = b"".join(self._translator.feed_completion(await self._receive_all(first))) + self._end()
        else:
            self._ready = self._translate(first)
        while not self._ready and not self._ended:
            self._ready = await self._translate_more()
        if self._translator.error is not None and not self._translator.started:
            raise AnswerFailed(self._translator.error)

    async def _translate_more(self) -> bytes:
        """Events out of the upstream's next bytes, possibly none. Raises `UpstreamError`."""
        try:
            return self._translate(await self._receive())
        except UpstreamError:
            if not self._translator.finished:
                raise
            return self._end()  # the message is complete: how its connection ends makes no difference to it

    def _translate(self, chunk: bytes) -> bytes:
        if not chunk:
            return self._end()
        events = self._translator.feed(chunk)
        if self._translator.error is not None:
            self._fail(self._translator.error)
        return b"".join(events)

    def _end(self) -> bytes:
        events = b"".join(self._translator.close())
        self._ended = True
        if self._translator.error is not None:
            self._fail(self._translator.error)
        return events

    def _fail(self, error: ErrorAnswer) -> None:
        """The error's event is the last thing that the client gets; no more is read from the upstream."""
        self._ended = True
        if self._translator.started:
            self._exchange.finish(Outcome.UPSTREAM_FAILED, error.error_type, error.message)


def converted_answer(relay: Relay, translation: Translation, flow: Flow) -> ConvertedAnswer:
    kind = StreamedAnswer if flow.exchange.streamed else WholeAnswer
    return kind(relay, translation, flow)

"""A TCP relay that records every byte: it stands between a client and the gateway and changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from tests.support.http_messages import Message, requests_in, responses_in
from tests.support.loop_thread import LoopThread


@dataclass(eq=False)
class Connection:
    """The bytes of one connection: what the client sent and what it got."""

    sent: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True)
class Exchange:
    """A request as the client wrote it and the response as the client read it; None where none came."""

    request: Message
    response: Message | None


class Wiretap(LoopThread):
    """Relays to `target`, a `host:port`; its own `base_url` is what the client is pointed at."""

    def __init__(self, target: str) -> None:
        super().__init__("wiretap")
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self.connections: list[Connection] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()

    def exchanges(self) -> list[Exchange]:
        """What was said on all connections, in the order of each."""
        return [exchange for connection in self.connections for exchange in _exchanges(connection)]

    def reset(self) -> None:
        """Forget the connections so far. One that is still open is not recorded any further."""
        self.connections = []

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        if self._relays:
            await asyncio.wait(self._relays)

    def _accept(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        relay = asyncio.get_running_loop().create_task(self._relay(from_client, to_client))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)

    async def _relay(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        connection = Connection()
        self.connections.append(connection)
        from_server, to_server = await asyncio.open_connection(self._host, self._port)
        self._writers |= {to_client, to_server}
        try:
            await asyncio.gather(
                _pump(from_client, to_server, connection.sent), _pump(from_server, to_client, connection.received)
            )
        finally:
            self._writers -= {to_client, to_server}
            to_client.close()
            to_server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, record: bytearray) -> None:
    """Relay until the reader's end, then end the writer; an end by RST reaches the other side as RST."""
    try:
        while data := await reader.read(65536):
            record += data
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):  # the other side is gone already
            writer.write_eof()
    except ConnectionError:
        writer.transport.abort()


def _exchanges(connection: Connection) -> list[Exchange]:
    requests, responses = requests_in(bytes(connection.sent)), responses_in(bytes(connection.received))
    missing = len(requests) - len(responses)
    return [Exchange(*pair) for pair in zip(requests, [*responses, *[None] * missing], strict=True)]

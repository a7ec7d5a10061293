"""The blocks of a batch: which ones the database has, which ones it must get.

A cache of digests saves the look-up of blocks that come again and again. It trusts a block only on the day on which
this process itself has marked the block as used: pruning, which any process may do, never takes a block that was used
on the day before its cutoff or later (`requestlog.retention`). On the next day the block is looked up anew, and
locked until its new day of use is committed.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from requestlog import pieces
from requestlog.models import Block

_CACHED = 20_000
_PER_QUERY = 500


@dataclass(slots=True)
class KnownBlock:
    """`used_on` is None and `id` is 0 until the block is saved."""

    id: int = 0
    used_on: date | None = None


class BlockStore:
    """`begin` a batch, `share` each of its pieces, `save` within its transaction; `forget` if that is rolled back."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, KnownBlock] = OrderedDict()
        self._unsaved: dict[bytes, bytes] = {}
        self._today = _today()

    def begin(self) -> None:
        self._unsaved.clear()
        self._today = _today()

    def share(self, content: bytes) -> KnownBlock:
        """The block of this content; its `id` is set by `save`."""
        digest = hashlib.sha256(content).digest()
        block = self._known.get(digest)
        if block is None:
            block = self._known[digest] = KnownBlock()
        else:
            self._known.move_to_end(digest)
        if block.used_on != self._today:
            self._unsaved[digest] = content
        return block

    def save(self) -> None:
        for digests in _chunks(sorted(self._unsaved)):
            self._find(digests)
            self._insert([digest for digest in digests if self._known[digest].used_on != self._today])
        self._unsaved.clear()
        while len(self._known) > _CACHED:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """The database is not what it was: trust nothing."""
        self._known.clear()
        self._unsaved.clear()

    def _find(self, digests: list[bytes]) -> None:
        found = (
            Block.objects.filter(digest__in=digests)
            .select_for_update()
            .only("id", "digest", "used_on")
            .order_by("digest")
        )
        unmarked = []
        for block in found:
            self._know(block)
            if block.used_on < self._today:
                unmarked.append(block.pk)
        if unmarked:
            Block.objects.filter(pk__in=unmarked).update(used_on=self._today)

    def _insert(self, digests: list[bytes]) -> None:
        blocks = [
            Block(digest=digest, content=pieces.compress(self._unsaved[digest]), used_on=self._today)
            for digest in digests
        ]
        # Another machine may insert the same block at this moment; either way the row is ours until the commit.
        Block.objects.bulk_create(blocks, update_conflicts=True, update_fields=["used_on"], unique_fields=["digest"])
        for block in blocks:
            self._know(block)

    def _know(self, block: Block) -> None:
        known = self._known[bytes(block.digest)]
        known.id, known.used_on = block.pk, self._today


def _today() -> date:
    return datetime.now(UTC).date()


def _chunks(digests: list[bytes]) -> Iterator[list[bytes]]:
    return (digests[start : start + _PER_QUERY] for start in range(0, len(digests), _PER_QUERY))

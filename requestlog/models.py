"""The request log in the database.

`Entry` is narrow and indexed: what lists, filters and sums need. Headers and bodies are apart: a `Body` is a sequence
of pieces, and a piece that tends to come again (a message block, a tool, the system prompt) is a `Block`, stored once
by its content's hash. The rows are written by the recorder alone; the rest of the program reads them.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

import msgspec
from django.db import models
from django.db.models.expressions import RawSQL
from django.urls import reverse

from requestlog import pieces
from requestlog.exchange import BodiesState, Outcome


def _choices(values: type[Outcome] | type[BodiesState]) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ")) for value in values]


class EntryQuerySet(models.QuerySet["Entry"]):
    """Some conditions are literal SQL: SQLite uses a partial index only for a condition without parameters."""

    def in_flight(self) -> EntryQuerySet:
        return self.filter(RawSQL("requestlog_entry.outcome = 'in_flight'", [], models.BooleanField()))

    def with_bodies(self) -> EntryQuerySet:
        return self.filter(RawSQL("requestlog_entry.bodies = 'kept'", [], models.BooleanField()))

    def of_unnamed_subagents(self) -> EntryQuerySet:
        """Those that are known by their prompt."""
        condition = "requestlog_entry.subagent = '' AND requestlog_entry.agent_fingerprint > ''"
        return self.filter(RawSQL(condition, [], models.BooleanField()))

    def of_subagent(self, name: str) -> EntryQuerySet:
        named = self.filter(RawSQL("requestlog_entry.subagent > ''", [], models.BooleanField()))
        return named.filter(subagent=name)

    def of_agent(self, session_id: str, agent_id: str) -> EntryQuerySet:
        with_agent = self.filter(RawSQL("requestlog_entry.agent_id > ''", [], models.BooleanField()))
        return with_agent.filter(agent_id=agent_id, session_id=session_id)

    def interrupt(self, moment: datetime) -> int:
        """End entries whose worker is gone, at the moment of its last sign of life; how many there were."""
        return self.update(
            outcome=Outcome.INTERRUPTED.value,
            finished_at=moment,
            error_type="interrupted",
            error_message="The gateway process that served this request ended before the request did.",
        )


class Entry(models.Model):
    """One exchange. The columns are the fields of `requestlog.exchange.Exchange` and what its response told."""

    id = models.UUIDField(primary_key=True, editable=False)
    received_at = models.DateTimeField()
    upstream_answered_at = models.DateTimeField(null=True)
    first_token_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    client_address = models.CharField(max_length=64)
    client_key = models.CharField(max_length=100)
    user_agent = models.TextField()
    session_id = models.CharField(max_length=200)
    agent_id = models.CharField(max_length=200)
    parent_agent_id = models.CharField(max_length=200)
    call_kind = models.CharField(max_length=20, default="")
    subagent = models.CharField(max_length=200, default="", help_text="Empty while the name is not known.")
    subagent_known_by = models.CharField(max_length=20, default="")
    agent_fingerprint = models.CharField(max_length=64, default="", help_text="Of a subagent's prompt.")

    method = models.CharField(max_length=16)
    path = models.TextField()
    requested_model = models.CharField(max_length=200)
    routed_model = models.CharField(max_length=200)
    provider = models.CharField(max_length=100)
    wire_format = models.CharField(max_length=20)
    streamed = models.BooleanField(default=False)
    message_count = models.PositiveIntegerField(null=True)
    tools_offered = models.PositiveIntegerField(null=True)
    tools_called = models.JSONField(default=list)
    decision_reason = models.TextField()
    config_revision = models.PositiveBigIntegerField(null=True)
    conversion_notes = models.JSONField(default=list, help_text="What the conversion changed or left out, in words.")

    status = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=20, choices=_choices(Outcome))
    stop_reason = models.CharField(max_length=50)
    error_type = models.CharField(max_length=100)
    error_message = models.TextField()
    attempts = models.JSONField(default=list)
    upstream_request_id = models.CharField(max_length=200)
    overhead_ms = models.FloatField(null=True)

    input_tokens = models.PositiveBigIntegerField(null=True)
    output_tokens = models.PositiveBigIntegerField(null=True)
    cache_read_tokens = models.PositiveBigIntegerField(null=True)
    cache_write_5m_tokens = models.PositiveBigIntegerField(null=True)
    cache_write_1h_tokens = models.PositiveBigIntegerField(null=True)
    usage_is_estimate = models.BooleanField(
        default=False, help_text="The provider reported no usage: the tokens are the gateway's guess."
    )
    request_bytes = models.PositiveBigIntegerField(default=0)
    response_bytes = models.PositiveBigIntegerField(default=0)

    bodies = models.CharField(max_length=10, choices=_choices(BodiesState), default=BodiesState.KEPT.value)
    worker = models.CharField(max_length=32, help_text="The journal's name for the process that served the exchange.")
    journal = models.CharField(
        max_length=32, help_text="Which journal folder, so which machine, the exchange came from."
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["session_id", "id"], name="entry_session"),
            models.Index(fields=["provider", "id"], name="entry_provider"),
            models.Index(fields=["routed_model", "id"], name="entry_model"),
            models.Index(
                fields=["journal", "worker"],
                condition=models.Q(outcome=Outcome.IN_FLIGHT.value),
                name="entry_in_flight",
            ),
            models.Index(fields=["id"], condition=models.Q(bodies=BodiesState.KEPT.value), name="entry_with_bodies"),
            models.Index(fields=["call_kind", "id"], name="entry_call_kind"),
            models.Index(fields=["subagent", "id"], condition=models.Q(subagent__gt=""), name="entry_subagent"),
            models.Index(fields=["agent_id", "session_id"], condition=models.Q(agent_id__gt=""), name="entry_agent"),
            models.Index(
                fields=["agent_fingerprint", "id"],
                condition=models.Q(subagent="", agent_fingerprint__gt=""),
                name="entry_unnamed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.outcome}"

    def get_absolute_url(self) -> str:
        return reverse("requestlog:detail", args=[self.pk])

    def body(self, kind: BodyKind) -> bytes | None:
        """The stored bytes, exactly as they were; None where the log holds none."""
        return next((body.content for body in self.stored_bodies.all() if body.kind == kind), None)

    @cached_property
    def request_headers(self) -> list[list[str]]:
        return self._headers(BodyKind.REQUEST_HEADERS)

    @cached_property
    def response_headers(self) -> list[list[str]]:
        return self._headers(BodyKind.RESPONSE_HEADERS)

    def _headers(self, kind: BodyKind) -> list[list[str]]:
        stored = self.body(kind)
        return msgspec.json.decode(stored, type=list[list[str]]) if stored else []


class BodyKind(models.TextChoices):
    REQUEST_HEADERS = "request_headers", "request headers"
    REQUEST = "request", "request as received"
    SENT_HEADERS = "sent_headers", "headers as sent upstream"
    SENT = "sent", "request as sent upstream"
    RECEIVED = "received", "response as received from the provider"
    RESPONSE_HEADERS = "response_headers", "response headers"
    RESPONSE = "response", "response as the client got it"
    MESSAGE = "message", "response as one message"


class Body(models.Model):
    """One stored body: `pieces` is the packed list that `requestlog.pieces` describes."""

    # The unique constraint below begins with the entry: another index on it would only cost.
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="stored_bodies", db_index=False)
    kind = models.CharField(max_length=20, choices=BodyKind.choices)
    size = models.PositiveBigIntegerField(help_text="Bytes before deduplication and compression.")
    pieces = models.BinaryField()

    class Meta:
        verbose_name_plural = "bodies"
        constraints = [models.UniqueConstraint(fields=["entry", "kind"], name="body_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.entry_id}"

    @cached_property
    def content(self) -> bytes:
        """The body's bytes. Raises `Block.DoesNotExist` where a block is missing."""
        return pieces.join(bytes(self.pieces), Block.contents)


class Block(models.Model):
    """A piece that several bodies share. `used_on` is the last day on which a body referred to it."""

    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the uncompressed content.")
    content = models.BinaryField(help_text="Compressed by zstandard.")
    used_on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return bytes(self.digest).hex()

    @classmethod
    def contents(cls, ids: list[int]) -> dict[int, bytes]:
        """The uncompressed contents of the given blocks."""
        found = {block.pk: pieces.decompress(bytes(block.content)) for block in cls.objects.filter(pk__in=set(ids))}
        if missing := set(ids) - set(found):
            raise cls.DoesNotExist(f"the log has lost the blocks {sorted(missing)}")
        return found


class JournalPosition(models.Model):
    """How far a journal segment is committed, written in the same transaction as what it committed: twice is once."""

    segment = models.CharField(max_length=100, primary_key=True)
    journal = models.CharField(max_length=32, db_index=True)
    offset = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.segment}:{self.offset}"

    @classmethod
    def offsets(cls, journal: str) -> dict[str, int]:
        return dict(cls.objects.filter(journal=journal).values_list("segment", "offset"))

    @staticmethod
    def advance(journal: str, offsets: dict[str, int]) -> None:
        rows = [JournalPosition(segment=segment, journal=journal, offset=offset) for segment, offset in offsets.items()]
        JournalPosition.objects.bulk_create(
            rows, update_conflicts=True, update_fields=["offset"], unique_fields=["segment"]
        )

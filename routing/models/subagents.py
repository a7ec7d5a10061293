"""What traffic has shown of subagents. None of it is configuration: it makes no revisions."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from routing.models.mappings import SubagentMapping

SAMPLE_CHARACTERS = 200


class KnownBy(models.TextChoices):
    """How a name was learned."""

    LAUNCHED = "launched", "launched by its parent"
    FINGERPRINT = "fingerprint", "prompt fingerprint"
    FILE = "file", "definition file"
    PASTED = "pasted", "pasted definition"
    ANNOUNCED = "announced", "announced by the client"
    AMBIGUOUS = "ambiguous", "several names"
    """Of a prompt that was launched under more names than one: it tells nobody's."""


class SubagentQuerySet(models.QuerySet["Subagent"]):
    def with_mapped(self) -> SubagentQuerySet:
        """With `is_mapped`, to filter and to order by."""
        return self.annotate(is_mapped=self._has_mapping())

    def not_mapped(self) -> SubagentQuerySet:
        return self.filter(~self._has_mapping())

    def _has_mapping(self) -> models.Exists:
        return models.Exists(SubagentMapping.objects.filter(subagent=models.OuterRef("name")))


class Subagent(models.Model):
    """A subagent that has called, or that a client has said to exist: then it has no requests."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    known_by = models.CharField("how it is known", max_length=20, choices=KnownBy)
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now, db_index=True)
    requests = models.PositiveBigIntegerField(default=0)

    objects = SubagentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def mapping(self) -> SubagentMapping | None:
        return SubagentMapping.objects.filter(subagent=self.name).select_related("provider").first()

    @staticmethod
    def read_mappings(subagents: Collection[Subagent]) -> None:
        """The mappings of all of them, in one query."""
        names = [subagent.name for subagent in subagents]
        mappings = SubagentMapping.objects.filter(subagent__in=names).select_related("provider")
        by_name = {mapping.subagent: mapping for mapping in mappings}
        for subagent in subagents:
            subagent.mapping = by_name.get(subagent.name)


class SubagentFingerprint(models.Model):
    """The fingerprint of an agent's prompt: once it has a name, it has it for good and in every process."""

    fingerprint = models.CharField(max_length=64, unique=True)
    subagent = models.ForeignKey(
        Subagent, null=True, blank=True, on_delete=models.SET_NULL, related_name="fingerprints"
    )
    """None for a prompt that was seen and whose agent's name is not known."""
    source = models.CharField("how it is known", max_length=20, choices=KnownBy, blank=True)
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now, db_index=True)
    requests = models.PositiveBigIntegerField(default=0)
    sample = models.CharField(max_length=SAMPLE_CHARACTERS, blank=True, help_text="How the prompt begins.")

    class Meta:
        ordering = ["-last_seen", "fingerprint"]

    def __str__(self) -> str:
        return f"{self.subagent or 'name unknown'} ({self.fingerprint[:12]})"


class AgentLaunch(models.Model):
    """A parent's tool call that starts a subagent: what ties the subagent's first call, in any process, to its name."""

    session_id = models.CharField(max_length=200)
    prompt_digest = models.CharField(max_length=64)
    subagent = models.CharField(max_length=200)
    launched_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["session_id", "prompt_digest"], name="agent_launch")]

    def __str__(self) -> str:
        return f"{self.subagent} in {self.session_id}"

"""Where the calls of a subagent go."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from routing.models.targets import Fallback, WithTarget


def validate_subagent_name(value: str) -> None:
    """As agents are called: one line, with nothing before or after it."""
    if not value.isprintable() or value != value.strip():
        raise ValidationError("The name holds a line break, or a space before or after it.")


class SubagentMapping(WithTarget):
    subagent = models.CharField(
        max_length=200,
        unique=True,
        validators=[validate_subagent_name],
        help_text="The agent's name as Claude Code calls it, such as code-reviewer or Explore; by case.",
    )
    enabled = models.BooleanField(default=True, help_text="A mapping that is not enabled claims no calls.")
    note = models.TextField(blank=True, help_text="For people: why it is so.")

    class Meta:
        ordering = ["subagent"]

    def __str__(self) -> str:
        return self.subagent

    @classmethod
    def in_force(cls) -> list[SubagentMapping]:
        """Those that are enabled, with their fallbacks read along."""
        return list(cls.objects.filter(enabled=True).prefetch_related("fallbacks"))


class MappingFallback(Fallback):
    mapping = models.ForeignKey(SubagentMapping, on_delete=models.CASCADE, related_name="fallbacks")

    class Meta:
        verbose_name = "fallback"
        ordering = ["order", "provider__name", "model"]

    def __str__(self) -> str:
        return f"{self.mapping.subagent}: fallback {self.order} {self.target_text}"

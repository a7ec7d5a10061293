"""The models of a provider that the gateway offers, and what is known of them."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

from providers.config import ConfigModel
from providers.models.provider import Provider
from providers.validation import validate_capabilities, validate_model_name

_at_least_one = MinValueValidator(1)


class ProviderModel(ConfigModel):
    """One model of one provider. `capabilities` holds what differs from the provider's."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(
        max_length=200,
        validators=[validate_model_name],
        help_text="As the provider calls it, such as gpt-4.1, qwen3:8b or meta-llama/llama-4-scout.",
    )
    display_name = models.CharField(
        max_length=200, blank=True, help_text="What people see in a list of models; the name itself where it is empty."
    )
    enabled = models.BooleanField(default=True, help_text="A model that is not enabled is not offered to clients.")
    max_output_tokens = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[_at_least_one],
        help_text="The longest answer to ask for, in tokens; where it is empty, as the provider says.",
    )
    context_window = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[_at_least_one],
        help_text="How many tokens the model takes in all, for the list of models.",
    )
    capabilities = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_capabilities],
        help_text="What the model takes, where it differs from its provider: names of capabilities and their values.",
    )

    class Meta:
        verbose_name = "model"
        ordering = ["provider__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name"],
                name="provider_model_once",
                violation_error_message="This provider has a model of this name already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider.name}:{self.name}"

    def overrides(self) -> Any:
        """What is stored, with the column that says the same. It is JSON of any kind where nobody checked it."""
        if self.max_output_tokens is None or not isinstance(self.capabilities, dict):
            return self.capabilities
        return {**self.capabilities, "max_output_tokens": self.max_output_tokens}

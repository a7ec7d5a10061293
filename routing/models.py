"""What an admin can say about where requests go."""

from __future__ import annotations

from django.db import models

from providers.config import ConfigModel
from providers.models import Provider
from providers.validation import validate_model_name


class ModelAlias(ConfigModel):
    """A name of our own for a model of some provider.

    A provider that an alias leads to cannot be deleted: the alias would go with it, and its requests elsewhere.
    """

    name = models.CharField(
        max_length=200,
        unique=True,
        validators=[validate_model_name],
        help_text="What clients call the model, such as claude-gpt-5. Claude Code lists only the models of a gateway "
        "whose name contains “claude” or “anthropic”.",
    )
    display_name = models.CharField(
        max_length=200, blank=True, help_text="What people see in a list of models; the name itself where it is empty."
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="aliases")
    model = models.CharField(max_length=200, help_text="As the provider calls it.", validators=[validate_model_name])
    enabled = models.BooleanField(default=True, help_text="An alias that is not enabled is a name like any other.")

    class Meta:
        verbose_name_plural = "model aliases"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

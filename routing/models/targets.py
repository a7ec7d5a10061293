"""What leads somewhere: a provider, a model, and ordered fallbacks of the same kind."""

from __future__ import annotations

from django.db import models

from providers.config import ConfigModel
from providers.models import Provider
from providers.validation import validate_model_name
from routing.routes import Target


class WithTarget(ConfigModel):
    """A provider that something leads to cannot be deleted: the request would silently go elsewhere."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="%(class)ss")
    model = models.CharField(
        max_length=200,
        blank=True,
        validators=[validate_model_name],
        help_text="As the provider calls it; empty: the model that the client asks for.",
    )

    class Meta:
        abstract = True

    @property
    def target(self) -> Target:
        return Target(self.provider.name, self.model)

    @property
    def target_text(self) -> str:
        return str(self.target) if self.model else f"{self.provider.name}, the requested model"


class Fallback(WithTarget):
    """The next to be tried when what stands before it fails."""

    order = models.PositiveIntegerField(default=0, help_text="The lowest number is tried first.")

    class Meta:
        abstract = True

"""Names of our own for models."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from providers.config import ConfigModel
from providers.models import Provider, ProviderModel
from providers.validation import validate_model_name
from routing.routes import Target


class ModelAlias(ConfigModel):
    """A name of our own for a model of some provider.

    A provider that an alias leads to cannot be deleted: the alias would go with it, and its requests elsewhere. An
    alias leads to a model and never to another alias, so that nothing goes in circles.
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

    @property
    def target(self) -> Target:
        return Target(self.provider.name, self.model)

    def clean(self) -> None:
        problems = {"name": self.name_problem(), "model": self.model_problem()}
        if found := {field: problem for field, problem in problems.items() if problem}:
            raise ValidationError(found)

    def name_problem(self) -> str:
        """Why the name would say something else than it means; empty when it does not."""
        provider, colon, model = self.name.partition(":")
        if not colon or not model or not Provider.objects.filter(name=provider).exists():
            return ""
        return f"“{self.name}” means the model {model} of the provider {provider} already: choose another name."

    def model_problem(self) -> str:
        """Why what is taken for a model is an alias; empty when it is none, or a model of that name is known too."""
        other = ModelAlias.objects.filter(name=self.model).exclude(pk=self.pk).select_related("provider").first()
        if other is None or ProviderModel.objects.filter(provider=self.provider_id, name=self.model).exists():
            return ""
        return (
            f"“{self.model}” is an alias itself, and an alias leads to a provider's model, not to another alias. "
            f"{self.model} leads to {other.target}: choose that, or add a model of this name to the provider."
        )

"""Agent definitions that people give the gateway, where it cannot read the files itself."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from providers.config import ConfigModel
from routing.identification.definitions import Definition, DefinitionError, parse_definition


class AgentDefinition(ConfigModel):
    """The text of an agent's definition file. Its name is the one that the text gives."""

    name = models.CharField(max_length=200, unique=True, editable=False)
    text = models.TextField(help_text="The whole file: the front matter between its --- lines, then the prompt.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def parsed(self) -> Definition:
        """Raises `DefinitionError`."""
        return parse_definition(self.text, self.name or "the definition")

    def clean(self) -> None:
        try:
            definition = self.parsed()
        except DefinitionError as error:
            where = f"Line {error.line}: " if error.line else ""
            raise ValidationError({"text": f"{where}{error.reason}"}) from error
        self.name = definition.name
        if problem := self._name_problem() or self._body_problem(definition):
            raise ValidationError({"text": problem})

    def _name_problem(self) -> str:
        if len(self.name) > 200:
            return "The agent's name is longer than 200 characters."
        if AgentDefinition.objects.filter(name=self.name).exclude(pk=self.pk).exists():
            return f"There is a definition of {self.name} already: change that one."
        return ""

    def _body_problem(self, definition: Definition) -> str:
        """Why the prompt does not tell who calls; empty when it does."""
        for other in AgentDefinition.objects.exclude(pk=self.pk):
            try:
                same = other.parsed().fingerprint == definition.fingerprint
            except DefinitionError:
                continue
            if same:
                return f"{other.name} has the same prompt, which would not tell which of the two calls: change it."
        return ""

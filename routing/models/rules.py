"""Rules: the calls that meet all criteria go to a target. They are tried in their order."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models, transaction

from providers.config import ConfigModel
from routing.criteria import CRITERIA, Criterion, parse_criterion
from routing.models.targets import Fallback, WithTarget

_STEP = 10
"""Between the numbers of two rules, so that a third one finds a number between them."""


def criterion_choices() -> list[tuple[str, str]]:
    """A function, so that a new criterion needs no migration."""
    return [(key, criterion.label) for key, criterion in CRITERIA.items()]


class RoutingRule(WithTarget):
    name = models.CharField(max_length=100, unique=True, help_text="Shown in the request log as the reason.")
    order = models.PositiveIntegerField(
        default=0, db_index=True, help_text="The lowest number is tried first; with the same number, the first by name."
    )
    enabled = models.BooleanField(default=True, help_text="A rule that is not enabled is not tried.")
    note = models.TextField(blank=True, help_text="For people: why it is so.")

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def in_force(cls) -> list[RoutingRule]:
        """Those that are enabled, in their order, with what belongs to them read along."""
        return list(cls.objects.filter(enabled=True).prefetch_related("criteria", "fallbacks"))

    @classmethod
    def next_order(cls) -> int:
        """The number by which a new rule comes last."""
        highest: int | None = cls.objects.aggregate(highest=models.Max("order"))["highest"]
        return _STEP if highest is None else highest + _STEP

    @classmethod
    def arrange(cls, ids: Sequence[int]) -> None:
        """Put the rules with these ids into this order among themselves, and leave all others in their places.

        An id that is there no more is passed over.
        """
        with transaction.atomic():
            rules = sorted(cls.objects.select_for_update(), key=cls.sort_key)
            by_id = {rule.pk: rule for rule in rules}
            moved = [by_id[id] for id in dict.fromkeys(ids) if id in by_id]
            fill = iter(moved)
            arranged = [next(fill) if rule in moved else rule for rule in rules]
            for rule, order in zip(arranged, _distinct([rule.order for rule in rules]), strict=True):
                rule.order = order
                rule.save(update_fields=["order"])

    @classmethod
    def move(cls, id: int, steps: int) -> None:
        """Put the rule so many places down, or up where `steps` is negative; not past the ends of the list."""
        ids = [rule.pk for rule in sorted(cls.objects.all(), key=cls.sort_key)]
        if id in ids:
            place = max(ids.index(id) + steps, 0)
            ids.remove(id)
            cls.arrange([*ids[:place], id, *ids[place:]])

    def sort_key(self) -> tuple[int, str]:
        """The order in which rules are tried: that of Python, whatever the database's language."""
        return self.order, self.name


def _distinct(numbers: list[int]) -> list[int]:
    """The same numbers, so that few rules change; new ones where two are the same."""
    if len(set(numbers)) == len(numbers):
        return numbers
    return [position * _STEP for position in range(1, len(numbers) + 1)]


class RuleCriterion(ConfigModel):
    """One criterion of a rule; `value` as `Criterion.value` writes it."""

    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE, related_name="criteria")
    kind = models.CharField("criterion", max_length=20, choices=criterion_choices)
    value = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "criterion"
        verbose_name_plural = "criteria"
        ordering = ["kind", "value"]

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.get_kind_display()} {self.value}"

    def parsed(self) -> Criterion:
        """Raises `ValueError`."""
        return parse_criterion(self.kind, self.value)

    def clean(self) -> None:
        if self.kind not in CRITERIA:
            return  # the field says so itself
        try:
            self.value = self.parsed().value
        except ValueError as error:
            text = str(error)
            raise ValidationError({"value": f"{text[:1].upper()}{text[1:]}."}) from error


class RuleFallback(Fallback):
    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE, related_name="fallbacks")

    class Meta:
        verbose_name = "fallback"
        ordering = ["order", "provider__name", "model"]

    def __str__(self) -> str:
        return f"{self.rule.name}: fallback {self.order} {self.target_text}"

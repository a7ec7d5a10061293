"""The plain fields of a row as data, under their own names; what has its default is left out."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import models

from gateway.configuration.problems import Path
from gateway.configuration.work import Work

if TYPE_CHECKING:
    Field = models.Field[Any, Any]
else:  # Django's own class takes no type parameters
    Field = models.Field

Fields = Mapping[str, Field]


def fields_of(model: type[models.Model], without: Collection[str] = ()) -> Fields:
    """The fields that people may edit, but relations and those that are named."""
    return {
        field.name: field
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key and not field.is_relation and field.name not in without
    }


def as_data(row: models.Model, fields: Fields, always: Collection[str] = ()) -> dict[str, Any]:
    """`always` are the names of those that are written in any case."""
    values = {name: getattr(row, name) for name in fields}
    return {name: value for name, value in values.items() if name in always or value != fields[name].get_default()}


def fill(row: models.Model, data: Mapping[str, Any], fields: Fields, path: Path, work: Work) -> None:
    """Set the fields as the data say; where they say nothing, to the default."""
    for name, field in fields.items():
        value = data.get(name)
        if value is None:
            value = field.get_default()
        elif problem := _type_problem(field, value):
            work.note((*path, name), problem)
            continue
        setattr(row, name, value)


def _type_problem(field: Field, value: Any) -> str:
    """What the field's own validation lets pass, and YAML makes of what was meant otherwise.

    Numbers may be text, as environment variables are.
    """
    if isinstance(field, models.JSONField):
        return "" if isinstance(value, dict) else "this should be a mapping of keys to values."
    if isinstance(field, models.CharField | models.TextField):
        return "" if isinstance(value, str) else "this should be text: put it in quotes."
    if isinstance(value, dict | list):
        return "this should be a single value."
    if isinstance(field, models.BooleanField):
        return ""
    return "" if _is_number(value) else "this should be a number."


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(float(value))
    except (ValueError, OverflowError):
        return False

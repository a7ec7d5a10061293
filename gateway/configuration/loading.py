"""Loads a file: this program's own form or the Go proxy's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from gateway.configuration.applying import apply
from gateway.configuration.comparing import Hunk, compare
from gateway.configuration.document import read_configuration
from gateway.configuration.environment import with_environment
from gateway.configuration.go_proxy import sign_of_the_go_proxy, translate
from gateway.configuration.problems import ConfigurationError, Problem
from gateway.configuration.source import Source, parse_yaml
from gateway.models import Revision, RevisionChange


@dataclass(frozen=True, slots=True)
class Loaded:
    """`changes` are sentences, `differences` the same in the document; `remarks` say what was not taken over."""

    changes: tuple[str, ...]
    differences: tuple[Hunk, ...]
    remarks: tuple[str, ...]


def load(content: bytes, name: str, is_trial: bool = False) -> Loaded:
    """In one transaction; `is_trial` takes it back in the end. Raises `ConfigurationError`; then nothing is changed."""
    source = with_environment(parse_yaml(_decoded(content)))
    remarks: tuple[str, ...] = ()
    if sign_of_the_go_proxy(source.data):
        translation = translate(source)
        source, remarks = translation.source, translation.remarks
    with transaction.atomic():
        changes, differences = _differences_made(lambda: _apply(source, f"loaded {name}"))
        transaction.set_rollback(is_trial)
    return Loaded(changes, differences, remarks)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError([Problem((), "this is not UTF-8: save the file as UTF-8.", line)]) from error


def _apply(source: Source, note: str) -> None:
    try:
        apply(source.data, note)
    except ConfigurationError as error:
        problems = [source.located(problem) for problem in error.problems]
        raise ConfigurationError(sorted(problems, key=lambda problem: problem.line)) from error


def _differences_made(change: Callable[[], None]) -> tuple[tuple[str, ...], tuple[Hunk, ...]]:
    newest, before = Revision.current(), read_configuration()
    change()
    made = RevisionChange.objects.filter(revision__gt=newest)
    return tuple(map(str, made)), compare(before, read_configuration())

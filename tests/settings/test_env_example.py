"""`.env.example` names every setting that is read from the environment, with the default that it really has."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from settings.environment import Environment
from tests.support.sources import PROJECT

_LINE = re.compile(r"^#([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def calls_in_settings() -> dict[str, ast.Call]:
    """Name of the setting -> the call of `env` that reads it."""
    tree = ast.parse((PROJECT / "settings/base.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_read(node)]
    return {ast.literal_eval(call.args[0]): call for call in calls}


def is_read(call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "env"


def examples() -> dict[str, str]:
    return dict(_LINE.findall((PROJECT / ".env.example").read_text()))


def read(call: ast.Call, environment: dict[str, str]) -> Any:
    """What the call gives in this environment, with the project's folder as the current one."""
    env = Environment()
    env.ENVIRON = environment
    names = {"env": env, "str": str, "BASE_DIR": Path(), "VAR_DIR": Path("var")}
    return eval(compile(ast.Expression(call), "settings/base.py", "eval"), names)


CALLS = calls_in_settings()
EXAMPLES = examples()


def test_the_example_and_the_settings_name_the_same_ones() -> None:
    assert len(CALLS) > 20
    assert set(EXAMPLES) == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS.keys() & EXAMPLES.keys()))
def test_the_value_in_the_example_is_the_default(name: str) -> None:
    assert read(CALLS[name], {name: EXAMPLES[name]}) == read(CALLS[name], {})


def test_no_setting_is_named_twice() -> None:
    names = [name for name, _ in _LINE.findall((PROJECT / ".env.example").read_text())]
    assert len(names) == len(set(names))

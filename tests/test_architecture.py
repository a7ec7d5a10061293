"""Who may import whom: the table of the design, read off the syntax trees.

An import counts wherever it stands, in a function or under `TYPE_CHECKING` too, and a relative one like an absolute.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sources import PROJECT, python_files

OURS = {"gateway", "providers", "requestlog", "routing", "settings", "templates", "tests", "manage"}

# Part -> what it may import of ours. The longest name that fits a module decides.
ALLOWED = {
    "providers.protocol": {"providers.protocol"},
    "providers.adapters": {"providers.protocol", "providers.adapters"},
    "providers": {"providers"},
    "routing.identification": {"providers.protocol", "routing.identification"},
    "routing.call": {"providers.protocol", "routing.call", "routing.identification"},
    "routing.criteria": {"routing.call", "routing.criteria", "routing.identification"},
    "routing.rule_index": {"routing.call", "routing.criteria", "routing.rule_index"},
    "routing.routes": {"routing.call", "routing.criteria", "routing.routes", "routing.rule_index"},
    "routing.engine": {"providers.protocol", "routing.call", "routing.engine", "routing.routes"},
    "routing": {"providers.config", "providers.models", "providers.validation", "routing"},
    "requestlog": {"requestlog"},
    "gateway": {"gateway", "providers", "requestlog", "routing"},
    "settings": {"settings"},
    "manage": set(),
}

# The pure parts: the standard library and no other package, or one for JSON or YAML.
THIRD_PARTIES_OF_PURE_PARTS = {
    "providers.protocol": {"msgspec"},
    "providers.adapters": set(),
    "routing.identification": {"msgspec", "yaml"},
    "routing.call": {"msgspec"},
    "routing.criteria": set(),
    "routing.rule_index": set(),
    "routing.routes": set(),
    "routing.engine": set(),
}

HTTP_CLIENTS = {"aiohttp", "httpx", "httptools", "requests", "urllib3", "yarl"}
THE_HTTP_CLIENT = {"providers.dialing", "providers.http1", "providers.upstream"}


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str, module: str, is_package: bool = False) -> set[str]:
    """Full names of what is imported; `from a import b` counts as `a.b`, since `b` may be a module."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


def is_within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def part_of(module: str) -> str:
    return max((part for part in ALLOWED if is_within(module, part)), key=len)


def sources() -> Iterator[tuple[str, set[str]]]:
    """Each module of the program, without its tests, with what it imports."""
    for path in python_files():
        if path.parts[0] != "tests":
            module = module_name(path)
            yield module, imports_of((PROJECT / path).read_text(), module, is_package=path.name == "__init__.py")


def imports_of_ours() -> Iterator[tuple[str, str]]:
    for module, imported in sources():
        yield from ((module, name) for name in imported if name.partition(".")[0] in OURS)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import gateway.relay as relay", {"gateway.relay"}),
        ("from gateway import relay, flow", {"gateway.relay", "gateway.flow"}),
        ("from . import errors", {"providers.adapters.errors"}),
        ("from ..models import Provider", {"providers.models.Provider"}),
        ("def f():\n    from gateway import relay", {"gateway.relay"}),
        ("if TYPE_CHECKING:\n    import gateway", {"gateway"}),
    ],
)
def test_every_form_of_import_is_seen(statement: str, expected: set[str]) -> None:
    assert imports_of(statement, "providers.adapters.anthropic") == expected


def test_a_package_counts_relative_imports_from_itself() -> None:
    assert imports_of("from .base import Adapter", "providers.adapters", is_package=True) == {
        "providers.adapters.base.Adapter"
    }


def test_each_part_imports_only_what_the_design_allows() -> None:
    pairs = list(imports_of_ours())
    assert len(pairs) > 50, "the table is checked against nothing"
    refused = [
        f"{module} imports {name}"
        for module, name in pairs
        if not any(is_within(name, allowed) for allowed in ALLOWED[part_of(module)])
    ]
    assert refused == []


def test_nobody_but_the_gateway_itself_imports_the_gateway() -> None:
    importers = {module for module, name in imports_of_ours() if is_within(name, "gateway")}
    assert importers
    assert {module for module in importers if not is_within(module, "gateway")} == set()


def test_pure_parts_use_no_package_but_the_standard_library_and_one_for_json() -> None:
    refused = [
        f"{module} imports {name}"
        for module, imported in sources()
        if (part := part_of(module)) in THIRD_PARTIES_OF_PURE_PARTS
        for name in imported
        if name.partition(".")[0] not in sys.stdlib_module_names | OURS | THIRD_PARTIES_OF_PURE_PARTS[part]
    ]
    assert refused == []


def test_one_place_alone_talks_http_to_providers() -> None:
    users = {module for module, names in sources() if {name.partition(".")[0] for name in names} & HTTP_CLIENTS}
    assert users
    assert users <= THE_HTTP_CLIENT
    entered = {
        module for module, names in sources() if any(is_within(n, part) for n in names for part in THE_HTTP_CLIENT)
    }
    assert {module for module in entered if not module.startswith("providers.")} == {"gateway.relay"}


def test_every_module_of_the_program_belongs_to_a_part() -> None:
    assert {module.partition(".")[0] for module, _ in sources()} == {part.partition(".")[0] for part in ALLOWED}

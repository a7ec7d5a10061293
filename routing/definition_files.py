"""Reads the agent definition files of folders, and says of every file that cannot be used why.

Like Claude Code it takes `*.md` in a folder and in what is below it. A scan reads only files that have changed since
the scan before (time and size), so that it can be made every few seconds: without changes it costs a look at each
folder and file. A definition that is in doubt stays usable as far as it is not: one name may have several bodies, as
in several projects, but a body under several names tells nobody's name.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from routing.identification.definitions import Definition, DefinitionError, parse_definition

MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is the file or folder that something is wrong with, `reason` says what and what to do."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class _File:
    """What was read of a file when it had this time of change (in ns) and size."""

    changed_at: int
    size: int
    content: Definition | Problem


@dataclass(frozen=True, slots=True)
class ScanResult:
    """`definitions` and `problems` are sorted by their paths; `definitions` holds those in doubt as well."""

    definitions: tuple[Definition, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: dict[str, _File] = field(default_factory=dict, repr=False)
    """What the next scan needs not read again."""

    @property
    def names(self) -> dict[str, str]:
        """Fingerprint -> name, of the bodies that belong to one name alone."""
        names = _grouped(self.definitions, lambda definition: definition.fingerprint)
        return {print_: same[0].name for print_, same in names.items() if len({each.name for each in same}) == 1}

    @property
    def bodies(self) -> dict[str, str]:
        """Body -> name, of the same definitions."""
        names = self.names
        return {each.body: each.name for each in self.definitions if each.fingerprint in names}


def scan_folders(folders: Iterable[str | Path], previous: ScanResult | None = None) -> ScanResult:
    """What the folders define. Gives `previous` itself back where nothing has changed since. Never raises `OSError`."""
    problems: list[Problem] = []
    known = previous.files if previous else {}
    paths = sorted({path for folder in folders for path in _paths(os.path.expanduser(folder), problems)})
    files = {path: _read(path, known.get(path)) for path in paths}
    contents = [file.content for file in files.values()]
    definitions = tuple(content for content in contents if isinstance(content, Definition))
    problems += [content for content in contents if isinstance(content, Problem)]
    problems += _doubts(definitions)
    result = ScanResult(definitions, tuple(sorted(problems, key=lambda problem: problem.path)), files)
    return previous if previous == result else result


def _paths(folder: str, problems: list[Problem]) -> Iterator[str]:
    """The definition files of a folder; what cannot be listed becomes a problem."""

    def note(error: OSError) -> None:
        problems.append(Problem(str(error.filename), f"the folder cannot be read: {error.strerror}."))

    if not os.path.isdir(folder):
        reason = "this is no folder." if os.path.exists(folder) else "the folder does not exist."
        problems.append(Problem(folder, f"{reason} Create it, or take it out of the settings."))
        return
    for place, _, names in os.walk(folder, onerror=note):
        yield from (os.path.join(place, name) for name in names if name.endswith(".md"))


def _read(path: str, known: _File | None) -> _File:
    try:
        status = os.stat(path)
        if known is not None and (known.changed_at, known.size) == (status.st_mtime_ns, status.st_size):
            return known
        return _File(status.st_mtime_ns, status.st_size, _content(path, status))
    except OSError as error:
        return _File(0, 0, Problem(path, f"the file cannot be read: {error.strerror}."))


def _content(path: str, status: os.stat_result) -> Definition | Problem:
    if not stat.S_ISREG(status.st_mode):
        return Problem(path, "this is no file that can be read.")
    if status.st_size > MAX_FILE_BYTES:
        return Problem(path, f"the file is larger than {MAX_FILE_BYTES >> 20} MiB, which no definition is.")
    try:
        return parse_definition(Path(path).read_bytes(), path)
    except DefinitionError as error:
        return Problem(path, f"line {error.line}: {error.reason}" if error.line else error.reason)


def _doubts(definitions: Sequence[Definition]) -> list[Problem]:
    """One name with several bodies, and one body under several names."""
    found = []
    for name, same in _grouped(definitions, lambda definition: definition.name).items():
        if len({each.fingerprint for each in same}) > 1:
            found += [Problem(each.file_name, f"{name} has another body in {_others(each, same)}.") for each in same]
    for same in _grouped(definitions, lambda definition: definition.fingerprint).values():
        if len({each.name for each in same}) > 1:
            reason = "the body is the same as in {}: it does not tell which of them calls. Change one of them."
            found += [Problem(each.file_name, reason.format(_others(each, same))) for each in same]
    return found


def _others(definition: Definition, same: Sequence[Definition]) -> str:
    return ", ".join(f"{each.file_name} ({each.name})" for each in same if each is not definition)


def _grouped(definitions: Iterable[Definition], key: Callable[[Definition], str]) -> dict[str, list[Definition]]:
    groups: dict[str, list[Definition]] = defaultdict(list)
    for definition in definitions:
        groups[key(definition)].append(definition)
    return groups

"""Agent definition files: YAML between two `---` lines, then the agent's prompt. Pure; the text comes from elsewhere.

Claude Code is more forgiving than YAML: files that people have hold descriptions such as `Use it when: always`, which
no YAML parser takes. Such a front matter is read once more, as the client does, with the values of those lines as text
that are no YAML. A file that the client passes over is refused here with the reason (measured with 2.1.330:
no name or description, either of them no text, no `---` in the first line). Source: the client's public reference on
subagents, and measurement.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from routing.identification.prompts import agent_prompt, fingerprint_of_body

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_PLAIN_VALUE = re.compile(r"^([A-Za-z][\w-]*):[ \t]+(?![\"'|>])(\S.*?)[ \t]*$", re.MULTILINE)
_YAML_FAILURES = (yaml.YAMLError, ValueError, RecursionError)
"""ValueError: PyYAML raises it for a date that the calendar does not have."""


class DefinitionError(ValueError):
    """The file defines no agent. The text says why, and names file and line."""

    def __init__(self, file_name: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{file_name}, line {line}: {reason}" if line else f"{file_name}: {reason}")
        self.file_name, self.reason, self.line = file_name, reason, line


@dataclass(frozen=True, slots=True)
class Definition:
    """`body` is the agent's prompt as it can be compared (see `prompts`). `tools` is None where all are allowed."""

    name: str
    description: str
    body: str
    fingerprint: str
    tools: tuple[str, ...] | None = None
    model: str = ""
    file_name: str = ""


def parse_definition(text: str | bytes, file_name: str) -> Definition:
    """Raises `DefinitionError`."""
    content = _decode(text, file_name) if isinstance(text, bytes) else text
    content = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front_matter, body = _split(content, file_name)
    fields = _read_front_matter(front_matter, file_name)
    definition = Definition(
        name=_required(fields, "name", file_name),
        description=_required(fields, "description", file_name),
        tools=_tools(fields.get("tools")),
        model=str(fields.get("model") or ""),
        body=agent_prompt(body),
        fingerprint=fingerprint_of_body(body),
        file_name=file_name,
    )
    if not definition.body:
        reason = "nothing follows the front matter. Write the agent's prompt there."
        raise DefinitionError(file_name, reason, content.count("\n") + 1)
    return definition


def _decode(data: bytes, file_name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DefinitionError(file_name, "this is not UTF-8. Save the file as UTF-8.", line) from error


def _split(content: str, file_name: str) -> tuple[str, str]:
    """The front matter, and what follows it."""
    opening = _FENCE.match(content)
    if opening is None:
        raise DefinitionError(file_name, "there is no front matter. The first line must be `---`.", 1)
    closing = _FENCE.search(content, opening.end())
    if closing is None:
        raise DefinitionError(file_name, "the front matter has no end. Close it with a line `---`.", 1)
    return content[opening.end() : closing.start()], content[closing.end() :]


def _read_front_matter(text: str, file_name: str) -> dict[str, Any]:
    """`text` begins with the end of the first line, so that YAML counts lines as the file does."""
    try:
        fields = _load_forgivingly(text)
    except _YAML_FAILURES as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error) or "it is nested too deeply"
        reason = f"the front matter is not valid YAML: {problem}"
        raise DefinitionError(file_name, reason, mark.line + 1 if mark else None) from error
    if not isinstance(fields, dict):
        raise DefinitionError(file_name, "the front matter holds no `key: value` lines.", 2)
    return fields


def _load_forgivingly(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except _YAML_FAILURES as error:
        try:
            return yaml.safe_load(_PLAIN_VALUE.sub(_quote_if_broken, text))
        except _YAML_FAILURES:
            raise error from None  # which tells of the file as it is


def _quote_if_broken(line: re.Match[str]) -> str:
    try:
        yaml.safe_load(line[0])
    except _YAML_FAILURES:
        return f"{line[1]}: {json.dumps(line[2], ensure_ascii=False)}"
    return line[0]


def _required(fields: dict[str, Any], key: str, file_name: str) -> str:
    value = fields.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise DefinitionError(file_name, f"`{key}` is missing in the front matter; Claude Code passes the file over.")
    if not isinstance(value, str):
        kind = type(value).__name__
        raise DefinitionError(file_name, f"`{key}` is no text but of the type {kind}. Put it in quotation marks.")
    return value.strip()


def _tools(value: Any) -> tuple[str, ...] | None:
    """A list in YAML, or names between commas; in brackets a comma belongs to the name: `Bash(git log, git diff)`."""
    if value is None:
        return None
    if isinstance(value, list):
        return tuple(str(item).strip() for item in value)
    return tuple(item.strip() for item in re.split(r",(?![^(]*\))", str(value)) if item.strip())

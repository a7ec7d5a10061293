from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.identification.definitions import Definition, DefinitionError, parse_definition
from routing.identification.prompts import fingerprint, fingerprint_of_body
from tests.routing.identification.client import BILLING, NEWER_TAIL, SDK

FILE = """---
name: code-reviewer
description: Reviews code.
tools: Read, Grep
model: opus
---

You review.

Well.
"""
BODY = "You review.\n\nWell."


def parsed(front_matter: str, body: str = "You help.") -> Definition:
    return parse_definition(f"---\n{front_matter}\n---\n{body}", "a.md")


def test_a_definition_holds_what_its_file_says() -> None:
    assert parse_definition(FILE, "code-reviewer.md") == Definition(
        name="code-reviewer",
        description="Reviews code.",
        tools=("Read", "Grep"),
        model="opus",
        body=BODY,
        fingerprint=fingerprint_of_body(BODY),
        file_name="code-reviewer.md",
    )


@pytest.mark.parametrize(
    "data",
    [
        FILE,
        FILE.encode(),
        FILE.replace("\n", "\r\n"),
        "\ufeff" + FILE,
        b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode(),
        FILE.replace("---\n", "---  \n"),
        FILE.rstrip("\n"),
        FILE.replace("\n\nWell", "  \n\nWell") + "\n\n",
    ],
    ids=["text", "bytes", "CRLF", "BOM", "BOM and CRLF", "spaces after ---", "no line end", "spaces after lines"],
)
def test_the_call_of_an_agent_has_the_fingerprint_of_its_file(data: str | bytes) -> None:
    definition = parse_definition(data, "a.md")
    assert definition.name == "code-reviewer"
    assert definition.fingerprint == fingerprint([BILLING, SDK, BODY + NEWER_TAIL])


def test_three_dashes_in_the_body_belong_to_it() -> None:
    definition = parsed("name: a\ndescription: b", "You help.\n---\nname: c\n---\nAlways.")
    assert definition.body == "You help.\n---\nname: c\n---\nAlways."


@pytest.mark.parametrize(
    ("line", "tools"),
    [
        ("tools: Read, Grep , ", ("Read", "Grep")),
        ("tools: [Read, Grep]", ("Read", "Grep")),
        ("tools:\n  - Read\n  - Grep", ("Read", "Grep")),
        ("tools: Bash(git log, git diff), Read", ("Bash(git log, git diff)", "Read")),
        ("tools: []", ()),
        ("tools: ''", ()),
        ("tools:", None),
        ("model: opus", None),
    ],
)
def test_tools_are_a_list_or_names_between_commas(line: str, tools: tuple[str, ...] | None) -> None:
    assert parsed(f"name: a\ndescription: b\n{line}").tools == tools


@pytest.mark.parametrize(
    ("line", "description"),
    [
        ("description: 'It''s \"quoted\".'", 'It\'s "quoted".'),
        ("description: |\n  One.\n\n  - two: three", "One.\n\n- two: three"),
        ("description: >-\n  One\n  two.", "One two."),
        ('description: Use it when: always. user: "hi"', 'Use it when: always. user: "hi"'),
        ("description: [not a list", "[not a list"),
        ("description: @somebody", "@somebody"),
        ("description: Reviews code # all of it", "Reviews code"),
    ],
)
def test_a_description_is_read_as_the_client_reads_it(line: str, description: str) -> None:
    definition = parsed(f"name: a\n{line}\ntools: [Read]")
    assert (definition.description, definition.tools) == (description, ("Read",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("You help.", "a.md, line 1: there is no front matter. The first line must be `---`."),
        ("", "a.md, line 1: there is no front matter. The first line must be `---`."),
        ("\n---\nname: a\n---\nYou help.", "a.md, line 1: there is no front matter. The first line must be `---`."),
        ("---\nname: a\nYou help.", "a.md, line 1: the front matter has no end. Close it with a line `---`."),
        ("---\n---\nYou help.", "a.md, line 2: the front matter holds no `key: value` lines."),
        ("---\n- a\n---\nYou help.", "a.md, line 2: the front matter holds no `key: value` lines."),
        (
            "---\ndescription: b\n---\nx",
            "a.md: `name` is missing in the front matter; Claude Code passes the file over.",
        ),
        ("---\nname: ' '\n---\nx", "a.md: `name` is missing in the front matter; Claude Code passes the file over."),
        (
            "---\nname: a\n---\nx",
            "a.md: `description` is missing in the front matter; Claude Code passes the file over.",
        ),
        ("---\nname: 5\n---\nx", "a.md: `name` is no text but of the type int. Put it in quotation marks."),
        ("---\nname: [a]\n---\nx", "a.md: `name` is no text but of the type list. Put it in quotation marks."),
        (
            "---\nname: a\ndescription: b\n---\n \n",
            "a.md, line 6: nothing follows the front matter. Write the agent's prompt there.",
        ),
        (b"---\nname: a\ndescription: caf\xe9\n---\nx", "a.md, line 3: this is not UTF-8. Save the file as UTF-8."),
    ],
)
def test_a_file_that_defines_nothing_says_why_and_where(text: str | bytes, message: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        parse_definition(text, "a.md")
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("front_matter", "line"),
    [('name: a\ndescription: "b', 4), ("name: a\ndescription: b\n\ttools: x", 4), ("name: a\n  b: c: d\ntools: x", 3)],
)
def test_broken_yaml_is_refused_with_its_line(front_matter: str, line: int) -> None:
    with pytest.raises(DefinitionError, match="the front matter is not valid YAML: ") as raised:
        parsed(front_matter)
    assert (raised.value.file_name, raised.value.line) == ("a.md", line)


@pytest.mark.parametrize("value", ["2026-99-99", "[" * 5000, "&a [*a]", "!!python/object:os.system {}", "{[a]: b}"])
def test_yaml_that_breaks_parsers_is_refused_or_taken_as_text(value: str) -> None:
    try:
        assert parsed(f"name: a\ndescription: {value}").description == value
    except DefinitionError as error:
        assert error.file_name == "a.md"


@given(st.text() | st.binary() | st.text().map(lambda text: f"---\nname: a\ndescription: b\n{text}\n---\nYou help."))
def test_any_file_is_a_definition_or_says_why_not(data: str | bytes) -> None:
    try:
        assert parse_definition(data, "a.md").name
    except DefinitionError as error:
        assert error.reason

from __future__ import annotations

from gateway.configuration.comparing import as_text, compare

BEFORE = {
    "providers": {"a": {"kind": "openai", "base_url": "https://llm.example", "models": {"m": {}, "n": {}}}},
    "subagents": {"mappings": {"planner": {"target": "a:m", "note": "one\ntwo\nthree\nfour"}}},
    "rules": [{"name": "r", "target": "a:m"}],
}


def test_equal_configurations_have_no_differences() -> None:
    assert compare(BEFORE, BEFORE) == ()
    assert as_text(()) == ""


def test_a_difference_is_shown_with_the_keys_around_it() -> None:
    after = {**BEFORE, "subagents": {"mappings": {"planner": {"target": "a:n", "note": "one\ntwo\nthree\nfive"}}}}
    assert as_text(compare(BEFORE, after)) == (
        "@@ subagents › mappings › planner\n"
        "   mappings:\n"
        "     planner:\n"
        "-      target: a:m\n"
        "+      target: a:n\n"
        "       note: |-\n"
        "         one\n"
        "         two\n"
        "         three\n"
        "-        four\n"
        "+        five\n"
        " rules:\n"
        " - name: r"
    )


def test_differences_far_apart_are_shown_apart() -> None:
    after = {**BEFORE, "providers": {"a": {**BEFORE["providers"]["a"], "kind": "anthropic"}}, "rules": []}  # type: ignore[dict-item]
    assert [hunk.place for hunk in compare(BEFORE, after)] == ["providers › a", ""]


def test_something_out_of_nothing_is_all_new() -> None:
    [hunk] = compare({}, {"aliases": {"x": {"target": "a:m"}}})
    assert [(mark.value, line) for mark, line in hunk.lines] == [
        ("+", "aliases:"),
        ("+", "  x:"),
        ("+", "    target: a:m"),
    ]

from __future__ import annotations

import pytest

from providers.model_listing import ListedModel, NoModelList, read_model_list


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b'{"object":"list","data":[{"id":"gpt-5","object":"model"}]}', ListedModel("gpt-5"), id="OpenAI"),
        pytest.param(b'[{"id":"meta/llama"}]', ListedModel("meta/llama"), id="Together"),
        pytest.param(b'{"data":[{"id":"models/gemini-2.5-pro"}]}', ListedModel("gemini-2.5-pro"), id="Gemini"),
        pytest.param(
            b'{"data":[{"type":"model","id":"claude-x","display_name":"X","max_input_tokens":1,"max_tokens":2}]}',
            ListedModel("claude-x", "X", 1, 2),
            id="Anthropic",
        ),
        pytest.param(
            b'{"data":[{"id":"a/b","name":"A: B","context_length":3,"top_provider":{"max_completion_tokens":4}}]}',
            ListedModel("a/b", "A: B", 3, 4),
            id="OpenRouter",
        ),
        pytest.param(
            b'{"data":[{"id":"m","name":"m","context_window":5,"max_completion_tokens":6}]}',
            ListedModel("m", "", 5, 6),
            id="Groq",
        ),
        pytest.param(b'{"data":[{"id":"m","max_model_len":7}]}', ListedModel("m", "", 7), id="vLLM"),
        pytest.param(
            b'{"data":[{"id":"m","display_name":1,"context_length":"8","max_tokens":true,"top_provider":null}]}',
            ListedModel("m"),
            id="extras of a wrong type",
        ),
        pytest.param(
            b'{"data":[{"id":"m","context_length":1e99,"max_tokens":-1}]}', ListedModel("m"), id="bad numbers"
        ),
    ],
)
def test_every_shape_of_a_list_is_read(body: bytes, expected: ListedModel) -> None:
    assert read_model_list(body) == [expected]


def test_models_come_by_name_and_once() -> None:
    body = b'{"data":[{"id":"b"},{"id":"a"},{"id":"b"},{"id":""},{"id":1},{},"x",null]}'
    assert [model.name for model in read_model_list(body)] == ["a", "b"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"data":{}}', b'{"data":null}', b'"x"', b"\xff", b"[" * 5000]
)
def test_anything_else_is_no_list(body: bytes) -> None:
    with pytest.raises(NoModelList):
        read_model_list(body)

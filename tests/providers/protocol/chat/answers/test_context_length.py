"""Requests that were too long: every upstream's words for it, and the words that clients recover from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.answers import ErrorAnswer
from providers.protocol.chat.answers.errors import convert_error
from providers.protocol.errors import ErrorType


def error_of(message: str, status: int = 400, **fields: Any) -> ErrorAnswer:
    return convert_error(status, {}, json.dumps({"error": {"message": message, **fields}}).encode())


@pytest.mark.parametrize(
    ("message", "prompt", "limit"),
    [
        pytest.param(
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens. "
            "Please reduce the length of the messages.",
            8545,
            8192,
            id="OpenAI",
        ),
        pytest.param(
            "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 509178 tokens.",
            509178,
            272000,
            id="OpenAI, configured",
        ),
        pytest.param(
            "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens (139000 in the "
            "messages, 1000 in the completion). Please reduce the length of the messages or completion.",
            139000,
            131072,
            id="DeepSeek",
        ),
        pytest.param(
            "This model's maximum context length is 32768 tokens. However, your request has 40000 input tokens.",
            40000,
            32768,
            id="vLLM",
        ),
        pytest.param(
            "You passed 40000 input tokens and requested 100 output tokens. However, the model's context length is "
            "only 32768 tokens, resulting in a maximum input length of 32668 tokens.",
            40000,
            32768,
            id="vLLM, another",
        ),
        pytest.param(
            "The decoder prompt (length 7064) is longer than the maximum model length of 6144.",
            7064,
            6144,
            id="vLLM's engine",
        ),
        pytest.param(
            "The input (516368 tokens) is longer than the model's context length (262144 tokens).",
            516368,
            262144,
            id="SGLang, Together",
        ),
        pytest.param(
            "Input length (5000 tokens) exceeds the maximum allowed length (4096 tokens).",
            5000,
            4096,
            id="SGLang's scheduler",
        ),
        pytest.param(
            "This endpoint's maximum context length is 131072 tokens. However, you requested about 132463 tokens "
            "(131463 of text input, 1000 in the output). Please reduce the length of either one.",
            131463,
            131072,
            id="OpenRouter",
        ),
        pytest.param(
            "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
            1196265,
            1048575,
            id="Gemini",
        ),
        pytest.param(
            "The input token count is 1200000 but model only supports up to 1048576.", 1200000, 1048576, id="Vertex"
        ),
        pytest.param(
            "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
            537812,
            131072,
            id="xAI",
        ),
        pytest.param(
            "Prompt contains 300000 tokens, too large for model with 131072 maximum context length",
            300000,
            131072,
            id="Mistral",
        ),
        pytest.param("prompt token count of 145000 exceeds the limit of 128000", 145000, 128000, id="Copilot"),
        pytest.param(
            "request (13392 tokens) exceeds the available context size (8192 tokens), try increasing it",
            13392,
            8192,
            id="llama.cpp",
        ),
        pytest.param(
            "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with "
            "context length of only 4096 tokens, which is not enough.",
            9000,
            4096,
            id="LM Studio",
        ),
        pytest.param(
            "Your request exceeded model token limit: 262144 (requested: 300000)", 300000, 262144, id="Moonshot"
        ),
        pytest.param(
            "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
            9000,
            8192,
            id="Cerebras",
        ),
        pytest.param(
            "The prompt is too long: 140000, model maximum context length: 131071", 140000, 131071, id="Fireworks"
        ),
        pytest.param(
            "Prompt has 300,000 tokens, but the configured context size is 131,072 tokens",
            300000,
            131072,
            id="with commas",
        ),
        pytest.param("`inputs` must have less than 4095 tokens. Given: 5000", 5000, 4095, id="TGI"),
        pytest.param(
            "litellm.ContextWindowExceededError: OpenAIException - This model's maximum context length is 8192 tokens. "
            "However, your messages resulted in 8545 tokens.",
            8545,
            8192,
            id="LiteLLM",
        ),
    ],
)
def test_a_prompt_that_is_too_long_is_told_with_its_numbers(message: str, prompt: int, limit: int) -> None:
    error = error_of(message)
    assert (error.status, error.error_type) == (400, ErrorType.INVALID_REQUEST)
    assert error.message == f"prompt is too long: {prompt} tokens > {limit} maximum ({message})"


@pytest.mark.parametrize(
    "message",
    [
        "Please reduce the length of the messages or completion.",
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        "the request exceeds the available context size, try increasing it",
        "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
        "prompt too long; exceeded max context length by 4096 tokens",
        "the input length exceeds the context length",
        "invalid params, context window exceeds limit",
        "The number of tokens to keep from the initial prompt is greater than the context length",
        "Input is too long for requested model.",
        "Prompt exceeds max length",
    ],
)
def test_a_prompt_that_is_too_long_is_told_without_numbers_too(message: str) -> None:
    assert error_of(message).message == f"prompt is too long ({message})"


@pytest.mark.parametrize(
    ("message", "numbers"),
    [
        pytest.param(
            "This model's maximum context length is 4097 tokens. However, you requested 4295 tokens (3245 in the "
            "messages, 1050 in the completion). Please reduce the length of the messages or completion.",
            "3245 + 1050 > 4097",
            id="OpenAI",
        ),
        pytest.param(
            "This model's maximum context length is 32768 tokens. However, you requested 8192 output tokens and your "
            "prompt contains at least 30000 input tokens, for a total of at least 38192 tokens.",
            "30000 + 8192 > 32768",
            id="vLLM",
        ),
        pytest.param(
            "'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum context length is 4096 "
            "tokens and your request has 2104 input tokens (2000 > 4096 - 2104).",
            "2104 + 2000 > 4096",
            id="vLLM, older",
        ),
        pytest.param(
            "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total "
            "of 524300.0 tokens: 12 tokens from the input messages and 524288.0 tokens for the completion.",
            "12 + 524288 > 131072",
            id="SGLang",
        ),
        pytest.param(
            "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3500 `inputs` tokens and 1000 `max_new_tokens`",
            "3500 + 1000 > 4096",
            id="TGI",
        ),
    ],
)
def test_a_prompt_that_fits_without_its_answer_is_told_so_that_clients_ask_for_less(message: str, numbers: str) -> None:
    assert error_of(message).message == f"input length and `max_tokens` exceed context limit: {numbers} ({message})"


@pytest.mark.parametrize(
    "message",
    [
        "prompt is too long: 213462 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 188059 + 20000 > 200000, decrease input length",
    ],
)
def test_the_apis_own_words_are_not_said_twice(message: str) -> None:
    assert error_of(message).message == message


@pytest.mark.parametrize("status", [200, 413, 422, 500, 503])
def test_the_status_is_400_whatever_it_was(status: int) -> None:
    error = error_of("Input is too long for requested model.", status)
    assert (error.status, error.error_type, error.headers) == (400, ErrorType.INVALID_REQUEST, ())


@pytest.mark.parametrize("field", ["code", "type"])
@pytest.mark.parametrize("name", ["context_length_exceeded", "exceed_context_size_error", "ContextWindowExceededError"])
def test_a_code_is_enough(field: str, name: str) -> None:
    assert error_of("Sorry", 400, **{field: name}).message == "prompt is too long (Sorry)"
    assert convert_error(400, {}, json.dumps({"error": {field: name}}).encode()).message.startswith(
        "prompt is too long"
    )


def test_the_numbers_of_llama_cpp_are_read() -> None:
    error = error_of("Too big", type="exceed_context_size_error", n_prompt_tokens=9000, n_ctx=8192)
    assert error.message == "prompt is too long: 9000 tokens > 8192 maximum (Too big)"


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 6000. This model supports at most 4096 completion tokens, whereas you provided 6000.",
        "max_tokens=70000 cannot be greater than max_model_len=65536. Please request fewer output tokens.",
        "max_tokens (40000) exceeds this model's maximum context length of 32768 tokens",
        "Range of max_tokens should be [1, 8192]",
        "The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum value",
        "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64",
    ],
)
def test_an_answer_that_may_not_be_so_long_is_another_error(message: str) -> None:
    assert error_of(message).message == message


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429])
def test_words_about_tokens_under_another_status_stay_what_they_are(status: int) -> None:
    message = "This request would exceed the context window of your plan: maximum context length is 8192 tokens"
    error = error_of(message, status)
    assert (error.status, error.message) == (status, message)

"""Recognises that a request was too long for the model, and says it in the words that clients recover from.

    prompt is too long: 213462 tokens > 200000 maximum                                  the client shortens the history
    input length and `max_tokens` exceed context limit: 188059 + 20000 > 200000         the client asks for less output

Strategy: upstreams say it in a code or in words. The words must speak of the prompt or of the whole context; that an
answer may not be as long as asked for (`max_tokens is too large … at most 4096 completion tokens`) is another error,
which no shorter prompt cures. Where only prompt and answer together are too long and both numbers are known, the second
form is right: shortening a prompt that fits would be in vain. Sources: the public error references and sources of
OpenAI, Gemini, Groq, Mistral, xAI, DeepSeek, Together, Fireworks, Moonshot, MiniMax, Z.ai, DashScope, OpenRouter, vLLM,
SGLang, TGI, llama.cpp, LM Studio, Ollama and LiteLLM.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from providers.protocol.chat.answers.error_bodies import ErrorReading

_NAMES = {
    "context_length_exceeded",
    "context_window_exceeded",
    "contextwindowexceedederror",
    "exceed_context_size_error",
    "model_context_window_exceeded",
    "tokens_limit_reached",
}
_WORDS = re.compile(
    r"prompt (?:is )?too long|input is too long|input length too long|context[_ ](?:length|window)[_ ]exceeded"
    r"|context ?window ?exceeded|maximum (?:context|prompt|model|input|sequence) length|max context (?:length|size)"
    r"|(?:exceeds?|exceeded|than) (?:the |this )?(?:model'?s? )?(?:available |maximum |max )?"
    r"context (?:length|window|size|limit)"
    r"|exceed context (?:limit|window)|context window exceeds|context length (?:of|is) only|configured context size"
    r"|input token count .{0,40}exceeds|input token count is \d+ but|prompt token count of \d+ exceeds"
    r"|maximum allowed (?:input )?length|input tokens exceed|exceeded model token limit|range of input length should be"
    r"|reduce the length of the (?:messages|prompt|input)|prompt exceeds max length|larger than the max context"
    r"|tokens to keep from the initial prompt|`inputs` (?:tokens \+ `max_new_tokens` )?must"
    r"|request body too large for .{0,60}tokens|number of tokens in the prompt cannot exceed"
    r"|longer than the (?:model'?s?|maximum) (?:context|model) length|context the overflows",
    re.IGNORECASE,
)
_N = r"(\d[\d,]*)(?:\.0)?"
_PROMPT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"prompt is too long: {_N}",
        rf"{_N} (?:tokens )?(?:in the (?:messages|prompt|input)|from the input messages|of text input|input tokens)",
        rf"messages resulted in {_N}",
        rf"(?:prompt|request|input|messages) (?:has|have|contains?|is) (?:at least |about )?{_N}(?: input)? tokens",
        rf"(?:prompt|input|request)(?: token)?(?: length| count)?\W{{1,3}}(?:length |of |is )?{_N}",
        rf"given: {_N}",
        rf"current length is {_N}",
        rf"keep the first {_N} tokens",
        rf"exceed context limit: {_N}",
        rf"received {_N}",
    )
)
_TOTAL = tuple(
    re.compile(rf"{pattern} {_N}", re.IGNORECASE) for pattern in ("you requested(?: about)?", r"\(requested:")
)
_COMPLETION = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_N} (?:tokens )?(?:in|for|of) the (?:completion|output)",
        rf"requested {_N} output tokens",
        rf"is too large: {_N}",
        rf"{_N} `max_new_tokens`",
        rf"exceed context limit: [\d,]+ \+ {_N}",
    )
)
_LIMIT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"> {_N} maximum",
        rf"maximum (?:context|prompt|model) length(?: is|:| of)? ?\(?{_N}",
        rf"(?:context|allowed|allowed input) (?:length|size|window)(?: is| of)?(?: only)? ?\(?{_N}",
        rf"number of tokens allowed \(?{_N}",
        rf"only supports up to {_N}",
        rf"token limit: {_N}",
        rf"model with {_N} maximum",
        rf"exceeds the limit of {_N}",
        rf"configured limit of {_N}",
        rf"limit is {_N}",
        rf"cannot exceed {_N}",
        rf"max size: {_N}",
        rf"should be \[\d+, ?{_N}\]",
        rf"must be <= {_N}",
        rf"less than {_N} tokens",
        rf"exceed context limit: [\d,]+ \+ [\d,]+ > {_N}",
    )
)
_NAMES_THE_OUTPUT = re.compile(r"max_(?:completion_|new_|output_)?tokens|maxOutputTokens", re.IGNORECASE)
_OTHER_STATUSES = {401, 402, 403, 404, 429}
"""Words about tokens mean something else there: a rate, a price, a credential."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """In tokens; None where the upstream does not tell."""

    prompt: int | None
    completion: int | None
    total: int | None
    limit: int | None


def recovery_wording(status: int, reading: ErrorReading) -> str | None:
    """The words for the client, with the upstream's own behind them; None where the request was not too long."""
    is_named = not _NAMES.isdisjoint(reading.names)
    if not is_named and (status in _OTHER_STATUSES or not _WORDS.search(reading.message)):
        return None
    sizes = _sizes(reading)
    if not is_named and sizes.prompt is None and _NAMES_THE_OUTPUT.search(reading.message):
        return None
    wording = _wording(sizes)
    if reading.message.startswith(wording):
        return reading.message
    return f"{wording} ({reading.message})" if reading.message else wording


def _wording(sizes: _Sizes) -> str:
    prompt, limit = sizes.prompt, sizes.limit
    if prompt is not None and sizes.completion is not None and limit is not None and prompt <= limit:
        return f"input length and `max_tokens` exceed context limit: {prompt} + {sizes.completion} > {limit}"
    too_long = prompt if prompt is not None and limit is not None and prompt > limit else sizes.total
    if too_long is None or limit is None or too_long <= limit:
        return "prompt is too long"
    return f"prompt is too long: {too_long} tokens > {limit} maximum"


def _sizes(reading: ErrorReading) -> _Sizes:
    text = reading.message
    return _Sizes(
        prompt=reading.prompt_tokens or _first(_PROMPT, text),
        completion=_first(_COMPLETION, text),
        total=_first(_TOTAL, text),
        limit=reading.context_size or _first(_LIMIT, text),
    )


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    found = next((match for pattern in patterns if (match := pattern.search(text))), None)
    return int(found[1].replace(",", "")) if found else None

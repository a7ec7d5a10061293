"""Credentials in upstreams' words."""

from __future__ import annotations

import pytest

from providers.protocol.chat.answers.masking import mask_keys


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Incorrect API key provided: sk-proj-abc***xyz. You can", "Incorrect API key provided: ***. You can"),
        ("Incorrect API key provided: 8f14e45fceea. See the site", "Incorrect API key provided: ***. See the site"),
        ("invalid x-api-key: 8f14e45fceea", "invalid x-api-key: ***"),
        ('API_KEY="8f14e45fceea"', 'API_KEY="***"'),
        ("the key sk-ant-api03-AbC_d-9 is revoked", "the key sk-*** is revoked"),
        ("key AIzaSyA1234567890abcdef not valid", "key AIza*** not valid"),
        ("gsk_1234567890abcdef", "gsk_***"),
        ("xai-1234567890abcdef", "xai-***"),
        ("Authorization: Bearer abc.def-123456=", "Authorization: Bearer ***"),
        ("token eyJhbGciOi.eyJzdWIi.c2ln", "token ***"),
    ],
)
def test_what_looks_like_a_key_is_hidden(text: str, masked: str) -> None:
    assert mask_keys(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "You must provide an API key.",
        "The API key is invalid: see the site",
        "task-based and risk-free",
        "xai-org and hf_transformers_models",
        "The model gpt-x does not exist",
        "Bearer token missing",
    ],
)
def test_other_words_stay_what_they_are(text: str) -> None:
    assert mask_keys(text) == text

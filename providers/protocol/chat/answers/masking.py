"""Hides credentials in an upstream's words: `Incorrect API key provided: sk-…` must reach no client and no log."""

from __future__ import annotations

import re

MASK = "***"
_VALUE = r"[^\s\"'”,;]{6,}?(?=[\s\"'”,;]|\.(?:\s|\Z)|\Z)"
_PATTERNS = (
    (re.compile(rf"(?i)(\bapi[ _-]?key(?: provided)?\s*[:=]\s*[\"'“]?){_VALUE}"), rf"\1{MASK}"),
    (re.compile(r"(?i)(\bbearer\s+)[\w.~+/*-]{8,}=*"), rf"\1{MASK}"),
    (re.compile(r"\b(sk-)[\w*.-]*[\w*]"), rf"\1{MASK}"),
    (re.compile(r"\b(AIza)[\w*-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"\b((?:gsk|hf|r8|fw|tgp_v1)_|(?:xai|pplx|nvapi|csk)-)(?=\w*[\d*])[\w*-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), MASK),
)
"""What a key looks like -> what stays of it, so that one sees which kind it was."""


def mask_keys(text: str) -> str:
    for pattern, visible in _PATTERNS:
        text = pattern.sub(visible, text)
    return text

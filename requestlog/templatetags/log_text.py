"""Filters for the log's templates. All of them return plain text, which the template escapes."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.utils.timezone import localtime

from requestlog.presentation import text

register = template.Library()


@register.simple_tag
def subagent_query(name: str) -> str:
    """The list's query string for one subagent."""
    return urlencode({"subagent": name})


@register.filter
def visible(value: object) -> str:
    """Log text with its control characters made visible. Every text of a client or an upstream goes through it."""
    return text.visible(str(value)) if value is not None else ""


@register.filter
def short(value: str, length: int) -> str:
    """The first characters of an id or a name."""
    return text.one_line(value, length)


@register.filter
def start(value: str, length: int) -> str:
    """The first characters of an id, without a sign that there are more: a title holds the whole."""
    return text.visible(value[:length])


@register.filter
def clock(value: datetime) -> str:
    """A time in the site's time zone, to the millisecond: `2026-03-01 14:03:22.120`."""
    return f"{localtime(value):%Y-%m-%d} {clock_time(value)}"


@register.filter
def clock_day(value: datetime) -> str:
    """The day as `03-01`."""
    return f"{localtime(value):%m-%d}"


@register.filter
def clock_time(value: datetime) -> str:
    """The time of day as `14:03:22.120`."""
    return localtime(value).strftime("%H:%M:%S.%f")[:-3]


@register.filter
def duration(milliseconds: float | None) -> str:
    """`0.31 ms`, `532 ms`, `1.24 s`, `2 min 3 s`; a dash where there is none."""
    if milliseconds is None:
        return "–"
    if milliseconds < 10:
        return f"{milliseconds:.2f} ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_995:
        return f"{milliseconds / 1000:.2f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s"


@register.filter
def grouped(number: int | None) -> str:
    """`1,234,567`; a dash where there is none."""
    return "–" if number is None else f"{number:,}"


@register.filter
def size(count: int | None) -> str:
    """Bytes in the unit that fits: `812 B`, `85.3 kB`, `4.1 MB`."""
    if count is None:
        return "–"
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"

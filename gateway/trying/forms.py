"""What the page takes: an exchange of the log, or a pasted request, and what neither of them tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from gateway.models import ClientKey
from gateway.trying.requests import Chosen, TriedRequest, encode_headers, logged_request, shown_headers
from providers.adapters.base import HeaderList
from routing.identification.callers import CallKind
from routing.models import Subagent

_PROPOSALS = 500
_KINDS = [("", "as the request tells"), *((kind.value, kind.value) for kind in CallKind)]
_TEXT = {"spellcheck": "false", "class": "vLargeTextField"}


class _SeenSubagents(forms.TextInput):
    """A text, with the subagents that were seen lately as proposals."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        names = Subagent.objects.order_by("-last_seen", "name").values_list("name")[:_PROPOSALS]
        options = format_html_join("", '<option value="{}"></option>', names)
        text = super().render(name, value, {**(attrs or {}), "list": "seen-subagents"}, renderer)
        return format_html('{}<datalist id="seen-subagents">{}</datalist>', text, options)


class TryForm(forms.Form):
    exchange = forms.UUIDField(
        label="Logged exchange",
        required=False,
        help_text="Its id, as the request log shows it on the exchange's page, which also has a link to here.",
        widget=forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false"}),
    )
    body = forms.CharField(
        label="Or a pasted body",
        required=False,
        strip=False,
        help_text="A request of the Messages API, as JSON.",
        widget=forms.Textarea(attrs={**_TEXT, "rows": 8}),
    )
    headers = forms.CharField(
        label="and its headers",
        required=False,
        help_text="One in each line, as name: value. None is needed.",
        widget=forms.Textarea(attrs={**_TEXT, "rows": 3}),
    )
    kind = forms.ChoiceField(label="Who calls", required=False, choices=_KINDS)
    subagent = forms.CharField(
        required=False,
        max_length=200,
        help_text="Empty: as the log knows it, or as the prompt tells.",
        widget=_SeenSubagents(attrs={"class": "vTextField", "spellcheck": "false"}),
    )
    client_key = forms.ChoiceField(label="Client key", required=False)
    at = forms.DateTimeField(
        label="Time",
        required=False,
        help_text="Empty: when it was received, or now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ClientKey.objects.values_list("name", flat=True)
        choices = [("", "as the log knows it, or none"), *((name, name) for name in names)]
        self.fields["client_key"].choices = choices  # type: ignore[attr-defined]

    def clean_headers(self) -> HeaderList:
        return list(_parse_headers(self.cleaned_data["headers"]))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        has_body = bool(cleaned.get("body", "").strip())
        if self.errors:
            return cleaned
        if cleaned.get("exchange") and has_body:
            raise ValidationError("Two requests: empty either the exchange or the pasted body.")
        if not cleaned.get("exchange") and not has_body:
            raise ValidationError("Name an exchange of the log, or paste a request's body.")
        if cleaned.get("subagent") and cleaned.get("kind") not in ("", CallKind.SUBAGENT.value):
            self.add_error("subagent", f"A {cleaned['kind']} has no subagent's name.")
        return cleaned

    def request(self) -> TriedRequest:
        """Of a valid form. Raises `RequestUnusable`."""
        cleaned = self.cleaned_data
        kind = CallKind(cleaned["kind"]) if cleaned["kind"] else None
        chosen = Chosen(kind, cleaned["subagent"], cleaned["client_key"], cleaned["at"])
        if cleaned["exchange"]:
            return logged_request(cleaned["exchange"], chosen)
        return TriedRequest(cleaned["headers"], cleaned["body"].encode("utf-8", "replace"), chosen=chosen)

    def remembered(self) -> dict[str, str]:
        """What a later form is filled with: the same, but for credentials. Of a valid form."""
        headers = "\n".join(f"{name}: {value}" for name, value in shown_headers(self.cleaned_data["headers"]))
        return {**{name: str(self.data.get(name, "")) for name in self.fields}, "headers": headers}


def _parse_headers(text: str) -> Iterator[tuple[bytes, bytes]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ValidationError(f"Line {number} is not of the form “name: value”.")
        try:
            yield from encode_headers([(name.strip(), value.strip())])
        except UnicodeEncodeError as error:
            raise ValidationError(
                f"Line {number} holds a character that no header can: {error.object[error.start]}"
            ) from error

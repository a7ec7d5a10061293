"""The form of an agent definition: its text is pasted, or comes out of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from routing.definition_files import MAX_FILE_BYTES
from routing.models import AgentDefinition

if TYPE_CHECKING:
    DefinitionBaseForm = forms.ModelForm[AgentDefinition]
    Upload = UploadedFile[bytes]
else:
    DefinitionBaseForm = forms.ModelForm


class AgentDefinitionForm(DefinitionBaseForm):
    upload = forms.FileField(
        label="Or upload the file",
        required=False,
        help_text="A .md file such as ~/.claude/agents/code-reviewer.md; it replaces the text.",
    )

    class Meta:
        model = AgentDefinition
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 20, "class": "vLargeTextField", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "text" in self.fields:
            self.fields["text"].required = False
            self.fields["text"].strip = False  # type: ignore[attr-defined]  # the text is a file as it is

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        upload: Upload | None = cleaned.get("upload")
        if upload:
            cleaned["text"] = self._read(upload)
        if not cleaned.get("text", "").strip() and not self.errors:
            self.add_error("text", "Paste the definition, or choose a file.")
        return cleaned

    def _read(self, upload: Upload) -> str:
        """The file's text, which the page shows too when something is wrong with it; empty for what is no text."""
        if (upload.size or 0) > MAX_FILE_BYTES:
            self.add_error("upload", f"The file is larger than {MAX_FILE_BYTES >> 20} MiB, which no definition is.")
            return ""
        try:
            text: str = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("upload", "The file is not UTF-8. Save it as UTF-8.")
            return ""
        if "\0" in text:
            self.add_error("upload", "The file holds a null character: this is no text.")
            return ""
        self.data = {**self.data, self.add_prefix("text"): text}
        return text

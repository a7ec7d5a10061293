"""What a conversion changed or left out, in sentences for the log."""

from __future__ import annotations


class Notes:
    """Collects short sentences: each once, and only so many that a person still reads them."""

    LIMIT = 30

    def __init__(self) -> None:
        self._sentences: dict[str, str] = {}
        self._further = 0

    def add(self, sentence: str, about: str = "") -> None:
        """Keep `sentence`. Of several with the same `about` (its own text where nothing is given) the first stays."""
        key = about or sentence
        if key in self._sentences:
            return
        if len(self._sentences) < self.LIMIT:
            self._sentences[key] = sentence
        else:
            self._further += 1

    def all(self) -> tuple[str, ...]:
        sentences = tuple(self._sentences.values())
        return (*sentences, f"and {self._further} more changes") if self._further else sentences

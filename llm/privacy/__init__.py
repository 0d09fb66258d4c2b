"""What leaves the machine: details of people are replaced by placeholders, and put back where a prompt allows it."""

import re
from collections import Counter
from collections.abc import Iterable

from llm import folding
from llm.privacy import detect
from llm.privacy.kinds import Find, Kind

__all__ = ["Kind", "Scrubber", "StreamRestorer"]

_KINDS = "|".join(kind.value for kind in Kind)
_PLACEHOLDER = re.compile(rf"\[(?:{_KINDS})_\d+\]".upper())
_FORGED = re.compile(rf"\[\s*({_KINDS})[_\s]*(\d+)\s*\]", re.IGNORECASE)


class Scrubber:
    """One question's secrets. The same value gets the same placeholder in all its texts.

    Placeholders are numbered as they appear, so that equal questions leave the machine as equal texts. For what
    people wrote, not for what a model answered: a placeholder found in a text given is taken for a forgery.
    """

    def __init__(self, people: Iterable[str] = ()) -> None:
        self.found: Counter[str] = Counter()  # different details by kind
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[str, tuple[Kind, str]] = {}

    def scrub(self, text: str) -> str:
        folded = folding.plain(text)
        edits = [(*folded.span(find.start, find.end), find) for find in detect.find(folded.text)]
        parts, at = [], 0
        for start, end, find in edits:
            parts += text[at:start], self._placeholder(find, text[start:end])
            at = end
        return "".join([*parts, text[at:]])

    def _placeholder(self, find: Find, written: str) -> str:
        key = find.kind, find.value
        if key not in self._placeholders:
            self.found[find.kind] += 1
            placeholder = f"[{find.kind.upper()}_{self.found[find.kind]}]"
            self._placeholders[key] = placeholder
            self._values[placeholder] = find.kind, written
        return self._placeholders[key]

    def restore(self, text: str, kinds: frozenset[str]) -> str:
        """The details of these kinds in the place of their placeholders; all other text as it is."""
        return _PLACEHOLDER.sub(lambda match: self._restored(match[0], kinds), text)

    def _restored(self, placeholder: str, kinds: frozenset[str]) -> str:
        kind, value = self._values.get(placeholder, (None, ""))
        return value if kind in kinds else placeholder


class StreamRestorer:
    """Restores a text that comes in pieces: what may be part of a placeholder waits for the rest."""

    def __init__(self, scrubber: Scrubber, kinds: frozenset[str]) -> None:
        self._scrubber, self._kinds, self._held = scrubber, kinds, ""

    def feed(self, delta: str) -> str:
        text = self._held + delta
        opened = text.rfind("[")
        shown = opened if opened >= 0 and "]" not in text[opened:] and len(text) - opened < 40 else len(text)
        self._held = text[shown:]
        return self._scrubber.restore(text[:shown], self._kinds)

    def end(self) -> str:
        rest, self._held = self._held, ""
        return self._scrubber.restore(rest, self._kinds)

"""What leaves the machine: details of people are replaced by placeholders, and put back where a prompt allows it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from llm import folding
from llm.folding import Folded
from llm.patterns import lazy
from llm.privacy import detect
from llm.privacy.aliases import Aliases
from llm.privacy.kinds import Kind

__all__ = ["Kind", "Scrubber", "StreamRestorer"]

_KINDS = "|".join(kind.value for kind in Kind)
_FORGED = lazy(rf"\[\s*({_KINDS})[_\s]*(\d+)\s*\]", re.IGNORECASE)
_LETTER = r"[A-Za-zÀ-ɏ0-9_]"  # what a pseudonym must not touch; kana and the like may
_IN_WORD = lazy(_LETTER)


class Scrubber:
    """One question's secrets. The same value gets the same placeholder in all its texts, a person the same pseudonym.

    Placeholders are numbered as they appear, so that equal questions leave the machine as equal texts. For what
    people wrote, not for what a model answered: a placeholder found in a text given is taken for a forgery.
    """

    def __init__(self, people: Iterable[str] = ()) -> None:
        self.found: Counter[str] = Counter()  # different details by kind
        self._aliases = Aliases(people)
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[str, tuple[Kind, str]] = {}

    def scrub(self, text: str) -> str:
        folded = folding.plain(text)
        edits = [*self._details(text, folded), *_forgeries(folded)]
        edits += self._aliases.edits(text, [(start, end) for start, end, _ in edits])
        self.found[Kind.PERSON] = self._aliases.count
        self.found += Counter()  # drops a count of none
        parts: list[str] = []
        at = 0
        for start, end, replacement in sorted(edits):
            parts += [text[at:start], replacement]
            at = end
        return "".join([*parts, text[at:]])

    def _details(self, text: str, folded: Folded) -> Iterator[tuple[int, int, str]]:
        for found in detect.find(folded.text):
            start, end = folded.span(found.start, found.end)
            yield start, end, self._placeholder(found.kind, found.value, text[start:end])

    def _placeholder(self, kind: Kind, value: str, written: str) -> str:
        if (kind, value) not in self._placeholders:
            self.found[kind] += 1
            placeholder = f"[{kind.upper()}_{self.found[kind]}]"
            self._placeholders[kind, value] = placeholder
            self._values[placeholder] = kind, written
        return self._placeholders[kind, value]

    def restore(self, text: str, kinds: frozenset[str]) -> str:
        """The details of these kinds in the place of their placeholders; all other text as it is."""
        replacements = self.replacements(kinds)
        if not replacements:
            return text
        return _matching(tuple(replacements)).sub(lambda match: replacements[match[0]], text)

    def replacements(self, kinds: frozenset[str]) -> dict[str, str]:
        """What stands for what, of these kinds."""
        details = {name: written for name, (kind, written) in self._values.items() if kind in kinds}
        return details | self._aliases.names() if Kind.PERSON in kinds else details


def _forgeries(folded: Folded) -> Iterator[tuple[int, int, str]]:
    """What looks like one of our placeholders loses its brackets, so that it never becomes someone's detail."""
    for match in _FORGED.finditer(folded.text) if "[" in folded.text else ():
        yield *folded.span(*match.span()), f"({match[1]} {match[2]})"


@lru_cache(maxsize=256)
def _matching(names: tuple[str, ...]) -> re.Pattern[str]:
    """Placeholders anywhere, pseudonyms as whole words, a genitive's s allowed. Longer names first."""
    placeholders = [re.escape(name) for name in names if name.startswith("[")]
    words = [re.escape(name) for name in sorted(names, key=len, reverse=True) if not name.startswith("[")]
    bounded = [rf"(?<!{_LETTER})(?:{'|'.join(words)})(?=s?(?!{_LETTER}))"] if words else []
    return re.compile("|".join(placeholders + bounded))


class StreamRestorer:
    """Restores a text that comes in pieces: what may be part of a placeholder or pseudonym waits for the rest."""

    def __init__(self, scrubber: Scrubber, kinds: frozenset[str]) -> None:
        self._scrubber, self._kinds = scrubber, kinds
        self._held, self._last = "", ""
        names = scrubber.replacements(kinds)
        complete = {name + ending for name in names if not name.startswith("[") for ending in ("", "s")}
        self._beginnings = {name[:length] for name in names for length in range(1, len(name))} | complete
        self._longest = max(map(len, self._beginnings), default=0)

    def feed(self, delta: str) -> str:
        """What can be shown now."""
        text = self._held + delta
        shown = len(text) - self._waiting(text)
        self._held = text[shown:]
        return self._restored(text[:shown])

    def end(self) -> str:
        """The rest, once nothing more comes."""
        rest, self._held = self._held, ""
        return self._restored(rest)

    def _waiting(self, text: str) -> int:
        """How many of the last characters may be the beginning of something longer."""
        for length in range(min(self._longest, len(text)), 0, -1):
            before = text[-length - 1] if length < len(text) else self._last
            if text[-length:] in self._beginnings and (text[-length] == "[" or not _IN_WORD.match(before)):
                return length
        return 0

    def _restored(self, text: str) -> str:
        if not text:
            return ""
        # The character before tells whether a name begins here; it has been shown already.
        restored = self._scrubber.restore(self._last + text, self._kinds)[len(self._last) :]
        self._last = text[-1]
        return restored

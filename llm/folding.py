"""Text as a reader sees it, whatever its characters are: full-width and circled digits, letters that look like others,
characters of no width. Every folded character remembers where it came from."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from llm.patterns import lazy

# Cyrillic and Greek letters (and a few more) that look like Latin ones.
_LOOK_ALIKES = dict(
    zip(
        "аеорсхуіјѕһԁԛԝьвкмнтгпαβεικνορτυχγωɑɡıʟꜱøłđħ",
        "aeopcxyijshdqwbbkmhtrnabeiknoptuxywagilsoldh",
        strict=True,
    )
)
_DASHES = "‐‑‒–—―−﹣－⁃"
_FULL_STOPS = "。｡"
_NO_WIDTH = {"Cf", "Me", "Cc"}
_ODD = lazy(r"[^ -~\n\r\t]+")
_EAST_ASIAN = "\u3000"  # from here on: a voiced kana is another letter, a syllable one letter


class Folded(NamedTuple):
    """`text[i]` stands for the original's character at `origins[i]`; the last of them is the original's length.

    `origins` is None where nothing moved.
    """

    text: str
    origins: Sequence[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's offsets of text[start:end], which must not be empty. Accents go with their letter."""
        if self.origins is None:
            return start, end
        return self.origins[start], max(self.origins[end - 1] + 1, self.origins[end])


class _Table(dict[int, str]):
    """What each character folds to, found when it is first seen: there are a million, a text has a hundred."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self.rule = rule
        self.moving: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = self[code] = self.rule(character)
        if len(folded) != 1:
            self.moving.add(character)
        return folded

    def fold(self, text: str) -> Folded:
        """Plain ASCII stays: only the rest is looked up."""
        odd = _ODD.findall(text)
        folded = _ODD.sub(lambda match: match[0].translate(self), text) if odd else text
        if self.moving.isdisjoint("".join(odd)):
            return Folded(folded, None)
        return Folded(folded, self._origins(text))

    def _origins(self, text: str) -> list[int]:
        origins: list[int] = []
        at = 0
        for match in _ODD.finditer(text):
            origins.extend(range(at, match.start()))
            for place, character in enumerate(match[0], match.start()):
                origins.extend([place] * len(self[ord(character)]))
            at = match.end()
        origins.extend(range(at, len(text) + 1))
        return origins


def _plain(character: str) -> str:
    if character in "\n\r\t":
        return character
    if character in _DASHES:
        return "-"
    if character in _FULL_STOPS:
        return "."
    category = unicodedata.category(character)
    if category in _NO_WIDTH or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category in {"Zs", "Zl", "Zp"}:
        return " "
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", character)
    # Some signs (㎞, ㍿) spell out as words, and a lone accent as a space: those are no disguise.
    return folded if len(folded) == 1 else character


def _skeleton(character: str) -> str:
    plain = _plain(character)
    if not plain or plain >= _EAST_ASIAN:
        return plain
    parts = unicodedata.normalize("NFKD", plain.casefold())
    base = "".join(part for part in parts if not unicodedata.combining(part))
    return "".join(_LOOK_ALIKES.get(part, part) for part in base)


_plain_table = _Table(_plain)
_skeleton_table = _Table(_skeleton)


def plain(text: str) -> Folded:
    """Disguised digits, signs and spaces as the usual ones, nothing of no width. Letters and case stay."""
    return _plain_table.fold(text)


def skeleton(text: str) -> Folded:
    """`plain`, and besides in lower case, without accents, and with Latin letters for those that look like them."""
    folded = _skeleton_table.fold(text)
    return Folded(folded.text.lower(), folded.origins)

"""Words in disguise: of leet signs, of single letters, drawn out, masked."""

import re
from collections.abc import Iterator, Sequence

from llm.patterns import lazy

_LEET = str.maketrans("01345789@$!|+€£(", "oieastbgasiiteec")
# Beside a letter: at a word's end some of these are signs of their own.
_SIGN = lazy(r"[0-9@$!|+€£(*](?:(?=[^\W\d_])|(?<=[^\W\d_][0-9@$+€£*]))")
_MASKED = lazy(r"[a-z]+\*+[a-z*]*")
_CODE = lazy(r"[a-z]{1,3}\d+|\d+[a-z]{1,2}")  # a room, a flight, a road
_SPACED = lazy(r"(?<![^\W_])[a-z0-9@$!](?:[ ._*-]{1,3}[a-z0-9@$!]){2,30}(?![^\W_])")
_LONGEST = 30
_PUNCTUATION = ".,;:?!\"'()[]{}<>«»“”„‚’*_-"
_THRICE = tuple(letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz")
_DRAWN_OUT = lazy(r"([a-z])\1{2,}")


def find(text: str, tokens: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Offsets with the words that may be meant. `text` is folded; a masked word keeps its asterisks."""
    reached = 0
    for sign in _SIGN.finditer(text):
        at = sign.start()
        if at >= reached:
            start, reached = _chunk(text, at)
            yield from _meant(text[start:reached], start)
    if _may_be_spaced(text, tokens):
        for match in _SPACED.finditer(text):
            yield *match.span(), re.sub(r"[ ._*-]", "", match[0]).translate(_LEET)
    if any(letters in text for letters in _THRICE):
        yield from _drawn_out(text)


def _may_be_spaced(text: str, tokens: Sequence[str]) -> bool:
    """Three single letters, and two of them in a row, or signs that may stand for letters."""
    single = bytes(map((1).__eq__, map(len, tokens)))
    return single.count(1) >= 3 and (b"\1\1" in single or any(sign in text for sign in "@$!"))


def _drawn_out(text: str) -> Iterator[tuple[int, int, str]]:
    """Words of which a letter is repeated, with it once and twice."""
    end = 0
    for letters in _DRAWN_OUT.finditer(text):
        if letters.start() < end:
            continue
        start, end = letters.span()
        while start > 0 and text[start - 1].isalnum():
            start -= 1
        while end < len(text) and text[end].isalnum():
            end += 1
        yield start, end, _DRAWN_OUT.sub(r"\1", text[start:end])
        yield start, end, _DRAWN_OUT.sub(r"\1\1", text[start:end])


def _chunk(text: str, at: int) -> tuple[int, int]:
    """From space to space."""
    start, end = at, at + 1
    while start > max(0, at - _LONGEST) and not text[start - 1].isspace():
        start -= 1
    while end < min(len(text), at + _LONGEST) and not text[end].isspace():
        end += 1
    return start, end


def _meant(chunk: str, start: int) -> Iterator[tuple[int, int, str]]:
    bare = chunk.strip(_PUNCTUATION)
    if not bare:
        return
    start += chunk.index(bare)
    end = start + len(bare)
    if "*" in bare:
        if _MASKED.fullmatch(bare):
            yield start, end, bare
    elif not _CODE.fullmatch(bare):
        yield start, end, "".join(filter(str.isalpha, bare.translate(_LEET)))

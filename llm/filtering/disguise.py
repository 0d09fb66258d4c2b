"""Words in disguise: of leet signs, of single letters, drawn out, masked."""

import re
from collections.abc import Iterator

_CHUNK = re.compile(r"\S+")
_LEET = str.maketrans("01345789@$!|+€£(", "oieastbgasiiteec")
_MASKED = re.compile(r"[a-z]+\*+[a-z*]*")
_CODE = re.compile(r"[a-z]{1,3}\d+|\d+[a-z]{1,2}")  # a room, a flight, a road
_SPACED = re.compile(r"(?<![^\W_])[a-z0-9@$!](?:[ ._*-]{1,3}[a-z0-9@$!]){2,30}(?![^\W_])")
_SIGNS = frozenset("0123456789@$!|+€£(*")
_PUNCTUATION = ".,;:?!\"'()[]{}<>«»“”„‚’*_-"
_THRICE = tuple(letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz")
_REPEATED = re.compile(r"([a-z])\1{2,}")


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Offsets with the words that may be meant. `text` is folded; a masked word keeps its asterisks."""
    for chunk in _CHUNK.finditer(text):
        if chunk[0].isalpha():
            continue
        bare = chunk[0].strip(_PUNCTUATION)
        if not bare or bare.isalpha() or bare.isdigit() or _SIGNS.isdisjoint(bare):
            continue
        start = chunk.start() + chunk[0].index(bare)
        yield from _unmasked(bare, start)
    for match in _SPACED.finditer(text):
        yield *match.span(), re.sub(r"[ ._*-]", "", match[0]).translate(_LEET)
    if any(letters in text for letters in _THRICE):
        for match in re.finditer(r"[a-z]*([a-z])\1{2,}[a-z]*", text):
            yield *match.span(), _REPEATED.sub(r"\1", match[0])
            yield *match.span(), _REPEATED.sub(r"\1\1", match[0])


def _unmasked(bare: str, start: int) -> Iterator[tuple[int, int, str]]:
    end = start + len(bare)
    if "*" in bare:
        if _MASKED.fullmatch(bare):
            yield start, end, bare
    elif not _CODE.fullmatch(bare) and any(map(str.isalpha, bare)):
        plain = bare.translate(_LEET)
        yield start, end, "".join(filter(str.isalpha, plain))

"""Our own instructions in an answer: the canary in any spelling, or a long stretch word for word."""

import base64
import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

from llm import folding
from llm.folding import Folded

WORDS = 12  # as many in a row as our instructions have them are no chance
LETTERS = 72  # the same for scripts that put no spaces between words

_WORD = re.compile(r"\w+")
_BETWEEN = re.compile(r"[\W_]+")


@lru_cache(maxsize=256)
def forms(canary: str) -> tuple[str, ...]:
    """How the canary looks once squeezed: as it is, backwards, rotated, in hexadecimal, in base64 at any offset."""
    plain = squeeze(canary).text
    spelled = {plain, plain[::-1], codecs.encode(plain, "rot13")}
    for raw in {canary, canary.lower(), canary.upper(), canary[::-1]}:
        spelled.add(raw.encode().hex())
        spelled.update(_base64(raw.encode()))
    return tuple(sorted(spelled))


def _base64(raw: bytes) -> Iterator[str]:
    """What stays the same of the encoding, whatever stands before and after: 6 bits a letter, 8 a byte."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        yield _BETWEEN.sub("", encoded[first:last]).lower()


def squeeze(text: str) -> Folded:
    """Letters and digits alone, folded."""
    folded = folding.skeleton(text)
    kept = [at for at, character in enumerate(folded.text) if character.isalnum()]
    ends = [*kept, len(folded.text)]
    origins = ends if folded.origins is None else [folded.origins[at] for at in ends]
    return Folded("".join([folded.text[at] for at in kept]), origins)


def find_canary(text: str, canary: str) -> tuple[int, int] | None:
    """Offsets of the first thing that is the canary, spaced out or encoded as it may be."""
    squeezed = _BETWEEN.sub("", folding.skeleton(text).text)
    for form in forms(canary):
        if form in squeezed:
            exact = squeeze(text)
            start = exact.text.index(form)
            return exact.span(start, start + len(form))
    return None


class _Instructions:
    """Instructions as words and as bare letters, to look stretches up in."""

    def __init__(self, instructions: str) -> None:
        folded = folding.skeleton(instructions).text
        self.words = f" {' '.join(_WORD.findall(folded))} "
        self.letters = _BETWEEN.sub("", folded)


_instructions = lru_cache(maxsize=256)(_Instructions)


def find_echo(text: str, instructions: str) -> tuple[int, int] | None:
    """Offsets of the first stretch that repeats the instructions: WORDS words or LETTERS letters, or more."""
    known = _instructions(instructions)
    folded = folding.skeleton(text)
    return _repeated_words(folded, known.words) or _repeated_letters(folded, known.letters)


def _repeated_words(folded: Folded, known: str) -> tuple[int, int] | None:
    """A run of 12 words holds a whole block of 6 that starts at a multiple of 6, so only those are looked up."""
    words = list(_WORD.finditer(folded.text))
    block = WORDS // 2

    def repeats(start: int, end: int) -> bool:
        return f" {' '.join(word[0] for word in words[start:end])} " in known

    for start in range(0, len(words) - block + 1, block):
        if not repeats(start, start + block):
            continue
        first, last = start, start + block
        while first > 0 and start - first < block and repeats(first - 1, last):
            first -= 1
        while last < len(words) and last - first < 10 * WORDS and repeats(first, last + 1):
            last += 1
        if last - first >= WORDS:
            return folded.span(words[first].start(), words[last - 1].end())
    return None


def _repeated_letters(folded: Folded, known: str) -> tuple[int, int] | None:
    letters = _BETWEEN.sub("", folded.text)
    block = LETTERS // 2
    for start in range(0, len(letters) - block + 1, block):
        if letters[start : start + block] not in known:
            continue
        first, last = start, start + block
        while first > 0 and start - first < block and letters[first - 1 : last] in known:
            first -= 1
        while last < len(letters) and last - first < 10 * LETTERS and letters[first : last + 1] in known:
            last += 1
        if last - first >= LETTERS:
            kept = [at for at, character in enumerate(folded.text) if character.isalnum()]
            return folded.span(kept[first], kept[last - 1] + 1)
    return None

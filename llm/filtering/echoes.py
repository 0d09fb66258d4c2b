"""Our own instructions in an answer: the canary in any spelling, or a long stretch word for word."""

import base64
import codecs
from collections.abc import Callable, Iterator
from functools import lru_cache

from llm import folding
from llm.filtering.reading import Reading
from llm.folding import Folded
from llm.patterns import lazy

WORDS = 12  # as many in a row as our instructions have them are no chance
LETTERS = 72  # the same for scripts that put no spaces between words

_BETWEEN = lazy(r"[\W_]+")


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


def find_canary(reading: Reading, canary: str) -> tuple[int, int] | None:
    """Offsets into the given text of the first thing that is the canary, spaced out or encoded as it may be."""
    for form in forms(canary):
        if form in reading.letters:
            exact = squeeze(reading.given)
            start = exact.text.index(form)
            return exact.span(start, start + len(form))
    return None


class _Instructions:
    """Instructions as words and as bare letters, to look stretches up in."""

    def __init__(self, instructions: str) -> None:
        reading = Reading(instructions)
        self.words, self.letters = reading.joined, reading.letters


_instructions = lru_cache(maxsize=256)(_Instructions)


def find_echo(reading: Reading, instructions: str) -> tuple[int, int] | None:
    """Offsets into the given text of the first stretch that repeats the instructions: WORDS words, LETTERS letters."""
    known = _instructions(instructions)
    return _repeated_words(reading, known.words) or _repeated_letters(reading, known.letters)


def _repeated_words(reading: Reading, known: str) -> tuple[int, int] | None:
    """A run of 12 words holds a whole block of 6 that starts at a multiple of 6, so only those are looked up."""
    tokens = reading.tokens

    def repeats(start: int, end: int) -> bool:
        return f" {' '.join(tokens[start:end])} " in known

    for start in range(0, len(tokens) - WORDS // 2 + 1, WORDS // 2):
        first, last = _stretch(repeats, start, WORDS // 2, len(tokens))
        if last - first >= WORDS:
            return reading.span(reading.words[first].start(), reading.words[last - 1].end())
    return None


def _repeated_letters(reading: Reading, known: str) -> tuple[int, int] | None:
    letters = reading.letters

    def repeats(start: int, end: int) -> bool:
        return letters[start:end] in known

    for start in range(0, len(letters) - LETTERS // 2 + 1, LETTERS // 2):
        first, last = _stretch(repeats, start, LETTERS // 2, len(letters))
        if last - first >= LETTERS:
            return squeeze(reading.given).span(first, last)
    return None


def _stretch(repeats: Callable[[int, int], bool], start: int, block: int, end: int) -> tuple[int, int]:
    """How far a block that repeats something goes on doing so, to the left up to the block before; or nothing."""
    first = last = start
    if not repeats(start, start + block):
        return first, last
    last = start + block
    while first > 0 and start - first < block and repeats(first - 1, last):
        first -= 1
    while last < end and last - first < 20 * block and repeats(first, last + 1):
        last += 1
    return first, last

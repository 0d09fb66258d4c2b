"""Profanity and slurs, however they are spelled: leetspeak, letters spaced out, repeated, masked or replaced."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from llm.filtering.reading import Reading
from llm.filtering.verdicts import Reason

_FILE = Path(__file__).with_name("words.toml")
_BEFORE_PLACES = frozenset(
    "in of to near from village nach aus von bei a de di da dorf ort called named heisst hiess".split()
)


class _List(NamedTuple):
    words: frozenset[str]
    accented: frozenset[str]  # only with their accents
    beginnings: tuple[str, ...]
    stems: tuple[str, ...]
    phrases: tuple[str, ...]
    by_shape: dict[tuple[int, str], tuple[str, ...]]  # words by length and first letter


@cache
def _list(name: str) -> _List:
    entries = [
        entry.strip() for entry in tomllib.loads(_FILE.read_text())[name].replace("\n", ",").split(",")
    ]
    entries = [entry for entry in entries if entry]
    plain = [entry for entry in entries if "*" not in entry and " " not in entry]
    shapes = defaultdict(list)
    for word in plain:
        shapes[len(word), word[0]].append(word)
    return _List(
        words=frozenset(word for word in plain if word.isascii()),
        accented=frozenset(word for word in plain if not word.isascii()),
        beginnings=tuple(entry[:-1] for entry in entries if entry.endswith("*") and entry[0] != "*"),
        stems=tuple(entry.strip("*") for entry in entries if entry[0] == "*"),
        phrases=tuple(entry for entry in entries if " " in entry),
        by_shape={shape: tuple(words) for shape, words in shapes.items()},
    )


def find(reading: Reading) -> Iterator[tuple[Reason, int, int]]:
    """Offsets into the folded text."""
    for reason, name in ((Reason.SLUR, "slurs"), (Reason.PROFANITY, "profanity")):
        for start, end in _found(reading, _list(name)):
            if not _harmless(reading, start, end):
                yield reason, start, end


def _found(reading: Reading, known: _List) -> Iterator[tuple[int, int]]:
    yield from _whole_words(reading, known)
    for stem in known.stems + known.beginnings:
        if stem in reading.text:
            yield from _with_stem(reading, stem, anywhere=stem in known.stems)
    for phrase in known.phrases:
        if f" {phrase} " in reading.joined:
            yield from reading.phrase(phrase)
    yield from _disguised(reading, known)


def _whole_words(reading: Reading, known: _List) -> Iterator[tuple[int, int]]:
    if found := known.words.intersection(reading.tokens):
        yield from (word.span() for word in reading.words if word[0] in found)
    if known.accented and not reading.ascii:
        for word in reading.words:
            if reading.original(*word.span()).lower() in known.accented:
                yield word.span()


def _with_stem(reading: Reading, stem: str, *, anywhere: bool) -> Iterator[tuple[int, int]]:
    yield from (
        word.span() for word in reading.words if (stem in word[0] if anywhere else word[0].startswith(stem))
    )


def _disguised(reading: Reading, known: _List) -> Iterator[tuple[int, int]]:
    for start, end, plain in reading.disguises:
        if "*" in plain:
            if any(_fits(plain, word) for word in known.by_shape.get((len(plain), plain[0]), ())):
                yield start, end
        elif (
            plain in known.words
            or any(stem in plain for stem in known.stems)
            or plain.startswith(known.beginnings)
        ):
            yield start, end


def _fits(masked: str, word: str) -> bool:
    return all(sign in ("*", letter) for sign, letter in zip(masked, word, strict=True))


def _harmless(reading: Reading, start: int, end: int) -> bool:
    known = _list("harmless")
    written = reading.original(start, end)
    word = reading.text[start:end]
    if word in known.words or word.startswith(known.beginnings):
        return True
    around = reading.around(start, end)
    if any(phrase in around and word in phrase for phrase in known.phrases):
        return True
    return written == "Fucking" and _is_the_village(reading, start, end)


def _is_the_village(reading: Reading, start: int, end: int) -> bool:
    """Called Fugging since 2021: in Fucking; Fucking, Austria; Fucking (Upper Austria); the village of Fucking."""
    before = reading.text[max(0, start - 12) : start].split()[-1:]
    after = reading.text[end : end + 3]
    return (
        (bool(before) and before[0] in _BEFORE_PLACES) or after[:1] in {",", "("} or after[:2] in {" (", " -"}
    )

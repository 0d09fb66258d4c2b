"""Profanity and slurs, however they are spelled: leetspeak, letters spaced out, repeated, masked or replaced."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from llm import folding, tables
from llm.filtering.reading import BEGINNING, Phrases, Reading, phrases
from llm.filtering.verdicts import Reason

_FILE = Path(__file__).with_name("words.toml")
_NONE: tuple[str, ...] = ()
_Key = TypeVar("_Key", bound=Hashable)
_BEFORE_PLACES = frozenset(
    "in of to near from village nach aus von bei a de di da dorf ort called named heisst hiess".split()
)


class _List(NamedTuple):
    words: frozenset[str]
    accented: Mapping[str, str]  # as folded, with the accents that they must have
    beginnings: Mapping[str, tuple[str, ...]]  # by their first three letters
    stems: tuple[str, ...]
    phrases: Phrases
    by_shape: Mapping[tuple[int, str], tuple[str, ...]]  # words by length and first letter

    def begins(self, word: str) -> bool:
        return word.startswith(self.beginnings.get(word[:BEGINNING], _NONE))

    def holds(self, word: str) -> bool:
        return word in self.words or self.begins(word) or any(stem in word for stem in self.stems)


@cache
def _list(name: str) -> _List:
    entries = [" ".join(entry.split()) for entry in tables.ours(_FILE)[name].replace("\n", ",").split(",")]
    plain = [entry for entry in entries if entry.isalpha()]
    beginnings = [entry[:-1] for entry in entries if entry.endswith("*") and entry[0] != "*"]
    return _List(
        words=frozenset(word for word in plain if word.isascii()),
        accented={folding.skeleton(word).text: word for word in plain if not word.isascii()},
        beginnings=_grouped(beginnings, lambda word: word[:BEGINNING]),
        stems=tuple(entry.strip("*") for entry in entries if entry.startswith("*")),
        phrases=phrases(",".join(entry for entry in entries if " " in entry)),
        by_shape=_grouped(plain, lambda word: (len(word), word[0])),
    )


def _grouped(words: Iterable[str], key: Callable[[str], _Key]) -> dict[_Key, tuple[str, ...]]:
    groups: dict[_Key, list[str]] = defaultdict(list)
    for word in words:
        groups[key(word)].append(word)
    return {group: tuple(members) for group, members in groups.items()}


def find(reading: Reading) -> Iterator[tuple[Reason, int, int]]:
    """Offsets into the folded text."""
    for reason, name in ((Reason.SLUR, "slurs"), (Reason.PROFANITY, "profanity")):
        for start, end in _found(reading, _list(name)):
            if not _harmless(reading, start, end):
                yield reason, start, end


def _found(reading: Reading, known: _List) -> Iterator[tuple[int, int]]:
    yield from _whole_words(reading, known)
    yield from reading.phrases(known.phrases)
    for start, end, plain in reading.disguises:
        if _masks(plain, known) if "*" in plain else known.holds(plain):
            yield start, end


def _whole_words(reading: Reading, known: _List) -> Iterator[tuple[int, int]]:
    vocabulary = reading.vocabulary
    found = known.words & vocabulary
    if suspected := known.beginnings.keys() & reading.beginnings:
        found |= {word for first in suspected for word in reading.beginnings[first] if known.begins(word)}
    for stem in known.stems:
        if stem in reading.text:
            found |= {word for word in vocabulary if stem in word}
    yield from (reading.words[index].span() for index in reading.where(found))
    for index in reading.where(known.accented.keys()):
        span = reading.words[index].span()
        if reading.original(*span).lower() == known.accented[reading.tokens[index]]:
            yield span


def _masks(masked: str, known: _List) -> bool:
    return any(_fits(masked, word) for word in known.by_shape.get((len(masked), masked[0]), ()))


def _fits(masked: str, word: str) -> bool:
    return all(sign in ("*", letter) for sign, letter in zip(masked, word, strict=True))


def _harmless(reading: Reading, start: int, end: int) -> bool:
    known = _list("harmless")
    word = reading.text[start:end]
    if known.holds(word):
        return True
    around = reading.around(start, end)
    if any(f" {phrase} " in around for same in known.phrases.values() for phrase in same if word in phrase):
        return True
    return reading.original(start, end) == "Fucking" and _is_the_village(reading, start, end)


def _is_the_village(reading: Reading, start: int, end: int) -> bool:
    """Called Fugging since 2021: in Fucking; Fucking, Austria; Fucking (Upper Austria); the village of Fucking."""
    before = reading.text[max(0, start - 12) : start].split()[-1:]
    after = reading.text[end : end + 3]
    return (
        (bool(before) and before[0] in _BEFORE_PLACES) or after[:1] in {",", "("} or after[:2] in {" (", " -"}
    )

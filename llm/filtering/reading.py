"""A text prepared once for all checks."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property

from llm import folding
from llm.filtering import disguise
from llm.patterns import lazy

_WORD = lazy(r"[^\W_]+")

BEGINNING = 3
Phrases = Mapping[str, Sequence[str]]  # words in a row, by the first of them


def phrases(listed: str) -> Phrases:
    """From a list with commas or lines between the phrases."""
    known: dict[str, list[str]] = defaultdict(list)
    for phrase in listed.replace("\n", ",").split(","):
        if words := phrase.split():
            known[words[0]].append(" ".join(words))
    return known


class Reading:
    """`text` is folded: lower case, no accents, no disguises. Offsets are into it; `span` leads back."""

    def __init__(self, given: str) -> None:
        self.given = given
        self.folded = folding.skeleton(given)
        self.text = self.folded.text
        self.tokens: list[str] = _WORD.findall(self.text)
        self.vocabulary = frozenset(self.tokens)
        self.joined = f" {' '.join(self.tokens)} "

    @cached_property
    def words(self) -> list[re.Match[str]]:
        """Where the tokens are: most texts need not know."""
        return list(_WORD.finditer(self.text))

    @cached_property
    def plain(self) -> folding.Folded:
        """Without disguises, but with accents and capitals."""
        return folding.plain(self.given)

    @cached_property
    def disguises(self) -> list[tuple[int, int, str]]:
        """What may be words in disguise, with the words they would be."""
        return list(disguise.find(self.text, self.tokens))

    @cached_property
    def beginnings(self) -> Mapping[str, Sequence[str]]:
        """The words of the vocabulary by their first letters."""
        known: dict[str, list[str]] = defaultdict(list)
        for word in self.vocabulary:
            known[word[:BEGINNING]].append(word)
        return known

    @cached_property
    def _indexes(self) -> Mapping[str, Sequence[int]]:
        known: dict[str, list[int]] = defaultdict(list)
        for index, token in enumerate(self.tokens):
            known[token].append(index)
        return known

    def where(self, tokens: Set[str]) -> list[int]:
        """Which words are among these, in order."""
        return sorted(index for token in self.vocabulary & tokens for index in self._indexes[token])

    @cached_property
    def letters(self) -> str:
        """Letters and digits alone, with nothing between."""
        return "".join(self.tokens)

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.folded.span(start, end)

    def original(self, start: int, end: int) -> str:
        return self.given[slice(*self.span(start, end))]

    def phrases(self, known: Phrases) -> Iterator[tuple[int, int]]:
        """Where one of these phrases stands."""
        for first in self.vocabulary & known.keys():
            for phrase in known[first]:
                if f" {phrase} " in self.joined:
                    yield from self._places(phrase)

    def _places(self, phrase: str) -> Iterator[tuple[int, int]]:
        parts = phrase.split()
        for index in self._indexes[parts[0]]:
            if self.tokens[index : index + len(parts)] == parts:
                yield self.words[index].start(), self.words[index + len(parts) - 1].end()

    def places(self, start: int, end: int) -> tuple[int, int]:
        """Which words those are."""
        return bisect_left(self.words, start, key=re.Match.start), bisect_left(
            self.words, end, key=re.Match.start
        )

    def around(self, start: int, end: int, words: int = 4) -> str:
        """The words from so many before to so many after, in a row."""
        before = _WORD.findall(self.text[max(0, start - 12 * words) : start])[-words:]
        after = _WORD.findall(self.text[start : end + 12 * words])
        return f" {' '.join(before + after)} "

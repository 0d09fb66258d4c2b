"""A text prepared once for all checks."""

import re
from collections.abc import Iterator
from functools import cached_property

from llm import folding
from llm.filtering import disguise

_WORD = re.compile(r"[^\W_]+")


class Reading:
    """`text` is folded: lower case, no accents, no disguises. Offsets are into it; `span` leads back."""

    def __init__(self, given: str) -> None:
        self.given = given
        self.folded = folding.skeleton(given)
        self.text = self.folded.text
        self.ascii = given.isascii()
        self.words = list(_WORD.finditer(self.text))
        self.tokens = [word[0] for word in self.words]
        self.joined = f" {' '.join(self.tokens)} "

    @cached_property
    def plain(self) -> folding.Folded:
        """Without disguises, but with accents and capitals."""
        return folding.plain(self.given)

    @cached_property
    def disguises(self) -> list[tuple[int, int, str]]:
        """What may be words in disguise, with the words they would be."""
        return list(disguise.find(self.text))

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.folded.span(start, end)

    def original(self, start: int, end: int) -> str:
        return self.given[slice(*self.span(start, end))]

    def phrase(self, phrase: str) -> Iterator[tuple[int, int]]:
        """Where these words stand in a row, whatever is between them."""
        parts = phrase.split()
        for index, token in enumerate(self.tokens):
            if token == parts[0] and self.tokens[index : index + len(parts)] == parts:
                yield self.words[index].start(), self.words[index + len(parts) - 1].end()

    def around(self, start: int, end: int, words: int = 4) -> str:
        """The words from so many before to so many after, in a row."""
        before = _WORD.findall(self.text[max(0, start - 12 * words) : start])[-words:]
        after = _WORD.findall(self.text[start : end + 12 * words])
        return f" {' '.join(before + after)} "

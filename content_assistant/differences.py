"""Two texts side by side, line beside line, with the words marked that only one of them has."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

_TOKEN = re.compile(r"\S+\s*|\s+")
Pieces = list[tuple[str, bool]]  # a stretch of text, and whether only this side has it


class Row(NamedTuple):
    left: Pieces
    right: Pieces

    @property
    def is_same(self) -> bool:
        return self.left == self.right


def side_by_side(before: str, after: str) -> list[Row]:
    return list(_rows(before.splitlines(), after.splitlines()))


def _rows(one: Sequence[str], two: Sequence[str]) -> Iterator[Row]:
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield from (Row([(line, False)], [(line, False)]) for line in one[i1:i2])
        else:
            for left, right in zip_longest(one[i1:i2], two[j1:j2], fillvalue=""):
                yield _words(left, right)


def _words(left: str, right: str) -> Row:
    one, two = _TOKEN.findall(left), _TOKEN.findall(right)
    row = Row([], [])
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, one, two).get_opcodes():
        for pieces, words in ((row.left, one[i1:i2]), (row.right, two[j1:j2])):
            if words:
                pieces.append(("".join(words), tag != "equal"))
    return row

"""Certificates, licences, degrees and awards, by what they claim."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from content_assistant.checks.tables import data, fold, words

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = "\u3000"
_ENDINGS = r"\w{0,3}"
_REACH = 3  # words of what it is for
_STEM = 5


class Certificate(NamedTuple):
    """What is claimed, with which words, and for what: “licensed” and “guide” of “a licensed guide”."""

    start: int
    end: int
    name: str
    spelling: str
    about: frozenset[str]


def find(text: str) -> list[Certificate]:
    folded, origins = _folded(text)
    denied = [found.span() for found in _denials().finditer(folded)]
    return [
        Certificate(
            origins[found.start()],
            origins[found.end() - 1] + 1,
            name,
            re.sub(r"\W", "", found[0])[:_STEM],
            frozenset(_about(folded, found.end())),
        )
        for name, pattern in _patterns().items()
        for found in pattern.finditer(folded)
        if not any(start <= found.start() < end for start, end in denied)
    ]


def is_same(said: Certificate, known: Certificate) -> bool:
    """Where both say in the same words what it is for, that must be the same too."""
    if said.name != known.name:
        return False
    comparable = said.spelling == known.spelling and said.about and known.about
    return not comparable or not said.about.isdisjoint(known.about)


def _about(folded: str, end: int) -> Iterator[str]:
    sentence = re.split(r"[.!?;\n]", folded[end : end + 60])[0]
    for word in _WORD.findall(sentence)[:_REACH]:
        if len(word) > 3 and word not in words("certificate_words", "no_object"):
            yield word[:_STEM]


def _folded(text: str) -> tuple[str, list[int]]:
    """With a hyphen read as a space; and where each sign comes from."""
    parts, origins = [], []
    for place, sign in enumerate(text):
        plain = (
            " " if sign in "-–.'’/" and 0 < place < len(text) - 1 and text[place + 1] != " " else fold(sign)
        )
        parts.append(plain)
        origins += [place] * len(plain)
    return "".join(parts), origins


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {name: _any_of(line) for name, line in data()["certificates"].items()}


@cache
def _denials() -> re.Pattern[str]:
    return _any_of(data()["certificate_words"]["not"])


def _any_of(line: str) -> re.Pattern[str]:
    spellings = sorted((spelling.strip() for spelling in line.split(",")), key=len, reverse=True)
    return re.compile("|".join(map(_pattern, spellings)))


def _pattern(spelling: str) -> str:
    if spelling[0] > _UNSPACED:
        return re.escape(spelling)
    stem, ends = fold(spelling.removesuffix("+")), _ENDINGS if spelling.endswith("+") else ""
    return rf"(?<!\w){re.escape(stem)}{ends}(?!\w)".replace(r"\ ", r"\s+")

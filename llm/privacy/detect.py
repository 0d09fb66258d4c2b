"""Everything in a text that must not leave the machine, names of people apart."""

import re
from collections.abc import Collection, Iterator, Sequence

from llm.patterns import lazy
from llm.privacy import addresses, emails, networks, numbers, phones
from llm.privacy.kinds import Find, Kind

_DIGITS = lazy(r"\d+")
# Digits this close to each other may be one number, and from this many on it may be a person's.
_NEAR = 3
_FEWEST = 5
_APART = lazy("[,;:]")
_DATE = r"(?:(?:19|20)\d\d([-./])[01]?\d\1[0-3]?\d|[0-3]?\d([-./])[0-3]?\d\2(?:(?:19|20)\d\d|\d\d))"
_DATES = lazy(rf"{_DATE}(?: ?-? ?(?:[0-3]?\d[-./][0-3]?\d[-./](?:\d\d){{1,2}}|\d{{4}}-\d\d-\d\d|\d\d?))?")
# How much before and after the digits may belong to them: the words that say what they are, letters.
_BEFORE, _AFTER = 90, 24


def find(text: str, kinds: Collection[Kind] = frozenset(Kind)) -> list[Find]:
    """In order of place, none overlapping another: what an earlier detector took is no other's.

    `text` is folded (llm.folding.plain).
    """
    found = []
    taken = bytearray(len(text))
    for candidate in _candidates(text, kinds):
        if taken.find(1, candidate.start, candidate.end) < 0:
            taken[candidate.start : candidate.end] = b"\1" * (candidate.end - candidate.start)
            found.append(candidate)
    return sorted(found)


def _candidates(text: str, kinds: Collection[Kind]) -> Iterator[Find]:
    yield from emails.find(text)
    if "<<" in text:
        yield from numbers.machine_readable(text)
    yield from networks.find(text)
    runs = list(_DIGITS.finditer(text))
    if not runs:
        return
    regions = _regions(text, runs)
    for detector in (numbers.ibans, numbers.cards, numbers.papers, numbers.identities, phones.find):
        for start, end in regions:
            yield from detector(text, start, end)
    if Kind.ADDRESS in kinds:
        yield from addresses.find(text, runs)


def _regions(text: str, runs: Sequence[re.Match[str]]) -> list[tuple[int, int]]:
    """Parts of the text with long numbers: ordinary text has few but dates, and only they are searched."""
    regions: list[tuple[int, int]] = []
    for low, high in _dense(text, runs):
        if _DATES.fullmatch(text, low, high):
            continue
        low, high = _widened(text, low, high)
        if regions and low <= regions[-1][1]:
            low = regions.pop()[0]
        regions.append((low, high))
    return regions


def _dense(text: str, runs: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    low, high, digits = 0, -_NEAR, 0
    for run in runs:
        start, end = run.span()
        if start - high > _NEAR or _APART.search(text, high, start):
            if digits >= _FEWEST:
                yield low, high
            low, digits = start, 0
        digits += end - start
        high = end
    if digits >= _FEWEST:
        yield low, high


def _widened(text: str, low: int, high: int) -> tuple[int, int]:
    """With what is around them, up to the nearest space."""
    low, high = max(0, low - _BEFORE), min(len(text), high + _AFTER)
    space = text.rfind(" ", max(0, low - 30), low)
    low = space if space >= 0 else low
    space = text.find(" ", high, high + 30)
    return low, space if space >= 0 else high

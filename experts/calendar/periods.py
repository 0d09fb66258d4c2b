"""Sets of half-open periods. Every function returns them in order, apart from each other and never empty."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta

Period = tuple[datetime, datetime]


def union(periods: Iterable[Period]) -> list[Period]:
    """Those that touch become one."""
    joined: list[Period] = []
    for start, end in sorted(periods):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            if end > joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def subtract(periods: Iterable[Period], cuts: Iterable[Period]) -> list[Period]:
    left, cuts = [], union(cuts)
    place = 0
    for start, end in union(periods):
        while place < len(cuts) and cuts[place][1] <= start:
            place += 1
        for cut_start, cut_end in cuts[place:]:
            if cut_start >= end:
                break
            if start < cut_start:
                left.append((start, cut_start))
            start = cut_end
        if start < end:
            left.append((start, end))
    return left


def clip(periods: Iterable[Period], start: datetime, end: datetime) -> list[Period]:
    """What of them lies between the two. Periods in order stay so, and are not joined."""
    cut = ((max(first, start), min(last, end)) for first, last in periods)
    return [(first, last) for first, last in cut if first < last]


def holds(periods: list[Period], start: datetime, end: datetime) -> bool:
    """Whether one of the joined periods covers all of it."""
    place = bisect_right(periods, start, key=lambda period: period[0]) - 1
    return place >= 0 and periods[place][1] >= end


def length(periods: Iterable[Period]) -> timedelta:
    return sum((end - start for start, end in periods), timedelta(0))

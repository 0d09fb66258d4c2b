"""What would move an expert's score: other dates, another budget, one more language.

Each change is scored with the formulas of the ranking itself, so a trip changed like that really scores so. None of the
three touches expertise or trust, nor which experts are candidates.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from matching import engine, factors
from matching.engine import Ranking, Tenths
from matching.factors import Column
from matching.inputs import SPAN_DAYS, Outlook, hours_apart
from matching.models import Factor

Facts = dict[str, Any]

MOST_CHANGES = 2
# In tenths: less than half a point is no reason to change a trip.
LEAST_GAIN = 5
# Nobody doubles a budget for a few points more.
MOST_RAISE = 2.0
NOTHING_MOVED = (0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Change:
    kind: str  # dates, budget or language
    facts: Facts  # what to change, and `score`: what the trip would then score, in tenths
    gain: int  # tenths

    def stored(self) -> list[Any]:
        return [self.kind, self.facts]


@dataclass(frozen=True)
class Scored:
    """One column of a ranking, and what a review moved it by: changes add to what is shown."""

    ranking: Ranking
    column: int
    weights: tuple[int, ...]
    shifts: tuple[int, ...] = NOTHING_MOVED

    @property
    def score(self) -> int:
        return int(self.scores(Factor.EXPERTISE, self._first[0:1] / 10)[0])

    @property
    def _first(self) -> Tenths:
        return self.ranking.values[:, self.column]

    def scores(self, factor: Factor, values: Column) -> Tenths:
        """The score with each of these values of a factor in place of the ranking's."""
        tenths = np.repeat(self._first[:, np.newaxis], len(values), axis=1)
        tenths[list(Factor).index(factor)] = engine.tenths(values)
        shifted = np.clip(tenths + np.array(self.shifts)[:, np.newaxis], 0, 1000)
        return engine.weighted(shifted, self.weights).sum(axis=0)

    def number(self, name: str) -> Column:
        return self.ranking.pool.numbers[name][self.column : self.column + 1]


def changes(scored: Scored, outlook: Outlook) -> list[Change]:
    """The one or two changes that would bring this expert most, the nearest of those that bring the same."""
    row = outlook.ids.index(int(scored.ranking.pool.ids[scored.column]))
    found = [_dates(scored, outlook, row), _budget(scored), _language(scored, outlook, row)]
    worth = [change for change in found if change and change.gain >= LEAST_GAIN]
    return sorted(worth, key=lambda change: (-change.gain, change.kind))[:MOST_CHANGES]


def _best(
    scored: Scored, kind: str, factor: Factor, values: Sequence[float] | Column, facts: Sequence[Facts]
) -> Change | None:
    """The first of those that bring most: `values` and `facts` go from near to far."""
    if not facts:
        return None
    scores = scored.scores(factor, np.asarray(values, dtype=float))
    best = int(np.argmax(scores))
    score = int(scores[best])
    return Change(kind, facts[best] | {"score": score}, score - scored.score)


def _dates(scored: Scored, outlook: Outlook, row: int) -> Change | None:
    """Fixed dates, moved by up to two weeks but not into the past. A month is open enough already."""
    brief = scored.ranking.brief
    if not brief.fixed:
        return None
    length = (brief.end - brief.first).days
    near_to_far = sorted(range(-SPAN_DAYS, SPAN_DAYS + 1), key=abs)[1:]
    shifts = [days for days in near_to_far if brief.first + timedelta(days=days) > brief.today]
    firsts = [brief.first + timedelta(days=days) for days in shifts]
    moved = factors.availability(
        blocked=sliding_window_view(outlook.blocked[row], length)[[SPAN_DAYS + days for days in shifts]],
        days=brief.days,
        people=brief.people,
        group_size_max=scored.number("group_size_max"),
        hours_apart=np.array([hours_apart(brief.zones, first) for first in firsts]),
    )
    facts = [
        {"days": days, "first": first.isoformat(), "end": (first + timedelta(days=length - 1)).isoformat()}
        for days, first in zip(shifts, firsts, strict=True)
    ]
    return _best(scored, "dates", Factor.AVAILABILITY, moved.values, facts)


def _budget(scored: Scored) -> Change | None:
    """A budget that meets the lowest or the highest price of this expert, or no longer twice that, as a round sum."""
    brief = scored.ranking.brief
    totals = list(_totals(scored))
    fits = [
        factors.budget(
            amount=total / (brief.people * brief.days),
            price_min=scored.number("price_min"),
            price_max=scored.number("price_max"),
            rating_sum=scored.number("value_sum"),
            rating_count=scored.number("value_count"),
        )
        for total in totals
    ]
    facts = [{"total": total, "currency": brief.currency} for total in totals]
    return _best(scored, "budget", Factor.BUDGET, [float(fit.values[0]) for fit in fits], facts)


def _totals(scored: Scored) -> Iterator[int]:
    """From near to far."""
    brief, high = scored.ranking.brief, float(scored.number("price_max")[0])
    amount, share = brief.amount, brief.people * brief.days
    if amount is None:
        return
    targets = (float(scored.number("price_min")[0]), high, 2 * high)
    totals = {_round_sum(target * share, up=target > amount) for target in targets}
    for total in sorted(totals - {0}, key=lambda total: abs(math.log(total / share / amount))):
        if total / share <= MOST_RAISE * amount:
            yield total


def _round_sum(amount: float, *, up: bool) -> int:
    """Two digits, as people name budgets; towards the side that still meets the price."""
    step = 10 ** max(math.floor(math.log10(amount)) - 1, 0) if amount >= 1 else 1
    return (math.ceil(amount / step) if up else math.floor(amount / step)) * step


def _language(scored: Scored, outlook: Outlook, row: int) -> Change | None:
    pool, column = scored.ranking.pool, scored.column
    if pool.level is None:
        return None
    asked, known = scored.ranking.brief.languages, int(pool.level[column])
    better = [
        (language, level)
        for language, level in outlook.languages[row].items()
        if language not in asked and level > known
    ]
    talk = scored.ranking.parts.communication
    rest = {part: getattr(talk, part)[column : column + 1] for part in ("style", "response", "praise")}
    shares = factors.LANGUAGE_SHARE[[level for _, level in better]] if better else np.array([])
    facts = [{"language": language, "level": level} for language, level in better]
    return _best(
        scored, "language", Factor.COMMUNICATION, replace(talk, language=shares, **rest).values, facts
    )

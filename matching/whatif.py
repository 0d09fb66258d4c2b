"""What would move an expert's score: other dates, another budget, one more language.

Each change is scored with the formulas of the ranking itself, so a trip changed like that really scores so. None of the
three touches expertise or trust, nor which experts are candidates.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from matching import engine, factors
from matching.engine import Ranking
from matching.inputs import SPAN_DAYS, Brief, Outlook, hours_apart
from matching.models import Factor

Facts = dict[str, Any]

MOST_CHANGES = 2
# In tenths: less than half a point is no reason to change a trip.
LEAST_GAIN = 5
# Nobody doubles a budget for a few points more.
MOST_RAISE = 2.0


@dataclass(frozen=True)
class Change:
    kind: str  # dates, budget or language
    facts: Facts  # what to change, and `score`: what the trip would then score, in tenths
    gain: int  # tenths
    distance: float  # within its kind

    def stored(self) -> list[Any]:
        return [self.kind, self.facts]


@dataclass(frozen=True)
class Scored:
    """One column of a ranking, and what a review moved it by: changes add to what is shown."""

    ranking: Ranking
    column: int
    weights: tuple[int, ...]
    shifts: tuple[int, ...] = (0, 0, 0, 0, 0)

    def with_values(self, **values: float) -> int:
        """The score in tenths, with these factors' values in place of the ranking's."""
        tenths = self.ranking.values[:, self.column].copy()
        for factor, value in values.items():
            tenths[list(Factor.values).index(factor)] = engine.tenths(np.array(value))
        tenths = np.clip(tenths + self.shifts, 0, 1000)
        return engine.total(tenths.tolist(), self.weights)


def changes(scored: Scored, outlook: Outlook) -> list[Change]:
    """The one or two changes that would bring this expert most, the nearest of those that bring the same."""
    row = outlook.ids.index(int(scored.ranking.pool.ids[scored.column]))
    kinds = [_dates(scored, outlook, row), _budgets(scored), _languages(scored, outlook, row)]
    best = [
        max(found, key=lambda change: (change.gain, -change.distance))
        for kind in kinds
        if (found := list(kind))
    ]
    worth = [change for change in best if change.gain >= LEAST_GAIN]
    return sorted(worth, key=lambda change: (-change.gain, change.kind))[:MOST_CHANGES]


def _change(scored: Scored, kind: str, facts: Facts, distance: float, **values: float) -> Change:
    score = scored.with_values(**values)
    return Change(kind, facts | {"score": score}, score - scored.with_values(), distance)


def _dates(scored: Scored, outlook: Outlook, row: int) -> Iterator[Change]:
    """Fixed dates, moved by up to two weeks but not into the past. A month is open enough already."""
    brief, ranking = scored.ranking.brief, scored.ranking
    if not brief.fixed:
        return
    length = (brief.end - brief.first).days
    for days in range(-SPAN_DAYS, SPAN_DAYS + 1):
        first = brief.first + timedelta(days=days)
        if not days or first <= brief.today:
            continue
        begin = SPAN_DAYS + days
        moved = factors.availability(
            blocked=outlook.blocked[row : row + 1, begin : begin + length],
            days=brief.days,
            people=brief.people,
            group_size_max=ranking.pool.numbers["group_size_max"][scored.column : scored.column + 1],
            hours_apart=hours_apart(brief.zones, first),
        )
        facts = {
            "days": days,
            "first": first.isoformat(),
            "end": (first + timedelta(days=length - 1)).isoformat(),
        }
        yield _change(scored, "dates", facts, abs(days), availability=float(moved.values[0]))


def _budgets(scored: Scored) -> Iterator[Change]:
    """A budget that meets the lowest or the highest price of this expert, or no longer twice that, as a round sum."""
    brief, number, column = scored.ranking.brief, scored.ranking.pool.numbers, scored.column
    if brief.amount is None:
        return
    low, high = float(number["price_min"][column]), float(number["price_max"][column])
    for target in (low, high, 2 * high):
        total = _round_sum(target * brief.people * brief.days, up=target > brief.amount)
        amount = total / (brief.people * brief.days)
        if total <= 0 or amount > MOST_RAISE * brief.amount:
            continue
        fit = factors.budget(
            amount=amount, **{name: number[key][column : column + 1] for name, key in BUDGET_COLUMNS.items()}
        )
        facts = {"total": total, "currency": brief.currency}
        distance = abs(math.log(amount / brief.amount))
        yield _change(scored, "budget", facts, distance, budget=float(fit.values[0]))


BUDGET_COLUMNS = {
    "price_min": "price_min",
    "price_max": "price_max",
    "rating_sum": "value_sum",
    "rating_count": "value_count",
}


def _round_sum(amount: float, *, up: bool) -> int:
    """Two digits, as people name budgets; towards the side that still meets the price."""
    step = 10 ** max(math.floor(math.log10(amount)) - 1, 0) if amount >= 1 else 1
    return (math.ceil(amount / step) if up else math.floor(amount / step)) * step


def _languages(scored: Scored, outlook: Outlook, row: int) -> Iterator[Change]:
    brief: Brief = scored.ranking.brief
    if not brief.languages:
        return
    pool, column = scored.ranking.pool, scored.column
    talk = scored.ranking.parts.communication
    for language, level in outlook.languages[row].items():
        if pool.level is None or language in brief.languages or level <= int(pool.level[column]):
            continue
        share = np.array([factors.LANGUAGE_SHARE[level]])
        better = replace(
            talk,
            language=share,
            **{part: getattr(talk, part)[column : column + 1] for part in ("style", "response", "praise")},
        )
        facts = {"language": language, "level": level}
        yield _change(scored, "language", facts, 0, communication=float(better.values[0]))

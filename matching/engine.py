"""Ranks a market's experts for a trip. Code alone computes scores; the same inputs give the same ranking.

value   each factor is 0 to 100, kept in tenths
points  value × weight, rounded half up to a tenth
score   the sum of the five points, by definition
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matching import candidates, expertise, factors
from matching.inputs import Brief, Inputs, Pool
from matching.models import SHOWN, Factor, MatchScore
from travelers.models import Trip

# Of the formulas below and in `expertise` and `factors`: a new name whenever one of them changes.
ALGORITHM = "2026.11"
# Thousandths, in the order of Factor. What counts is what the active AlgorithmVersion says.
WEIGHTS = (350, 200, 150, 150, 150)
FLOOR_TENTHS = 500
# Tenths: neighbours that are closer take turns, and a second opinion is asked about them.
CLOSE = 30

Tenths = NDArray[np.int64]
Shifts = Mapping[int, Mapping[str, int]]  # by column and factor, in tenths
Hidden = MatchScore.Hidden
UNABLE = (Hidden.CALENDAR_CLOSED, Hidden.LANGUAGE_MISSING, Hidden.GROUP_TOO_LARGE)


@dataclass(frozen=True, eq=False)
class Parts:
    """What each factor's value is made of, for all candidates."""

    expertise: expertise.Alignment
    communication: factors.Communication
    budget: factors.Budget
    availability: factors.Availability
    trust: factors.Trust

    def values(self) -> Tenths:
        """Factors × candidates, in the order of `Factor`."""
        return np.array([tenths(getattr(self, factor).values) for factor in Factor.values])


@dataclass(frozen=True, eq=False)
class Ranking:
    """Every candidate of a trip with what they scored; a column per candidate, in the order of `pool.ids`."""

    brief: Brief
    pool: Pool
    parts: Parts
    values: Tenths
    points: Tenths
    scores: Tenths
    cannot: NDArray[np.int64]  # why a candidate cannot do the trip at all; Hidden.NO for those who can
    hidden: NDArray[np.int64]  # a Hidden each
    order: NDArray[np.int64]  # the columns, best first


def rank(trip: Trip, *, today: date, weights: Sequence[int] = WEIGHTS) -> Ranking:
    """Score all candidates of a trip, as the database knows them now."""
    return score(candidates.load(trip, today=today), weights)


def score(inputs: Inputs, weights: Sequence[int] = WEIGHTS) -> Ranking:
    """Score all candidates. Those who cannot do the trip at all come after all who can."""
    brief, pool = inputs.brief, inputs.pool
    parts = parts_of(pool, brief)
    values = parts.values()
    points = weighted(values, weights)
    scores = points.sum(axis=0)
    cannot = cannot_of(pool, parts, brief)
    # Ties go to the better expertise, then to the better trust, then to who joined first.
    order = np.lexsort((pool.ids, -points[-1], -points[0], -scores, cannot > 0))
    hidden = hidden_of(cannot, scores, order)
    return Ranking(brief, pool, parts, values, points, scores, cannot, hidden, order)


def moved(first: Ranking, shifts: Shifts, weights: Sequence[int]) -> Ranking:
    """The ranking with these columns' values moved. They change places among themselves; the rest stays behind them."""
    values = first.values.copy()
    for column, moves in shifts.items():
        values[:, column] += in_order(moves)
    points = weighted(values, weights)
    scores = points.sum(axis=0)
    place = {column: place for place, column in enumerate(first.order.tolist())}
    # Where the shifts leave two equal, the first ranking decides.
    near = sorted(shifts, key=lambda column: (-int(scores[column]), place[column]))
    order = np.array(near + [column for column in place if column not in shifts], dtype=np.int64)
    hidden = hidden_of(first.cannot, scores, order)
    return replace(first, values=values, points=points, scores=scores, hidden=hidden, order=order)


def in_order(moves: Mapping[str, int]) -> tuple[int, ...]:
    """Shifts of factors by name, as one of each factor."""
    return tuple(moves.get(factor, 0) for factor in Factor.values)


def able(ranking: Ranking) -> list[int]:
    """The columns of those who can do the trip, best first."""
    can = ranking.cannot[ranking.order] == int(Hidden.NO)
    return [int(column) for column in ranking.order[can]]


def fit(ranking: Ranking) -> list[int]:
    """The columns of those who may stand on the page, best first."""
    good = ranking.scores >= FLOOR_TENTHS
    return [column for column in able(ranking) if good[column]]


def weighted(values: Tenths, weights: Sequence[int] = WEIGHTS) -> Tenths:
    """The points that values earn, factors × candidates."""
    return (values * np.array(weights)[:, np.newaxis] + 500) // 1000


def total(values: Sequence[int], weights: Sequence[int]) -> int:
    """The score of one candidate's values; all in tenths."""
    return int(weighted(np.array([values]).T, weights).sum())


def tenths(values: NDArray[np.float64]) -> Tenths:
    return np.floor(values * 10 + 0.5).astype(np.int64)


def alignment(pool: Pool) -> expertise.Alignment:
    return expertise.align(
        skills=pool.skills,
        words=pool.words,
        works=pool.numbers["works"].astype(np.int64),
        texts=pool.numbers["texts"].astype(np.int64),
    )


def parts_of(pool: Pool, brief: Brief) -> Parts:
    number = pool.numbers
    return Parts(
        expertise=alignment(pool),
        communication=factors.communication(
            level=pool.level,
            styles=pool.styles,
            wanted_style=brief.style,
            response_hours=number["response_hours"],
            rating_sum=number["communication_sum"],
            rating_count=number["communication_count"],
        ),
        budget=factors.budget(
            amount=brief.amount,
            price_min=number["price_min"],
            price_max=number["price_max"],
            rating_sum=number["value_sum"],
            rating_count=number["value_count"],
        ),
        availability=factors.availability(
            blocked=pool.blocked,
            days=brief.days,
            people=brief.people,
            group_size_max=number["group_size_max"],
            hours_apart=brief.hours_apart,
        ),
        trust=factors.trust(
            rating_sum=number["rating_sum"],
            rating_count=number["review_count"],
            recent_sum=number["recent_rating_sum"],
            recent_count=number["recent_review_count"],
            completed=number["completed_bookings"],
            repeat_clients=number["repeat_clients"],
            verified=number["verified"],
            years_active=pool.years_active,
        ),
    )


def cannot_of(pool: Pool, parts: Parts, brief: Brief) -> NDArray[np.int64]:
    """Why a candidate cannot do this trip whatever the score; Hidden.NO for those who can."""
    mute = np.zeros(len(pool), dtype=bool) if pool.level is None else pool.level == 0
    return np.select(
        [parts.availability.free == 0, mute, pool.numbers["group_size_max"] < brief.people],
        [Hidden.CALENDAR_CLOSED, Hidden.LANGUAGE_MISSING, Hidden.GROUP_TOO_LARGE],
        default=Hidden.NO,
    )


def hidden_of(cannot: NDArray[np.int64], scores: Tenths, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The reason of each for not being among the five, where the order alone decides."""
    hidden = np.where((cannot == Hidden.NO) & (scores < FLOOR_TENTHS), Hidden.BELOW_FLOOR, cannot)
    fit = order[hidden[order] == Hidden.NO]
    hidden[fit[SHOWN:]] = Hidden.NOT_IN_TOP
    return hidden

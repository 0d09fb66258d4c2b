"""Ranks a market's experts for a trip. Code alone computes scores; the same inputs give the same ranking.

value   each factor is 0 to 100, kept in tenths
points  value × weight, rounded half up to a tenth
score   the sum of the five points, by definition
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from matching import candidates, expertise, factors
from matching.candidates import Pool
from matching.models import SHOWN, Factor, MatchScore
from travelers.models import Trip

ALGORITHM = "2026.11"
# Percent, in the order of Factor.
WEIGHTS = {
    Factor.EXPERTISE: 35,
    Factor.COMMUNICATION: 20,
    Factor.BUDGET: 15,
    Factor.AVAILABILITY: 15,
    Factor.TRUST: 15,
}
FLOOR_TENTHS = 500

Tenths = NDArray[np.int64]
Hidden = MatchScore.Hidden


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

    pool: Pool
    parts: Parts
    values: Tenths
    points: Tenths
    scores: Tenths
    hidden: NDArray[np.int64]  # a Hidden each
    order: NDArray[np.int64]  # the columns, best first


def rank(trip: Trip, *, today: date) -> Ranking:
    """Score all candidates. Those who cannot do the trip at all come after all who can."""
    pool = candidates.load(trip, today=today)
    parts = _parts(pool, trip)
    values = parts.values()
    points = weighted(values)
    scores = points.sum(axis=0)
    cannot = _cannot(pool, parts, trip)
    # Ties go to the better expertise, then to the better trust, then to who joined first.
    order = np.lexsort((pool.ids, -points[-1], -points[0], -scores, cannot > 0))
    hidden = _hidden(cannot, scores, order)
    return Ranking(pool, parts, values, points, scores, hidden, order)


def weighted(values: Tenths) -> Tenths:
    """The points that values earn, factors × candidates."""
    return (values * np.array(list(WEIGHTS.values()))[:, np.newaxis] + 50) // 100


def tenths(values: NDArray[np.float64]) -> Tenths:
    return np.floor(values * 10 + 0.5).astype(np.int64)


def hours_apart(trip: Trip) -> float:
    """Between the clocks of the traveler and the destination on the first day; 0 when the traveler's is unknown."""
    if not trip.time_zone:
        return 0.0
    noon = datetime.combine(trip.window()[0], time(12), tzinfo=UTC)
    clocks = [
        noon.astimezone(ZoneInfo(name)).utcoffset() for name in (trip.time_zone, trip.destination.time_zone)
    ]
    home, there = (clock or timedelta() for clock in clocks)
    hours = abs((there - home) / timedelta(hours=1))
    return min(hours, 24 - hours)


def _parts(pool: Pool, trip: Trip) -> Parts:
    number = pool.numbers
    budget = trip.budget_per_person_day
    return Parts(
        expertise=expertise.align(
            skills=pool.skills,
            words=pool.words,
            works=number["works"].astype(np.int64),
            texts=number["texts"].astype(np.int64),
        ),
        communication=factors.communication(
            level=pool.level,
            styles=pool.styles,
            wanted_style=trip.communication_style,
            response_hours=number["response_hours"],
            rating_sum=number["communication_sum"],
            rating_count=number["communication_count"],
        ),
        budget=factors.budget(
            amount=None if budget is None else float(budget),
            price_min=number["price_min"],
            price_max=number["price_max"],
            rating_sum=number["value_sum"],
            rating_count=number["value_count"],
        ),
        availability=factors.availability(
            blocked=pool.blocked,
            days=trip.days,
            people=trip.people,
            group_size_max=number["group_size_max"],
            hours_apart=hours_apart(trip),
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


def _cannot(pool: Pool, parts: Parts, trip: Trip) -> NDArray[np.int64]:
    """Why a candidate cannot do this trip whatever the score; Hidden.NO for those who can."""
    mute = np.zeros(len(pool), dtype=bool) if pool.level is None else pool.level == 0
    return np.select(
        [parts.availability.free == 0, mute, pool.numbers["group_size_max"] < trip.people],
        [Hidden.CALENDAR_CLOSED, Hidden.LANGUAGE_MISSING, Hidden.GROUP_TOO_LARGE],
        default=Hidden.NO,
    )


def _hidden(cannot: NDArray[np.int64], scores: Tenths, order: NDArray[np.int64]) -> NDArray[np.int64]:
    hidden = np.where((cannot == Hidden.NO) & (scores < FLOOR_TENTHS), Hidden.BELOW_FLOOR, cannot)
    fit = order[hidden[order] == Hidden.NO]
    hidden[fit[SHOWN:]] = Hidden.NOT_IN_TOP
    return hidden

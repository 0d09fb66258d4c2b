"""Four of the five factors: communication, budget, availability and trust. Expertise has a module of its own.

Each function takes the pool's columns (one entry per candidate) and returns values from 0 to 100. What a traveler did
not ask for counts as fully met, so 100 means "everything you asked for". A mean of few ratings is drawn towards what
is usual (a Bayesian mean, (m·C + Σ) / (C + n); Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5),
so that a newcomer starts at the prior and one lucky review makes nobody a star.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

# Share of a conversation that works at each CEFR level, from none (0) through A1 (1) to native (7).
LANGUAGE_SHARE = np.array([0.0, 0.10, 0.30, 0.60, 0.85, 0.95, 1.0, 1.0])
# How well one style of writing serves someone who asked for another.
STYLE_FIT = {
    "friendly": {"friendly": 1.0, "detailed": 0.7, "concise": 0.5, "formal": 0.3},
    "concise": {"concise": 1.0, "formal": 0.6, "friendly": 0.6, "detailed": 0.3},
    "detailed": {"detailed": 1.0, "formal": 0.7, "friendly": 0.6, "concise": 0.3},
    "formal": {"formal": 1.0, "detailed": 0.7, "concise": 0.6, "friendly": 0.3},
}
RESPONSE_HALF_LIFE_HOURS = 24.0
# A price this share above the budget halves the fit.
OVER_BUDGET_HALF = 0.25
PRIOR_RATING, PRIOR_WEIGHT = 4.3, 8.0


def bayesian_mean(total: Column, count: Column, prior: float = PRIOR_RATING) -> Column:
    return (prior * PRIOR_WEIGHT + total) / (PRIOR_WEIGHT + count)


def _stars(mean: Column) -> Column:
    """Ratings crowd between 3 and 5, so that range is what is spread over 0 to 1."""
    return np.clip((mean - 3) / 2, 0, 1)


@dataclass(frozen=True)
class Communication:
    language: Column
    style: Column
    response: Column
    praise: Column

    @property
    def values(self) -> Column:
        return 100 * (0.50 * self.language + 0.15 * self.style + 0.20 * self.response + 0.15 * self.praise)


def communication(
    *,
    level: NDArray[np.int64] | None,
    styles: list[str],
    wanted_style: str,
    response_hours: Column,
    rating_sum: Column,
    rating_count: Column,
) -> Communication:
    """`level`: best shared level 0 to 7 per candidate, None when no language was asked for."""
    everyone = np.ones(len(styles))
    fit = STYLE_FIT.get(wanted_style)
    return Communication(
        language=everyone if level is None else LANGUAGE_SHARE[level],
        style=everyone if fit is None else np.array([fit[style] for style in styles]),
        response=0.5 ** (response_hours / RESPONSE_HALF_LIFE_HOURS),
        praise=_stars(bayesian_mean(rating_sum, rating_count)),
    )


@dataclass(frozen=True)
class Budget:
    fit: Column
    value_for_money: Column

    @property
    def values(self) -> Column:
        return 100 * (0.80 * self.fit + 0.20 * self.value_for_money)


def budget(
    *, amount: float | None, price_min: Column, price_max: Column, rating_sum: Column, rating_count: Column
) -> Budget:
    """`amount` per person and day, in the currency of the prices; None when no budget was named.

    Inside the expert's range the fit climbs from .80 at its lower to 1 at its upper end. Below the range it halves
    with every 25 % that the lowest price lies above the budget. Above twice the range it eases off to .85, since
    such an expert usually plans another kind of trip.
    """
    value_for_money = _stars(bayesian_mean(rating_sum, rating_count))
    if amount is None:
        return Budget(np.ones(len(price_min)), value_for_money)
    span = np.maximum(price_max - price_min, 0.01)
    inside = 0.80 + 0.20 * np.clip(1 - (price_max - amount) / span, 0, 1)
    over = np.maximum(price_min / amount - 1, 0)
    generous = np.clip(amount / (2 * price_max), 1, 2)
    return Budget(inside * 0.5 ** (over / OVER_BUDGET_HALF) * (1.15 - 0.15 * generous), value_for_money)


@dataclass(frozen=True)
class Availability:
    free: Column
    capacity: Column
    time_zone: float | Column

    @property
    def values(self) -> Column:
        return 100 * (0.70 * self.free + 0.20 * self.capacity + 0.10 * self.time_zone)


def availability(
    *, blocked: NDArray[np.bool_], days: int, people: int, group_size_max: Column, hours_apart: float | Column
) -> Availability:
    """`blocked`: candidates × days of the window. The free share is that of the best `days` days in a row."""
    return Availability(
        free=free_share(blocked, days),
        capacity=np.minimum(group_size_max / people, 1),
        time_zone=1 - np.minimum(np.abs(hours_apart), 12) / 24,
    )


def free_share(blocked: NDArray[np.bool_], days: int) -> Column:
    candidates, window = blocked.shape
    days = min(days, window)
    ends = np.cumsum(np.hstack([np.zeros((candidates, 1), dtype=np.int64), blocked]), axis=1)
    taken = (ends[:, days:] - ends[:, :-days]).min(axis=1)
    return 1 - taken / days


@dataclass(frozen=True)
class Trust:
    rating: Column
    reviews: Column
    trend: Column
    repeat: Column
    verified: Column
    tenure: Column

    @property
    def values(self) -> Column:
        return 100 * (
            0.45 * self.rating
            + 0.15 * self.reviews
            + 0.05 * self.trend
            + 0.10 * self.repeat
            + 0.15 * self.verified
            + 0.10 * self.tenure
        )


def trust(
    *,
    rating_sum: Column,
    rating_count: Column,
    recent_sum: Column,
    recent_count: Column,
    completed: Column,
    repeat_clients: Column,
    verified: Column,
    years_active: Column,
) -> Trust:
    mean = bayesian_mean(rating_sum, rating_count)
    # The recent mean is drawn towards the expert's own, so a single odd month shows no trend.
    recent = (mean * PRIOR_WEIGHT + recent_sum) / (PRIOR_WEIGHT + recent_count)
    return Trust(
        rating=_stars(mean),
        reviews=(rating_count + 5) / (rating_count + 15),
        trend=np.clip(0.5 + (recent - mean), 0, 1),
        # A quarter of clients coming back is very good in a trade of once-in-a-lifetime trips.
        repeat=np.minimum((repeat_clients + 0.5) / (completed + 5) / 0.25, 1),
        verified=np.where(verified > 0, 1.0, 0.5),
        tenure=(years_active + 1) / (years_active + 3),
    )

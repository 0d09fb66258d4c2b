"""The figures behind analytics: rates with their uncertainty, effects, and how well a forecast holds.

Where there is nothing to compute from, the answer is None.
"""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

BINS = 10
NORMAL_95 = 1.959964


class Interval(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True)
class Rate:
    """How often something happened, 0 to 1, with its 95 % interval."""

    happened: int
    count: int
    value: float | None
    interval: Interval | None

    @classmethod
    def of(cls, happened: int, count: int) -> "Rate":
        return cls(happened, count, happened / count if count else None, wilson(happened, count))

    @classmethod
    def among(cls, happened: Booleans) -> "Rate":
        return cls.of(int(np.count_nonzero(happened)), len(happened))


@dataclass(frozen=True)
class Mean:
    count: int
    value: float | None

    @classmethod
    def of(cls, values: Floats) -> "Mean":
        return cls(len(values), float(values.mean()) if len(values) else None)


@dataclass(frozen=True)
class Bin:
    """Forecasts that are alike, and what became of them: a point of the reliability plot."""

    forecast: float
    rate: Rate


def wilson(happened: int, count: int) -> Interval | None:
    """The 95 % interval of a rate (Wilson 1927, "Probable inference"): sensible for few, and at 0 and 1."""
    if not count:
        return None
    rate, shrink = happened / count, NORMAL_95**2 / count
    middle = (rate + shrink / 2) / (1 + shrink)
    half = NORMAL_95 * sqrt(rate * (1 - rate) / count + shrink / (4 * count)) / (1 + shrink)
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def reliability(forecasts: Floats, happened: Booleans, bins: int = BINS) -> list[Bin]:
    """Up to `bins` bins of about equally many forecasts, lowest first; equal forecasts share one.

    Bins of equal width would put nearly all forecasts of a rare event into the first.
    """
    if not len(forecasts):
        return []
    edges = np.unique(np.quantile(forecasts, np.linspace(0, 1, bins + 1)[1:-1]))
    belongs = np.searchsorted(edges, forecasts, side="left")
    return [
        Bin(float(forecasts[belongs == each].mean()), Rate.among(happened[belongs == each]))
        for each in np.unique(belongs)
    ]


def ece(bins: list[Bin]) -> float | None:
    """Expected calibration error: the mean distance of forecast and rate, weighted by counts."""
    total = sum(each.rate.count for each in bins)
    off = sum(abs(each.rate.happened - each.forecast * each.rate.count) for each in bins)
    return off / total if total else None


def brier(forecasts: Floats, happened: Booleans) -> float | None:
    """The mean squared distance of forecast and outcome (Brier 1950)."""
    return float(((forecasts - happened) ** 2).mean()) if len(forecasts) else None


def standardised_difference(values: Floats, happened: Booleans) -> float | None:
    """How much higher values are where it happened, in standard deviations pooled over both groups (Cohen's d)."""
    yes, no = values[happened], values[~happened]
    if not len(yes) or not len(no) or len(values) < 3:
        return None
    squares = ((yes - yes.mean()) ** 2).sum() + ((no - no.mean()) ** 2).sum()
    pooled = sqrt(squares / (len(values) - 2))
    return float((yes.mean() - no.mean()) / pooled) if pooled else None


def point_biserial(values: Floats, happened: Booleans) -> float | None:
    """The correlation of a value with whether it happened, -1 to 1; None where either is the same everywhere."""
    spread = float(values.std()) if len(values) else 0.0
    share = float(happened.mean()) if len(happened) else 0.0
    if not spread or share in {0.0, 1.0}:
        return None
    gap = values[happened].mean() - values[~happened].mean()
    return float(gap / spread * sqrt(share * (1 - share)))


def percentile(values: Floats, percent: float) -> float | None:
    return float(np.percentile(values, percent)) if len(values) else None

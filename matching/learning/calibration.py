"""Whether things foretold with a probability happen as often as that."""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from matching.learning.slates import Booleans, Floats

BINS = 10
NORMAL_95 = 1.959964


class Interval(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """Forecasts that are alike, and what became of them: a point of the reliability plot."""

    count: int
    happened: int
    forecast: float  # mean probability, 0 to 1

    @property
    def rate(self) -> float:
        return self.happened / self.count

    @property
    def interval(self) -> Interval | None:
        return wilson(self.happened, self.count)


def wilson(happened: int, count: int) -> Interval | None:
    """The 95 % interval of a rate (Wilson 1927, "Probable inference"), within 0 and 1 also for few; None for none."""
    if not 0 <= happened <= count:
        raise ValueError(f"{happened} of {count} is no rate.")
    if not count:
        return None
    rate, shrink = happened / count, NORMAL_95**2 / count
    middle = (rate + shrink / 2) / (1 + shrink)
    half = NORMAL_95 * sqrt(rate * (1 - rate) / count + shrink / (4 * count)) / (1 + shrink)
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def reliability(forecasts: Floats, happened: Booleans, bins: int = BINS) -> list[Bin]:
    """Up to `bins` bins of about equally many forecasts, lowest first; equal forecasts share one. Empty for none.

    Bins of equal width would put nearly all forecasts of a rare event into the first (Nguyen and O'Connor 2015,
    "Posterior calibration and exploratory analysis for natural language processing models").
    """
    if not len(forecasts):
        return []
    edges = np.unique(np.quantile(forecasts, np.linspace(0, 1, bins + 1)[1:-1]))
    belongs = np.searchsorted(edges, forecasts, side="left")
    counts, hits = np.bincount(belongs), np.bincount(belongs, happened)
    sums = np.bincount(belongs, forecasts)
    return [
        Bin(int(count), int(hit), float(total / count))
        for count, hit, total in zip(counts, hits, sums, strict=True)
        if count
    ]


def calibration_error(bins: list[Bin]) -> float | None:
    """Expected calibration error: mean distance of rate and forecast, weighted by counts (Naeini et al. 2015)."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.rate - each.forecast) for each in bins) / total if total else None


def brier(forecasts: Floats, happened: Booleans) -> float | None:
    """Mean squared distance of forecast and outcome (Brier 1950); None without forecasts."""
    return float(((forecasts - happened) ** 2).mean()) if len(forecasts) else None

"""The figures behind analytics: rates with their uncertainty, and effects.

Where there is nothing to compute from, the answer is None.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from matching.learning.calibration import Bin, Interval, wilson
from matching.learning.slates import Booleans, Floats


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
class Foretold:
    """Forecasts that are alike, and what became of them: a point of the reliability plot."""

    forecast: float
    rate: Rate

    @classmethod
    def of(cls, found: Bin) -> "Foretold":
        return cls(found.forecast, Rate.of(found.happened, found.count))


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

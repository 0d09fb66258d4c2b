"""The obvious rule for learning weights, kept faithful to be measured against: see bench/market.py for how it fails."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.learning.slates import Floats, Slates


class Problem(StrEnum):
    NOTHING_TO_COMPARE = "nothing_to_compare"  # nobody was booked, or everybody
    DIVISION_BY_ZERO = "division_by_zero"  # the differences sum to 0
    NEGATIVE_WEIGHT = "negative_weight"


@dataclass(frozen=True, eq=False)
class Difference:
    weights: Floats | None  # per factor, sum 1, maybe negative; None where there are none
    problem: Problem | None


def difference_of_means(slates: Slates) -> Difference:
    """Per factor: the mean value of the booked minus that of the not booked, divided by the sum of these.

    Position, what else was in the slate and how much a factor varies at all are not looked at.
    """
    booked = slates.values[slates.booked]
    others = slates.values[~slates.booked]
    if not len(booked) or not len(others):
        return Difference(None, Problem.NOTHING_TO_COMPARE)
    differences = booked.mean(axis=0) - others.mean(axis=0)
    total = differences.sum()
    # What is left of equal sums after rounding counts as 0.
    if abs(total) <= 1e-12:
        return Difference(None, Problem.DIVISION_BY_ZERO)
    weights = differences / total
    return Difference(weights, Problem.NEGATIVE_WEIGHT if np.any(weights < 0) else None)

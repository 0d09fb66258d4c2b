"""What must hold before a person may activate learned weights. Each gate tells how far off it is.

The latest fifth of the slates is kept from the training, as a stand-in for the future. There the learned weights must
be better than the current ones by an interval that excludes 0; both get scale, positions, outside and the appeal of
each expert fitted on the same training part, so that nothing but the weights makes the difference. The appeals matter:
the same experts are booked in the past and in the latest fifth, so weights that took them for merit would look better
there without being so (docs/performance.md tells how often). Travelers, not slates, are drawn for the interval, since
one traveler's trips are alike (a cluster bootstrap: Cameron, Gelbach and Miller 2008, "Bootstrap-based improvements for
inference with clustered errors").

Calibration is that of what travelers are told, which leaves appeals out: a version does not store them.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from matching.learning import logit
from matching.learning.calibration import Bin, Interval, calibration_error, reliability
from matching.learning.logit import Fit
from matching.learning.slates import Floats, Slates

BOOKINGS_AT_LEAST = 200
EXPERTS_AT_LEAST = 30
EXPERT_SHARE_AT_MOST = 0.15
CALIBRATION_ERROR_AT_MOST = 0.05
MOVE_AT_MOST = 0.10
WEIGHT_AT_LEAST = 0.05
LATEST = 0.20
RESAMPLES = 1000
# With fewer, drawing them again says too little.
TRAVELERS_AT_LEAST = 30


class Code(StrEnum):
    BOOKINGS = "bookings"  # how many there are
    EXPERTS = "experts"  # how many were booked
    EXPERT_SHARE = "expert_share"  # of all bookings, that of the expert with most
    LOG_LOSS = "log_loss"  # low end of the interval by which the learned weights are better
    CALIBRATION = "calibration"  # expected calibration error on the latest slates
    MOVE = "move"  # the weight that moves most
    FLOOR = "floor"  # the smallest weight


@dataclass(frozen=True)
class Gate:
    code: Code
    value: float | None  # None where it cannot be measured, which does not pass
    bound: float
    passed: bool

    @property
    def off(self) -> float | None:
        """How far the value is on the wrong side; 0 when passed, None when it cannot be measured."""
        if self.value is None:
            return None
        return 0.0 if self.passed else abs(self.value - self.bound)


@dataclass(frozen=True)
class Gain:
    """By how much the learned weights' log-loss per slate is lower than the current weights'."""

    mean: float
    interval: Interval  # 95 %


@dataclass(frozen=True, eq=False)
class Report:
    fit: Fit  # on all slates: what would be activated
    trained: Fit  # without the latest
    rival: Fit  # the current weights, on the same slates as `trained`
    gain: Gain | None
    bins: list[Bin]  # booking probabilities of the latest slates' items by `trained`, without appeals
    gates: list[Gate]

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)


def examine(slates: Slates, current: ArrayLike, seed: int = 0) -> Report:
    """Fit, hold against the latest slates, and measure every gate. `current`: the weights now in use, sum 1.

    The same slates and seed give the same report.
    """
    weights = logit.checked(current)
    past, latest = slates.split_latest(LATEST)
    learned, trained, rival = (
        logit.fit(slates, weights),
        logit.fit(past, weights),
        logit.fit_around(past, weights),
    )
    better = gain(rival.log_loss(latest) - trained.log_loss(latest), latest.traveler, seed)
    bins = reliability(trained.without_appeals().probabilities(latest), latest.booked)
    gates = [
        *gates_of_data(slates),
        gate_of_gain(better),
        gate_of_calibration(calibration_error(bins)),
        *gates_of_weights(learned.weights, weights),
    ]
    return Report(learned, trained, rival, better, bins, gates)


def gates_of_data(slates: Slates) -> list[Gate]:
    _, counts = np.unique(slates.expert[slates.booked], return_counts=True)
    return [
        _at_least(Code.BOOKINGS, slates.bookings, BOOKINGS_AT_LEAST),
        _at_least(Code.EXPERTS, len(counts), EXPERTS_AT_LEAST),
        _at_most(
            Code.EXPERT_SHARE, counts.max() / counts.sum() if len(counts) else None, EXPERT_SHARE_AT_MOST
        ),
    ]


def gate_of_gain(better: Gain | None) -> Gate:
    low = better.interval.low if better else None
    return Gate(Code.LOG_LOSS, low, 0.0, low is not None and low > 0)


def gate_of_calibration(error: float | None) -> Gate:
    return _at_most(Code.CALIBRATION, error, CALIBRATION_ERROR_AT_MOST)


def gates_of_weights(learned: Floats, current: Floats) -> list[Gate]:
    return [
        _at_most(Code.MOVE, np.abs(learned - current).max(), MOVE_AT_MOST),
        _at_least(Code.FLOOR, learned.min(), WEIGHT_AT_LEAST),
    ]


def gain(differences: Floats, traveler: np.ndarray, seed: int) -> Gain | None:
    """The mean over slates with a percentile bootstrap by traveler; None below TRAVELERS_AT_LEAST of them."""
    _, belongs, slates = np.unique(traveler, return_inverse=True, return_counts=True)
    travelers = len(slates)
    if travelers < TRAVELERS_AT_LEAST:
        return None
    sums = np.bincount(belongs, differences)
    rng = np.random.default_rng(seed)
    draws = (rng.integers(travelers, size=travelers) for _ in range(RESAMPLES))
    means = [sums[drawn].sum() / slates[drawn].sum() for drawn in draws]
    low, high = np.quantile(means, [0.025, 0.975])
    return Gain(float(differences.mean()), Interval(float(low), float(high)))


def _at_least(code: Code, value: float, bound: float) -> Gate:
    value = _plain(value)
    return Gate(code, value, bound, value >= bound)


def _at_most(code: Code, value: float | None, bound: float) -> Gate:
    if value is None:
        return Gate(code, None, bound, False)
    value = _plain(value)
    return Gate(code, value, bound, value <= bound)


def _plain(value: float) -> float:
    """Without the last digits of binary fractions: a move from .35 to .45 is one of .10."""
    return round(float(value), 9)

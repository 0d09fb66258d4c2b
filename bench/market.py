"""Whether weights learned from bookings are worth having: a market whose travelers' true weights are known.

`python -m bench market`. Experts have lasting qualities that hang together (the trusted write well and cost more), an
appeal that no factor sees, and are found unequally often. Each traveler has tastes of their own around the market's
true weights, sees the five best of twenty by today's weights with close neighbours swapped now and then, likes the
first more for standing first (or not), and mostly books nobody; experts turn some down. What is then learned is held
against the truth, and against how well it ranks fresh trips (NDCG@5; the gain of an expert is the odds that merit
alone would give: Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques").

In half of the markets today's weights are the true ones. There nothing is to be learned, and passing the gates is a
false activation.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import mean
from typing import Any

import numpy as np

from matching.engine import WEIGHTS, weighted
from matching.learning import gates
from matching.learning.baselines import difference_of_means
from matching.learning.exploration import explore
from matching.learning.slates import NOTHING, Floats, Integers, Slates
from matching.models import SHOWN

SEEDS = 20
SIZES = (100, 500, 2000)
TODAY = np.array(WEIGHTS) / 1000
# What travelers of a market want, around here; a market's own truth is drawn about .03 from it per factor.
WANTED, WANTED_COUNTS = np.array([0.28, 0.15, 0.21, 0.15, 0.21]), 200
# A traveler's tastes, about .06 around the market's.
TASTE_COUNTS = 40
EXPERTS, CANDIDATES, FRESH = 150, 20, 1000
# Per factor, in the order of Factor. LASTING is the part of a value that is the expert's, the rest is the trip's.
MEANS = np.array([0.60, 0.75, 0.75, 0.85, 0.70])
SPREADS = np.array([0.18, 0.12, 0.18, 0.14, 0.12])
LASTING = np.array([0.4, 0.7, 0.4, 0.2, 1.0])
ALIKE = np.array(
    [
        [1.0, 0.2, -0.2, 0.0, 0.4],
        [0.2, 1.0, 0.0, 0.1, 0.5],
        [-0.2, 0.0, 1.0, 0.1, -0.3],
        [0.0, 0.1, 0.1, 1.0, -0.2],
        [0.4, 0.5, -0.3, -0.2, 1.0],
    ]
)
# Ten points more make an expert 4.5 times as likely to be chosen.
SCALE = 15.0
POSITIONS = {"bias": np.array([0.0, -0.5, -0.9, -1.2, -1.4]), "no bias": np.zeros(SHOWN)}
OUTSIDE = 14.5
APPEAL_SPREAD, FOUND_SPREAD = 0.3, 0.7
SWAPPED = 0.3


@dataclass(frozen=True, eq=False)
class Trips:
    values: Floats  # trips × candidates × factors, 0 to 1
    experts: Integers  # trips × candidates
    traveler: Integers
    merit: (
        Floats  # trips × candidates: what the traveler's own tastes make of the values, in units of utility
    )

    def quality(self, weights: Floats) -> float:
        """Mean NDCG@5 of ranking the candidates by these weights."""
        discount = 1 / np.log2(np.arange(SHOWN) + 2)
        gains = np.exp(self.merit - self.merit.max(axis=1, keepdims=True))
        best = -np.sort(-gains, axis=1)[:, :SHOWN] @ discount
        order = np.argsort(-(self.values @ weights), axis=1, kind="stable")[:, :SHOWN]
        return float((np.take_along_axis(gains, order, axis=1) @ discount / best).mean())


class Market:
    """Experts and true weights, drawn by the seed."""

    def __init__(self, truth: Floats | None, positions: Floats, seed: int) -> None:
        """`truth`: the mean of travelers' weights; None draws one around WANTED."""
        self.rng = np.random.default_rng(seed)
        self.truth = self.rng.dirichlet(WANTED * WANTED_COUNTS) if truth is None else truth
        self.positions = positions
        self.lasting = self._alike(EXPERTS)
        self.appeal = self.rng.normal(0, APPEAL_SPREAD, EXPERTS)
        self.found = self.rng.normal(0, FOUND_SPREAD, EXPERTS)
        self.accepts = self.rng.beta(8, 2, EXPERTS)

    def trips(self, count: int) -> Trips:
        # The largest of log weight + Gumbel noise are a draw without replacement (Gumbel 1954).
        keys = self.found + self.rng.gumbel(size=(count, EXPERTS))
        experts = np.argpartition(-keys, CANDIDATES, axis=1)[:, :CANDIDATES]
        own = self._alike(count, CANDIDATES)
        likeness = np.sqrt(LASTING) * self.lasting[experts] + np.sqrt(1 - LASTING) * own
        values = np.round(np.clip(MEANS + SPREADS * likeness, 0, 1), 3)
        traveler = self.rng.integers(count, size=count)
        tastes = self.rng.dirichlet(self.truth * TASTE_COUNTS, count)[traveler]
        return Trips(values, experts, traveler, SCALE * np.einsum("tcf,tf->tc", values, tastes))

    def slates(self, count: int) -> Slates:
        """What becomes of so many trips when today's weights rank them."""
        trips = self.trips(count)
        shown = self._shown(trips.values)
        experts = np.take_along_axis(trips.experts, shown, axis=1)
        utility = np.take_along_axis(trips.merit, shown, axis=1) + self.appeal[experts] + self.positions
        utility = np.column_stack([utility, np.full(count, OUTSIDE)])
        place = (utility + self.rng.gumbel(size=utility.shape)).argmax(axis=1)
        asked = np.column_stack([self.accepts[experts], np.zeros(count)])[np.arange(count), place]
        taken = self.rng.random(count) < asked
        return Slates(
            values=np.take_along_axis(trips.values, shown[:, :, np.newaxis], axis=1).reshape(-1, len(TODAY)),
            positions=np.tile(np.arange(SHOWN), count),
            slate=np.repeat(np.arange(count), SHOWN),
            expert=experts.ravel(),
            chosen=np.where(taken, np.arange(count) * SHOWN + place, NOTHING),
            traveler=trips.traveler,
        )

    def _shown(self, values: Floats) -> Integers:
        """Trips × places: the candidates shown, in their order on the page."""
        trips, candidates, factors = values.shape
        tenths = np.rint(values * 1000).astype(np.int64).reshape(-1, factors)
        scores = weighted(tenths.T).sum(axis=0).reshape(trips, candidates)
        best = np.argsort(-scores, axis=1, kind="stable")[:, : SHOWN + 1]
        swapped = explore(np.take_along_axis(scores, best, axis=1), SWAPPED, int(self.rng.integers(2**32)))
        return np.take_along_axis(best, swapped.order[:, :SHOWN], axis=1)

    def _alike(self, *shape: int) -> Floats:
        """Normal draws for the factors, correlated as in ALIKE."""
        return self.rng.normal(size=(*shape, len(TODAY))) @ np.linalg.cholesky(ALIKE).T


def first_bookings(market: Market, sizes: tuple[int, ...]) -> Iterator[tuple[int, Slates]]:
    """The slates up to so many bookings, for each size."""
    slates = market.slates(12 * max(sizes))
    booked = np.flatnonzero(slates.has_booking)
    for size in sizes:
        yield size, slates.take(np.arange(booked[size - 1] + 1))


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one market taught with so many bookings."""

    truth: Floats
    fresh: Trips
    slates: Slates

    @cached_property
    def report(self) -> gates.Report:
        return gates.examine(self.slates, TODAY)

    @cached_property
    def weights(self) -> dict[str, Floats]:
        difference = difference_of_means(self.slates).weights
        return {
            "today": TODAY,
            "difference_of_means": TODAY if difference is None else difference,
            "learned": self.report.fit.weights,
        }

    @cached_property
    def quality(self) -> dict[str, float]:
        return {name: self.fresh.quality(weights) for name, weights in self.weights.items()}

    @property
    def failed(self) -> bool:
        return difference_of_means(self.slates).problem is not None

    def wins(self) -> bool:
        learned = self.quality["learned"]
        return all(learned > quality for name, quality in self.quality.items() if name != "learned")


def lessons(truth: Floats | None, bias: str, sizes: tuple[int, ...], seeds: int) -> dict[int, list[Lesson]]:
    """By number of bookings, one of each seed."""
    learned: dict[int, list[Lesson]] = {size: [] for size in sizes}
    for seed in range(seeds):
        market = Market(truth, POSITIONS[bias], seed)
        fresh = market.trips(FRESH)
        for size, slates in first_bookings(market, sizes):
            learned[size].append(Lesson(market.truth, fresh, slates))
    return learned


def summary(of: list[Lesson]) -> dict[str, Any]:
    """Means over the seeds. Distances are to the true weights: summed over the factors, and the largest."""
    names = list(of[0].weights)
    return {
        "ndcg": {name: round(mean(each.quality[name] for each in of), 4) for name in names},
        "l1": {name: round(mean(_off(each, name).sum() for each in of), 3) for name in names},
        "max": {name: round(mean(_off(each, name).max() for each in of), 3) for name in names},
        "difference_failed": f"{sum(each.failed for each in of)}/{len(of)}",
        "learned_best": f"{sum(each.wins() for each in of)}/{len(of)}",
    }


def _off(lesson: Lesson, name: str) -> Floats:
    return np.abs(lesson.weights[name] - lesson.truth)


def activations(of: list[Lesson]) -> dict[str, Any]:
    """In how many markets all gates pass, and how many each gate stops."""
    closed = Counter(gate.code.value for each in of for gate in each.report.gates if not gate.passed)
    return {"passed": f"{sum(each.report.passed for each in of)}/{len(of)}", "stopped_by": dict(closed)}


def measure(seeds: int = SEEDS, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    results: dict[str, Any] = {"seeds": seeds}
    for bias in POSITIONS:
        taught = lessons(None, bias, sizes, seeds)
        in_vain = lessons(TODAY, bias, sizes, seeds)
        for size in sizes:
            results[f"{bias} {size}"] = {
                **summary(taught[size]),
                "activated": activations(taught[size]),
                "falsely_activated": activations(in_vain[size]),
            }
    return results


if __name__ == "__main__":
    print(json.dumps(measure()))

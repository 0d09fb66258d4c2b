"""Swaps of near neighbours with a known probability, so that position can be told from merit and more experts are seen.

FairPairs (Radlinski and Joachims 2006, "Minimally invasive randomization for collecting unbiased preferences from
clickthrough logs"): a coin says whether pairs start at the first or the second candidate; each pair is swapped by a
coin of its own. Pairs are disjoint, so nobody moves by more than one place. Two things differ from the paper: only
neighbours whose scores are close are swapped, and with a probability that is a setting instead of one half.
"""

from dataclasses import dataclass

import numpy as np

from matching.learning.slates import Booleans, Floats, Integers

# Scores in tenths: less than three points apart says little about who is better.
CLOSE_TENTHS = 30


@dataclass(frozen=True, eq=False)
class Exploration:
    """Both have the shape of the scores and go by the place shown."""

    order: Integers  # which of the candidates stands there, counted from 0 in the order of the scores
    propensity: Floats  # how probable it was that exactly this one would stand there, above 0


def explore(scores: Integers, probability: float, seed: int) -> Exploration:
    """The order to show. `scores`: tenths, best first; along the last axis, so that rows are runs of their own.

    Give those who may be shown and the next one, who trades places with the last; show the first five of the order.
    `probability` (0 to 1) is that of a swap of two that are close and paired. Raises ValueError for scores that rise.
    """
    gaps = -np.diff(scores, axis=-1)
    if np.any(gaps < 0):
        raise ValueError("Scores must be given best first.")
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability.")
    close = gaps < CLOSE_TENTHS
    moved = _moved(close, probability, np.random.default_rng(seed))
    with_next, with_previous = _sides(moved, scores)
    order = np.arange(scores.shape[-1]) + with_next - with_previous
    # A pair is formed by one of the two sides of the first coin.
    apart = probability / 2
    stays = 1 - apart * sum(_sides(close, scores))
    return Exploration(order, np.where(with_next + with_previous > 0, apart, stays))


def _moved(close: Booleans, probability: float, rng: np.random.Generator) -> Booleans:
    """Per pair of neighbours: whether it is swapped."""
    first = rng.integers(2, size=(*close.shape[:-1], 1))
    paired = np.arange(close.shape[-1]) % 2 == first
    return close & paired & (rng.random(close.shape) < probability)


def _sides(pairs: Booleans, scores: Integers) -> tuple[Integers, Integers]:
    """Per place: whether the pair with the next place is marked, and that with the one before."""
    after, before = np.zeros_like(scores, dtype=np.int64), np.zeros_like(scores, dtype=np.int64)
    after[..., :-1] = pairs
    before[..., 1:] = pairs
    return after, before

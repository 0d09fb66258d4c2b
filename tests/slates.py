"""Slates of five with known weights behind the bookings, for tests of what is learned from them."""

import numpy as np

from matching.learning.slates import NOTHING, Slates

CURRENT = np.array([0.35, 0.20, 0.15, 0.15, 0.15])
OTHER = np.array([0.27, 0.15, 0.23, 0.15, 0.20])
POSITIONS = np.array([0.0, -0.5, -0.9, -1.2, -1.4])
SCALE, OUTSIDE = 15.0, 11.5


def make_slates(
    count,
    weights=OTHER,
    *,
    seed=0,
    positions=POSITIONS,
    outside=OUTSIDE,
    experts=100,
    travelers=None,
    appeals=0.0,
):
    """`appeals`: per expert, what travelers like in them that no factor sees, as utility."""
    rng = np.random.default_rng(seed)
    values = rng.beta(6, 3, (count, 5, 5))
    expert = rng.integers(experts, size=(count, 5))
    utility = SCALE * values @ weights + positions + np.broadcast_to(appeals, experts)[expert]
    utility = np.column_stack([utility, np.full(count, outside)]) + rng.gumbel(size=(count, 6))
    best = utility.argmax(axis=1)
    return Slates(
        values=values.reshape(-1, 5),
        positions=np.tile(np.arange(5), count),
        slate=np.repeat(np.arange(count), 5),
        expert=expert.ravel(),
        chosen=np.where(best == 5, NOTHING, np.arange(count) * 5 + best),
        traveler=np.arange(count) if travelers is None else rng.integers(travelers, size=count),
    )


def make_booked(values, chosen, experts=None):
    """Slates × items × factors as Slates; `chosen` names the place in the slate, or NOTHING."""
    values, chosen = np.asarray(values, dtype=float), np.asarray(chosen)
    count, size, _ = values.shape
    return Slates(
        values=values.reshape(-1, 5),
        positions=np.tile(np.arange(size), count),
        slate=np.repeat(np.arange(count), size),
        expert=np.arange(count * size) if experts is None else np.asarray(experts),
        chosen=np.where(chosen == NOTHING, NOTHING, np.arange(count) * size + chosen),
        traveler=np.arange(count),
    )

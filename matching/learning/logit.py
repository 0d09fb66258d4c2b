"""Weights that explain which of the shown experts was booked: a conditional logit (McFadden 1974, "Conditional logit
analysis of qualitative choice behavior").

    utility of an item   scale × Σ weight × value  +  effect of its position
    utility of nothing   outside
    P(item booked)       exp(utility) / (exp(outside) + Σ over the slate exp(utility))

Weights are ≥ 0 and sum to 1. The first position's effect is 0; the others are fitted, so that being shown first is
not taken for merit (Joachims et al. 2005, "Accurately interpreting clickthrough data", measured that people do).

The fit maximises the posterior density (maximum a posteriori). The prior of the weights is a Dirichlet whose
pseudo-counts are PRIOR_BOOKINGS × the current weights: as if that many bookings had been seen of which each told the
one factor that decided it, in the proportion of the current weights. Its mode is at the current weights, and it grows
without bound towards a weight of 0. It acts on the weights alone: where bookings hardly depend on the values, or a
factor is the same for everybody, the weights stay where they are. What a pseudo-count weighs against a real booking
depends on how much values differ within slates; docs/performance.md tells what was measured.

Scale, positions and outside have weak normal priors, which matter where a handful of bookings would otherwise send
them to infinity (Gelman et al. 2008, "A weakly informative default prior distribution for logistic regression").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matching.learning.slates import Floats, Slates
from matching.models import SHOWN

PRIOR_BOOKINGS = 150
# An expert ten points better is taken e times as often; 68 % of the prior lie between 3.7 and 27 instead of 10.
USUAL_SCALE, SCALE_SPREAD = 10.0, 1.0
POSITION_SPREAD = 2.0
OUTSIDE_SPREAD = 5.0


@dataclass(frozen=True, eq=False)
class Fit:
    weights: Floats  # per factor, in the order of Factor
    scale: float  # of utility per value from 0 to 1
    positions: Floats  # per position: utility, the first is 0
    outside: float  # utility of booking nobody

    def probabilities(self, slates: Slates) -> Floats:
        """Per item: the chance that it is booked."""
        return np.exp(self._utility(slates) - self._total(slates)[slates.slate])

    def log_loss(self, slates: Slates) -> Floats:
        """Per slate: minus the log probability of what happened there, a booking of nobody included."""
        utility = self._utility(slates)
        happened = np.full(len(slates), self.outside)
        happened[slates.has_booking] = utility[slates.booked]
        return self._total(slates) - happened

    def _utility(self, slates: Slates) -> Floats:
        return self.scale * slates.values @ self.weights + self.positions[slates.positions]

    def _total(self, slates: Slates) -> Floats:
        return log_total(self._utility(slates), self.outside, slates)


def log_total(utility: Floats, outside: float, slates: Slates) -> Floats:
    """Per slate: log(exp(outside) + Σ exp(utility)), safe for any size of utility."""
    highest = np.full(len(slates), outside)
    np.maximum.at(highest, slates.slate, utility)
    shared = slates.per_slate(np.exp(utility - highest[slates.slate]))
    return highest + np.log(np.exp(outside - highest) + shared)


def fit(slates: Slates, current: ArrayLike) -> Fit:
    """The most probable weights, scale, positions and outside, given the current weights (positive, sum 1).

    Without any booking the weights are the current ones.
    """
    weights = checked(current)
    if not slates.bookings:
        return fit_around(slates, weights)
    shares, scale, positions, outside = _maximise(slates, slates.values, weights)
    return Fit(shares, scale, positions, outside)


def fit_around(slates: Slates, weights: ArrayLike) -> Fit:
    """Scale, positions and outside that go best with given weights (positive, sum 1)."""
    weights = checked(weights)
    column = (slates.values @ weights)[:, np.newaxis]
    _, scale, positions, outside = _maximise(slates, column, np.ones(1))
    return Fit(weights, scale, positions, outside)


def checked(weights: ArrayLike) -> Floats:
    """Weights as an array. Raises ValueError unless all are positive and they sum to 1."""
    array = np.asarray(weights, dtype=float)
    if not (array > 0).all() or abs(array.sum() - 1) > 1e-6:
        raise ValueError(f"Weights must be positive and sum to 1: {array.tolist()}")
    return array


@dataclass(frozen=True, eq=False)
class Objective:
    """Minus the log posterior of (log of scale × weight per column, positions after the first, outside).

    `columns` are items × factors and centred, which parts outside from the weights and so speeds the search up.
    """

    slates: Slates
    columns: Floats
    prior: Floats  # the current weight of each column

    @property
    def start(self) -> Floats:
        return np.concatenate([np.log(USUAL_SCALE * self.prior), np.zeros(SHOWN)])

    def __call__(self, point: Floats) -> tuple[float, Floats]:
        """The objective and its gradient."""
        lost, loss_gradient = self._misfit(point)
        unlikely, prior_gradient = self._prior(point)
        return lost + unlikely, loss_gradient + prior_gradient

    def _misfit(self, point: Floats) -> tuple[float, Floats]:
        factors, positions, outside = unpack(point)
        slopes = np.exp(factors)
        utility = self.columns @ slopes + positions[self.slates.positions]
        total = log_total(utility, outside, self.slates)
        expected = np.exp(utility - total[self.slates.slate])
        excess = expected - self.slates.booked
        nothing = np.exp(outside - total) - ~self.slates.has_booking
        happened = utility[self.slates.booked].sum() + outside * (~self.slates.has_booking).sum()
        by_position = np.bincount(self.slates.positions, excess, minlength=SHOWN)[1:]
        gradient = np.concatenate([slopes * (excess @ self.columns), by_position, [nothing.sum()]])
        return float(total.sum() - happened), gradient

    def _prior(self, point: Floats) -> tuple[float, Floats]:
        factors, positions, outside = unpack(point)
        log_scale = np.logaddexp.reduce(factors)
        shares = np.exp(factors - log_scale)
        stretch = (log_scale - np.log(USUAL_SCALE)) / SCALE_SPREAD
        unlikely = (
            PRIOR_BOOKINGS * (log_scale - self.prior @ factors)
            + stretch**2 / 2
            + (positions**2).sum() / (2 * POSITION_SPREAD**2)
            + outside**2 / (2 * OUTSIDE_SPREAD**2)
        )
        by_factor = PRIOR_BOOKINGS * (shares - self.prior) + stretch / SCALE_SPREAD * shares
        by_position = positions[1:] / POSITION_SPREAD**2
        return float(unlikely), np.concatenate([by_factor, by_position, [outside / OUTSIDE_SPREAD**2]])


def unpack(point: Floats) -> tuple[Floats, Floats, float]:
    """Log slopes, the effect of every position, outside."""
    return point[:-SHOWN], np.concatenate([[0.0], point[-SHOWN:-1]]), float(point[-1])


def _maximise(slates: Slates, columns: Floats, prior: Floats) -> tuple[Floats, float, Floats, float]:
    from scipy.optimize import minimize  # noqa: PLC0415  # large, and web processes fit nothing

    middle = columns.mean(axis=0) if len(columns) else np.zeros(len(prior))
    objective = Objective(slates, columns - middle, prior)
    # Not L-BFGS-B, whose library wakes a pool of threads at every step: there are at most ten unknowns.
    found = minimize(objective, objective.start, jac=True, method="BFGS", options={"gtol": 1e-3}).x
    factors, positions, outside = unpack(found)
    slopes = np.exp(factors)
    scale = float(slopes.sum())
    return slopes / scale, scale, positions, outside + float(middle @ slopes)

"""Weights that explain which of the shown experts was booked: a conditional logit (McFadden 1974, "Conditional logit
analysis of qualitative choice behavior").

    utility of an item   scale × Σ weight × value  +  effect of its position  +  appeal of its expert
    utility of nothing   outside
    P(item booked)       exp(utility) / (exp(outside) + Σ over the slate exp(utility))

Weights are ≥ 0 and sum to 1. The first position's effect is 0; the others are fitted, so that being shown first is
not taken for merit (Joachims et al. 2005, "Accurately interpreting clickthrough data", measured that people do).

An expert's appeal is what travelers like or dislike in them that no factor sees, as unseen qualities are in models of
demand (Berry 1994, "Estimating discrete-choice models of product differentiation"). Left out, it is taken for the
factors in which liked experts happen to be strong. Its prior is normal around 0, so that it grows with what is known of
an expert (a random effect, found with all else at once as in Breslow and Clayton 1993, "Approximate inference in
generalized linear mixed models", but with a spread that is given). Experts of whom nothing is known have none.

The fit maximises the posterior density (maximum a posteriori). The prior of the weights is a Dirichlet whose
pseudo-counts are PRIOR_BOOKINGS × the current weights: as if that many bookings had been seen of which each told the
one factor that decided it, in the proportion of the current weights. Its mode is at the current weights, and it grows
without bound towards a weight of 0. It acts on the weights alone: where bookings hardly depend on the values, or a
factor is the same for everybody, the weights stay where they are. What a pseudo-count weighs against a real booking
depends on how much values differ within slates.

Scale, positions and outside have weak normal priors, which matter where a handful of bookings would otherwise send
them to infinity (Gelman et al. 2008, "A weakly informative default prior distribution for logistic regression").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from matching.learning.slates import Floats, Integers, Slates
from matching.models import SHOWN

PRIOR_BOOKINGS = 150
# An expert ten points better is taken e times as often; 68 % of the prior lie between 3.7 and 27 instead of 10.
USUAL_SCALE, SCALE_SPREAD = 10.0, 1.0
POSITION_SPREAD = 2.0
OUTSIDE_SPREAD = 5.0
# 68 % of experts are taken up to 1.65 times as often as their values say, or as seldom.
APPEAL_SPREAD = 0.5


@dataclass(frozen=True, eq=False)
class Fit:
    weights: Floats  # per factor, in the order of Factor
    scale: float  # of utility per value from 0 to 1
    positions: Floats  # per position: utility, the first is 0
    outside: float  # utility of booking nobody
    appeals: Mapping[int, float] = field(default_factory=dict)  # utility; experts who are missing have 0

    def without_appeals(self) -> "Fit":
        """What it says of experts of whom nothing is known."""
        return replace(self, appeals={})

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
        merit = self.scale * slates.values @ self.weights
        return merit + self.positions[slates.positions] + self._appeal(slates)

    def _appeal(self, slates: Slates) -> Floats:
        experts, which = np.unique(slates.expert, return_inverse=True)
        return np.array([self.appeals.get(int(expert), 0.0) for expert in experts])[which]

    def _total(self, slates: Slates) -> Floats:
        return log_total(self._utility(slates), self.outside, slates)


def log_total(utility: Floats, outside: float, slates: Slates) -> Floats:
    """Per slate: log(exp(outside) + Σ exp(utility)), safe for any size of utility."""
    highest = np.full(len(slates), outside)
    np.maximum.at(highest, slates.slate, utility)
    shared = slates.per_slate(np.exp(utility - highest[slates.slate]))
    return highest + np.log(np.exp(outside - highest) + shared)


def fit(slates: Slates, current: ArrayLike) -> Fit:
    """The most probable weights, scale, positions, outside and appeals, given the current weights (positive, sum 1).

    Without any booking the weights are the current ones.
    """
    weights = checked(current)
    if not slates.bookings:
        return fit_around(slates, weights)
    return _maximise(slates, slates.values, weights)


def fit_around(slates: Slates, weights: ArrayLike) -> Fit:
    """Scale, positions, outside and appeals that go best with given weights (positive, sum 1)."""
    weights = checked(weights)
    column = (slates.values @ weights)[:, np.newaxis]
    return replace(_maximise(slates, column, np.ones(1)), weights=weights)


def checked(weights: ArrayLike) -> Floats:
    """Weights as an array. Raises ValueError unless all are positive and they sum to 1."""
    array = np.asarray(weights, dtype=float)
    if not (array > 0).all() or abs(array.sum() - 1) > 1e-6:
        raise ValueError(f"Weights must be positive and sum to 1: {array.tolist()}")
    return array


@dataclass(frozen=True, eq=False)
class Objective:
    """Minus the log posterior of (log of scale × weight per column, positions after the first, outside, appeals).

    `columns` are items × factors and centred, which parts outside from the weights and so speeds the search up.
    """

    slates: Slates
    columns: Floats
    prior: Floats  # the current weight of each column

    @cached_property
    def experts(self) -> tuple[Integers, Integers]:
        """All who were shown, and which of them each item shows."""
        return np.unique(self.slates.expert, return_inverse=True)

    @property
    def start(self) -> Floats:
        return np.concatenate([np.log(USUAL_SCALE * self.prior), np.zeros(SHOWN + len(self.experts[0]))])

    def unpack(self, point: Floats) -> tuple[Floats, Floats, float, Floats]:
        """Log slopes, the effect of every position, outside, the appeal of every expert."""
        ends = len(self.prior) + np.array([0, SHOWN - 1, SHOWN])
        factors, positions, outside, appeals = np.split(point, ends)
        return factors, np.concatenate([[0.0], positions]), float(outside[0]), appeals

    def __call__(self, point: Floats) -> tuple[float, Floats]:
        """The objective and its gradient."""
        lost, loss_gradient = self._misfit(point)
        unlikely, prior_gradient = self._prior(point)
        return lost + unlikely, loss_gradient + prior_gradient

    def _misfit(self, point: Floats) -> tuple[float, Floats]:
        factors, positions, outside, appeals = self.unpack(point)
        slopes, which = np.exp(factors), self.experts[1]
        utility = self.columns @ slopes + positions[self.slates.positions] + appeals[which]
        total = log_total(utility, outside, self.slates)
        expected = np.exp(utility - total[self.slates.slate])
        excess = expected - self.slates.booked
        nothing = np.exp(outside - total) - ~self.slates.has_booking
        happened = utility[self.slates.booked].sum() + outside * (~self.slates.has_booking).sum()
        by_position = np.bincount(self.slates.positions, excess, minlength=SHOWN)[1:]
        by_expert = np.bincount(which, excess, minlength=len(appeals))
        by_factor = slopes * (excess @ self.columns)
        gradient = np.concatenate([by_factor, by_position, [nothing.sum()], by_expert])
        return float(total.sum() - happened), gradient

    def _prior(self, point: Floats) -> tuple[float, Floats]:
        factors, positions, outside, appeals = self.unpack(point)
        log_scale = np.logaddexp.reduce(factors)
        shares = np.exp(factors - log_scale)
        stretch = (log_scale - np.log(USUAL_SCALE)) / SCALE_SPREAD
        unlikely = (
            PRIOR_BOOKINGS * (log_scale - self.prior @ factors)
            + stretch**2 / 2
            + (positions**2).sum() / (2 * POSITION_SPREAD**2)
            + outside**2 / (2 * OUTSIDE_SPREAD**2)
            + (appeals**2).sum() / (2 * APPEAL_SPREAD**2)
        )
        by_factor = PRIOR_BOOKINGS * (shares - self.prior) + stretch / SCALE_SPREAD * shares
        by_position = positions[1:] / POSITION_SPREAD**2
        by_expert = appeals / APPEAL_SPREAD**2
        by_outside = outside / OUTSIDE_SPREAD**2
        return float(unlikely), np.concatenate([by_factor, by_position, [by_outside], by_expert])


def _maximise(slates: Slates, columns: Floats, prior: Floats) -> Fit:
    from scipy.optimize import minimize  # noqa: PLC0415  # large, and web processes fit nothing

    middle = columns.mean(axis=0) if len(columns) else np.zeros(len(prior))
    objective = Objective(slates, columns - middle, prior)
    # No matrix, as there may be thousands of experts, and not L-BFGS-B, which wakes a pool of threads at every step.
    found = minimize(objective, objective.start, jac=True, method="Newton-CG", options={"xtol": 1e-3}).x
    factors, positions, outside, appeals = objective.unpack(found)
    slopes = np.exp(factors)
    scale = float(slopes.sum())
    by_expert = dict(zip(objective.experts[0].tolist(), appeals.tolist(), strict=True))
    return Fit(slopes / scale, scale, positions, outside + float(middle @ slopes), by_expert)

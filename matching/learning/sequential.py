"""A verdict about two rankings that may be looked at after every booking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln, xlogy

from matching.learning.calibration import Interval
from matching.learning.interleaving import Team
from matching.learning.slates import Floats

# Where there is a difference, 42 to 58 % of wins are expected: Beta(20, 20) has a standard deviation of .08.
MIXTURE = 20.0


@dataclass(frozen=True)
class Verdict:
    a: int  # slates that team A won
    b: int
    p_value: float  # against "both win equally often", valid whenever one looks
    share: Interval  # of A's part of all wins, likewise
    winner: Team | None


def judge(outcomes: Sequence[Team | None], alpha: float = 0.05) -> Verdict:
    """The verdict so far. `outcomes`: who won each slate, in time order; ties are passed over.

    Under "both win equally often", the chance that the p-value ever falls to `alpha` is at most `alpha`, however
    often one looks; the interval holds the true share at all times with a chance of 1 - `alpha`. Once there is a
    winner there always is: it is the team that led when the p-value first fell to `alpha`.
    """
    wins = np.array([outcome == Team.A for outcome in outcomes if outcome is not None], dtype=bool)
    a, b = int(wins.sum()), int((~wins).sum())
    lowest, winner = 1.0, None
    if len(wins):
        running = running_p_values(wins)
        lowest = float(running[-1])
        if lowest <= alpha:
            decided = int(np.argmax(running <= alpha)) + 1
            winner = Team.A if 2 * wins[:decided].sum() > decided else Team.B
    return Verdict(a, b, lowest, _share(a, b, alpha), winner)


def running_p_values(wins: np.ndarray) -> Floats:
    """After each slate, given whether A won it: the least so far of 1 / likelihood ratio, at most 1.

    The ratio of "A's share of wins is drawn from Beta(MIXTURE, MIXTURE)" to "it is one half" is a martingale under
    the latter, so it seldom grows large at any time (Ville; Robbins 1970, "Statistical methods related to the law of
    the iterated logarithm"; Johari et al. 2017, "Peeking at A/B tests").
    """
    a, b = np.cumsum(wins), np.cumsum(~wins)
    return np.minimum.accumulate(np.exp(np.minimum(-_log_ratio(a, b, 0.5), 0.0)))


def _log_ratio(a: np.ndarray | int, b: np.ndarray | int, share: float) -> Floats:
    mixture = betaln(MIXTURE + a, MIXTURE + b) - betaln(MIXTURE, MIXTURE)
    return np.asarray(mixture - xlogy(a, share) - xlogy(b, 1 - share))


def _share(a: int, b: int, alpha: float) -> Interval:
    """All shares that the ratio does not speak against: an interval around the observed one."""

    def against(share: float) -> float:
        return float(_log_ratio(a, b, share)) + float(np.log(alpha))

    if not a + b:
        return Interval(0.0, 1.0)
    edge, observed = 1e-12, min(max(a / (a + b), 1e-9), 1 - 1e-9)
    low = brentq(against, edge, observed) if a and against(edge) > 0 else 0.0
    high = brentq(against, observed, 1 - edge) if b and against(1 - edge) > 0 else 1.0
    return Interval(low, high)

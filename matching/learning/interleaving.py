"""Two rankings compared in one list, and a verdict that may be looked at after every booking.

Team-draft interleaving: Radlinski, Kurup and Joachims 2008, "How does clickthrough data reflect retrieval quality?".
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Generic, TypeVar

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln, xlogy

from matching.learning.calibration import Interval
from matching.learning.slates import Floats

Item = TypeVar("Item", bound=Hashable)

# Where there is a difference, 42 to 58 % of wins are expected: Beta(20, 20) has a standard deviation of .08.
MIXTURE = 20.0


class Team(StrEnum):
    A = "a"
    B = "b"


@dataclass(frozen=True)
class Pick(Generic[Item]):
    item: Item
    team: Team


@dataclass(frozen=True)
class Verdict:
    a: int  # slates that team A won
    b: int
    p_value: float  # against "both win equally often", valid whenever one looks
    share: Interval  # of A's part of all wins, likewise
    winner: Team | None


def takes_part(experiment: str, trip: int, share: float) -> bool:
    """Whether a trip is among the share (0 to 1). Always the same answer; a larger share keeps those of a smaller."""
    digest = sha256(f"{experiment}:{trip}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def team_draft(a: Sequence[Item], b: Sequence[Item], *, size: int, seed: int) -> list[Pick[Item]]:
    """The list to show, at most `size` long. It ends early when the team whose turn it is has nobody left.

    The team with fewer picks is next, a coin decides between equals; it picks its best who is not in the list yet.
    """
    rng = np.random.default_rng(seed)
    rankings = {Team.A: a, Team.B: b}
    picks: list[Pick[Item]] = []
    while len(picks) < size:
        team = _next_team(picks, heads=bool(rng.integers(2)))
        taken = {pick.item for pick in picks}
        left = [item for item in rankings[team] if item not in taken]
        if not left:
            break
        picks.append(Pick(left[0], team))
    return picks


def _next_team(picks: list[Pick[Item]], *, heads: bool) -> Team:
    lead = sum(1 if pick.team == Team.A else -1 for pick in picks)
    if lead == 0:
        return Team.A if heads else Team.B
    return Team.B if lead > 0 else Team.A


def credited(picks: Iterable[Pick[Item]], booked: Collection[Item]) -> Team | None:
    """The team that more of the booked were picked by; None for a tie, which counts for nobody."""
    lead = sum(1 if pick.team == Team.A else -1 for pick in picks if pick.item in booked)
    if lead == 0:
        return None
    return Team.A if lead > 0 else Team.B


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

"""Where on the page the ones who fit stand: by score, but for a known share of chance.

Neighbours closer than three points take turns (`exploration`), so that what a position is worth can be told from what
an expert is worth. Where two versions share the traffic, their lists are mixed instead (`interleaving`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings

from matching import engine
from matching.engine import Tenths
from matching.learning.exploration import explore
from matching.learning.interleaving import Team, team_draft
from matching.models import DETAILED, SHOWN, AlgorithmVersion, Exposure, MatchRun

TEAMS = {Team.A: Exposure.Team.ACTIVE, Team.B: Exposure.Team.CHALLENGER}


@dataclass(frozen=True)
class Place:
    """That the candidate of a column stands at a position, from 1."""

    column: int
    position: int
    base_position: int
    propensity: float | None
    team: str = Exposure.Team.NONE


def arrange(run: MatchRun, fit: Sequence[int], scores: Tenths, values: Tenths) -> list[Place]:
    """The page of a run. `fit`: the columns of those who may stand there, best first."""
    if run.challenger:
        # Those beyond have no receipt that could be shown.
        return _mixed(run, run.challenger, fit[:DETAILED], values)
    near = np.array(fit[: SHOWN + 1], dtype=np.int64)
    explored = explore(scores[near], settings.MATCHING_EXPLORATION, run.seed)
    shown = zip(explored.order.tolist(), explored.propensity.tolist(), strict=True)
    return [
        Place(int(near[base]), position, base + 1, propensity)
        for position, (base, propensity) in enumerate(shown, start=1)
        if position <= SHOWN
    ]


def _mixed(run: MatchRun, challenger: AlgorithmVersion, fit: Sequence[int], values: Tenths) -> list[Place]:
    base = {column: place for place, column in enumerate(fit, start=1)}
    other = engine.weighted(values, challenger.weights).sum(axis=0)
    order = sorted(fit, key=lambda column: (-int(other[column]), base[column]))
    return [
        Place(pick.item, position, base[pick.item], None, TEAMS[pick.team])
        for position, pick in enumerate(team_draft(fit, order, size=SHOWN, seed=run.seed), start=1)
    ]


def positions(places: Sequence[Place], columns: int) -> Tenths:
    """The position of each column; 0 for those who are not on the page."""
    found = np.zeros(columns, dtype=np.int64)
    for place in places:
        found[place.column] = place.position
    return found

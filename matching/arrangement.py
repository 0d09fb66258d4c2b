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
from matching.learning import exploration, interleaving
from matching.models import SHOWN, Exposure, MatchRun


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
        return _mixed(run, fit, scores, values)
    near = fit[: SHOWN + 1]
    placed = exploration.arrange(
        [int(scores[column]) for column in near], seed=run.seed, probability=settings.MATCHING_EXPLORATION
    )
    return [
        Place(near[one.item], position, one.item + 1, one.propensity)
        for position, one in enumerate(placed[:SHOWN], start=1)
    ]


def _mixed(run: MatchRun, fit: Sequence[int], scores: Tenths, values: Tenths) -> list[Place]:
    assert run.challenger
    base = {column: place for place, column in enumerate(fit, start=1)}
    other = engine.weighted(values, run.challenger.weights).sum(axis=0)
    order = sorted(fit, key=lambda column: (-int(other[column]), base[column]))
    picks = interleaving.team_draft(list(fit), order, seed=run.seed, length=SHOWN)
    teams = {"a": Exposure.Team.ACTIVE, "b": Exposure.Team.CHALLENGER}
    return [
        Place(pick.item, position, base[pick.item], None, teams[pick.team])
        for position, pick in enumerate(picks, start=1)
    ]


def positions(places: Sequence[Place], columns: int) -> Tenths:
    """The position of each column; 0 for those who are not on the page."""
    found = np.zeros(columns, dtype=np.int64)
    for place in places:
        found[place.column] = place.position
    return found

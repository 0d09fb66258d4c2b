"""Making a ranking and keeping it: the two halves of the match task."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone

from accounts.bulk import copy_numbers, copy_rows
from experts import themes
from matching import arrangement, candidates, engine, whatif
from matching.arrangement import Place
from matching.engine import Ranking, Tenths
from matching.inputs import Inputs
from matching.models import (
    DETAILED,
    REVIEWED,
    Exposure,
    MatchInputs,
    MatchReceipt,
    MatchRun,
    MatchScore,
)
from matching.receipts import Receipt, quotes, receipts

Hidden = MatchScore.Hidden


@dataclass(frozen=True, eq=False)
class Outcome:
    """A ranking with the receipts of its first columns, ready to be stored."""

    ranking: Ranking
    places: list[Place]
    receipts: list[Receipt]
    changes: dict[int, list[whatif.Change]]  # by column, of those on the page
    able: bool  # whether anybody can do the trip
    packed: bytes
    milliseconds: int


def compute(run: MatchRun) -> Outcome:
    """Rank and explain. Writes nothing."""
    started = time.perf_counter()
    weights = run.version.weights
    inputs = candidates.load(run.trip, today=run.created_at.date())
    ranking = engine.score(inputs, weights)
    places = arrangement.arrange(run, engine.fit(ranking), ranking.scores, ranking.values)
    near = engine.able(ranking)[:REVIEWED]
    # Two versions' lists may show somebody from farther down.
    close = dict.fromkeys([*near, *(place.column for place in places)])
    outlook = candidates.outlook(inputs.brief, ranking.pool.ids[list(close)].tolist())
    first = ranking.order[:DETAILED].tolist()
    return Outcome(
        ranking=ranking,
        places=places,
        receipts=receipts(
            ranking, first, quotes(ranking, first), themes.of(ranking.pool.ids[first].tolist())
        ),
        changes={
            place.column: whatif.changes(whatif.Scored(ranking, place.column, weights), outlook)
            for place in places
        },
        able=bool(near),
        packed=Inputs(inputs.brief, inputs.pool, outlook).pack(),
        milliseconds=round((time.perf_counter() - started) * 1000),
    )


def store(run: MatchRun, outcome: Outcome) -> bool:
    """Keep the outcome, unless the run became stale meanwhile. In the caller's transaction. True: to be reviewed."""
    ranking = outcome.ranking
    wants_review = bool(outcome.able and run.version.review_prompt)
    finished = run.move(
        MatchRun.State.DONE,
        candidates=len(ranking.pool),
        shown=len(outcome.places),
        compute_ms=outcome.milliseconds,
        finished_at=timezone.now(),
        review=MatchRun.Review.PENDING if wants_review else MatchRun.Review.NONE,
    )
    if not finished:
        return False
    MatchInputs.objects.create(run=run, data=outcome.packed)
    _copy_scores(run, ranking, outcome.places)
    scores = list(MatchScore.objects.filter(run=run, rank__lte=len(outcome.receipts)).order_by("rank"))
    _copy_receipts(scores, outcome)
    at = {int(ranking.pool.ids[place.column]): place for place in outcome.places}
    expose(run, {score: at[score.expert_id] for score in scores if score.expert_id in at})
    return wants_review


def _copy_receipts(scores: Sequence[MatchScore], outcome: Outcome) -> None:
    columns = ["score_id", "evidence", "strengths", "considerations", "changes", "review"]
    first = outcome.ranking.order.tolist()
    copy_rows(
        MatchReceipt._meta.db_table,
        columns,
        (
            [score.pk, *map(json.dumps, [*receipt.parts(), _stored(outcome.changes.get(column, [])), {}])]
            for score, receipt, column in zip(scores, outcome.receipts, first, strict=False)
        ),
    )


def _stored(changes: Sequence[whatif.Change]) -> list[list[Any]]:
    return [change.stored() for change in changes]


def expose(run: MatchRun, places: dict[MatchScore, Place], *, reviewed: bool = False) -> None:
    """Note who stands where, and how likely that was."""
    Exposure.objects.bulk_create(
        Exposure(
            run=run,
            score=score,
            reviewed=reviewed,
            position=place.position,
            base_position=place.base_position,
            propensity=place.propensity,
            team=place.team,
        )
        for score, place in places.items()
    )


def _copy_scores(run: MatchRun, ranking: Ranking, places: Sequence[Place]) -> None:
    """A row for each candidate, best first. COPY, because a market of ten thousand is stored with every trip."""
    order = ranking.order
    position = arrangement.positions(places, len(ranking.pool))[order]
    columns = {
        "run_id": np.full_like(order, run.pk),
        "rank": np.arange(1, len(order) + 1),
        "expert_id": ranking.pool.ids[order],
        "score_tenths": ranking.scores[order],
        "hidden": hidden(ranking.hidden[order], position),
        **dict(zip(MatchScore.VALUES, ranking.values[:, order], strict=True)),
        **dict(zip(MatchScore.POINTS, ranking.points[:, order], strict=True)),
    }
    shown = position > 0
    copy_numbers(
        MatchScore, {name: column[shown] for name, column in columns.items()} | {"position": position[shown]}
    )
    copy_numbers(MatchScore, {name: column[~shown] for name, column in columns.items()})


def hidden(reasons: Tenths, position: Tenths) -> Tenths:
    """Why each is not on the page, once chance has had its say about who is."""
    beside = np.where(reasons == Hidden.NO, Hidden.NOT_IN_TOP, reasons)
    return np.where(position > 0, Hidden.NO, beside)

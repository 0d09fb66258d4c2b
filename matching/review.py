"""The second stage's second half: what was judged moves scores, ranks and the page, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from matching import arrangement, claims, engine, replay, runs, whatif
from matching.arrangement import Place
from matching.claims import FACTORS
from matching.engine import Ranking, Shifts
from matching.judging import Judged, Judgement, nearest
from matching.models import MatchReceipt, MatchRun, MatchScore
from matching.prompts.review import VERSION

CHANGED = ["rank", "score_tenths", "hidden", "position", "expertise_shift", "communication_shift"]
CHANGED += [*MatchScore.VALUES, *MatchScore.POINTS]


def store(run: MatchRun, judged: Judged) -> None:
    """Keep what was judged, unless the run became stale or was reviewed meanwhile. In the caller's transaction."""
    closed = run.close_review(
        judged.state,
        review_note=judged.note[:300],
        review_seed=judged.seed,
        review_prompt=VERSION,
        review_cost=judged.cost,
        dropped=judged.dropped,
    )
    if not closed:
        return
    scores = nearest(run)
    for score in scores:
        if judgement := judged.of.get(score.pk):
            score.receipt.review = _said(score, judgement, judged.model)
    if judged.state == MatchRun.Review.DONE:
        _reorder(run, scores, judged)
    MatchReceipt.objects.bulk_update([score.receipt for score in scores], ["review", "changes"])


def _said(score: MatchScore, judgement: Judgement, model: str) -> dict[str, Any]:
    """What the receipt keeps of it."""
    return {
        "first": {"rank": score.rank, "score": score.score_tenths},
        "model": model,
        **claims.stored(judgement.opinion),
        "ratings": {
            factor: {
                "given": [one.rating for one in given],
                "quote": given[0].quote,
                "source": given[0].source,
                "shift": judgement.shifts.get(factor, 0),
            }
            for factor, given in judgement.ratings.items()
        },
        "dropped": [one.stored() for one in judgement.dropped],
    }


def _reorder(run: MatchRun, scores: Sequence[MatchScore], judged: Judged) -> None:
    """Give the scores their shifts, new ranks among themselves, and the page its new order."""
    inputs = replay.inputs_of(run)
    first = engine.score(inputs, run.version.weights)
    column_of = {expert: column for column, expert in enumerate(first.pool.ids.tolist())}
    shifts = {
        column_of[score.expert_id]: judged.of[score.pk].shifts for score in scores if score.pk in judged.of
    }
    ranking = engine.moved(first, shifts, run.version.weights)
    places = arrangement.arrange(run, engine.fit(ranking), ranking.scores, ranking.values)
    _move(run, ranking, places, shifts)
    shown = {place.column for place in places}
    for score in scores:
        column = column_of[score.expert_id]
        scored = whatif.Scored(first, column, run.version.weights, engine.in_order(shifts.get(column, {})))
        found = whatif.changes(scored, inputs.outlook) if column in shown else []
        score.receipt.changes = [change.stored() for change in found]


def _move(run: MatchRun, ranking: Ranking, places: Sequence[Place], shifts: Shifts) -> None:
    """Write the rows that changed: who was reviewed, and who came onto the page or left it."""
    position = arrangement.positions(places, len(ranking.pool))
    hidden = runs.hidden(ranking.hidden, position)
    rank = {column: rank for rank, column in enumerate(ranking.order.tolist(), start=1)}
    column_of = {expert: column for column, expert in enumerate(ranking.pool.ids.tolist())}
    touched = {int(ranking.pool.ids[column]) for column in (*shifts, *(place.column for place in places))}
    rows = list(run.scores.filter(expert__in=touched) | run.scores.filter(position__isnull=False))
    for score in rows:
        column = column_of[score.expert_id]
        _rewrite(score, ranking, column, shifts.get(column, {}))
        score.rank, score.hidden = rank[column], int(hidden[column])
        score.position = int(position[column]) or None
    MatchScore.objects.bulk_update(rows, CHANGED)
    MatchRun.objects.filter(pk=run.pk).update(shown=len(places))
    at = {int(ranking.pool.ids[place.column]): place for place in places}
    runs.expose(run, {score: at[score.expert_id] for score in rows if score.expert_id in at}, reviewed=True)


def _rewrite(score: MatchScore, ranking: Ranking, column: int, moves: Mapping[str, int]) -> None:
    for names, table in ((MatchScore.VALUES, ranking.values), (MatchScore.POINTS, ranking.points)):
        for name, tenths in zip(names, table[:, column].tolist(), strict=True):
            setattr(score, name, tenths)
    score.score_tenths = int(ranking.scores[column])
    for factor in FACTORS:
        setattr(score, f"{factor}_shift", moves.get(factor, 0))

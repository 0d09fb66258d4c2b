"""Making a ranking and keeping it: the two halves of the match task."""

import time
from dataclasses import dataclass

from django.utils import timezone

from matching import engine
from matching.engine import Ranking
from matching.models import DETAILED, MatchReceipt, MatchRun, MatchScore
from matching.receipts import Receipt, receipts


@dataclass(frozen=True, eq=False)
class Outcome:
    """A ranking with the receipts of its first columns, ready to be stored."""

    ranking: Ranking
    receipts: list[Receipt]
    milliseconds: int


def compute(run: MatchRun) -> Outcome:
    """Rank and explain. Writes nothing."""
    started = time.perf_counter()
    ranking = engine.rank(run.trip, today=run.created_at.date())
    detailed = receipts(ranking, run.trip, ranking.order[:DETAILED].tolist())
    return Outcome(ranking, detailed, round((time.perf_counter() - started) * 1000))


def store(run: MatchRun, outcome: Outcome) -> None:
    """Keep the outcome, unless the run became stale meanwhile. In the caller's transaction."""
    ranking = outcome.ranking
    finished = run.move(
        MatchRun.State.DONE,
        candidates=len(ranking.pool),
        shown=int((ranking.hidden == MatchScore.Hidden.NO).sum()),
        compute_ms=outcome.milliseconds,
        finished_at=timezone.now(),
    )
    if not finished:
        return
    scores = MatchScore.objects.bulk_create(_rows(run, ranking))
    MatchReceipt.objects.bulk_create(
        MatchReceipt(
            score=score,
            evidence=receipt.evidence,
            strengths=receipt.strengths,
            considerations=receipt.considerations,
        )
        for score, receipt in zip(scores, outcome.receipts, strict=False)
    )


def _rows(run: MatchRun, ranking: Ranking) -> list[MatchScore]:
    """A row for each candidate, best first."""
    order = ranking.order
    ids, scores, hidden = (
        column[order].tolist() for column in (ranking.pool.ids, ranking.scores, ranking.hidden)
    )
    values, points = ranking.values[:, order].T.tolist(), ranking.points[:, order].T.tolist()
    return [
        MatchScore(
            run=run,
            expert_id=ids[place],
            rank=place + 1,
            score_tenths=scores[place],
            hidden=hidden[place],
            **dict(zip(MatchScore.VALUES, values[place], strict=True)),
            **dict(zip(MatchScore.POINTS, points[place], strict=True)),
        )
        for place in range(len(ids))
    ]

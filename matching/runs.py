"""Making a ranking and keeping it: the two halves of the match task."""

import time
from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from accounts.bulk import copy_rows
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
    _copy_scores(run, ranking)
    detailed = MatchScore.objects.filter(run=run, rank__lte=len(outcome.receipts)).order_by("rank")
    MatchReceipt.objects.bulk_create(
        MatchReceipt(
            score=score,
            evidence=receipt.evidence,
            strengths=receipt.strengths,
            considerations=receipt.considerations,
        )
        for score, receipt in zip(detailed, outcome.receipts, strict=True)
    )


def _copy_scores(run: MatchRun, ranking: Ranking) -> None:
    """A row for each candidate, best first. COPY, because a market of ten thousand is stored with every trip."""
    order = ranking.order
    columns = [
        "run_id",
        "rank",
        "expert_id",
        "score_tenths",
        "hidden",
        *MatchScore.VALUES,
        *MatchScore.POINTS,
    ]
    table = np.vstack(
        [
            np.full_like(order, run.pk),
            np.arange(1, len(order) + 1),
            ranking.pool.ids[order],
            ranking.scores[order],
            ranking.hidden[order],
            ranking.values[:, order],
            ranking.points[:, order],
        ]
    )
    copy_rows(MatchScore._meta.db_table, columns, table.T.tolist())

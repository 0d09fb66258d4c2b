"""Computes a run again from its stored inputs, whatever has become of trip and profiles since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching import engine
from matching.engine import Ranking
from matching.inputs import Inputs
from matching.models import Factor, MatchInputs, MatchReceipt, MatchRun, MatchScore
from matching.receipts import receipts

SHIFTED = (Factor.EXPERTISE, Factor.COMMUNICATION)


class NotReplayable(Exception):
    """There is nothing to compute from; the message says why."""


@dataclass(frozen=True)
class Replay:
    compared: int
    differences: list[str]


@dataclass(frozen=True)
class First:
    """What code computed of a stored score, before a review moved it."""

    rank: int
    values: tuple[int, ...]


def inputs_of(run: MatchRun) -> Inputs:
    stored = MatchInputs.objects.filter(run=run).first()
    if stored is None:
        raise NotReplayable(f"Run {run.pk} is {run.get_state_display()} and has no stored inputs.")
    return Inputs.unpack(bytes(stored.data))


def replay(run: MatchRun) -> Replay:
    """Raises NotReplayable where the run has no inputs: it is not done, or older than they are kept."""
    weights = run.version.weights
    ranking = engine.score(inputs_of(run), weights)
    scores = list(run.scores.order_by("rank"))
    stored = {score.expert_id: score for score in scores}
    notes = []
    if run.algorithm != engine.ALGORITHM:
        notes.append(f"The formulas were {run.algorithm}; this is {engine.ALGORITHM}.")
    found = _receipts(run)
    notes += list(_compared(ranking, weights, stored, found))
    notes += list(_order_lines(ranking, weights, scores, found))
    return Replay(len(scores), notes)


def _receipts(run: MatchRun) -> dict[int, MatchReceipt]:
    found = MatchReceipt.objects.filter(score__run=run).select_related("score")
    return {receipt.score.expert_id: receipt for receipt in found}


def first_of(score: MatchScore, receipt: MatchReceipt | None) -> First:
    shifts = {factor: getattr(score, f"{factor}_shift") for factor in SHIFTED}
    values = tuple(value - shifts.get(factor, 0) for factor, value in zip(Factor, score.tenths, strict=True))
    rank = receipt.review.get("first", {}).get("rank", score.rank) if receipt else score.rank
    return First(rank, values)


def _compared(
    ranking: Ranking,
    weights: Sequence[int],
    stored: dict[int, MatchScore],
    found: dict[int, MatchReceipt],
) -> Iterator[str]:
    ids = ranking.pool.ids.tolist()
    # Whoever left since took the score along: that is no difference.
    for rank, column in enumerate(ranking.order.tolist(), start=1):
        score = stored.get(ids[column])
        if score is None:
            continue
        points = engine.weighted(np.array([score.tenths]).T, weights)[:, 0].tolist()
        if points != score.point_tenths:
            yield f"Expert {score.expert_id}: the points are not value × weight."
        receipt = found.get(ids[column])
        first = first_of(score, receipt)
        yield from _lines(ids[column], first, First(rank, tuple(ranking.values[:, column].tolist())))
        if receipt:
            yield from _evidence_lines(ranking, column, receipt)
    for expert in stored.keys() - set(ids):
        yield f"Expert {expert} has a score, but was no candidate."


def _order_lines(
    first: Ranking, weights: Sequence[int], scores: Sequence[MatchScore], found: dict[int, MatchReceipt]
) -> Iterator[str]:
    """Whether the stored order is the one that the stored shifts lead to."""
    column_of = {expert: column for column, expert in enumerate(first.pool.ids.tolist())}
    shifts = {
        column_of[score.expert_id]: {factor.value: getattr(score, f"{factor}_shift") for factor in SHIFTED}
        for score in scores
        if (receipt := found.get(score.expert_id)) and receipt.review and score.expert_id in column_of
    }
    order = engine.moved(first, shifts, weights).order.tolist()
    place = {int(first.pool.ids[column]): place for place, column in enumerate(order)}
    stored = [score.expert_id for score in scores if score.expert_id in place]
    for expert, other in zip(stored, sorted(stored, key=place.__getitem__), strict=True):
        if expert != other:
            yield f"Expert {expert} stands where expert {other} comes out."


def _lines(expert: int, stored: First, again: First) -> Iterator[str]:
    if stored.rank != again.rank:
        yield f"Expert {expert}: rank {stored.rank} was stored, {again.rank} comes out."
    for factor, old, new in zip(Factor, stored.values, again.values, strict=True):
        if old != new:
            yield f"Expert {expert}: {factor.value} {old / 10} was stored, {new / 10} comes out."


def _evidence_lines(ranking: Ranking, column: int, receipt: MatchReceipt) -> Iterator[str]:
    (again,) = receipts(ranking, [column])
    expert = int(ranking.pool.ids[column])
    for factor, facts in again.evidence.items():
        old = receipt.evidence[factor]
        if _computed(old) != _computed(facts):
            yield f"Expert {expert}: the evidence for {factor} differs."


def _computed(facts: dict[str, Any]) -> dict[str, Any]:
    """Without the quoted passage and what guests praise: both were read of reviews as they stood then."""
    return {key: value for key, value in facts.items() if key not in {"quote", "themes"}}

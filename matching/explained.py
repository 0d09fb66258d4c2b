"""What the page behind “Why this score” shows of a receipt, in the reader's words."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from matching import telling, wording
from matching.models import Factor, Feedback, MatchReceipt, MatchRun, MatchScore
from matching.telling import Rating, Why
from travelers.models import Trip

# What a review may move.
SHIFTS = {Factor.EXPERTISE: "expertise_shift", Factor.COMMUNICATION: "communication_shift"}


@dataclass(frozen=True)
class Line:
    """A factor of a score: the sum it is part of, what was found, and what a model made of it."""

    label: str
    value: Decimal
    weight: Decimal
    points: Decimal
    found: list[str]
    rating: Rating | None
    said: str  # what the traveler said is wrong with it


def find(trips: QuerySet[Trip], slug: str) -> QuerySet[MatchScore]:
    """The score of a shown expert in the current list of one of these trips."""
    finished = MatchRun.objects.current().filter(state=MatchRun.State.DONE, trip__in=trips)
    parts = ["run__trip__destination", "run__version", "expert__market"]
    return MatchScore.objects.shown().filter(run__in=finished, expert__slug=slug).select_related(*parts)


def context(score: MatchScore) -> dict[str, Any]:
    receipt = score.receipt
    said = dict(score.feedback.filter(side=Feedback.Side.TRAVELER).values_list("factor", "text"))
    return {
        "score": score,
        "run": score.run,
        "trip": score.run.trip,
        "expert": score.expert,
        "why": Why.in_full(score.expert.user.get_short_name(), receipt),
        "lines": _lines(score, receipt, said),
        "strengths": telling.strengths(receipt),
        "considerations": telling.considerations(receipt),
        "dropped": telling.dropped(receipt.review),
        "wishes": [(wish.text, _form(score.run.trip, wish.answers)) for wish in _wishes(score, receipt)],
    }


def _lines(score: MatchScore, receipt: MatchReceipt, said: dict[str, str]) -> list[Line]:
    found = wording.evidence(receipt.evidence)
    parts = zip(Factor, found, score.values, score.run.version.percents, score.points, strict=True)
    return [
        Line(label, value, weight, points, facts, _rating(factor, score, receipt), said.get(factor, ""))
        for factor, (label, facts), value, weight, points in parts
    ]


def _rating(factor: Factor, score: MatchScore, receipt: MatchReceipt) -> Rating | None:
    if factor not in SHIFTS:
        return None
    value, shift = getattr(score, f"{factor}_value"), getattr(score, SHIFTS[factor])
    return telling.rating(factor, receipt.review, value, shift)


def _wishes(score: MatchScore, receipt: MatchReceipt) -> list[telling.Wish]:
    return list(telling.wishes(receipt.changes, score.score_tenths))


def _form(trip: Trip, answers: dict[str, str]) -> str:
    return f"{reverse('travelers:trip_edit', args=[trip.pk])}?{urlencode(answers)}"

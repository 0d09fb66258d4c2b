"""The shown scores of a run as cards in the reader's words, and what the page says about the list as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject, Now
from django.utils import timezone

from accounts.compiled import CompiledQuery, Parameter
from experts.models import Expert
from matching import fitting, telling
from matching.exposures import unseen
from matching.models import Band, Exposure, Factor, MatchRun, MatchScore
from matching.telling import Said, Why

# How long a page goes on asking for the review, counted from the first ranking.
PATIENCE = timedelta(minutes=3)

Factors = list[tuple[str, Decimal]]  # name and weight in percent

# What a card says: bios and evidence are long, and stay in the database.
READ = ["run", "score_tenths", "position", *MatchScore.VALUES, *MatchScore.POINTS]
READ += ["receipt__strengths", "receipt__considerations", "receipt__review"]
READ += [f"expert__{name}" for name in "slug photo headline review_count rating_sum verified".split()]
READ += [f"expert__{name}" for name in "price_min price_max currency user__name user__email".split()]


@dataclass(frozen=True)
class Card:
    """A shown score in the reader's words."""

    expert: Expert
    score: Decimal
    band: Band
    why: Why
    strengths: list[Said]
    considerations: list[Said]
    points: list[tuple[str, Decimal, Decimal, Decimal]]  # factor, value of 100, points, weight
    change: str  # what the review did to it, if anything
    unseen: int | None  # its exposure, as long as nobody saw it
    chance: float | None  # of being booked from this list, 0 to 1, where that is known well enough

    @classmethod
    def of(cls, score: Any, factors: Factors, chance: float | None = None) -> "Card":
        receipt, expert = score.receipt, score.expert
        first = receipt.review.get("first", {})
        return cls(
            expert=expert,
            score=score.score,
            band=score.band,
            why=Why.of(expert.user.get_short_name(), receipt),
            strengths=telling.strengths(receipt),
            considerations=telling.considerations(receipt),
            points=rows(factors, score.values, score.points),
            change=telling.change(expert.name, score, first, score.first_position),
            unseen=score.unseen,
            chance=chance,
        )


def rows(
    factors: Factors, values: Iterable[Decimal], points: Iterable[Decimal]
) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """What the filter `factor_row` draws."""
    return [
        (name, value, earned, weight)
        for (name, weight), value, earned in zip(factors, values, points, strict=True)
    ]


def factors_of(percents: Iterable[Decimal]) -> Factors:
    return list(zip((str(factor.label) for factor in Factor), percents, strict=True))


def cards(run: MatchRun) -> list[Card]:
    factors = factors_of(run.version.percents)
    scores: list[Any] = SHOWN.objects(run=run.pk)
    known = fitting.probabilities(run.version, [score.tenths for score in scores])
    chances: list[float | None] = [*known] if known else [None] * len(scores)
    return [Card.of(score, factors, chance) for score, chance in zip(scores, chances, strict=True)]


def about(run: Any, cards: list[Card]) -> dict[str, Any]:
    """What the page says about a finished list: how far its review is, and who is not in it."""
    return {
        "scores": cards,
        "asks_again": is_awaited(run),
        "changes": [card.change for card in cards if card.change] if run.is_reviewed else [],
        "left_out": telling.left_out(run.reasons),
    }


def is_awaited(run: MatchRun) -> bool:
    """Whether a review may still come soon enough to be waited for."""
    asked = run.finished_at or run.created_at
    return run.review == MatchRun.Review.PENDING and timezone.now() < asked + PATIENCE


def awaited(run: str) -> ExpressionWrapper:
    """The same of a finished run by its path, said by the database."""
    pending, recent = (
        {f"{run}__review": MatchRun.Review.PENDING},
        {f"{run}__finished_at__gt": Now() - PATIENCE},
    )
    return ExpressionWrapper(Q(**pending, **recent), BooleanField())


def with_reasons(runs: QuerySet[MatchRun]) -> QuerySet[MatchRun]:
    """With `reasons`: how many scores have which reason not to be shown."""
    scores = MatchScore.objects.filter(run=OuterRef("pk")).order_by("hidden").values("hidden")
    counted = scores.annotate(count=Count("pk")).values(counted=JSONObject(hidden="hidden", count="count"))
    return runs.select_related("trip__destination", "version").annotate(reasons=ArraySubquery(counted))


def _shown() -> QuerySet[MatchScore]:
    first = Exposure.objects.filter(score=OuterRef("pk"), reviewed=False).values("position")
    shown = MatchScore.objects.shown().filter(run=Parameter("run")).only(*READ)
    return shown.annotate(first_position=Subquery(first[:1]), unseen=unseen("pk"))


RUN: CompiledQuery[MatchRun] = CompiledQuery(
    lambda: with_reasons(MatchRun.objects.filter(pk=Parameter("run")))
)
SHOWN: CompiledQuery[MatchScore] = CompiledQuery(_shown)

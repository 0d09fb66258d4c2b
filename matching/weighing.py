"""A traveler's own weighting: the stored values of a run, weighed anew. What is stored stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django.db.models import F, IntegerField, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from accounts import fragments
from experts.models import Expert
from matching import cards, engine, wording
from matching.models import SHOWN, Band, Factor, MatchRun, MatchScore
from matching.receipts import Remark, receipts
from matching.replay import NotReplayable, inputs_of

MOST = 100
WHOLE = 1000
Hidden = MatchScore.Hidden
# Whoever cannot do the trip at all cannot do it with other weights.
ABLE = [Hidden.NO, Hidden.BELOW_FLOOR, Hidden.NOT_IN_TOP]
READ = [*cards.READ[:3], *MatchScore.VALUES, "receipt__strengths"]
READ += [f"expert__{name}" for name in "slug photo headline user__name user__email".split()]


@dataclass(frozen=True)
class Weighed:
    """One of the five that come first, in the reader's words."""

    expert: Expert
    score: Decimal
    band: Band
    position: int | None  # on the list as it was ranked
    strengths: list[str]
    points: list[tuple[str, Decimal, Decimal, Decimal]]


def sliders(query: Mapping[str, str], own: Sequence[int]) -> list[int]:
    """0 to 100 per factor. What is missing or no such number is the version's own weight, in percent."""
    return [_slider(query.get(factor, ""), weight) for factor, weight in zip(Factor.values, own, strict=True)]


def _slider(text: str, weight: int) -> int:
    # Longer texts are no numbers of a slider, and some are too long to be read.
    return min(int(text), MOST) if text.isdecimal() and len(text) <= 12 else round(weight / 10)


def normalised(given: Sequence[int], own: Sequence[int]) -> tuple[int, ...]:
    """Thousandths that add up; the rest goes to the largest remainders. Nothing given is the version's own."""
    total = sum(given)
    if not total:
        return tuple(own)
    shares = [divmod(one * WHOLE, total) for one in given]
    rest = WHOLE - sum(whole for whole, _ in shares)
    nearest = sorted(range(len(shares)), key=lambda place: -shares[place][1])[:rest]
    return tuple(whole + (place in nearest) for place, (whole, _) in enumerate(shares))


def first(run: MatchRun, weights: Sequence[int]) -> list[Any]:
    """The scores of the five that come first with these weights, with `weighed` and the points each as `weighed_…`.

    The arithmetic and the ties are those of `engine.score`.
    """
    points = {
        f"weighed_{factor}": _points(factor, weight)
        for factor, weight in zip(Factor.values, weights, strict=True)
    }
    order = ["-weighed", f"-weighed_{Factor.EXPERTISE}", f"-weighed_{Factor.TRUST}", "expert_id"]
    scores = MatchScore.objects.annotate(**points).annotate(weighed=reduce(add, map(F, points)))
    able = scores.filter(run=run, hidden__in=ABLE, expert__in=Expert.objects.open_to_inquiries())
    best = able.filter(weighed__gte=engine.FLOOR_TENTHS).order_by(*order).values("pk")[:SHOWN]
    return list(_with_names(scores.filter(pk__in=best)).order_by(*order))


def _with_names(scores: QuerySet[MatchScore]) -> QuerySet[MatchScore]:
    return scores.select_related("expert__user", "receipt").only(*READ)


def _points(factor: str, weight: int) -> Combinable:
    return (Cast(F(f"{factor}_value"), IntegerField()) * weight + WHOLE // 2) / WHOLE


def weighed(run: MatchRun, weights: Sequence[int]) -> list[Weighed]:
    scores = first(run, weights)
    remarks = _strengths(run, scores)
    factors = cards.factors_of(Decimal(weight) / 10 for weight in weights)
    return [
        Weighed(
            expert=score.expert,
            score=Decimal(score.weighed) / 10,
            band=Band.of(Decimal(score.weighed) / 10),
            position=score.position,
            strengths=wording.remarks(remarks.get(score.expert_id, [])),
            points=cards.rows(factors, score.values, _earned(score)),
        )
        for score in scores
    ]


def _earned(score: Any) -> list[Decimal]:
    return [Decimal(getattr(score, f"weighed_{factor}")) / 10 for factor in Factor.values]


def _strengths(run: MatchRun, scores: list[Any]) -> dict[int, list[Remark]]:
    """Stored for those nearest the top of the list as it was ranked; of the others, what the stored inputs say."""
    stored = {score.expert_id: score.receipt.strengths for score in scores if hasattr(score, "receipt")}
    others = sorted(score.expert_id for score in scores if score.expert_id not in stored)
    # Reading the inputs of a large market takes longer than all the rest, and sliders are moved back and forth.
    return stored | (
        fragments.kept("strengths", (run.pk, others), lambda: _again(run, others)) if others else {}
    )


def _again(run: MatchRun, experts: list[int]) -> dict[int, list[Remark]]:
    try:
        ranking = engine.score(inputs_of(run), run.version.weights)
    except NotReplayable:
        return {}
    ids = ranking.pool.ids.tolist()
    columns = [ids.index(expert) for expert in experts]
    return {
        expert: found.strengths for expert, found in zip(experts, receipts(ranking, columns), strict=True)
    }

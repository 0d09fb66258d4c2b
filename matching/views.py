from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings.forms import WaitlistForm
from bookings.models import WaitlistEntry
from experts.models import Expert
from matching import wording
from matching.engine import WEIGHTS
from matching.models import Band, Factor, MatchRun, MatchScore
from travelers.models import Trip


@dataclass(frozen=True)
class Card:
    """A shown score in the reader's words."""

    expert: Expert
    score: Decimal
    band: Band
    why: str
    strengths: list[str]
    considerations: list[str]
    points: list[tuple[str, Decimal, Decimal, int]]  # factor, value of 100, points, weight

    @classmethod
    def of(cls, score: MatchScore) -> "Card":
        receipt, expert = score.receipt, score.expert
        return cls(
            expert=expert,
            score=score.score,
            band=score.band,
            why=wording.why(expert.user.get_short_name(), receipt.strengths),
            strengths=wording.remarks(receipt.strengths),
            considerations=wording.remarks(receipt.considerations),
            points=[
                (str(factor.label), value, points, WEIGHTS[factor])
                for factor, value, points in zip(Factor, score.values, score.points, strict=True)
            ],
        )


@require_safe
@never_cache
def results(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "matching/results.html", _results(request, pk))


@require_safe
@never_cache
def results_fragment(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "matching/_results.html", _results(request, pk))


def _results(request: HttpRequest, pk: int) -> dict[str, Any]:
    trip = get_object_or_404(Trip.objects.visible_to(request).with_names(), pk=pk)
    run = trip.runs.current().first()
    scores = run.scores.shown() if run and run.state == MatchRun.State.DONE else []
    context = {
        "trip": trip,
        "run": run,
        "working": run is not None and run.state == MatchRun.State.QUEUED,
        "failed": run is None or run.state == MatchRun.State.FAILED,
        "scores": [Card.of(score) for score in scores],
    }
    return context if context["scores"] or context["working"] else context | _waitlist(request, trip)


def _waitlist(request: HttpRequest, trip: Trip) -> dict[str, Any]:
    email = request.user.email if request.user.is_authenticated else ""
    waiting = (
        bool(email) and WaitlistEntry.objects.filter(market=trip.destination, email__iexact=email).exists()
    )
    return {"waitlisted": waiting, "waitlist_form": WaitlistForm(initial={"email": email})}

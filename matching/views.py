from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import fragments
from accounts.compiled import CompiledQuery, Parameter
from accounts.fragments import RowVersion
from bookings.forms import WaitlistForm
from bookings.models import WaitlistEntry
from experts.models import Expert
from matching import wording
from matching.models import Band, Factor, MatchRun, MatchScore
from travelers.models import Trip

# What a card says: bios and evidence are long, and stay in the database.
READ = ["run", "score_tenths", *MatchScore.VALUES, *MatchScore.POINTS]
READ += ["receipt__strengths", "receipt__considerations"]
READ += [f"expert__{name}" for name in "slug headline review_count rating_sum verified".split()]
READ += [f"expert__{name}" for name in "price_min price_max currency user__name user__email".split()]


@dataclass(frozen=True)
class Card:
    """A shown score in the reader's words."""

    expert: Expert
    score: Decimal
    band: Band
    why: str
    strengths: list[str]
    considerations: list[str]
    points: list[tuple[str, Decimal, Decimal, Decimal]]  # factor, value of 100, points, weight

    @classmethod
    def of(cls, score: MatchScore, factors: list[tuple[str, Decimal]]) -> "Card":
        receipt, expert = score.receipt, score.expert
        return cls(
            expert=expert,
            score=score.score,
            band=score.band,
            why=wording.why(expert.user.get_short_name(), receipt.strengths),
            strengths=wording.remarks(receipt.strengths),
            considerations=wording.remarks(receipt.considerations),
            points=[
                (name, value, points, weight)
                for (name, weight), value, points in zip(factors, score.values, score.points, strict=True)
            ],
        )


@require_safe
@never_cache
def results(request: HttpRequest, pk: int) -> HttpResponse:
    if shown := _shown(request, pk):
        run, city = shown[0][:2]
        content = fragments.kept("results", shown, lambda: _finished(run))
        if content:
            return render(request, "matching/results.html", {"city": city, "content": content})
    context = _results(request, pk)
    return render(request, "matching/results.html", context | {"city": context["trip"].destination.name})


@require_safe
@never_cache
def results_fragment(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "matching/_results.html", _results(request, pk))


def _shown(request: HttpRequest, pk: int) -> list[tuple[Any, ...]]:
    """A row for each expert on the page of a finished run: the run, the city, and the versions of what is read there.

    Empty where there is no such page, or not for this visitor.
    """
    if request.user.is_authenticated:
        return sorted(OWN_SHOWN.rows(traveler=request.user.pk, trip=pk))
    return sorted(_versions(Trip.objects.visible_to(request), pk))


def _versions(trips: QuerySet[Trip], pk: Any) -> QuerySet[Trip, Any]:
    columns = ["kind", "runs__scores__expert__slug", "runs__scores__expert__user__name"]
    return trips.filter(
        pk=pk,
        runs__state=MatchRun.State.DONE,
        runs__scores__hidden=MatchScore.Hidden.NO,
        runs__scores__expert__in=Expert.objects.open_to_inquiries(),
    ).values_list("runs", "destination__name", *map(RowVersion, columns))


# Trips of this browser that nobody has claimed yet go the longer way.
OWN_SHOWN = CompiledQuery(
    lambda: _versions(Trip.objects.filter(traveler=Parameter("traveler")), Parameter("trip"))
)


def _finished(run_id: int) -> str:
    """The page of a finished run, for whoever may see its trip; empty if everybody on it has left meanwhile."""
    (run,) = RUN.objects(run=run_id)
    cards = _cards(run)
    return (
        render_to_string("matching/_page.html", {"trip": run.trip, "run": run, "scores": cards})
        if cards
        else ""
    )


def _results(request: HttpRequest, pk: int) -> dict[str, Any]:
    trips = Trip.objects.visible_to(request).filter(pk=pk)
    run = (
        MatchRun.objects.current()
        .filter(trip__in=trips)
        .select_related("trip__destination", "version")
        .first()
    )
    trip = run.trip if run else get_object_or_404(trips.select_related("destination"))
    context = {
        "trip": trip,
        "run": run,
        "working": run is not None and run.state == MatchRun.State.QUEUED,
        "failed": run is None or run.state == MatchRun.State.FAILED,
        "scores": _cards(run) if run and run.state == MatchRun.State.DONE else [],
    }
    return context if context["scores"] or context["working"] else context | _waitlist(request, trip)


def _cards(run: MatchRun) -> list[Card]:
    factors = list(zip((str(factor.label) for factor in Factor), run.version.percents, strict=True))
    return [Card.of(score, factors) for score in SHOWN.objects(run=run.pk)]


RUN = CompiledQuery(
    lambda: MatchRun.objects.filter(pk=Parameter("run")).select_related("trip__destination", "version")
)
SHOWN = CompiledQuery(lambda: MatchScore.objects.shown().filter(run=Parameter("run")).only(*READ))


def _waitlist(request: HttpRequest, trip: Trip) -> dict[str, Any]:
    email = request.user.email if request.user.is_authenticated else ""
    waiting = (
        bool(email) and WaitlistEntry.objects.filter(market=trip.destination, email__iexact=email).exists()
    )
    return {"waitlisted": waiting, "waitlist_form": WaitlistForm(initial={"email": email})}

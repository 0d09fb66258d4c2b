from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import fragments
from accounts.compiled import CompiledQuery, Parameter
from accounts.fragments import RowVersion
from bookings.forms import WaitlistForm
from bookings.models import WaitlistEntry
from experts.models import Expert
from matching import cards, explained, exposures, feedback, weighing
from matching.forms import FeedbackForm
from matching.models import Factor, Feedback, MatchRun, MatchScore
from travelers.models import SESSION_TRIPS, Trip

# htmx asks no more after this answer.
STOP_POLLING = 286


@require_safe
@never_cache
def results(request: HttpRequest, pk: int) -> HttpResponse:
    if shown := _shown(request, pk):
        run, city = shown[0][:2]
        content = fragments.page_kept_an_hour("results", [row[:-1] for row in shown], lambda: _finished(run))
        if content:
            exposures.see(request, (row[-1] for row in shown))
            return render(request, "matching/results.html", {"city": city, "content": content})
    context = _results(request, *_current(request, pk))
    return render(request, "matching/results.html", context | {"city": context["trip"].destination.name})


@require_safe
@never_cache
def results_fragment(request: HttpRequest, pk: int) -> HttpResponse:
    """The list for a page that shows none yet, or that names the `run` whose first ranking it shows."""
    if any(query.rows(**ids) for query, ids in _visible(QUEUED, request, pk)):
        return HttpResponse(status=204)  # the page says already that it is being worked on
    trip, run = _current(request, pk)
    polled = run is not None and request.GET.get("run") == str(run.pk)
    if run and polled and run.review == MatchRun.Review.PENDING:
        return HttpResponse(status=204) if cards.is_awaited(run) else _no_longer_awaited(request, run)
    return render(request, "matching/_results.html", _results(request, trip, run) | {"polled": polled})


def _no_longer_awaited(request: HttpRequest, run: MatchRun) -> HttpResponse:
    context = {"trip": run.trip, "run": run}
    answer = render(request, "matching/_review.html", context, status=STOP_POLLING)
    answer["HX-Retarget"] = "#review"
    return answer


def _shown(request: HttpRequest, pk: int) -> list[tuple[Any, ...]]:
    """A row for each expert on the page of a finished run: the run, the city, whether its review is waited for, the
    versions of what is read there, and last the exposure, as long as nobody saw it.

    Empty where there is no such page, or not for this visitor.
    """
    return next(filter(None, (sorted(query.rows(**ids)) for query, ids in _visible(SHOWN, request, pk))), [])


def _visible(
    queries: tuple[CompiledQuery[Any], CompiledQuery[Any]], request: HttpRequest, pk: int
) -> Iterator[tuple[CompiledQuery[Any], dict[str, Any]]]:
    """Of a query about the traveler's own trip and one about a trip that nobody has claimed yet, those that
    `Trip.objects.visible_to` would allow here.
    """
    own, unclaimed = queries
    if request.user.is_authenticated:
        yield own, {"traveler": request.user.pk, "trip": pk}
    if pk in request.session.get(SESSION_TRIPS, []):
        yield unclaimed, {"trip": pk}


def _versions(trips: QuerySet[Trip]) -> QuerySet[Trip, Any]:
    # A column of each row: the trip, the run, the score, its receipt, the expert, the user.
    columns = ["kind", "runs__state", "runs__scores__rank", "runs__scores__receipt__strengths"]
    columns += ["runs__scores__expert__slug", "runs__scores__expert__user__name"]
    versions = map(RowVersion, columns)
    return trips.filter(
        runs__state=MatchRun.State.DONE,
        runs__scores__hidden=MatchScore.Hidden.NO,
        runs__scores__expert__in=Expert.objects.open_to_inquiries(),
    ).values_list(
        "runs", "destination__name", cards.awaited("runs"), *versions, exposures.unseen("runs__scores")
    )


def _own() -> QuerySet[Trip]:
    return Trip.objects.filter(pk=Parameter("trip"), traveler=Parameter("traveler"))


def _unclaimed() -> QuerySet[Trip]:
    return Trip.objects.filter(pk=Parameter("trip"), traveler=None)


def _current_of(trips: QuerySet[Trip]) -> QuerySet[MatchRun]:
    return cards.with_reasons(MatchRun.objects.current().filter(trip__in=trips))


SHOWN = (CompiledQuery(lambda: _versions(_own())), CompiledQuery(lambda: _versions(_unclaimed())))


def _queued_of(trips: QuerySet[Trip]) -> QuerySet[MatchRun, Any]:
    return MatchRun.objects.filter(trip__in=trips, state=MatchRun.State.QUEUED).values_list("pk")


# Asked every moment by everybody who waits, so of the run alone.
QUEUED = (CompiledQuery(lambda: _queued_of(_own())), CompiledQuery(lambda: _queued_of(_unclaimed())))
CURRENT = (CompiledQuery(lambda: _current_of(_own())), CompiledQuery(lambda: _current_of(_unclaimed())))


def _finished(run_id: int) -> str:
    """The page of a finished run, for whoever may see its trip; empty if everybody on it has left meanwhile."""
    (run,) = cards.RUN.objects(run=run_id)
    context = {"trip": run.trip, "run": run} | cards.about(run, cards.cards(run))
    return render_to_string("matching/_page.html", context) if context["scores"] else ""


def _current(request: HttpRequest, pk: int) -> tuple[Trip, MatchRun | None]:
    for query, ids in _visible(CURRENT, request, pk):
        for run in query.objects(**ids):
            return run.trip, run
    return get_object_or_404(Trip.objects.visible_to(request).select_related("destination"), pk=pk), None


def _results(request: HttpRequest, trip: Trip, run: MatchRun | None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "trip": trip,
        "run": run,
        "working": run is not None and run.state == MatchRun.State.QUEUED,
        "failed": run is None or run.state == MatchRun.State.FAILED,
        "scores": [],
    }
    if run and run.state == MatchRun.State.DONE:
        context |= cards.about(run, cards.cards(run))
        exposures.see(request, (card.unseen for card in context["scores"]))
    return context if context["scores"] or context["working"] else context | _waitlist(request, trip)


def _waitlist(request: HttpRequest, trip: Trip) -> dict[str, Any]:
    email = request.user.email if request.user.is_authenticated else ""
    waiting = (
        bool(email) and WaitlistEntry.objects.filter(market=trip.destination, email__iexact=email).exists()
    )
    return {"waitlisted": waiting, "waitlist_form": WaitlistForm(initial={"email": email})}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def receipt(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Why a shown expert has this score, and where the traveler says what is wrong with it."""
    trips = Trip.objects.visible_to(request).filter(pk=pk)
    score = get_object_or_404(explained.find(trips, slug))
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by = request.user if request.user.is_authenticated else None
        feedback.say(by=by, score=score, side=Feedback.Side.TRAVELER, **form.cleaned_data)
        messages.success(request, _("Thank you. Our staff read what you wrote."))
        return redirect("matching:receipt", pk, slug)
    return render(request, "matching/receipt.html", explained.context(score) | {"form": form})


@require_safe
@never_cache
def weigh(request: HttpRequest, pk: int) -> HttpResponse:
    """The five who come first with the traveler's own weights; the list as it was ranked stays what it is."""
    trips = Trip.objects.visible_to(request).filter(pk=pk)
    runs = MatchRun.objects.current().filter(state=MatchRun.State.DONE, trip__in=trips)
    run = get_object_or_404(runs.select_related("trip__destination", "version"))
    own = run.version.weights
    given = weighing.sliders(request.GET, own)
    asked = any(factor in request.GET for factor in Factor.values)
    weights = weighing.normalised(given if asked else [], own)
    context = {
        "trip": run.trip,
        "run": run,
        "sliders": list(zip(Factor, given, strict=True)),
        "scores": weighing.weighed(run, weights),
    }
    part = "_weighed.html" if "HX-Request" in request.headers else "weigh.html"
    return render(request, f"matching/{part}", context)

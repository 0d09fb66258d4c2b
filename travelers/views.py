from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import fragments
from accounts.compiled import CompiledQuery, Parameter
from accounts.meta import Meta
from accounts.pagination import NewestFirst
from travelers import services
from travelers.forms import TripForm, changing_choices
from travelers.models import TravelerProfile, Trip

MINE: NewestFirst[Trip] = NewestFirst(
    lambda: Trip.objects.filter(traveler=Parameter("traveler")).with_run().select_related("destination")
)


@require_safe
@login_required
def trip_list(request: HttpRequest) -> HttpResponse:
    page = MINE.page(request, traveler=request.user.pk)
    return render(
        request,
        "travelers/trip_list.html",
        {"trips": page.items, "newer_url": page.newer_url, "older_url": page.older_url},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def trip_create(request: HttpRequest) -> HttpResponse:
    initial = _first_answers(request)
    if request.method == "POST":
        return _trip_form(request, None, initial)
    key = (initial, {name: choices.choices for name, choices in changing_choices().items()})
    fields = fragments.page_kept_an_hour("trip form", key, lambda: _fields(TripForm(initial=initial)))
    meta = Meta(
        title=_("Plan a trip"),
        description=_("Describe your trip and meet the local experts who fit it, with an explained score."),
        path=reverse("travelers:trip_create"),
    )
    return render(request, "travelers/trip_form.html", {"fields": fields, "meta": meta})


@require_http_methods(["GET", "HEAD", "POST"])
def trip_edit(request: HttpRequest, pk: int) -> HttpResponse:
    trip = get_object_or_404(Trip.objects.visible_to(request).with_names(), pk=pk)
    return _trip_form(request, trip, _stored_answers(trip) | _wished_answers(request, trip))


def _trip_form(request: HttpRequest, trip: Trip | None, initial: dict[str, Any]) -> HttpResponse:
    form = TripForm(request.POST or None, instance=trip, initial=initial)
    if request.method == "POST" and form.is_valid():
        user = request.user if request.user.is_authenticated else None
        stored = services.describe_trip(
            trip=form.save(commit=False), wanted=form.wanted(), by=user, session=request.session
        )
        return redirect("matching:results", stored.pk)
    context = {"form": form, "trip": trip, "fields": _fields(form, trip)}
    return render(request, "travelers/trip_form.html", context)


def _fields(form: TripForm, trip: Trip | None = None) -> str:
    context = {"form": form, "trip": trip, "destination_choices": form.destination_choices}
    return render_to_string("travelers/_trip_fields.html", context)


def _stored_answers(trip: Trip) -> dict[str, Any]:
    return {
        "destination": trip.destination.name,
        "destination_id": trip.destination_id,
        "timing": "fixed" if trip.start else "flexible",
        "interests": list(trip.wanted.values_list("specialty__slug", flat=True)),
    }


def _wished_answers(request: HttpRequest, trip: Trip) -> dict[str, Any]:
    """A change that a receipt speaks of, to be looked at: nothing is stored before the form is sent."""
    wished = {name: value[:20] for name in ("start", "end", "budget") if (value := request.GET.get(name, ""))}
    language = request.GET.get("language", "")[:3]
    return wished | ({"languages": [*trip.languages, language]} if language else {})


def _first_answers(request: HttpRequest) -> dict[str, Any]:
    """What the home page's search and the traveler's profile already tell."""
    known: dict[str, Any] = {
        "destination": request.GET.get("destination", "")[:120],
        "destination_id": request.GET.get("destination_id", "")[:18],
    }
    if not request.user.is_authenticated:
        return known
    for languages, currency, style, interests in PROFILE.rows(user=request.user.pk):
        known |= {
            "interests": interests,
            "languages": languages,
            "currency": currency,
            "communication_style": style,
        }
    return known


def _profiles() -> QuerySet[TravelerProfile, Any]:
    interests = TravelerProfile.interests.through.objects.filter(travelerprofile=OuterRef("pk"))
    slugs = interests.order_by("specialty__position").values("specialty__slug")
    profiles = TravelerProfile.objects.filter(user=Parameter("user"))
    return profiles.values_list("languages", "currency", "communication_style", ArraySubquery(slugs))


PROFILE = CompiledQuery(_profiles)

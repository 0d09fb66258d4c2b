"""SQL queries and CPU time in Python of the pages that travelers and experts see: `python -m bench pages`.

CPU is the process's own over whole requests through all middleware, so waiting for Postgres does not count: medians and
the least of all requests, as a machine may be half as fast for seconds. Calls of functions are the same everywhere.

Each page is looked at in three ways: `cold`, with nothing kept (accounts/fragments.py), as the first who asks for just
this in an hour; `first`, with nothing kept of what is kept for a minute: all is read anew, and drawn again where it has
changed; and `again`, within that minute. Templates and formats are loaded before.
"""

import cProfile
import json
import pstats
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import fragments
from accounts.models import User
from bookings.models import Booking, Inquiry
from bookings.services import send_inquiry
from config import memory
from experts.models import Expert
from matching import runs
from matching.models import MatchRun
from matching.services import request_match
from travelers.models import Trip

REQUESTS = 100
VIEWS: dict[str, Callable[[], None]] = {
    "cold": fragments.forget_all,
    "first": fragments.forget_minute,
    "again": lambda: None,
}


def measure() -> dict[str, Any]:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/hour")
    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0)
    trip = _matched_trip()
    expert = Expert.objects.public().filter(market=trip.destination).order_by("-review_count")[0]
    assert trip.traveler
    inquiry = send_inquiry(by=trip.traveler, expert=expert, trip=trip, message="Is May a good time?")
    booked = Booking.objects.filter(expert=expert).latest("pk")
    memory.settle()  # as the web server does
    return (
        _pages(trip.traveler, _for_the_owner(trip, expert))
        | _pages(
            booked.traveler, {"booking": booked.get_absolute_url(), "bookings": reverse("bookings:list")}
        )
        | _pages(expert.user, _for_the_expert(inquiry))
    )


def _for_the_owner(trip: Trip, expert: Expert) -> dict[str, str]:
    service = expert.services.filter(is_active=True)[0]
    return {
        "home": reverse("home"),
        "results": reverse("matching:results", args=[trip.pk]),
        "profile": expert.get_absolute_url(),
        "trip_form": reverse("travelers:trip_create"),
        "trip_list": reverse("travelers:trip_list"),
        "browse": reverse("experts:browse"),
        "browse_words": reverse("experts:browse") + "?q=food&sort=rating",
        "city": reverse("experts:city", args=[expert.market.slug]),
        "favourites": reverse("experts:favourites"),
        "public_calendar": reverse("experts:calendar", args=[expert.slug]),
        "offered": reverse("bookings:offered", args=[expert.slug]),
        "book": reverse("bookings:book", args=[expert.slug, service.pk]),
        "notices": reverse("notices:list"),
    }


def _for_the_expert(inquiry: Inquiry) -> dict[str, str]:
    return {
        "dashboard": reverse("bookings:dashboard"),
        "inbox": reverse("inquiries:inbox"),
        "thread": inquiry.get_absolute_url(),
        "bookings_of_expert": reverse("bookings:list") + "?as=expert",
        "calendar": reverse("experts:calendar_month"),
        "services": reverse("experts:services"),
        "edit": reverse("experts:edit"),
    }


def _pages(user: User, pages: dict[str, str]) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    return {
        f"{name}_{key}": value for name, url in pages.items() for key, value in _page(client, url).items()
    }


def _matched_trip() -> Trip:
    """The demo trip with the most experts on its page."""
    for trip in Trip.objects.filter(traveler__isnull=False).order_by("pk"):
        run = MatchRun.objects.select_related("trip__destination").get(pk=request_match(trip).pk)
        with transaction.atomic():
            runs.store(run, runs.compute(run))
        run.refresh_from_db()
        if run.shown == 5:
            return trip
    raise SystemExit("No demo trip has five experts on its page.")


def _page(client: Client, url: str) -> dict[str, Any]:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    views: dict[str, Any] = {"bytes": len(response.content)}
    for view, prepare in VIEWS.items():
        views[f"{view}_queries"] = _queries(client, url, prepare)
        spent = [_spent(client, url, prepare) for _ in range(REQUESTS)]
        views[f"{view}_cpu_ms"] = round(median(spent) * 1000, 2)
        views[f"{view}_least_cpu_ms"] = round(min(spent) * 1000, 2)
        views[f"{view}_calls"] = _calls(client, url, prepare)
    return views


def _queries(client: Client, url: str, prepare: Callable[[], None]) -> int:
    prepare()
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


def _calls(client: Client, url: str, prepare: Callable[[], None]) -> int:
    prepare()
    with cProfile.Profile() as profile:
        client.get(url)
    stats: Any = pstats.Stats(profile)  # whose stubs know nothing of what it counts
    return int(stats.total_calls)


def _spent(client: Client, url: str, prepare: Callable[[], None]) -> float:
    prepare()
    started = time.process_time()
    client.get(url)
    return time.process_time() - started


if __name__ == "__main__":
    print(json.dumps(measure()))

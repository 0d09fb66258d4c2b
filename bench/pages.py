"""SQL queries and CPU time in Python of the pages travelers see most: `python -m bench pages`.

CPU is the process's own over many requests through the whole stack of middleware, so waiting for Postgres does not
count. One request before them fills the template and locale caches.
"""

import json
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experts.models import Expert
from matching import runs
from matching.models import MatchRun
from matching.services import request_match
from travelers.models import Trip

REQUESTS = 100


def measure() -> dict[str, Any]:
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0)
    trip = _matched_trip()
    expert = Expert.objects.public().filter(market=trip.destination).order_by("-review_count")[0]
    client = Client()
    assert trip.traveler
    client.force_login(trip.traveler)
    pages = {
        "home": reverse("home"),
        "results": reverse("matching:results", args=[trip.pk]),
        "profile": expert.get_absolute_url(),
        "trip_form": reverse("travelers:trip_create"),
        "trip_list": reverse("travelers:trip_list"),
    }
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
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    queries = len(captured)  # now: the next request empties the log
    started = time.process_time()
    for _ in range(REQUESTS):
        client.get(url)
    cpu = (time.process_time() - started) / REQUESTS * 1000
    return {"queries": queries, "cpu_ms": round(cpu, 2), "bytes": len(response.content)}


if __name__ == "__main__":
    print(json.dumps(measure()))

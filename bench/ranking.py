"""What a ranking costs in a market of N experts: `python -m bench ranking`.

Wall time covers everything but storing: reading the candidates, five factors, order and receipts. It is the median of
several trips ranked once each, after one for warming up. Memory is the peak of what Python and numpy allocate.
"""

import argparse
import json
import statistics
import time
import tracemalloc
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from experts.models import Expert
from matching import runs
from matching.models import MatchRun, MatchScore
from matching.services import request_match
from travelers.models import Trip

TRIPS = 15


def measure(experts: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    call_command("load_demo", experts=experts, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    asked = [_asked(trip) for trip in Trip.objects.order_by("pk")[: TRIPS + 1]]
    runs.compute(asked[0])
    wall = [_milliseconds(run) for run in asked[1:]]
    candidates = Expert.objects.candidates(asked[0].trip.destination).count()
    return {
        "candidates": candidates,
        "median_ms": round(statistics.median(wall), 1),
        "worst_ms": round(max(wall), 1),
        "queries": _queries(asked[1]),
        "peak_mb": _peak_megabytes(asked[1]),
        "store_ms": _store_milliseconds(asked[1]),
        "stored_rows": MatchScore.objects.count(),
    }


def _asked(trip: Trip) -> MatchRun:
    run = request_match(trip)
    return MatchRun.objects.with_parts().get(pk=run.pk)


def _milliseconds(run: MatchRun) -> float:
    started = time.perf_counter()
    runs.compute(run)
    return (time.perf_counter() - started) * 1000


def _queries(run: MatchRun) -> int:
    with CaptureQueriesContext(connection) as captured:
        runs.compute(run)
    return len(captured)


def _peak_megabytes(run: MatchRun) -> float:
    tracemalloc.start()
    runs.compute(run)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(peak / 1e6, 1)


def _store_milliseconds(run: MatchRun) -> float:
    outcome = runs.compute(run)
    started = time.perf_counter()
    with transaction.atomic():
        runs.store(run, outcome)
    return round((time.perf_counter() - started) * 1000, 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experts", type=int)
    print(json.dumps(measure(parser.parse_args().experts)))

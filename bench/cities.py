"""How long the city search takes for the first one, two and three letters of any name: `python -m bench cities`.

Of three letters those that at least ten names have: rarer ones read less, and there are 50,000. Reads the database of
DATABASE_URL and loads the cities where they are missing.
"""

import json
import statistics
import time
from typing import Any

from django.core.management import call_command
from django.db.models import Count
from django.db.models.functions import Left

from markets.models import Market, MarketName
from markets.search import search

SLOWEST = 50
AT_LEAST = {1: 1, 2: 1, 3: 10}  # letters: names that begin with them


def measure() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    if not Market.objects.exists():
        started = time.perf_counter()
        call_command("load_cities", verbosity=0)
        loaded = {"load_s": round(time.perf_counter() - started, 1)}
    else:
        loaded = {}
    search("warm up")
    figures = (_figures(length) for length in AT_LEAST)
    return loaded | {key: value for found in figures for key, value in found.items()}


def _figures(length: int) -> dict[str, Any]:
    times = {prefix: _milliseconds(prefix) for prefix in _prefixes(length)}
    slowest = sorted(times, key=lambda prefix: times[prefix])[-SLOWEST:]
    # A single slow answer is mostly another program's doing: a slow search is slow every time.
    again = {prefix: min(_milliseconds(prefix) for _ in range(5)) for prefix in slowest}
    figures = {
        "prefixes": len(times),
        "p50_ms": round(statistics.median(times.values()), 2),
        "p95_ms": round(statistics.quantiles(times.values(), n=20)[-1], 2),
        "max_ms": round(max(times.values()), 2),
        "max_of_5_tries_ms": round(max(again.values()), 2),
        "slowest": max(again, key=lambda prefix: again[prefix]),
    }
    return {f"{length}_{key}": value for key, value in figures.items()}


def _prefixes(length: int) -> list[str]:
    beginnings = MarketName.objects.values_list(Left("folded", length)).annotate(names=Count("pk"))
    common = beginnings.filter(names__gte=AT_LEAST[length])
    return sorted(text for text, _ in common if len(text.strip()) == length)


def _milliseconds(prefix: str) -> float:
    started = time.perf_counter()
    search(prefix)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    print(json.dumps(measure()))

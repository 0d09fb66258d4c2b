"""How long a search among 100,000 experts takes: `python -m bench finding`.

Searches are drawn as people make them: by a city or none, words from common to rare, specialties, languages, days,
prices, ratings, in each order, and pages further on. A search is what the page asks the database: the page of experts
and the counts beside the filters. `cpu_ms` is of whole requests through all middleware.
"""

import argparse
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.pagination import Place
from bench import progress
from config.demo import crowd
from experts import browse
from experts.filters import CURRENCIES, RATINGS, SORTS, Filters
from experts.models import Expert, Listing
from markets.models import Market

SEARCHES, PAGES = 600, 60
WORDS = """tea; street food; temple garden; hidden places; night market; family; museum; the old town; history walk;
quiet; coffee roasters; photography at dawn; vegan; architecture; wheelchair; hiking; wine; jazz; ceramics; fish market;
local; guide; trip; children playground; sunrise; boat; train; zzyzx; Tanaka; cooking class with market visit""".split(
    ";"
)


def measure(experts: int) -> dict[str, Any]:
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    if not Expert.objects.exists():
        crowd.load(experts, said=progress)
    loaded = time.perf_counter() - began
    progress("searches")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    searches = list(_searches(random.Random(1), SEARCHES))
    for filters, market in searches[:30]:
        _search(filters, market, None)
    return {
        "experts": Listing.objects.count(),
        "load_s": round(loaded),
        **_times(searches),
        **_steps(searches),
        **_pages(searches),
    }


def _searches(rng: random.Random, count: int) -> Iterator[tuple[Filters, Market | None]]:
    markets = list(Market.objects.filter(pk__in=Listing.objects.values("market").distinct()).order_by("pk"))
    slugs = list(browse.known().specialties)
    for _ in range(count):
        query = QueryDict(mutable=True)
        if rng.random() < 0.5:
            query["q"] = rng.choice(WORDS).strip()
        for name, values, share in (
            ("specialty", slugs, 0.35),
            ("language", "en de fr es ja it zh".split(), 0.3),
        ):
            if rng.random() < share:
                query.setlist(name, rng.sample(values, rng.choice([1, 1, 2])))
        if rng.random() < 0.3:
            start = timezone.localdate() + timedelta(days=rng.randint(1, 250))
            query["start"], query["end"] = str(start), str(start + timedelta(days=rng.randint(0, 14)))
        if rng.random() < 0.3:
            query["price_max"], query["currency"] = (
                str(rng.choice([40, 80, 150, 300])),
                rng.choice(CURRENCIES),
            )
        if rng.random() < 0.25:
            query["rating"] = rng.choice(list(RATINGS))
        if rng.random() < 0.25:
            query["verified"] = "1"
        query["sort"] = rng.choice(list(SORTS))
        yield Filters.of(query), rng.choice([None, rng.choice(markets)])


def _search(filters: Filters, market: Market | None, place: Place | None) -> browse.Found:
    asked = browse.resolve(filters, market)
    found = browse.page(asked, place)
    browse.counts(asked)
    return found


def _times(searches: list[tuple[Filters, Market | None]]) -> dict[str, Any]:
    first, later, slowest = [], [], (0.0, "")
    by_kind = defaultdict(list)
    for filters, market in searches:
        began = time.perf_counter()
        found = _search(filters, market, None)
        first.append((time.perf_counter() - began) * 1000)
        for kind in _kinds(filters, market):
            by_kind[kind].append(first[-1])
        slowest = max(slowest, (first[-1], f"{market or 'anywhere'} {filters.url()}"))
        if found.next_url:
            place = Place.of(RequestFactory().get(found.next_url), parts=3)
            began = time.perf_counter()
            _search(filters, market, place)
            later.append((time.perf_counter() - began) * 1000)
    kinds = {kind: round(_p95(times), 1) for kind, times in sorted(by_kind.items())}
    figures = _figures("first_page", first) | _figures("next_page", later)
    return figures | {"slowest": slowest[1], "first_page_p95_ms_by_kind": kinds}


def _kinds(filters: Filters, market: Market | None) -> list[str]:
    """What is asked for: each search counts in several, and with all that is asked for besides."""
    asked = {
        "in a city": market,
        "anywhere": not market,
        "words": filters.q,
        "specialty": filters.specialties,
        "language": filters.languages,
        "days": filters.start,
        "price": filters.has_price,
        "rating": filters.rating,
        "verified": filters.verified,
    }
    return [*[kind for kind, is_asked in asked.items() if is_asked], f"by {filters.sort}"]


def _steps(searches: list[tuple[Filters, Market | None]]) -> dict[str, float]:
    """Of what a search is made of."""
    times = defaultdict(list)
    for filters, market in searches:
        began = time.perf_counter()
        asked = browse.resolve(filters, market)
        resolved = time.perf_counter()
        browse.page(asked, None)
        read = time.perf_counter()
        browse.counts(asked)
        times["index"].append((resolved - began) * 1000)
        times["page"].append((read - resolved) * 1000)
        times["counts"].append((time.perf_counter() - read) * 1000)
    return {f"{step}_p95_ms": round(_p95(found), 1) for step, found in times.items()}


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _figures(name: str, times: list[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": round(statistics.median(times), 1),
        f"{name}_p95_ms": round(_p95(times), 1),
        f"{name}_max_ms": round(max(times), 1),
    }


def _pages(searches: list[tuple[Filters, Market | None]]) -> dict[str, float]:
    client, spent, took = Client(), [], []
    for filters, market in searches[:PAGES]:
        place = filters.but(destination=market.name, destination_id=market.pk) if market else filters
        url = reverse("experts:browse") + place.url()
        assert client.get(url).status_code == 200
        began, cpu = time.perf_counter(), time.process_time()
        client.get(url)
        took.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - cpu) * 1000)
    return _figures("request", took) | {"cpu_ms": round(statistics.median(spent), 1)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experts", type=int, nargs="?", default=100_000)
    print(json.dumps(measure(parser.parse_args().experts)))

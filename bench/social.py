"""What a round of monitoring costs of our own: `python -m bench social`.

MARKETS rounds of POSTS posts each, none of them seen before, read from memory, judged by the writers without a model:
storing, measuring, viral moments, trends, leads. Then all of it once more with the same posts. What counts is the
process's own time on one core; Postgres works beside it and is told as the time on the clock.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from markets.models import Market
from social import rounds
from social.models import Lead, Monitor, Post, Run, Trend
from social.sources import Found, FoundAuthor, FoundPost, Query

MARKETS, POSTS = 50, 500
REGULARS = 4  # who write every tenth post of a market
SUBJECTS = (
    "#MossGarden early morning light,#NightMarket skewers,ramen counter upstairs,river cycling path,temple bells,"
    "tea house with a view,crowded bus again,paper lantern workshop,hidden coffee lane,autumn leaves late this year,"
    "fireworks from the bridge,queue around the block,sake tasting flight,bamboo grove at six"
).split(",")
FEELINGS = "lovely,crowded,worth it,expensive,quiet,delicious,disappointing,magical".split(",")


class Memory:
    """A source that has made up its posts before the clock starts."""

    name = "file"
    least = Decimal(0)

    def __init__(self, posts: list[FoundPost]) -> None:
        self.posts = posts

    def search(self, query: Query) -> Found:
        return Found(list(self.posts))

    def refresh(self, ids: Sequence[str], budget: Decimal) -> Found:
        return Found()


def measure(markets: int, posts: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    places = Market.objects.bulk_create(_market(number) for number in range(1, markets + 1))
    rounds.watch_new_markets()
    monitors = {one.market_id: one for one in Monitor.objects.select_related("market")}
    now = timezone.now()
    sources = {
        place.pk: Memory(list(_posts(random.Random(place.geoname_id), place, posts, now))) for place in places
    }
    first, again = (_all(monitors, sources, now + timedelta(minutes=40 * turn)) for turn in range(2))
    return {
        "markets": len(sources),
        "posts_a_market": posts,
        "own_seconds": round(first["own"], 1),
        "clock_seconds": round(first["clock"], 1),
        "queries_a_round": first["queries"],
        "own_seconds_again": round(again["own"], 1),
        "clock_seconds_again": round(again["clock"], 1),
        "queries_a_round_again": again["queries"],
        "posts": Post.objects.count(),
        "trends": Trend.objects.count(),
        "leads": Lead.objects.count(),
        "done": Run.objects.filter(state="done").count(),
    }


def _all(monitors: dict[int, Monitor], sources: dict[int, Memory], now: datetime) -> dict[str, Any]:
    own, clock = time.process_time(), time.perf_counter()
    queries = []
    for market, source in sources.items():
        with CaptureQueriesContext(connection) as captured:
            _round(monitors[market], source, now)
        queries.append(len(captured))
    return {
        "own": time.process_time() - own,
        "clock": time.perf_counter() - clock,
        "queries": f"{min(queries)}-{max(queries)}",
    }


def _round(monitor: Monitor, source: Memory, now: datetime) -> None:
    with transaction.atomic():
        run = rounds.begin(monitor, now)
    assert run
    looked = rounds.look(run, source, now)
    with transaction.atomic():
        rounds.store_posts(run, source, looked, now)
    thoughts = rounds.think(run, now)
    with transaction.atomic():
        rounds.store_thoughts(run, thoughts, now)


def _market(number: int) -> Market:
    return Market(
        geoname_id=number,
        slug=f"city-{number}",
        name=f"City {number}",
        country_code="JP",
        time_zone="Asia/Tokyo",
        latitude=35.0,
        longitude=135.8,
        currency="JPY",
        status=Market.Status.ACTIVE,
    )


def _posts(dice: random.Random, market: Market, count: int, now: datetime) -> Iterator[FoundPost]:
    """A few write often and are read by many, most write once."""
    for number in range(count):
        subject, feeling = dice.choice(SUBJECTS), dice.choice(FEELINGS)
        often = number % 10 == 0
        writer = number // 10 % REGULARS if often else number + REGULARS
        # Those who write often do so at their hour, so that it never hangs on the clock on how many days that was.
        at = timedelta(days=number // (10 * REGULARS) % 6, minutes=5 + writer)
        yield FoundPost(
            id=f"{market.pk}-{number}",
            author=FoundAuthor(
                f"w{market.pk}_{writer}",
                followers=(9_000, 15_000)[writer % 2] if often else dice.choice([None, 80, 900]),
            ),
            text=f"{subject} in {market.name}, {feeling}. Day {number} of the trip #{market.name.replace(' ', '')}",
            at=now - (at if often else timedelta(minutes=dice.randrange(5, 7 * 24 * 60 - 60))),
            language="en",
            likes=dice.randrange(600, 900) if often else dice.randrange(60),
            reposts=dice.randrange(12),
            views=dice.randrange(5_000),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markets", type=int, nargs="?", default=MARKETS)
    parser.add_argument("posts", type=int, nargs="?", default=POSTS)
    options = parser.parse_args()
    print(json.dumps(measure(options.markets, options.posts)))

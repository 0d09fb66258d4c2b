"""Two workers on one market: whatever meets, nothing is told or begun twice."""

import random
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from social import asking, budget, leads, posts, rounds, trends, viral
from social.models import Alert, Lead, Monitor, Outreach, Post, Run, Sighting, ViralMoment
from social.sources import FoundAuthor, FoundPost
from tests.factories import make_market
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS = 100


def found(now, number, likes):
    author = FoundAuthor(f"writer{number % 3}", followers=900)
    return FoundPost(f"{number}", author, "Moss #Kyoto", now - timedelta(hours=2), likes=likes)


def test_a_hundred_times_two_workers_find_the_same_moments_and_each_is_told_once():
    markets, now = [make_market("Kyoto"), make_market("Osaka")], timezone.now()
    for seed in range(SEEDS):
        numbers = [10 * seed + place for place in range(3)]
        turn = iter(range(2))

        def look(seed=seed, numbers=numbers, turn=turn):
            dice, mine = random.Random(f"{seed}"), next(turn)
            market = markets[mine if dice.random() < 0.5 else 0]  # the same one, or each their own
            shuffled = random.Random(f"{seed}-{mine}").sample(numbers, 3)
            with transaction.atomic():
                rows = [found(now, number, 2000 + number) for number in shuffled]
                posts.store(rows, market=market, source="x", now=now)
                time.sleep(dice.random() / 500)
                viral.find(market, now)

        at_once(look, times=2)
    everything = 3 * SEEDS
    assert (Post.objects.count(), ViralMoment.objects.count(), Alert.objects.count()) == (everything,) * 3
    assert Sighting.objects.count() >= everything


def test_of_many_beats_at_once_one_begins_the_round():
    monitor = Monitor.objects.create(market=make_market())
    now = timezone.now()

    def begin():
        with transaction.atomic():
            return rounds.begin(monitor, now)

    assert sum(run is not None for run in at_once(begin)) == 1
    assert Run.objects.count() == 1


def test_jobs_at_once_share_what_the_day_has_left():
    monitor = Monitor.objects.create(market=make_market(), cost_cap=2)
    now = timezone.now()

    def ask():
        with budget.charged(monitor.market, "asking", asking.MOST_USD, now) as charge:
            time.sleep(0.05)
            return charge.usd

    assert sum(at_once(ask, times=8)) == 2
    assert budget.room_of(monitor.market, now) == 0


def test_ten_at_once_on_one_author_of_two_markets_double_nothing():
    """Trends, moments, leads, alerts and outreach alike, whoever is first."""
    places, now = [make_market("Kyoto"), make_market("Osaka")], timezone.now()
    for place in places:
        Monitor.objects.create(market=place)
    for seed in range(10):
        author = FoundAuthor(f"aiko{seed}", followers=20_000)
        rows = [
            FoundPost(
                f"{seed}-{day}", author, f"Moss {seed} {day}", now - timedelta(days=day, hours=1), likes=1500
            )
            for day in range(4)
        ]
        turn = iter(range(10))

        def work(seed=seed, rows=rows, turn=turn):
            number = next(turn)
            market = places[number % 2]
            time.sleep(random.Random(f"{seed}-{number}").random() / 200)
            with transaction.atomic():
                posts.store(rows, market=market, source="x", now=now)
                viral.find(market, now)
            finding = leads.find(market, room=Decimal(0), now=now)
            for one in finding.judged:
                one.fit, one.evidence = "high", [Post.objects.get(external_id=rows[0].id).pk]
            with transaction.atomic():
                trends.store(market, trends.Reading(), posts.recent(market, now), now)
                leads.store(market, finding, now)

        at_once(work, times=10)
    assert (ViralMoment.objects.count(), Lead.objects.count(), Outreach.objects.count()) == (20, 10, 10)
    assert Alert.objects.count() == 20 + 10

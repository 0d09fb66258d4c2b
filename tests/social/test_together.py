"""Two workers on one market: whatever meets, nothing is told or begun twice."""

import random
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from social import posts, rounds, viral
from social.models import Alert, Monitor, Post, Run, Sighting, ViralMoment
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

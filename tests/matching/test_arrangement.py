"""Who stands where on the page, and what is noted of it."""

from collections import Counter
from decimal import Decimal

import pytest

from matching import runs, versions
from matching.models import AlgorithmVersion, Exposure, MatchScore
from tests.factories import make_expert, make_market, make_run, make_trip

pytestmark = pytest.mark.django_db
Hidden = MatchScore.Hidden


@pytest.fixture
def kyoto():
    """Eight experts who differ by less than a point each."""
    market = make_market()
    for number in range(8):
        make_expert(market, verified=True, response_hours=Decimal(1 + number / 10))
    return market


def matched(trip, **fields):
    run = make_run(trip, **fields)
    runs.store(run, runs.compute(run))
    return run


def pages(kyoto, count=40):
    trip = make_trip(kyoto)
    outcomes = []
    for seed in range(count):
        run = matched(trip, state="stale", seed=seed)
        run.state = "queued"
        outcomes.append(runs.compute(run).places)
    return outcomes


def test_without_chance_the_page_is_in_the_order_of_scores(kyoto):
    run = matched(make_trip(kyoto))
    noted = list(Exposure.objects.filter(run=run).values_list("position", "base_position", "propensity"))
    assert sorted(noted) == [(place, place, 1.0) for place in range(1, 6)]


def test_chance_moves_nobody_further_than_one_place(kyoto, settings):
    settings.MATCHING_EXPLORATION = 0.5
    moved = [place.position - place.base_position for places in pages(kyoto) for place in places]
    assert set(moved) == {-1, 0, 1}


def test_the_sixth_gets_a_turn(kyoto, settings):
    settings.MATCHING_EXPLORATION = 0.5
    shown = Counter(place.base_position for places in pages(kyoto) for place in places)
    assert 0 < shown[6] < shown[4]


def test_who_gave_way_is_not_in_the_top_five_and_who_came_is_shown(kyoto, settings):
    settings.MATCHING_EXPLORATION = 0.5
    trip = make_trip(kyoto)
    for seed in range(20):
        trip.runs.all().delete()
        run = matched(trip, seed=seed)
        shown = run.scores.filter(position__isnull=False)
        assert sorted(shown.values_list("position", flat=True)) == [1, 2, 3, 4, 5]
        assert set(shown.values_list("hidden", flat=True)) == {Hidden.NO}
        assert set(run.scores.filter(position=None).values_list("hidden", flat=True)) == {Hidden.NOT_IN_TOP}


def challenger(share=100):
    return AlgorithmVersion.objects.create(
        name="rival",
        status="shadow",
        share=share,
        expertise_weight=100,
        communication_weight=100,
        budget_weight=100,
        availability_weight=100,
        trust_weight=600,
        reason="To be compared.",
    )


def test_two_versions_share_a_page_by_turns(kyoto):
    rival = challenger()
    run = matched(make_trip(kyoto))
    teams = Counter(Exposure.objects.filter(run=run).values_list("team", flat=True))
    assert run.challenger == rival
    assert sorted(teams.values()) == [2, 3]


def test_the_score_on_the_page_is_the_active_versions(kyoto):
    challenger()
    run = matched(make_trip(kyoto))
    assert run.version.name == "2026.11"
    assert all(score.score_tenths == sum(score.point_tenths) for score in run.scores.all())


def test_a_trip_takes_part_once_and_for_all(kyoto):
    rival = challenger(share=30)
    first = [versions.takes_part(trip, rival) for trip in range(2000)]
    assert first == [versions.takes_part(trip, rival) for trip in range(2000)]
    assert 0.26 < sum(first) / len(first) < 0.34


def test_without_a_share_nobody_takes_part(kyoto):
    challenger(share=0)
    assert matched(make_trip(kyoto)).challenger is None

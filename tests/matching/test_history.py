"""What learning reads: the lists that travelers saw, and whom they booked from them."""

import pytest
from django.utils import timezone

from matching import fitting, history, runs
from matching.learning.interleaving import Team
from matching.learning.slates import NOTHING
from matching.models import AlgorithmVersion, Exposure, MatchScore
from tests.factories import make_booking, make_expert, make_market, make_run, make_trip, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kyoto():
    market = make_market()
    for number in range(3):
        make_expert(market, verified=True, group_size_max=4 + number)
    return market


def matched(trip, **fields):
    trip.runs.update(state="stale")
    run = make_run(trip, **fields)
    runs.store(run, runs.compute(run))
    return run


def see(run, **fields):
    Exposure.objects.filter(run=run, **fields).update(seen_at=timezone.now())


def make_rival():
    return AlgorithmVersion.objects.create(
        name="rival",
        status="shadow",
        share=100,
        reason="",
        **dict(zip(AlgorithmVersion.WEIGHTS, (0, 0, 0, 500, 500), strict=True)),
    )


def expert_at(run, position):
    return run.scores.get(position=position).expert


def test_a_list_that_nobody_saw_teaches_nothing(kyoto):
    matched(make_trip(kyoto))
    assert len(history.slates()) == 0


def test_a_seen_list_is_read_as_it_stood(kyoto):
    traveler = make_user()
    run = matched(make_trip(kyoto, traveler=traveler))
    see(run)
    make_booking(expert_at(run, 2), traveler, trip=run.trip)
    slates = history.slates()
    assert slates.positions.tolist() == [0, 1, 2]
    assert slates.expert.tolist() == [expert_at(run, place).pk for place in (1, 2, 3)]
    assert (slates.chosen.tolist(), slates.traveler.tolist()) == ([1], [traveler.pk])
    assert (slates.values * 1000).round().astype(int).tolist() == [
        score.tenths for score in run.scores.order_by("position")
    ]


@pytest.mark.parametrize(("state", "booked"), [("confirmed", 1), ("completed", 1), ("cancelled", 0)])
def test_what_was_cancelled_is_no_booking(kyoto, state, booked):
    run = matched(make_trip(kyoto, traveler=make_user()))
    see(run)
    make_booking(expert_at(run, 1), run.trip.traveler, trip=run.trip, state=state)
    assert history.slates().bookings == booked


def test_a_booking_of_another_trip_is_not_this_lists(kyoto):
    run = matched(make_trip(kyoto, traveler=make_user()))
    see(run)
    make_booking(expert_at(run, 1), run.trip.traveler, trip=make_trip(kyoto))
    make_booking(expert_at(run, 1), run.trip.traveler)
    assert history.slates().chosen.tolist() == [NOTHING]


def test_of_two_who_were_booked_the_first_counts(kyoto):
    run = matched(make_trip(kyoto, traveler=make_user()))
    see(run)
    for place in (3, 1):
        make_booking(expert_at(run, place), run.trip.traveler, trip=run.trip)
    assert history.slates().chosen.tolist() == [0]


def test_the_reviewed_list_counts_once_it_was_seen(kyoto):
    run = matched(make_trip(kyoto))
    scores = list(run.scores.order_by("position"))
    see(run)
    MatchScore.objects.filter(run=run).update(expertise_shift=-100)
    for score, place in zip(scores, (3, 2, 1), strict=True):
        Exposure.objects.create(run=run, score=score, reviewed=True, position=place, base_position=place)
    before = history.slates()
    assert before.expert.tolist() == [score.expert_id for score in scores]
    assert (before.values[:, 0] * 1000).round().tolist() == [score.expertise_value + 100 for score in scores]
    see(run, reviewed=True)
    after = history.slates()
    assert after.expert.tolist() == [score.expert_id for score in reversed(scores)]


def test_of_two_runs_of_a_trip_the_latest_whose_list_was_seen_counts(kyoto):
    first = matched(make_trip(kyoto, traveler=make_user()))
    again, unseen = matched(first.trip), matched(first.trip)
    for run in (first, again):
        see(run)
    make_booking(expert_at(first, 1), first.trip.traveler, trip=first.trip)
    assert (len(history.slates()), history.slates().bookings) == (1, 1)
    assert set(history.counted().values_list("run", flat=True)) == {again.pk}
    see(unseen)
    assert set(history.counted().values_list("run", flat=True)) == {unseen.pk}


def test_a_mixed_list_that_a_later_one_replaced_is_won_by_nobody(kyoto):
    rival = make_rival()
    run = matched(make_trip(kyoto, traveler=make_user()))
    see(run)
    make_booking(expert_at(run, 1), run.trip.traveler, trip=run.trip)
    AlgorithmVersion.objects.filter(pk=rival.pk).update(share=0)
    assert len(history.outcomes(rival.pk)) == 1
    see(matched(run.trip))
    assert history.outcomes(rival.pk) == []


def test_lists_come_in_the_order_of_time(kyoto):
    travelers = [make_user() for _ in range(3)]
    made = [matched(make_trip(kyoto, traveler=traveler)) for traveler in travelers]
    for run in reversed(made):
        see(run)
    assert history.slates().traveler.tolist() == [traveler.pk for traveler in travelers]


def test_a_mixed_list_is_won_by_the_team_of_who_was_booked(kyoto):
    rival = make_rival()
    for team in (Exposure.Team.ACTIVE, Exposure.Team.CHALLENGER, None):
        run = matched(make_trip(kyoto, traveler=make_user()))
        see(run)
        if team:
            exposure = Exposure.objects.filter(run=run, team=team)[0]
            make_booking(exposure.score.expert, run.trip.traveler, trip=run.trip)
    assert history.outcomes(rival.pk) == [Team.A, Team.B, None]


def test_queries_do_not_grow_with_lists(kyoto, django_assert_num_queries):
    for _ in range(3):
        see(matched(make_trip(kyoto)))
    with django_assert_num_queries(1):
        history.slates()


@pytest.mark.parametrize(
    ("weights", "thousandths"),
    [
        ([0.35, 0.2, 0.15, 0.15, 0.15], [350, 200, 150, 150, 150]),
        ([1 / 3, 1 / 3, 1 / 9, 1 / 9, 1 / 9], [334, 333, 111, 111, 111]),
        ([0.2004, 0.2004, 0.2004, 0.2004, 0.1984], [201, 201, 200, 200, 198]),
    ],
)
def test_weights_become_whole_thousandths_that_sum_to_one(weights, thousandths):
    found = fitting.in_thousandths(weights)
    assert sum(found) == 1000
    assert found == thousandths


def test_no_chance_is_told_before_it_is_calibrated():
    active = AlgorithmVersion.objects.active()
    assert fitting.probabilities(active, [[500] * 5]) is None


def test_a_calibrated_version_tells_the_chance_of_each_of_a_list():
    active = AlgorithmVersion.objects.active()
    active.fit = {
        "gates": [{"code": "calibration", "passed": True}],
        "model": {
            "weights": [0.2] * 5,
            "scale": 10.0,
            "positions": [0, -0.5, -0.7, -0.9, -1.1],
            "outside": 8.0,
        },
    }
    first, second = fitting.probabilities(active, [[800] * 5, [800] * 5]) or []
    assert 0 < second < first < 1
    assert first + second < 1

"""What is counted as shown and booked, and the figures that come of it."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from bookings.models import Inquiry
from matching import analytics
from matching.analytics import Scope
from matching.analytics_math import Rate
from matching.models import AlgorithmVersion, MatchRun
from tests.admin.rows import make_exposure, make_score
from tests.factories import make_booking, make_expert, make_market, make_run, make_trip, make_user

pytestmark = pytest.mark.django_db
DONE = {"state": "done", "compute_ms": 5}


def a_list(*scores, market=None, booked=(), **fields):
    """A seen list of experts with these scores in tenths; those at the positions `booked` are."""
    trip = make_trip(market or make_market(), traveler=make_user())
    run = make_run(trip, **DONE | fields)
    for position, tenths in enumerate(scores, 1):
        expert = make_expert(trip.destination, reindex=False)
        score = make_score(run, expert, position, **valued(tenths))
        make_exposure(score)
        if position in booked:
            make_booking(expert, trip.traveler, trip=trip)
    return run


def valued(tenths):
    """All of the score comes from trust, whose value it is."""
    points = {f"{name}_points": 0 for name in ("expertise", "communication", "budget", "availability")}
    return points | {"trust_points": tenths, "trust_value": tenths, "score_tenths": tenths}


def today(**fields):
    day = timezone.now().astimezone(UTC).date()
    return Scope(**{"first": day, "last": day} | fields)


def shown(**fields):
    return analytics.shown(today(**fields))


def report(**fields):
    return analytics.report(today(**fields), 0.2)


def rates(groups):
    return [(group.rate.happened, group.rate.count) for group in groups]


def test_bands_hold_their_lower_bound_and_the_last_holds_100():
    a_list(499, 500, 699, 700, 849, booked=[4])
    a_list(850, 1000, booked=[2])
    groups = report().bands
    assert [group.key for group in groups] == ["0-50", "50-70", "70-85", "85-100"]
    assert rates(groups) == [(0, 1), (0, 2), (1, 2), (1, 2)]


def test_the_average_score_of_booked_and_others():
    a_list(900, 700, 500, booked=[1])
    booked, others = report().averages
    assert (booked.value, booked.count, others.value, others.count) == (90, 1, 60, 2)


@pytest.mark.parametrize(("state", "booked"), [("confirmed", 1), ("completed", 1), ("cancelled", 0)])
def test_a_booking_counts_unless_it_is_cancelled(state, booked):
    run = a_list(900)
    make_booking(run.scores.get().expert, run.trip.traveler, trip=run.trip, state=state)
    assert report().overall.happened == booked


def test_a_booking_of_another_trip_or_expert_is_not_of_this_list():
    run = a_list(900)
    make_booking(run.scores.get().expert, run.trip.traveler)
    make_booking(make_expert(), run.trip.traveler, trip=run.trip)
    assert rates([analytics.Group("", report().overall)]) == [(0, 1)]


def test_what_was_not_seen_does_not_count():
    run = a_list(900)
    run.exposures.update(seen_at=None)
    assert (len(shown()), report().lists) == (0, 0)


@pytest.mark.parametrize(("seen", "position"), [(True, 2), (False, 1)])
def test_the_reviewed_list_counts_if_it_was_seen_and_the_first_otherwise(seen, position):
    run = a_list(900)
    make_exposure(run.scores.get(), reviewed=True, position=2, seen_at=timezone.now() if seen else None)
    assert shown().column("position").tolist() == [position]


def test_only_runs_of_these_days_and_this_market_count():
    kyoto = make_market()
    inside, yesterday, _ = a_list(900, market=kyoto), a_list(800, market=kyoto), a_list(700)
    MatchRun.objects.filter(pk=yesterday.pk).update(created_at=timezone.now() - timedelta(days=1))
    assert shown(market=kyoto.slug).column("run").tolist() == [inside.pk]


def test_a_day_ends_with_its_last_moment_in_utc():
    run = a_list(900)
    MatchRun.objects.filter(pk=run.pk).update(created_at=datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC))
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert [len(analytics.shown(Scope(day, day))) for day in (first, second)] == [1, 0]


def test_a_factor_is_compared_between_booked_and_others():
    a_list(900, 700, booked=[1])
    a_list(800, 600, booked=[1])
    trust = report().importance[-1]
    # Means 85 and 65; squares 50 + 50 over two degrees of freedom: √50.
    assert (trust.factor, trust.booked.value, trust.others.value) == ("trust", 85, 65)
    assert trust.difference == pytest.approx(20 / math.sqrt(50))
    assert trust.correlation == pytest.approx(10 / math.sqrt(125))


def test_each_position_has_its_rates():
    run = a_list(900, 800, booked=[2])
    run.exposures.filter(position=1).update(opened_at=timezone.now())
    Inquiry.objects.create(traveler=run.trip.traveler, expert=run.scores.get(rank=2).expert, trip=run.trip)
    first, second, third, *_ = report().positions
    assert [rate.value for rate in (first.opened, first.inquired, first.booked)] == [1, 0, 0]
    assert [rate.value for rate in (second.opened, second.inquired, second.booked)] == [0, 1, 1]
    assert third.opened == Rate(0, 0, None, None)


def test_exploration_is_what_stands_elsewhere_than_by_score():
    run = a_list(900, 890, 800)
    run.exposures.filter(position=1).update(base_position=2)
    run.exposures.filter(position=2).update(base_position=1)
    found = report().exploration
    assert (found.setting, found.moved.happened, found.moved.count) == (0.2, 2, 3)


def test_new_experts_have_few_reviews_or_few_days():
    run = a_list(900, 800, 700, 600)
    ago = timezone.localdate() - timedelta(days=30)
    known, young, unproven, undated = (score.expert for score in run.scores.order_by("rank"))
    for expert, reviews, since in [
        (known, 5, date(2025, 1, 1)),
        (young, 5, ago),
        (unproven, 4, date(2025, 1, 1)),
        (undated, 5, None),
    ]:
        expert.review_count, expert.rating_sum, expert.active_since = reviews, reviews * 5, since
        expert.save()
    make_expert(run.trip.destination, reindex=False, review_count=9, rating_sum=45)
    found = report().newness
    assert [(rate.happened, rate.count) for rate in (found.exposures, found.candidates)] == [(3, 4), (3, 5)]


def test_candidates_are_weighed_by_the_runs_of_their_market():
    kyoto = make_market()
    for _ in range(2):
        a_list(900, market=kyoto)  # two experts there, both new
    a_list(900)
    assert report().newness.candidates.count == 2 * 2 + 1


def active(fit):
    AlgorithmVersion.objects.filter(status="active").update(fit=fit)


@pytest.mark.parametrize("fit", [None, {}, {"state": "running", "base": "2026.11"}])
def test_a_version_that_was_not_fitted_has_no_calibration(fit):
    a_list(900, booked=[1])
    active(fit)
    assert report().calibration is None


def model(scale, positions, outside):
    return {"model": {"weights": [0.2] * 5, "scale": scale, "positions": positions, "outside": outside}}


def test_a_forecast_is_shared_out_within_a_list():
    a_list(1000, 1000, booked=[1])
    # Trust weighs 20 %, so 100 of it is 0.2: utilities 2 and 2 + log 2, outside 2. Shares 1, 2 and 1 of 4.
    values = {f"{name}_value": 0 for name in ("expertise", "communication", "budget", "availability")}
    MatchRun.objects.get().scores.update(**values)
    active(model(10, [0, math.log(2), 0, 0, 0], 2.0))
    found = report().calibration
    assert [(round(each.forecast, 6), each.rate.happened) for each in found.bins] == [(0.25, 1), (0.5, 0)]
    assert found.brier == pytest.approx((0.75**2 + 0.5**2) / 2)
    assert found.ece == pytest.approx((0.75 + 0.5) / 2)


def test_a_fitted_version_that_nothing_was_shown_with_has_no_bins():
    active(model(10, [0] * 5, 2.0))
    found = report().calibration
    assert (found.bins, found.brier, found.ece) == ([], None, None)


def test_a_booking_counts_in_the_latest_list_of_its_trip_alone():
    first = a_list(900, 800, booked=[1])
    MatchRun.objects.update(state="stale")
    again = make_run(first.trip, **DONE)
    score = make_score(again, first.scores.get(rank=1).expert, 1, **valued(850))
    make_exposure(score)
    assert rates([analytics.Group("", report().overall)]) == [(1, 1)]
    again.exposures.update(seen_at=None)
    assert rates([analytics.Group("", report().overall)]) == [(1, 2)]


def test_runs_are_counted_by_day_also_where_there_are_none():
    a_list(900)
    day = today().last
    found = report(first=day - timedelta(days=2)).working.days
    assert list(found.values()) == [0, 0, 1]


def test_the_time_to_the_first_ranking_is_of_runs_that_have_one():
    for seconds in (1, 3):
        run = a_list(900)
        MatchRun.objects.filter(pk=run.pk).update(finished_at=run.created_at + timedelta(seconds=seconds))
    a_list(state="failed", compute_ms=None, finished_at=timezone.now())
    found = report().working
    assert (found.p50, found.p95, found.timed) == (2, pytest.approx(2.9), 2)


def test_costs_reviews_and_dropped_claims():
    a_list(900, review="done", review_cost="0.02", dropped=3)
    a_list(900, review="done", dropped=0)
    a_list(900, review="failed", dropped=9)
    a_list(900)
    found = report().working
    outcomes = {group.key: group.rate.happened for group in found.reviews}
    assert (found.cost.value, found.cost.count) == (0.005, 4)
    assert (found.dropped.value, found.dropped.count) == (1.5, 2)
    assert outcomes == {"": 1, "pending": 0, "done": 2, "offline": 0, "failed": 1}


def test_an_empty_site_has_no_rates_and_divides_by_nothing():
    found = report()
    assert {group.rate.value for group in found.bands} == {None}
    assert (found.overall.value, found.averages[0].value, found.working.p95) == (None, None, None)
    assert {(each.difference, each.correlation) for each in found.importance} == {(None, None)}
    assert (found.newness.candidates.value, found.calibration) == (None, None)

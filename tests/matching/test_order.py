"""Order, floor and reasons, with the factors' values chosen: exact scores, ties, edges."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given
from hypothesis import strategies as st

from matching import engine, runs, services
from matching.models import SHOWN, Band, MatchScore
from tests.factories import make_expert, make_market, make_trip

pytestmark = pytest.mark.django_db

Hidden = MatchScore.Hidden
TODAY = date(2026, 11, 21)
PERFECT = (1000,) * 5


@pytest.fixture
def kyoto():
    return make_market()


@pytest.fixture
def valued(kyoto, monkeypatch):
    """Experts with these values, and a trip to rank them for."""

    def make(*values, **trip):
        monkeypatch.setattr(engine.Parts, "values", lambda parts: np.array(values).T)
        experts = [make_expert(kyoto, reindex=False) for _ in values]
        return experts, make_trip(kyoto, **trip)

    return make


def scoring(score):
    """Five values of exactly that score, in tenths: multiples of 20 need no rounding, and 5 of 100 × 20 % are 1."""
    base = score - score % 20
    return (base, base + 5 * (score % 20), base, base, base)


def ranked(trip):
    """(expert id, score in tenths, reason for not being shown), best first."""
    ranking = engine.rank(trip, today=TODAY)
    columns = (ranking.pool.ids, ranking.scores, ranking.hidden)
    return [tuple(int(column[place]) for column in columns) for place in ranking.order]


def order(trip):
    return [expert for expert, _, _ in ranked(trip)]


def stored(trip):
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    return list(run.scores.order_by("rank"))


tenths = st.tuples(*[st.integers(0, 1000)] * 5)


@given(st.lists(tenths, min_size=1, max_size=6))
def test_points_are_rounded_half_up_and_add_up_to_the_score(values):
    points = engine.weighted(np.array(values).T)
    for row, of_one in zip(values, points.T.tolist(), strict=True):
        exact = [Decimal(v) * w / 1000 for v, w in zip(row, engine.WEIGHTS, strict=True)]
        assert of_one == [int(each.quantize(Decimal(1), ROUND_HALF_UP)) for each in exact]
        assert abs(sum(of_one) - sum(exact)) <= Decimal("2.5")


@given(tenths, st.integers(0, 4), st.integers(0, 1000))
def test_a_better_value_never_lowers_the_score(values, factor, better):
    raised = [*values]
    raised[factor] = max(values[factor], better)
    before, after = engine.weighted(np.array([values, raised]).T).sum(axis=0)
    assert before <= after


def test_perfect_values_make_a_hundred_and_none_make_nothing(valued):
    experts, trip = valued(PERFECT, scoring(0))
    assert ranked(trip) == [(experts[0].pk, 1000, Hidden.NO), (experts[1].pk, 0, Hidden.BELOW_FLOOR)]


@pytest.mark.parametrize(("score", "why"), [(500, Hidden.NO), (499, Hidden.BELOW_FLOOR)])
def test_fifty_points_are_enough_and_a_tenth_less_is_not(valued, score, why):
    experts, trip = valued(scoring(score))
    assert ranked(trip) == [(experts[0].pk, score, why)]


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (850, Band.HIGHLY_RECOMMENDED),
        (849, Band.RECOMMENDED),
        (700, Band.RECOMMENDED),
        (699, Band.ACCEPTABLE),
        (500, Band.ACCEPTABLE),
        (499, Band.NOT_RECOMMENDED),
    ],
)
def test_the_band_is_that_of_the_stored_score_at_every_edge(valued, score, band):
    _, trip = valued(scoring(score))
    (found,) = stored(trip)
    assert (found.score, found.band) == (Decimal(score) / 10, band)


def test_the_score_decides_whatever_it_is_made_of(valued):
    (most_expert, better), trip = valued((1000, 500, 500, 500, 500), (500, 1000, 1000, 1000, 600))
    assert order(trip) == [better.pk, most_expert.pk]


def test_a_tie_goes_to_the_better_expertise(valued):
    # 20 tenths of points each way: 35 % of 40 more and 20 % of 70 less.
    (one, other), trip = valued((600, 670, 600, 600, 600), (640, 600, 600, 600, 600))
    assert [score for _, score, _ in ranked(trip)] == [614, 614]
    assert order(trip) == [other.pk, one.pk]


def test_a_tie_of_score_and_expertise_goes_to_the_better_trust(valued):
    (one, other), trip = valued((600, 600, 640, 600, 600), (600, 600, 600, 600, 640))
    assert [score for _, score, _ in ranked(trip)] == [606, 606]
    assert order(trip) == [other.pk, one.pk]


def test_in_a_tie_expertise_goes_before_trust(valued):
    (trusted, expert), trip = valued((600, 600, 600, 600, 647), (620, 600, 600, 600, 600))
    assert [score for _, score, _ in ranked(trip)] == [607, 607]
    assert order(trip) == [expert.pk, trusted.pk]


def test_a_full_tie_goes_to_who_joined_first_also_where_the_page_ends(valued):
    experts, trip = valued(*[scoring(700)] * (SHOWN + 3))
    found = stored(trip)
    assert [score.expert_id for score in found] == [expert.pk for expert in experts]
    assert [score.hidden for score in found] == [Hidden.NO] * SHOWN + [Hidden.NOT_IN_TOP] * 3


def test_who_cannot_come_takes_nobodys_place_on_the_page(valued):
    experts, trip = valued(*[scoring(900 - place) for place in range(SHOWN + 1)])
    first, end = trip.window()
    experts[0].unavailable.create(days=DateRange(first, end))
    found = ranked(trip)
    assert [why for _, _, why in found] == [Hidden.NO] * SHOWN + [Hidden.CALENDAR_CLOSED]
    assert found[-1] == (experts[0].pk, 900, Hidden.CALENDAR_CLOSED)


def test_a_low_score_among_those_who_cannot_keeps_the_reason_that_matters(valued):
    experts, trip = valued(scoring(100), scoring(400))
    experts[0].languages.all().delete()
    assert ranked(trip) == [
        (experts[1].pk, 400, Hidden.BELOW_FLOOR),
        (experts[0].pk, 100, Hidden.LANGUAGE_MISSING),
    ]


@pytest.mark.parametrize(
    ("closed", "mute", "small", "why"),
    [
        (True, True, True, Hidden.CALENDAR_CLOSED),
        (False, True, True, Hidden.LANGUAGE_MISSING),
        (False, False, True, Hidden.GROUP_TOO_LARGE),
        (False, False, False, Hidden.NO),
    ],
)
def test_of_several_reasons_one_is_stored(kyoto, closed, mute, small, why):
    expert = make_expert(kyoto, languages={"ja" if mute else "en": 7}, group_size_max=1 if small else 2)
    trip = make_trip(kyoto, languages=["en"])
    if closed:
        expert.unavailable.create(days=DateRange(*trip.window()))
    (score,) = stored(trip)
    assert (score.rank, score.hidden) == (1, why)


def test_everybody_below_fifty_makes_an_empty_page_and_a_whole_ranking(valued):
    _, trip = valued(scoring(300), scoring(499), scoring(100))
    found = stored(trip)
    assert [(score.rank, score.score_tenths) for score in found] == [(1, 499), (2, 300), (3, 100)]
    assert {score.hidden for score in found} == {Hidden.BELOW_FLOOR}
    assert (trip.runs.get().shown, trip.runs.get().candidates) == (0, 3)


def test_exactly_the_shown_have_no_reason(valued):
    _, trip = valued(*[scoring(score) for score in (980, 480, 700, 700, 510, 500, 499, 650, 640)])
    found = stored(trip)
    shown = [score for score in found if score.hidden == Hidden.NO]
    assert [score.score_tenths for score in shown] == [980, 700, 700, 650, 640]
    assert [score.hidden for score in found[SHOWN:]] == [Hidden.NOT_IN_TOP] * 2 + [Hidden.BELOW_FLOOR] * 2
    assert trip.runs.get().shown == len(shown)


def test_the_stored_row_says_what_was_computed(valued):
    values = (123, 456, 789, 12, 345)
    (expert,), trip = valued(values)
    (score,) = stored(trip)
    assert score.expert == expert
    assert [int(10 * value) for value in score.values] == list(values)
    # 43.05, 91.2, 118.35, 1.8 and 51.75 tenths, rounded half up.
    assert [int(10 * points) for points in score.points] == [43, 91, 118, 2, 52]
    assert score.score_tenths == 306


def test_a_day_later_the_same_trip_ranks_alike_but_for_tenure(kyoto):
    make_expert(kyoto, active_since=TODAY - timedelta(days=2))
    trip = make_trip(kyoto)
    today, tomorrow = (engine.rank(trip, today=day) for day in (TODAY, TODAY + timedelta(days=1)))
    assert today.values[:4].tolist() == tomorrow.values[:4].tolist()
    assert tomorrow.values[4] >= today.values[4]


def test_a_worker_that_comes_late_ranks_as_of_the_day_that_was_asked(kyoto):
    make_expert(kyoto, active_since=TODAY)
    run = services.request_match(make_trip(kyoto))
    run.created_at = datetime.combine(TODAY + timedelta(days=7305), time(), tzinfo=UTC)
    assert runs.compute(run).ranking.pool.years_active.tolist() == [20]


def test_an_expert_who_starts_next_month_has_no_tenure_below_zero(kyoto):
    make_expert(kyoto, active_since=TODAY + timedelta(days=30))
    assert engine.rank(make_trip(kyoto), today=TODAY).pool.years_active.tolist() == [0]

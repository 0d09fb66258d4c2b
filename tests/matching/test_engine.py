from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from experts.models import UnavailablePeriod
from matching import engine
from matching.inputs import Brief
from matching.models import AlgorithmVersion, Band, Factor, MatchScore
from tests.factories import make_expert, make_market, make_review, make_service, make_trip

pytestmark = pytest.mark.django_db
Hidden = MatchScore.Hidden
TODAY = date(2026, 11, 21)


@pytest.fixture
def kyoto():
    return make_market()


def ranked(trip, today=TODAY):
    """(expert id, score in tenths, reason for not being shown), best first."""
    ranking = engine.rank(trip, today=today)
    return [
        (int(ranking.pool.ids[column]), int(ranking.scores[column]), Hidden(int(ranking.hidden[column])))
        for column in ranking.order
    ]


def order(trip):
    return [expert for expert, _, _ in ranked(trip)]


def value(trip, factor, expert):
    ranking = engine.rank(trip, today=TODAY)
    column = ranking.pool.ids.tolist().index(expert.pk)
    return ranking.values[list(Factor).index(factor), column] / 10


def block(expert, trip, days):
    first, _ = trip.window()
    UnavailablePeriod.objects.create(expert=expert, days=DateRange(first, first + timedelta(days=days)))


def test_only_active_experts_of_the_market_who_accept_clients_are_candidates(kyoto):
    here = make_expert(kyoto)
    make_expert(kyoto, status="paused")
    make_expert(kyoto, accepting_clients=False)
    make_expert(make_market("Lisbon"))
    assert order(make_trip(kyoto)) == [here.pk]


def test_who_did_what_the_trip_wants_comes_first(kyoto):
    other = make_expert(kyoto, specialties={"street-food": 1})
    expert = make_expert(kyoto, specialties={"street-food": 20})
    assert order(make_trip(kyoto, interests=["street-food"])) == [expert.pk, other.pk]


def test_a_related_specialty_counts_in_part(kyoto):
    none = make_expert(kyoto, specialties={"day-hikes": 20})
    related = make_expert(kyoto, specialties={"restaurants": 20})
    expert = make_expert(kyoto, specialties={"street-food": 20})
    trip = make_trip(kyoto, interests=["street-food"])
    values = [value(trip, Factor.EXPERTISE, each) for each in (expert, related, none)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 3


def test_a_must_have_weighs_more_than_a_wish(kyoto):
    wish = make_expert(kyoto, specialties={"street-food": 20})
    must = make_expert(kyoto, specialties={"day-hikes": 20})
    assert order(make_trip(kyoto, interests=["street-food"], musts=["day-hikes"])) == [must.pk, wish.pk]


def test_what_experts_wrote_is_found_by_the_brief(kyoto):
    make_expert(kyoto, bio="I know the best noodle shops.")
    potter = make_expert(kyoto, bio="I take you to kilns and pottery studios.")
    assert order(make_trip(kyoto, brief="Where can we see potters at their kilns?"))[0] == potter.pk


def test_what_reviews_and_services_say_counts_as_well(kyoto):
    plain = make_expert(kyoto)
    praised = make_expert(kyoto)
    make_service(praised, title="Calligraphy with a master")
    make_review(praised, text="The calligraphy class was wonderful.", rating=4)
    trip = make_trip(kyoto, brief="calligraphy")
    assert value(trip, Factor.EXPERTISE, praised) > value(trip, Factor.EXPERTISE, plain)


def test_padding_a_bio_with_filler_moves_nothing(kyoto):
    short = make_expert(kyoto, bio="Tea ceremony host.")
    long = make_expert(kyoto, bio="Tea ceremony host. " + "Wonderful lovely amazing memories and more. " * 60)
    trip = make_trip(kyoto, brief="tea ceremony")
    assert value(trip, Factor.EXPERTISE, short) == value(trip, Factor.EXPERTISE, long)


def test_points_add_up_to_the_score(kyoto):
    for depth in range(1, 6):
        make_expert(kyoto, specialties={"street-food": depth}, price_min=Decimal(60 + 7 * depth))
    ranking = engine.rank(make_trip(kyoto, interests=["street-food"], budget=Decimal(777)), today=TODAY)
    assert ranking.points.sum(axis=0).tolist() == ranking.scores.tolist()


def test_the_weights_are_a_whole():
    assert sum(engine.WEIGHTS) == 1000
    assert AlgorithmVersion.objects.active().weights == engine.WEIGHTS


def test_equal_experts_keep_the_order_in_which_they_joined(kyoto):
    experts = [make_expert(kyoto).pk for _ in range(4)]
    assert order(make_trip(kyoto)) == experts


def test_the_same_inputs_give_the_same_ranking_whatever_the_order_of_rows(kyoto):
    experts = [make_expert(kyoto, specialties={"day-hikes": depth}) for depth in (9, 3, 7, 5)]
    trip = make_trip(kyoto, interests=["day-hikes"])
    before = ranked(trip)
    for expert in reversed(experts):
        expert.save()  # Postgres writes the row anew, at another place of the table
    assert ranked(trip) == before


def test_a_closed_calendar_hides_and_comes_last(kyoto):
    closed = make_expert(kyoto, specialties={"day-hikes": 30})
    free = make_expert(kyoto)
    trip = make_trip(kyoto, interests=["day-hikes"])
    block(closed, trip, days=5)
    assert [(expert, why) for expert, _, why in ranked(trip)][-1] == (closed.pk, Hidden.CALENDAR_CLOSED)
    assert order(trip)[0] == free.pk


def test_blocked_days_cost_their_share(kyoto):
    busy, free = make_expert(kyoto), make_expert(kyoto)
    trip = make_trip(kyoto)
    block(busy, trip, days=2)
    assert value(trip, Factor.AVAILABILITY, free) - value(trip, Factor.AVAILABILITY, busy) == pytest.approx(
        28
    )


def test_a_flexible_month_takes_its_best_days(kyoto):
    expert = make_expert(kyoto)
    month = (timezone.localdate() + timedelta(days=90)).replace(day=1)
    trip = make_trip(kyoto, start=None, flexible_month=month, days=5)
    block(expert, trip, days=20)
    assert value(trip, Factor.AVAILABILITY, expert) == 100


def test_no_shared_language_hides(kyoto):
    make_expert(kyoto, languages={"ja": 7})
    assert ranked(make_trip(kyoto, languages=["de", "fr"]))[0][2] == Hidden.LANGUAGE_MISSING


def test_the_best_of_several_shared_languages_counts(kyoto):
    expert = make_expert(kyoto, languages={"de": 2, "fr": 7})
    trip = make_trip(kyoto, languages=["de", "fr"])
    french = make_trip(kyoto, languages=["fr"])
    assert value(trip, Factor.COMMUNICATION, expert) == value(french, Factor.COMMUNICATION, expert)


def test_a_group_too_large_hides(kyoto):
    make_expert(kyoto, group_size_max=4)
    assert ranked(make_trip(kyoto, adults=5))[0][2] == Hidden.GROUP_TOO_LARGE


def test_prices_are_compared_in_the_travelers_currency(kyoto):
    expert = make_expert(kyoto, price_min=Decimal(8_000), price_max=Decimal(12_000), currency="JPY")
    trip = make_trip(kyoto, budget=Decimal(5 * 2 * 200), currency="USD")
    assert value(trip, Factor.BUDGET, expert) > 85


def test_at_most_five_are_shown_and_none_below_fifty(kyoto):
    for _ in range(7):
        make_expert(kyoto, specialties={"day-hikes": 20})
    poor = make_expert(
        kyoto, languages={"en": 1}, price_min=Decimal(900), price_max=Decimal(950), response_hours=240
    )
    trip = make_trip(kyoto, interests=["day-hikes"], budget=Decimal(500))
    found = ranked(trip)
    assert [why for _, _, why in found].count(Hidden.NO) == 5
    assert [why for _, _, why in found].count(Hidden.NOT_IN_TOP) == 2
    assert found[-1][0] == poor.pk
    assert found[-1][2] == Hidden.BELOW_FLOOR


def test_a_market_without_experts_gives_an_empty_ranking(kyoto):
    assert ranked(make_trip(kyoto, interests=["day-hikes"], brief="anything")) == []


@pytest.mark.parametrize(
    ("score", "band"),
    [
        ("100", Band.HIGHLY_RECOMMENDED),
        ("85", Band.HIGHLY_RECOMMENDED),
        ("84.9", Band.RECOMMENDED),
        ("70", Band.RECOMMENDED),
        ("69.9", Band.ACCEPTABLE),
        ("50", Band.ACCEPTABLE),
        ("49.9", Band.NOT_RECOMMENDED),
        ("0", Band.NOT_RECOMMENDED),
    ],
)
def test_a_bound_belongs_to_the_band_above_it(score, band):
    assert Band.of(Decimal(score)) == band


@pytest.mark.parametrize("size", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_market(kyoto, size, django_assert_num_queries):
    for _ in range(size):
        block(
            make_expert(kyoto, specialties={"day-hikes": 3}),
            trip := make_trip(kyoto, interests=["day-hikes"]),
            1,
        )
    with django_assert_num_queries(8):
        engine.rank(trip, today=TODAY)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("", 0), ("Asia/Tokyo", 0), ("America/New_York", 10), ("Asia/Calcutta", 3.5), ("Pacific/Kiritimati", 5)],
)
def test_clocks_are_compared_on_the_first_day(kyoto, zone, hours):
    assert (
        Brief.of(make_trip(kyoto, time_zone=zone, start=date(2027, 1, 10)), today=TODAY).hours_apart == hours
    )

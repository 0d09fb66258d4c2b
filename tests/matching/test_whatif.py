"""What the receipt says would change a score: done for real, it does just that."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from experts.models import UnavailablePeriod
from matching import services
from matching.models import MatchRun
from tests.factories import make_expert, make_market, make_trip
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def kyoto():
    return make_market()


def make_known(kyoto, **fields):
    """Somebody who knows the trip's wish well and is liked: on the page whatever dates and budget say."""
    liked = {"verified": True, "response_hours": Decimal(1), "review_count": 30, "rating_sum": 149}
    return make_expert(kyoto, specialties={"street-food": 40}, **liked | fields)


def make_wish(kyoto, **fields):
    return make_trip(kyoto, interests=["street-food"], **fields)


def matched(trip):
    run = services.request_match(trip)
    run_jobs()
    return MatchRun.objects.get(pk=run.pk)


def changes(trip, expert):
    return matched(trip).scores.select_related("receipt").get(expert=expert).receipt.changes


def score(trip, expert):
    return matched(trip).scores.get(expert=expert).score_tenths


def do(trip, kind, facts):
    """Change the trip as the receipt says."""
    if kind == "dates":
        trip.start, trip.end = date.fromisoformat(facts["first"]), date.fromisoformat(facts["end"])
    elif kind == "budget":
        trip.budget = Decimal(facts["total"])
    else:
        trip.languages = [*trip.languages, facts["language"]]
    trip.save()


def busy(expert, first, days):
    UnavailablePeriod.objects.create(expert=expert, days=DateRange(first, first + timedelta(days=days)))


@pytest.mark.parametrize("zone", ["", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize("budget", [None, 300, 700, 2000])
def test_each_change_brings_just_the_score_it_promises(kyoto, zone, budget):
    start = timezone.localdate() + timedelta(days=60)
    expert = make_known(kyoto, languages={"ja": 7, "en": 2, "fr": 4})
    make_expert(kyoto)
    busy(expert, start + timedelta(days=1), 2)
    trip = make_wish(kyoto, start=start, time_zone=zone, budget=budget and Decimal(budget))
    found = changes(trip, expert)
    assert 1 <= len(found) <= 2
    for kind, facts in found:
        changed = make_wish(kyoto, start=start, time_zone=zone, budget=budget and Decimal(budget))
        do(changed, kind, facts)
        assert score(changed, expert) == facts["score"]


def test_the_dates_are_the_nearest_of_those_that_bring_most(kyoto):
    start = timezone.localdate() + timedelta(days=60)
    expert = make_known(kyoto)
    busy(expert, start, 2)
    ((kind, facts),) = changes(make_wish(kyoto, start=start), expert)
    assert (kind, facts["days"], facts["first"]) == ("dates", 2, (start + timedelta(days=2)).isoformat())


def test_nobody_is_told_to_travel_in_the_past(kyoto):
    start = timezone.localdate() + timedelta(days=2)
    expert = make_known(kyoto)
    busy(expert, start, 30)
    busy(expert, start - timedelta(days=1), 1)
    assert all(facts.get("days", 1) > -2 for _, facts in changes(make_wish(kyoto, start=start), expert))


def test_what_is_as_good_as_it_gets_needs_no_change(kyoto):
    expert = make_known(kyoto)
    assert changes(make_wish(kyoto), expert) == []


def test_nobody_is_told_to_spend_more_than_twice_as_much(kyoto):
    expert = make_known(kyoto, price_min=Decimal(400), price_max=Decimal(900))
    found = changes(make_wish(kyoto, budget=Decimal(500)), expert)
    assert "budget" not in dict(found)


def test_a_budget_is_named_as_people_name_it(kyoto):
    expert = make_known(kyoto, price_min=Decimal(77), price_max=Decimal(113))
    ((kind, facts),) = changes(make_wish(kyoto, budget=Decimal(800)), expert)
    assert (kind, facts["total"], facts["currency"]) == ("budget", 1200, "USD")


def test_a_month_is_open_enough(kyoto):
    expert = make_known(kyoto)
    month = (timezone.localdate() + timedelta(days=70)).replace(day=1)
    busy(expert, month, 28)
    assert changes(make_wish(kyoto, start=None, flexible_month=month), expert) == []

"""The rows that the search reads follow the rows they are made of, whoever writes those, and however."""

from datetime import date

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from experts.calendar.models import CalendarException, WeeklyHours
from experts.models import (
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    Listing,
    Service,
    Specialty,
    UnavailablePeriod,
)
from tests.factories import make_expert, make_market, make_service
from tests.threads import at_once

pytestmark = pytest.mark.django_db
FACTS = [
    field.name for field in Listing._meta.concrete_fields if field.name not in {"listed_at", "changed_at"}
]


def listings():
    """With the marks of the index: the words in it wait for the next reindex."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT expert_id, ARRAY(SELECT w FROM unnest(tsvector_to_array(words)) w WHERE w LIKE '#%') "
            "FROM experts_listingtext"
        )
        marks = dict(cursor.fetchall())
    rows = list(Listing.objects.order_by("pk").values(*FACTS))
    return [row | {"marks": marks.pop(row["expert"])} for row in rows], marks


def made_anew():
    """What the rows would be if they were all written now."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM experts_listing")
        cursor.execute("SELECT experts_list(ARRAY(SELECT id FROM experts_expert), true)")
    return listings()


CHANGES = [
    lambda: Expert.objects.update(status="paused"),
    lambda: Expert.objects.update(status="active", accepting_clients=True),
    lambda: Expert.objects.filter(slug="a").update(verified=True, price_min=7, currency="EUR"),
    lambda: Expert.objects.filter(slug="b").update(review_count=3, rating_sum=13, completed_bookings=70),
    lambda: Expert.objects.filter(slug="b").update(active_since=date(2024, 2, 29)),
    lambda: Expert.objects.filter(slug="a").update(market=make_market("Lima")),
    lambda: ExpertSpecialty.objects.filter(expert__slug="a").delete(),
    lambda: ExpertSpecialty.objects.bulk_create(
        [
            ExpertSpecialty(expert=expert, specialty=Specialty.objects.get(slug="day-hikes"), depth=2)
            for expert in Expert.objects.exclude(specialties__specialty__slug="day-hikes")
        ]
    ),
    lambda: ExpertSpecialty.objects.update(depth=30),
    lambda: ExpertLanguage.objects.update(level=2),
    lambda: ExpertLanguage.objects.filter(expert__slug="b").update(level=6),
    lambda: UnavailablePeriod.objects.get_or_create(
        expert=Expert.objects.get(slug="a"), days=(date(2027, 1, 1), date(2027, 1, 5))
    ),
    lambda: UnavailablePeriod.objects.update(days=(date(2027, 3, 1), date(2027, 3, 5))),
    lambda: UnavailablePeriod.objects.all().delete(),
    lambda: WeeklyHours.objects.all().delete(),
    lambda: WeeklyHours.objects.bulk_create(
        [
            WeeklyHours(expert=expert, weekday=weekday, opens=1200, closes=1500)
            for expert in Expert.objects.filter(weekly_hours=None)
            for weekday in (2, 6)
        ]
    ),
    lambda: WeeklyHours.objects.filter(weekday=6).update(closes=1440),
    lambda: CalendarException.objects.get_or_create(
        expert=Expert.objects.get(slug="b"), kind="free", days=(date(2027, 2, 1), date(2027, 2, 3))
    ),
    lambda: CalendarException.objects.get_or_create(
        expert=Expert.objects.get(slug="b"),
        kind="blocked",
        days=(date(2027, 1, 1), date(2027, 2, 3)),
        opens=60,
        closes=90,
    ),
    lambda: CalendarException.objects.update(kind="free", opens=1200, closes=1500),
    lambda: CalendarException.objects.all().delete(),
    lambda: User.objects.filter(expert__slug="a").update(name="Zoë"),
]


class Following(TestCase):
    @settings(max_examples=30)
    @given(st.lists(st.sampled_from(CHANGES), max_size=6))
    def test_after_any_changes_the_listings_are_what_they_would_be_if_made_anew(self, changes):
        market = make_market("Kyoto")
        for slug in "ab":
            make_expert(market, slug=slug, specialties={"street-food": 3}, languages={"ja": 7, "en": 3})
        for change in changes:
            change()
        assert listings() == made_anew()


def test_the_days_of_work_are_those_of_plan_and_exceptions():
    expert = make_expert()
    assert Listing.objects.values_list("weekdays", "extra").get() == (127, [])
    for weekday, opens, closes in ((0, 60, 90), (0, 120, 180), (4, 1200, 1440), (6, 1200, 1500)):
        expert.weekly_hours.create(weekday=weekday, opens=opens, closes=closes)
    days = (date(2027, 3, 1), date(2027, 3, 5))
    expert.calendar_exceptions.create(kind="blocked", days=days, opens=0, closes=1440)
    expert.calendar_exceptions.create(kind="free", days=days)
    expert.calendar_exceptions.create(kind="free", days=days, opens=1200, closes=1500)
    assert Listing.objects.values_list("weekdays", "extra").get() == (
        0b1010001,
        [DateRange(*days), DateRange(days[0], date(2027, 3, 6))],
    )


def test_an_expert_that_is_deleted_leaves_nothing_behind():
    expert = make_expert(specialties={"street-food": 3})
    make_service(expert)
    UnavailablePeriod.objects.create(expert=expert, days=(date(2027, 1, 1), date(2027, 1, 5)))
    expert.calendar_exceptions.create(kind="free", days=(date(2027, 3, 1), date(2027, 3, 5)))
    expert.weekly_hours.create(weekday=2, opens=60, closes=90)
    expert.delete()
    assert listings() == ([], {})


def test_since_when_somebody_is_open_begins_anew_with_each_opening_alone():
    expert = make_expert()
    first = Listing.objects.get()
    Expert.objects.update(verified=True)
    same = Listing.objects.get()
    assert (same.listed_at, same.changed_at > first.changed_at) == (first.listed_at, True)
    Expert.objects.update(status="paused")
    Expert.objects.update(status="active")
    assert Listing.objects.get(expert=expert).listed_at > first.listed_at


def test_what_changes_nothing_about_an_expert_leaves_the_listing_alone():
    make_expert()
    before = Listing.objects.get().changed_at
    Expert.objects.update(response_hours=3, created_at=timezone.now())
    Service.objects.update(price=9)
    assert Listing.objects.get().changed_at == before


@pytest.mark.django_db(transaction=True)
def test_several_who_change_one_expert_at_the_same_moment_lose_nothing():
    expert = make_expert(languages={})
    codes = iter(["de", "en", "fr", "it", "ja"])
    at_once(lambda: ExpertLanguage.objects.create(expert_id=expert.pk, language=next(codes), level=7))
    assert Listing.objects.get().languages == ["de", "en", "fr", "it", "ja"]

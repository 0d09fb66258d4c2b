"""Which blocked days a profile shows: those still to come, the nearest first, and not all of them."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.factories import make_expert

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert():
    return make_expert()


def block(expert, first, days):
    start = timezone.localdate() + timedelta(days=first)
    expert.unavailable.create(days=DateRange(start, start + timedelta(days=days)))


def page(client, expert):
    return client.get(expert.get_absolute_url())


def away(client, expert):
    today = timezone.localdate()
    return [(days.lower - today).days for days in page(client, expert).context["away"]]


@pytest.mark.parametrize(
    ("first", "days", "shown"), [(-1, 1, []), (-1, 2, [-1]), (0, 1, [0]), (300, 9, [300])]
)
def test_days_are_shown_until_the_last_of_them_is_over(client, expert, first, days, shown):
    block(expert, first, days)
    assert away(client, expert) == shown


def test_the_six_nearest_are_shown_in_their_order(client, expert):
    for first in (50, 10, 70, 30, 20, 60, 40, 80):
        block(expert, first, 2)
    assert away(client, expert) == [10, 20, 30, 40, 50, 60]


def test_the_calendar_of_somebody_else_is_not_shown(client, expert):
    block(make_expert(), 10, 2)
    assert away(client, expert) == []
    assert "No days are blocked in the coming months." in page(client, expert).content.decode()


@pytest.mark.parametrize(
    ("end", "written"), [(date(2039, 5, 5), "May 4, 2039"), (date(2039, 5, 7), "May 4\u2009–\u20096, 2039")]
)
def test_the_last_day_shown_is_the_last_that_is_blocked(client, expert, end, written):
    expert.unavailable.create(days=DateRange(date(2039, 5, 4), end))
    assert f"<li>{written}</li>" in page(client, expert).content.decode()

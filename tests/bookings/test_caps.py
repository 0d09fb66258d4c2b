"""A day on which a service is given as often as its expert allows has no further start, on any page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experts import calendar
from experts.calendar import Kind
from tests.bookings.test_booking import HOUR, TOKYO, nine, request
from tests.factories import make_expert, make_market, make_service, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert():
    return make_expert(make_market("Kyoto"))


@pytest.fixture
def walk(expert):
    return make_service(expert, title="Temple walk", duration_hours=2, notice_hours=0, daily_cap=2)


@pytest.fixture
def tour(expert):
    return make_service(
        expert,
        shared=True,
        instant=True,
        group_size_max=4,
        duration_hours=2,
        notice_hours=0,
        price_unit="person",
        daily_cap=1,
    )


def starts(service, days=30):
    return [start for start, _end in calendar.slots(service, nine(days).date())]


def why(service, start):
    return calendar.closed_because(service.expert, start, start + 2 * HOUR, service=service)


def day_page(client, service):
    url = reverse("experts:calendar_public_day", args=[service.expert.slug, nine().date().isoformat()])
    return client.get(url, {"zone": "Asia/Tokyo", "service": service.pk})


def test_a_day_has_starts_until_the_cap_is_reached_and_the_next_day_has_all(walk):
    request(walk, make_user())
    assert nine() + 5 * HOUR in starts(walk)
    request(walk, make_user(), nine() + 5 * HOUR)
    assert starts(walk) == []
    assert len(starts(walk, 31)) == 48


def test_the_calendar_says_that_no_more_are_given(walk):
    for hours in (0, 5):
        request(walk, make_user(), nine() + hours * HOUR)
    reason = why(walk, nine() + 8 * HOUR)
    assert reason.kind == Kind.CAPPED
    assert reason.for_traveler("Mei", TOKYO) == "No more of these are given on that day."
    assert reason.for_expert(TOKYO).startswith("As many of these are booked as you give a day")
    assert why(walk, nine()).kind == Kind.BOOKED
    assert why(walk, nine(31)) is None


def test_the_next_free_start_is_on_the_next_day(walk):
    for hours in (0, 5):
        request(walk, make_user(), nine() + hours * HOUR)
    (found,) = calendar.next_free(walk.expert, 2 * HOUR, nine(), count=1, service=walk)
    assert found[0] == nine(31) - 9 * HOUR


def test_another_service_of_the_expert_is_given_all_the_same(walk, expert):
    for hours in (0, 5):
        request(walk, make_user(), nine() + hours * HOUR)
    other = make_service(expert, duration_hours=2, notice_hours=0, daily_cap=1)
    assert nine() + 8 * HOUR in starts(other)


def test_a_seat_in_the_one_departure_of_the_day_can_still_be_had(tour):
    request(tour, make_user())
    assert starts(tour) == [nine()]
    assert why(tour, nine()) is None
    assert why(tour, nine() + 5 * HOUR).kind == Kind.CAPPED


def test_the_page_of_the_day_lists_what_can_be_booked_and_asks_no_more(client, walk):
    request(walk, make_user())
    assert len(day_page(client, walk).context["starts"]) > 20
    with CaptureQueriesContext(connection) as before:
        day_page(client, walk)
    request(walk, make_user(), nine() + 5 * HOUR)
    with CaptureQueriesContext(connection) as after:
        page = day_page(client, walk)
    assert page.context["starts"] == []
    assert "no more of these are given" in page.text
    assert len(after) == len(before)

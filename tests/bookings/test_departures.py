"""A departure of a shared service says on every page how many seats it has, and that it is full once it is."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bookings import booking
from experts import calendar
from experts.calendar import Kind
from tests.bookings.test_booking import HOUR, TOKYO, nine, request
from tests.factories import make_expert, make_market, make_service, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def tour():
    """Nine to eleven, for four."""
    return make_service(
        make_expert(make_market("Kyoto")),
        shared=True,
        instant=True,
        group_size_max=4,
        duration_hours=2,
        notice_hours=0,
        buffer_minutes=30,
        price_unit="person",
    )


def fill(tour, people, start=None):
    return request(tour, make_user(), start, people=people)


def starts(tour):
    return [start for start, _end in calendar.slots(tour, nine().date())]


def why(service, start=None, hours=2):
    start = start or nine()
    return calendar.closed_because(service.expert, start, start + hours * HOUR, service=service)


def test_the_start_stays_open_while_there_is_a_seat_and_others_around_it_close(tour):
    fill(tour, 3)
    assert nine() in starts(tour)
    assert nine() + HOUR not in starts(tour)
    assert why(tour) is None
    assert why(tour, nine() + HOUR).kind == Kind.DEPARTURE
    fill(tour, 1)
    assert nine() not in starts(tour)
    assert why(tour).kind == Kind.FULL
    assert why(tour).for_traveler("Mei", TOKYO).startswith("This departure is full")


def test_seats_are_of_that_service_alone(tour):
    fill(tour, 1)
    other = make_service(tour.expert, shared=True, duration_hours=2, notice_hours=0)
    assert nine() not in starts(other)
    assert why(other).for_traveler("Mei", TOKYO).endswith("3 seats left.")


def test_a_departure_off_the_half_hours_is_offered_as_it_goes(tour):
    odd = nine() + timedelta(minutes=10)
    fill(tour, 1, odd)
    assert odd in starts(tour)
    assert starts(tour) == sorted(starts(tour))


def test_what_the_expert_blocked_since_takes_no_further_seat(tour):
    fill(tour, 1)
    day = nine().date()
    tour.expert.calendar_exceptions.create(
        kind="blocked", days=(day, day + timedelta(days=1)), opens=0, closes=1440
    )
    assert starts(tour) == []


def test_the_next_free_one_is_the_departure_itself(tour):
    fill(tour, 2)
    found = calendar.next_free(tour.expert, 2 * HOUR, nine() - HOUR / 4, count=1, service=tour)
    assert found == [(nine(), nine() + 2 * HOUR)]


@pytest.mark.parametrize(("people", "said"), [(1, "3 seats left"), (3, "1 seat left"), (4, "full")])
def test_month_day_and_booking_page_say_it(client, tour, people, said):
    fill(tour, people)
    traveler = make_user(time_zone="Asia/Tokyo")
    client.force_login(traveler)
    slug, day = tour.expert.slug, nine().date()
    month = client.get(reverse("experts:calendar", args=[slug]), {"month": f"{day:%Y-%m}"}).text
    one_day = client.get(reverse("experts:calendar_public_day", args=[slug, day.isoformat()])).text
    book = client.get(reverse("bookings:book", args=[slug, tour.pk])).text
    assert all(said in page for page in (month, one_day, book))
    client.force_login(tour.expert.user)
    own = client.get(reverse("experts:calendar_month"), {"month": f"{day:%Y-%m}"}).text
    assert said in own


def test_a_full_departure_is_refused_in_those_words_and_has_no_link(client, tour):
    fill(tour, 4)
    client.force_login(make_user())
    url = reverse("bookings:book", args=[tour.expert.slug, tour.pk])
    page = client.get(url, {"day": nine().date().isoformat(), "time": "09:00", "people": 1}).text
    assert "This departure is full." in page
    assert "closed: this departure is full" in page
    with pytest.raises(booking.SlotTaken, match="This departure is full"):
        fill(tour, 1)


def test_the_booking_page_asks_no_more_however_many_depart(client, tour, django_assert_max_num_queries):
    for days in range(30, 38):
        fill(tour, 1, nine(days))
    client.force_login(make_user())
    with django_assert_max_num_queries(8):
        page = client.get(reverse("bookings:book", args=[tour.expert.slug, tour.pk]))
    assert page.text.count("3 seats left") == 6

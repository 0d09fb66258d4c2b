"""The expert's own month says what is booked; nobody else's page does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_booking, make_expert, make_market, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking():
    start = (timezone.localdate().replace(day=1) + timedelta(days=45)).replace(day=10)
    expert = make_expert(make_market("Kyoto"), name="Mei Tanaka")
    return make_booking(
        expert, make_user("Rosa Traveler"), state="confirmed", start=start, title="Two days by bike"
    )


def read(user, address, day):
    client = Client()
    client.force_login(user)
    return client.get(address, {"month": f"{day:%Y-%m}"}).content.decode()


def test_the_expert_reads_who_comes_when(booking):
    month = read(booking.expert.user, reverse("experts:calendar_month"), booking.start)
    for part in ("Two days by bike", "Rosa Traveler", "confirmed", booking.get_absolute_url()):
        assert part in month


def test_another_month_has_nothing_of_it(booking):
    later = booking.start + timedelta(days=31)
    assert "Rosa Traveler" not in read(booking.expert.user, reverse("experts:calendar_month"), later)


@pytest.mark.parametrize("state", ["declined", "expired", "cancelled"])
def test_what_takes_no_time_is_left_out(booking, state):
    make_booking(booking.expert, state=state, start=booking.start, title="Never was")
    month = read(booking.expert.user, reverse("experts:calendar_month"), booking.start)
    assert "Never was" not in month


def test_travelers_read_nothing_of_it(booking):
    public = read(make_user(), reverse("experts:calendar", args=[booking.expert.slug]), booking.start)
    assert "Rosa Traveler" not in public
    assert "Two days by bike" not in public


def test_the_month_costs_the_same_however_much_is_booked(booking, django_assert_max_num_queries):
    for days in (3, 6, 9):
        make_booking(booking.expert, state="confirmed", start=booking.start + timedelta(days=days))
    client = Client()
    client.force_login(booking.expert.user)
    with django_assert_max_num_queries(8):
        client.get(reverse("experts:calendar_month"), {"month": f"{booking.start:%Y-%m}"})

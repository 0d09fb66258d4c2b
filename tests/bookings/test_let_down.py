"""Whoever the expert has let down sees who else could do it, however that came about."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from bookings.booking import move
from bookings.disputes import decide, open_dispute
from bookings.models import Booking
from tests.factories import make_booking, make_expert, make_market, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ALL = Decimal(200)


@pytest.fixture
def market():
    return make_market("Lisbon", time_zone="Asia/Tokyo")


@pytest.fixture
def expert(market):
    return make_expert(market, specialties={"street-food": 9})


@pytest.fixture
def other(market):
    return make_expert(market, name="Second", specialties={"street-food": 5})


def midnight(days):
    today = timezone.now().astimezone(ZoneInfo("Asia/Tokyo")).date()
    return datetime.combine(today + days * DAY, datetime.min.time(), ZoneInfo("Asia/Tokyo"))


def confirmed(expert, first=-1, last=3):
    """Whole days, today counted as 0."""
    made = make_booking(expert, state="held", price=ALL, period=(midnight(first), midnight(last + 1)))
    return move(made, "confirmed", by=made.traveler)


def settled(booking, side="traveler", to="upheld", refund=ALL):
    reviewer = make_user(is_staff=True)
    reviewer.groups.add(Group.objects.get(name="Reviewer"))
    by = booking.traveler if side == "traveler" else booking.expert.user
    dispute = open_dispute(booking=booking, by=by, reason="not_held", text="Nobody was there.")
    decide(dispute=dispute, to=to, by=reviewer, outcome="So it is.", refund=Decimal(refund))
    return Booking.objects.get(pk=booking.pk)


def shown(booking, user=None):
    client = Client()
    client.force_login(user or booking.traveler)
    return client.get(booking.get_absolute_url())


def test_a_dispute_that_gives_all_back_shows_who_else_has_the_days_that_are_left(expert, other):
    booking = settled(confirmed(expert))
    assert booking.state == "cancelled"
    page = shown(booking)
    ((instead, url),) = page.context["alternatives"]
    assert instead.expert == other
    assert f"day={midnight(1).date()}" in url
    assert f"start={midnight(1).date()}&end={midnight(3).date()}" in page.context["more_url"]
    assert "Second" in page.content.decode()
    assert "alternatives" not in shown(booking, expert.user).context


def test_whoever_cancelled_and_was_given_the_rest_was_let_down_as_well(expert, other):
    booking = confirmed(expert, first=1)
    move(booking, "cancelled", by=booking.traveler)
    cancelled = Booking.objects.get()
    assert "alternatives" not in shown(cancelled).context
    rest = ALL - (cancelled.refund or 0)
    assert rest
    ((instead, _url),) = shown(settled(booking, refund=rest)).context["alternatives"]
    assert instead.expert == other


@pytest.mark.parametrize(("to", "refund"), [("dismissed", 0), ("upheld", 50)])
def test_a_dispute_that_was_not_decided_against_the_expert_shows_nobody(expert, other, to, refund):
    booking = settled(confirmed(expert), to=to, refund=refund)
    assert "alternatives" not in shown(booking).context


def test_what_comes_back_by_the_terms_or_from_staff_alone_is_no_such_thing(expert, other):
    booking = confirmed(expert, first=20, last=21)
    move(booking, "cancelled", by=booking.traveler)
    cancelled = settled(booking, to="dismissed", refund=0)
    assert cancelled.refund == ALL
    assert "alternatives" not in shown(cancelled).context


def test_of_days_that_are_over_nobody_is_shown_but_where_to_look(expert, other):
    booking = settled(confirmed(expert, first=-4, last=-2))
    page = shown(booking)
    assert page.context["alternatives"] == []
    assert "All experts in Lisbon" in page.content.decode()
    assert "start=" not in page.context["more_url"]

"""Wherever the time of a booking or an offer is shown, the clock it is read by is named."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from bookings import booking
from tests.admin.conftest import in_role
from tests.factories import make_booking, make_expert, make_inquiry, make_market, make_offer, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

START = datetime(2090, 5, 2, 0, 30, tzinfo=UTC)


@pytest.fixture
def expert():
    return make_expert(make_market("Kyoto"))


@pytest.fixture
def rosa(client):
    user = make_user("Rosa", time_zone="Europe/Berlin")
    client.force_login(user)
    return user


def test_an_offer_says_by_which_clock_it_ends(client, expert, rosa):
    offer = make_offer(make_inquiry(expert, rosa))
    page = client.get(offer.inquiry.get_absolute_url()).text
    until = page[page.index("Open until") :][:120]
    assert "(Central European" in until


def test_days_in_a_mail_name_the_place_whose_days_they_are(expert, rosa):
    made = make_booking(expert, rosa, state="held", start=timezone.localdate() + timedelta(days=40))
    booking.move(made, "confirmed", by=rosa)
    run_jobs()
    assert all("(Tokyo time)" in sent.body for sent in mail.outbox)
    assert len(mail.outbox) == 2


def test_staff_read_hours_by_the_experts_clock(expert):
    made = make_booking(expert, state="confirmed", period=(START, START + timedelta(hours=2)))
    staff = in_role("Operator")
    words = "May 2, 2090, 9:30\u202fAM – 11:30\u202fAM (Asia/Tokyo)"
    assert words in staff.get(reverse("admin:bookings_booking_changelist")).text
    assert words in staff.get(reverse("admin:bookings_booking_change", args=[made.pk])).text


def test_an_expert_who_enters_hours_reads_whose_they_are(client, expert):
    client.force_login(expert.user)
    for name in ("calendar_hours", "calendar_exceptions"):
        assert "(Asia/Tokyo)" in client.get(reverse(f"experts:{name}")).text

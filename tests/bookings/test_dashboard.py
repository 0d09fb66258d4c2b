"""The expert's overview says what the rows say, and that there is nothing yet where there is nothing."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings import dashboard
from bookings.models import Inquiry
from tests.factories import make_booking, make_expert, make_service, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert(client):
    expert = make_expert()
    client.force_login(expert.user)
    return expert


def html(client):
    return client.get(reverse("bookings:dashboard")).content.decode()


def ask(expert, name="Rosa"):
    return Inquiry.objects.create(traveler=make_user(name), expert=expert, general=True, message="Hello")


def test_a_new_expert_reads_no_numbers_that_nobody_counted(client, expert):
    page = html(client)
    assert page.count("no data yet") == 3
    for text in (
        "No inquiry waits for you",
        "No bookings ahead",
        "nothing was completed within the last year",
    ):
        assert text in page


def test_inquiries_wait_the_oldest_first_until_there_is_a_booking(client, expert):
    first, second = ask(expert, "Rosa"), ask(expert, "Omar")
    ask(make_expert(), "Somebody Elses")
    assert list(dashboard.waiting(expert)) == [first, second]
    page = html(client)
    assert "2 inquiries wait for you" in page
    assert page.index("Rosa") < page.index("Omar")
    assert "Somebody Elses" not in page
    make_booking(expert, first.traveler, state="confirmed")
    assert list(dashboard.waiting(expert)) == [second]


def test_bookings_ahead_are_the_confirmed_ones_to_come(client, expert):
    today = timezone.localdate()
    later = make_booking(expert, state="confirmed", start=today + timedelta(days=30))
    sooner = make_booking(expert, state="confirmed", start=today + timedelta(days=3))
    make_booking(expert, state="cancelled", start=today + timedelta(days=5))
    make_booking(expert, state="confirmed", start=today - timedelta(days=9))
    assert list(dashboard.upcoming(expert, today)) == [sooner, later]
    assert "2 bookings ahead" in html(client)


def test_completion_is_of_what_came_to_an_end(client, expert):
    for state in ("completed", "completed", "cancelled", "confirmed"):
        make_booking(expert, state=state)
    assert dashboard.completion(expert) == (2, 3)
    assert "2 of 3 (67 %)" in html(client)


def test_earnings_are_summed_by_month_and_currency_and_never_across(expert):
    today = date(2027, 3, 10)
    for start, price, currency in [
        (date(2027, 2, 1), 100, "USD"),
        (date(2027, 2, 20), 50, "USD"),
        (date(2027, 2, 20), 70, "EUR"),
        (date(2027, 1, 31), 30, "USD"),  # ends in February
        (date(2026, 1, 5), 999, "USD"),  # too long ago
    ]:
        make_booking(expert, start=start, price=price, currency=currency)
    make_booking(expert, start=date(2027, 2, 2), price=500, state="cancelled")
    (month,) = dashboard.earnings(expert, today)
    assert (month.first, [(int(amount), code) for amount, code in month.amounts]) == (
        date(2027, 2, 1),
        [(70, "EUR"), (180, "USD")],
    )


def test_what_came_back_is_not_earned(expert):
    make_booking(expert, start=date(2027, 2, 1), price=100, refund=30)
    (month,) = dashboard.earnings(expert, date(2027, 3, 10))
    assert month.amounts == [(70, "USD")]


def test_the_best_next_step_is_what_is_worth_most(client, expert):
    assert "Add a photo of yourself." in html(client)
    expert.photo = "token"
    expert.save()
    for _ in range(2):
        make_service(expert)
    assert "Write at least 500 letters" in html(client)


def test_who_pauses_reads_until_when(client, expert):
    expert.status, expert.paused_until = "paused", date(2090, 5, 2)
    expert.save()
    assert "paused until May 2, 2090" in html(client)

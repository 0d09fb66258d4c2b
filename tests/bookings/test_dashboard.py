"""The expert's overview says what the rows say, and that there is nothing yet where there is nothing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings import booking as acts
from bookings import dashboard, ledger, offers, threads
from bookings.models import Block, Booking
from markets.moments import moment
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_message,
    make_offer,
    make_service,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert(client):
    expert = make_expert()
    client.force_login(expert.user)
    return expert


def html(client):
    return client.get(reverse("bookings:dashboard")).content.decode()


def ask(expert, name="Rosa"):
    return make_inquiry(expert, make_user(name))


def read(inquiry):
    threads.mark_read(inquiry, "expert", inquiry.messages.last().pk)


def test_a_new_expert_reads_no_numbers_that_nobody_counted(client, expert):
    page = html(client)
    assert page.count("no data yet") == 3
    for text in ("No inquiry waits for you", "No bookings ahead", "came to an end within the last year"):
        assert text in page


def test_inquiries_wait_the_oldest_first_until_they_are_answered(client, expert):
    first, second = ask(expert, "Rosa"), ask(expert, "Omar")
    ask(make_expert(), "Somebody Elses")
    make_message(first, body="Are you there?")  # asking again costs nobody their place
    assert list(dashboard.waiting(expert)) == [first, second]
    page = html(client)
    assert "2 inquiries wait for you" in page
    assert page.index(f'href="{first.get_absolute_url()}"') < page.index(
        f'href="{second.get_absolute_url()}"'
    )
    assert "Somebody Elses" not in page
    read(first)
    assert first in dashboard.waiting(expert)  # reading is no answer
    make_message(first, "expert")
    assert list(dashboard.waiting(expert)) == [second]


def test_an_offer_that_was_accepted_waits_for_nothing_once_it_was_read(expert):
    offer = make_offer(ask(expert))
    offers.accept(offer=offer, by=offer.inquiry.traveler)
    assert list(dashboard.waiting(expert)) == [offer.inquiry]
    read(offer.inquiry)
    assert not dashboard.waiting(expert)


def test_nobody_waits_where_nothing_can_be_written(expert):
    inquiry = ask(expert)
    Block.objects.create(by=inquiry.traveler, whom=expert.user)
    assert not dashboard.waiting(expert)


def test_requests_stand_with_the_time_they_run_out_by_the_experts_clock(client, expert):
    until, tokyo = timezone.now() + timedelta(hours=5), ZoneInfo("Asia/Tokyo")
    later = make_booking(expert, make_user("Omar"), state="requested", expires_at=until + timedelta(hours=9))
    sooner = make_booking(expert, make_user("Rosa"), state="requested", expires_at=until)
    make_booking(expert, make_user("Zoe"), state="requested", expires_at=timezone.now())
    make_booking(expert, make_user("Ben"), state="held")  # waits for the traveler
    page = html(client)
    assert "2 requests for bookings wait for you" in page
    assert page.index(sooner.get_absolute_url()) < page.index(later.get_absolute_url())
    assert f"answer by {moment(until, tokyo)} (Tokyo time)" in page
    assert "Zoe" not in page
    assert "Ben" not in page


def test_bookings_ahead_are_the_confirmed_ones_that_are_not_over(client, expert):
    now = timezone.now()
    later = make_booking(expert, state="confirmed", start=timezone.localdate() + timedelta(days=30))
    running = make_booking(
        expert, state="confirmed", period=(now - timedelta(hours=1), now + timedelta(hours=1))
    )
    make_booking(expert, state="confirmed", period=(now - timedelta(hours=9), now - timedelta(hours=8)))
    make_booking(expert, state="cancelled", start=timezone.localdate() + timedelta(days=5))
    page = html(client)
    assert "2 bookings ahead" in page
    assert page.index(running.get_absolute_url()) < page.index(later.get_absolute_url())


def test_a_booking_of_hours_shows_them_by_the_experts_clock(client, expert):
    start = datetime(2090, 5, 2, 0, 30, tzinfo=UTC)
    make_booking(expert, state="confirmed", period=(start, start + timedelta(hours=2)))
    assert "May 2, 2090, 9:30\u202fAM – 11:30\u202fAM (Tokyo time)" in html(client)


def test_each_list_says_how_many_there_are_and_where_the_others_stand(client, expert):
    for _ in range(dashboard.LATEST + 2):
        ask(expert)
        make_booking(expert, state="requested")
        make_booking(expert, state="confirmed")
    page = html(client)
    for words in (
        "7 inquiries wait",
        "7 requests for bookings wait",
        "7 bookings ahead",
        "All conversations",
    ):
        assert words in page
    assert page.count("All bookings") == 2


def test_completion_is_of_what_the_expert_had_promised(client, expert):
    for state in ("completed", "completed", "confirmed", "no_show", "declined"):
        make_booking(expert, state=state)
    make_booking(expert, state="cancelled", cancelled_by_expert=True, refund=200)
    make_booking(expert, state="cancelled", cancelled_by_expert=True)  # before it was confirmed
    make_booking(expert, state="cancelled", refund=0)  # by the traveler
    page = html(client)
    assert "2 of 3 (67 %)" in page
    for words in ("<dt>Travelers did not come</dt><dd>1</dd>", "<dt>Requests declined</dt><dd>1</dd>"):
        assert words in page


def agreed(expert, **fields):
    """As it was confirmed, and came to an end since."""
    made = make_booking(expert, **fields)
    ledger.agree(made)
    ledger.settled_outside(made)
    return made


def test_earnings_are_what_the_ledger_owes_by_month_and_currency_and_never_across(expert):
    today = date(2027, 3, 10)
    for start, price, currency in [
        (date(2027, 2, 1), 100, "USD"),
        (date(2027, 2, 20), 60, "USD"),
        (date(2027, 2, 20), 80, "EUR"),
        (date(2027, 1, 31), 40, "USD"),  # ends in February
        (date(2026, 1, 5), 996, "USD"),  # too long ago
    ]:
        commission = Decimal(price) / 4
        agreed(expert, start=start, price=price, currency=currency, commission=commission)
    agreed(expert, start=date(2027, 2, 3), state="confirmed")  # still to come
    make_booking(expert, start=date(2027, 2, 2), state="declined")  # nothing was agreed
    assert dashboard.earnings(expert, today) == [
        dashboard.Month(date(2027, 2, 1), [(Decimal(60), "EUR"), (Decimal(150), "USD")])
    ]


def test_what_went_back_to_a_traveler_is_nobodys_earning(client, expert):
    half, whole = (agreed(expert, state="cancelled") for _ in range(2))
    ledger.give_back(half, Decimal(100))
    ledger.give_back(whole, Decimal(200))
    agreed(expert, state="no_show")
    ((amount, currency),) = dashboard.earnings(expert, timezone.localdate())[0].amounts
    assert (amount, currency) == (Decimal(75 + 150), "USD")
    assert "$225" in html(client)


def test_a_cancellation_that_keeps_half_reaches_the_page_from_the_act_itself(expert):
    made = make_booking(expert, state="held", start=timezone.localdate() + timedelta(days=5))
    acts.move(made, Booking.State.CONFIRMED, by=made.traveler)
    acts.move(made, Booking.State.CANCELLED, by=made.traveler)
    (month,) = dashboard.earnings(expert, timezone.localdate())
    assert month.amounts == [(Decimal(75), "USD")]


def test_the_first_view_of_a_minute_takes_no_query_too_many(client, expert, django_assert_max_num_queries):
    ask(expert)
    ask(expert, "Omar")
    with django_assert_max_num_queries(8):
        html(client)


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

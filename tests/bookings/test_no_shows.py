"""Whose no-show it is: who can say it of whom, and where it is read."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.errors import DomainError, IllegalMove
from accounts.models import Notice
from accounts.notices.kinds import words_of
from bookings import dashboard, ledger, moves
from bookings.booking import move
from bookings.models import Booking
from bookings.slots import constraint_of
from tests.admin.conftest import in_role
from tests.factories import make_booking, make_expert, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def booking():
    """Over, and so far said to be nothing."""
    made = make_booking(make_expert(name="Mei Tanaka"), make_user("Rosa Traveler"), state="held")
    move(made, "confirmed", by=made.traveler)
    start = timezone.now() - 3 * HOUR
    period = (start, start + 2 * HOUR)
    days = {"start": start.date(), "end": (start + 2 * HOUR).date()}
    Booking.objects.filter(pk=made.pk).update(period=period, occupied=period, **days)
    return Booking.objects.with_people().get(pk=made.pk)


def staff():
    user = make_user("Rita Reviewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="move_booking"))
    return user


def noted(booking, missing):
    """By the expert of the traveler, by staff of the expert."""
    by = booking.expert.user if missing == "traveler" else staff()
    return move(booking, "no_show", by=by, reason="Nobody was there.", missing=missing)


def page(booking, user):
    client = Client()
    client.force_login(user)
    return client.get(booking.get_absolute_url()).content.decode()


WORDS = {
    "traveler": ("no-show of the traveler", "noted that the traveler did not come"),
    "expert": ("no-show of the expert", "noted that the expert did not come"),
}


@pytest.mark.parametrize("missing", WORDS)
def test_both_read_on_the_page_and_in_its_history_who_did_not_come(booking, missing):
    noted(booking, missing)
    for user in (booking.traveler, booking.expert.user):
        shown = page(booking, user)
        assert all(words in shown for words in WORDS[missing])


@pytest.mark.parametrize("missing", WORDS)
def test_lists_and_staff_name_them_too(booking, missing):
    noted(booking, missing)
    client = Client()
    for user, query in ((booking.traveler, ""), (booking.expert.user, "?as=expert")):
        client.force_login(user)
        assert WORDS[missing][0] in client.get(reverse("bookings:list") + query).content.decode()
    for address in (
        reverse("admin:bookings_booking_changelist"),
        reverse("admin:bookings_booking_change", args=[booking.pk]),
    ):
        assert WORDS[missing][0] in in_role("Operator").get(address).content.decode()
    history = in_role("Operator").get(reverse("admin:bookings_booking_history", args=[booking.pk]))
    assert WORDS[missing][1] in history.content.decode()


def test_an_expert_says_it_of_the_traveler_alone(booking):
    moved = move(booking, "no_show", by=booking.expert.user, reason="Nobody came.", missing="expert")
    assert (moved.missing, moved.refund) == ("traveler", None)


def test_a_traveler_says_it_of_nobody_but_to_our_team(booking):
    with pytest.raises(IllegalMove):
        move(booking, "no_show", by=booking.traveler, reason="Nobody came.", missing="expert")
    assert "Let our team decide" in page(booking, booking.traveler)


def test_staff_say_of_whom(booking):
    with pytest.raises(DomainError, match="Say who did not come"):
        move(booking, "no_show", by=staff(), reason="Both wrote so.")
    operator, address = in_role("Operator"), reverse("admin:bookings_booking_no_show", args=[booking.pk])
    shown = operator.get(address).content.decode()
    assert "Of the expert: all that has not come back yet, $200, comes back to Rosa Traveler." in shown
    refused = operator.post(address, {"reason": "Both wrote so."})
    assert list(refused.context["form"].errors) == ["missing"]
    assert "Both wrote so." in refused.content.decode()
    operator.post(address, {"reason": "Both wrote so.", "missing": "expert"})
    assert Booking.objects.get().missing == "expert"


def test_nobody_pays_for_an_expert_who_did_not_come(booking):
    moved = noted(booking, "expert")
    assert moved.refund == 200
    assert set(ledger.balances(booking).values()) == {0}
    numbers, _counts = dashboard.numbers(booking.expert)
    assert (numbers.cancelled, numbers.no_shows, numbers.kept_percent) == (1, 0, 0)
    assert "All experts in" in page(booking, booking.traveler)
    assert "All experts in" not in page(booking, booking.expert.user)


def test_of_a_traveler_who_did_not_come_the_expert_keeps_it(booking):
    noted(booking, "traveler")
    assert ledger.balances(booking) == {"commission": -50, "expert": 50, "traveler": 0}
    numbers, _counts = dashboard.numbers(booking.expert)
    assert (numbers.cancelled, numbers.no_shows) == (0, 1)
    assert "All experts in" not in page(booking, booking.traveler)


def test_the_traveler_is_told_who_is_said_to_be_missing_and_why(booking):
    noted(booking, "traveler")
    run_jobs()
    sent = next(one for one in mail.outbox if one.to == [booking.traveler.email] and "Noted" in one.subject)
    assert sent.subject == "Noted: you did not come to your booking with Mei Tanaka"
    assert "If that is wrong, tell our team" in sent.body
    assert "Nobody was there." in sent.body


def test_of_the_expert_both_are_told(booking):
    noted(booking, "expert")
    told = {one.user_id: words_of(one) for one in Notice.objects.filter(kind="booking.no_show")}
    assert told[booking.traveler_id].title == "Noted: Mei Tanaka did not come to your booking"
    assert told[booking.expert.user_id].title == (
        "Noted: you did not come to your booking with Rosa Traveler"
    )
    assert all("All of the price comes back to the traveler." in words.text for words in told.values())
    assert ("Refund", "$200") in told[booking.traveler_id].details


def test_what_was_told_before_it_was_noted_who_is_still_read():
    words = words_of(Notice(kind="booking.no_show", facts={"who": "Mei", "side": "traveler"}))
    assert "One of you did not come." in words.text


@pytest.mark.parametrize(("state", "missing"), [("no_show", ""), ("no_show", "x"), ("completed", "expert")])
def test_a_no_show_names_one_of_the_two_and_nothing_else_does(state, missing):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make_booking(make_expert(), state=state, missing=missing)
    assert constraint_of(refusal.value) == "booking_missing"


def test_no_other_move_names_anybody():
    assert moves.missing("cancelled", moves.Side.STAFF, "expert") == ""

"""Somebody opens or decides a dispute at the moment at which another says how the booking went."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.errors import DomainError
from bookings import ledger
from bookings.booking import move
from bookings.disputes import decide, open_dispute
from bookings.models import Booking
from tests.factories import make_booking, make_expert, make_user
from tests.threads import another_thread, somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def over():
    made = make_booking(make_expert(reindex=False), state="held")
    move(made, "confirmed", by=made.traveler)
    end = timezone.now() - timedelta(hours=2)
    period, day = (end - timedelta(hours=1), end), end.date()
    days = {"time_zone": "UTC", "start": day - timedelta(days=1), "end": day}
    Booking.objects.filter(pk=made.pk).update(period=period, occupied=period, **days)
    return Booking.objects.with_people().get(pk=made.pk)


def opened(booking):
    return open_dispute(booking=booking, by=booking.traveler, reason="not_held", text="Nobody came.")


def missed(booking):
    try:
        return move(booking, "no_show", by=booking.expert.user, reason="Nobody came.").state
    except DomainError as error:
        return str(error)


def while_it_waits(act, over):
    """What the expert's word comes to, given during the transaction in which this is done."""
    with another_thread() as start:
        with transaction.atomic():
            act()
            said = start(lambda: missed(over))
            deadline = time.monotonic() + 10
            while not somebody_waits() and not said.done() and time.monotonic() < deadline:
                time.sleep(0.01)
        return said.result(timeout=20)


def test_one_that_is_being_opened_is_waited_for(over):
    said = while_it_waits(lambda: opened(over), over)
    assert said == "A dispute about it is open: our team decides that first."
    assert Booking.objects.get().state == "confirmed"


def test_one_that_is_being_decided_decides(over):
    dispute, by = opened(over), make_user(is_superuser=True)
    said = while_it_waits(
        lambda: decide(dispute=dispute, to="upheld", by=by, outcome="So.", refund=Decimal(200)), over
    )
    assert "our team decides that first" in said or "cancelled" in said
    assert Booking.objects.get().state == "cancelled"
    assert set(ledger.balances(over).values()) == {0}

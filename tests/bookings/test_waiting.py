"""What others wait for while somebody takes an expert's time: next to nothing, and what is written before holds."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import AuditEvent, Notice
from bookings import booking, rescheduling, slots
from bookings.models import Booking, Departure, Posting
from bookings.periods import Slot, later
from tests.bookings.test_booking import HOUR, nine, request
from tests.factories import make_booking, make_expert, make_market, make_service, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def tour():
    """Three hours for six."""
    return make_service(
        make_expert(make_market("Kyoto"), reindex=False),
        shared=True,
        instant=True,
        group_size_max=6,
        duration_hours=3,
        notice_hours=0,
    )


@pytest.fixture
def under_the_lock():
    """The statements that were sent since the lock was taken last."""
    sent: list[str] = []

    def note(execute, statement, *others):
        if statement.startswith(slots.LOCK):
            sent.clear()
        elif "SAVEPOINT" not in statement:  # the test is a transaction around all
            sent.append(statement)
        return execute(statement, *others)

    with connection.execute_wrapper(note):
        yield sent


@contextmanager
def first_lock(act):
    """Do this once, at the moment at which somebody comes to the lock."""
    waiting = [act]

    def come(execute, statement, *others):
        if waiting and statement.startswith(slots.LOCK):
            waiting.pop()()
        return execute(statement, *others)

    with connection.execute_wrapper(come):
        yield
    assert not waiting


def by_somebody_else(act):
    def in_a_thread():
        other = threading.Thread(target=act)
        other.start()
        other.join()

    return in_a_thread


def proposed(booked):
    wanted = later(rescheduling.planned(booked), 3)
    assert wanted  # no clock is changed there
    return rescheduling.propose(booking=booked, by=booked.traveler, slot=wanted, key="other")


def nothing_is_left():
    return not any(model.objects.exists() for model in (Booking, Posting, Notice))


def test_a_seat_takes_few_statements_while_others_wait(tour, under_the_lock):
    request(tour, make_user())  # its departure, its row; the look came with the lock
    assert len(under_the_lock) == 2
    request(tour, make_user())
    assert len(under_the_lock) == 1
    assert Posting.objects.count() == 4
    assert Notice.objects.count() == 4


def test_a_move_takes_few_statements_while_others_wait(under_the_lock):
    held = make_booking(make_expert(reindex=False), state="held")
    booking.move(held, "confirmed", by=held.traveler)  # its row and two postings
    assert len(under_the_lock) == 3
    assert Notice.objects.count() == 2


def test_whoever_is_refused_at_the_last_look_leaves_nothing(tour):
    with (
        first_lock(lambda: request(tour, make_user("Ada"), people=5, key="ada")),
        pytest.raises(slots.SlotTaken),
    ):
        request(tour, make_user("Ben"), people=2)
    assert not AuditEvent.objects.filter(action__startswith="booking").exists()
    assert nothing_is_left()


def test_a_departure_of_another_length_that_just_began_is_not_what_was_asked_for(tour):
    def others():
        period = Slot(nine(), nine() + 5 * HOUR, "Asia/Tokyo").period
        Departure.objects.create(
            expert=tour.expert, service=tour, period=period, occupied=period, seats=6, seats_taken=1
        )

    with first_lock(others), pytest.raises(DomainError, match="does not last that long"):
        request(tour, make_user())
    assert nothing_is_left()


def test_another_time_takes_two_statements_while_others_wait(under_the_lock):
    proposal = proposed(make_booking(make_expert(reindex=False), state="confirmed"))
    under_the_lock.clear()
    rescheduling.accept(proposal=proposal, by=proposal.booking.expert.user)
    assert len(under_the_lock) == 2
    assert Notice.objects.filter(kind="reschedule.accepted").count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_withdrawn_at_the_last_moment_is_not_moved_and_nobody_hears_that_it_was():
    proposal = proposed(make_booking(make_expert(reindex=False), state="confirmed"))
    booked = proposal.booking

    def withdraw():
        rescheduling.withdraw(proposal=proposal, by=booked.traveler)
        connection.close()

    with first_lock(by_somebody_else(withdraw)), pytest.raises(IllegalMove):
        rescheduling.accept(proposal=proposal, by=booked.expert.user)
    assert Booking.objects.get().period == booked.period
    assert not AuditEvent.objects.filter(action="booking.time_accepted").exists()
    assert not Notice.objects.filter(kind="reschedule.accepted").exists()


@pytest.mark.django_db(transaction=True)
def test_a_move_that_somebody_else_makes_meanwhile_is_told_once_and_the_second_is_refused():
    held = make_booking(make_expert(reindex=False), state="held")

    def cancel():
        booking.move(held, "cancelled", by=held.traveler)
        connection.close()

    with first_lock(by_somebody_else(cancel)), pytest.raises(IllegalMove):
        booking.move(held, "confirmed", by=held.traveler)
    held.refresh_from_db()
    assert held.state == "cancelled"
    assert [event.action for event in audit.history(held)] == ["booking.cancelled"]
    assert set(Notice.objects.values_list("kind", flat=True)) == {"booking.cancelled"}

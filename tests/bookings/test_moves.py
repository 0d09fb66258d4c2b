"""The states of a booking: who may take it where, and when; as a machine driven at random, and move by move."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from bookings import ledger, moves
from bookings.booking import expire_overdue, move
from bookings.models import Booking, Posting
from bookings.moves import MOVES, Side
from bookings.tasks import complete_bookings, expire_bookings
from tests.factories import make_booking, make_expert, make_user
from tests.worker import run_jobs

State = Booking.State
HOUR = timedelta(hours=1)
ALL = list(State)


@pytest.fixture
def expert():
    return make_expert(name="Mei Tanaka", reindex=False)


def staff():
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="move_booking"))
    return user


def actor(booking, side):
    people = {Side.TRAVELER: lambda: booking.traveler, Side.EXPERT: lambda: booking.expert.user}
    people |= {Side.STAFF: staff, Side.SYSTEM: lambda: None}
    return people[side]()


def shift(booking, **times):
    """As if it were so much later: period and expiry move into the past."""
    now = timezone.now()
    changes = {}
    if "starts" in times:
        start = now + times["starts"]
        period = (start, start + 2 * HOUR)
        changes = {"period": period, "occupied": period, "start": start.date(), "end": start.date()}
        changes["end"] = (start + 2 * HOUR - timedelta(microseconds=1)).date()
    if "expires" in times:
        changes["expires_at"] = now + times["expires"]
    Booking.objects.filter(pk=booking.pk).update(**changes)


@pytest.mark.django_db
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("now", ALL)
@pytest.mark.parametrize("to", ALL)
def test_every_move_is_in_the_table_or_refused_with_what_is(expert, side, now, to):
    booking = make_booking(expert, state=now)
    in_table = side in MOVES[now].get(to, ()) or (
        side == Side.STAFF and to in MOVES[now] and to != State.EXPIRED
    )
    if to in {State.COMPLETED, State.NO_SHOW}:
        shift(booking, starts=-3 * HOUR)
    if to == State.EXPIRED and now in Booking.WAITING:
        shift(booking, expires=-HOUR)
    by = actor(booking, side)
    if in_table:
        missing = "traveler" if (to, side) == (State.NO_SHOW, Side.STAFF) else ""
        assert move(booking, to, by=by, reason="Because.", missing=missing).state == to
    else:
        with pytest.raises(IllegalMove) as refusal:
            move(booking, to, by=by, reason="Because.")
        assert refusal.value.allowed == [str(State(one).label) for one in moves.allowed(now, side)]
        booking.refresh_from_db()
        assert booking.state == now


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "to", "side"),
    [
        (State.REQUESTED, State.HELD, Side.EXPERT),
        (State.HELD, State.CONFIRMED, Side.TRAVELER),
        (State.CONFIRMED, State.CANCELLED, Side.TRAVELER),
    ],
)
def test_a_double_click_moves_once_and_is_no_error(expert, now, to, side):
    booking = make_booking(expert, state=now)
    by, other = (booking.traveler, expert.user) if side == Side.TRAVELER else (expert.user, booking.traveler)
    for _ in range(2):
        assert move(booking, to, by=by, reason="Because.").state == to
    assert len(audit.history(booking)) == 1
    with pytest.raises(IllegalMove):  # it was none of theirs
        move(booking, to, by=other, reason="Because.")


@pytest.mark.django_db
def test_a_stranger_moves_nothing(expert):
    booking = make_booking(expert, state=State.REQUESTED)
    for stranger in (make_user(), make_expert().user, make_user(is_staff=True)):
        with pytest.raises(PermissionDenied):
            move(booking, State.CANCELLED, by=stranger)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "to", "side"),
    [
        (State.REQUESTED, State.DECLINED, Side.EXPERT),
        (State.CONFIRMED, State.CANCELLED, Side.EXPERT),
        (State.CONFIRMED, State.NO_SHOW, Side.EXPERT),
        (State.REQUESTED, State.HELD, Side.STAFF),
    ],
)
def test_whoever_is_told_no_hears_why(expert, now, to, side):
    booking = make_booking(expert, state=now)
    if to == State.NO_SHOW:
        shift(booking, starts=-HOUR)
    by = actor(booking, side)
    with pytest.raises(DomainError, match="Say why"):
        move(booking, to, by=by, reason="  ")
    assert move(booking, to, by=by, reason="I fell ill.").state == to
    assert audit.history(booking)[0].detail["reason"] == "I fell ill."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "to", "by", "times", "said"),
    [
        (State.REQUESTED, State.HELD, Side.EXPERT, {"expires": -HOUR}, "too late"),
        (State.HELD, State.CONFIRMED, Side.TRAVELER, {"expires": -HOUR}, "too late"),
        (State.HELD, State.EXPIRED, Side.SYSTEM, {"expires": HOUR}, "not run out"),
        (State.CONFIRMED, State.COMPLETED, Side.EXPERT, {"starts": -HOUR}, "once it is over"),
        (State.CONFIRMED, State.NO_SHOW, Side.EXPERT, {"starts": HOUR}, "before it has begun"),
        (State.CONFIRMED, State.CANCELLED, Side.TRAVELER, {"starts": -3 * HOUR}, "It is over"),
    ],
)
def test_a_move_at_the_wrong_moment_says_so(expert, now, to, by, times, said):
    booking = make_booking(expert, state=now)
    shift(booking, **times)
    with pytest.raises(DomainError, match=said):
        move(booking, to, by=actor(booking, by), reason="Because.")


@pytest.mark.django_db
def test_staff_cancel_after_its_end_too_and_everything_comes_back(expert):
    booking = make_booking(expert, state="held")
    move(booking, State.CONFIRMED, by=booking.traveler)
    shift(booking, starts=-30 * HOUR)
    cancelled = move(booking, State.CANCELLED, by=staff(), reason="It did not take place.")
    assert (cancelled.state, cancelled.refund) == (State.CANCELLED, 200)
    assert set(ledger.balances(booking).values()) == {0}


@pytest.mark.django_db
def test_requests_and_holds_end_by_themselves_at_the_time_they_name(expert):
    late, hold, early = (make_booking(expert, state=state) for state in ("requested", "held", "requested"))
    for booking in (late, hold):
        shift(booking, expires=-timedelta(seconds=1))
    expire_bookings()
    assert [Booking.objects.get(pk=one.pk).state for one in (late, hold, early)] == [
        "expired",
        "expired",
        "requested",
    ]
    event = audit.history(late)[0]
    assert (event.action, event.actor, event.detail["side"]) == ("booking.expired", None, "system")


@pytest.mark.django_db
def test_what_is_over_counts_as_done_a_day_later(expert):
    over, just_over = make_booking(expert, state="confirmed"), make_booking(expert, state="confirmed")
    shift(over, starts=-27 * HOUR)
    shift(just_over, starts=-3 * HOUR)
    complete_bookings()
    assert Booking.objects.get(pk=over.pk).state == "completed"
    assert Booking.objects.get(pk=just_over.pk).state == "confirmed"
    expert.refresh_from_db()
    assert expert.completed_bookings == 1


@pytest.mark.django_db
def test_one_that_moved_meanwhile_keeps_no_other_from_expiring(expert, monkeypatch):
    first, second = (make_booking(expert, state="requested") for _ in range(2))
    shift(first, expires=-2 * HOUR)
    shift(second, expires=-HOUR)
    stale = list(Booking.objects.overdue(timezone.now()).order_by("expires_at"))
    move(first, State.EXPIRED)
    monkeypatch.setattr("bookings.models.BookingQuerySet.overdue", lambda self, now: _Stale(stale))
    expire_bookings()
    assert Booking.objects.get(pk=second.pk).state == "expired"


class _Stale(list):
    def order_by(self, *_fields):
        return self


@pytest.mark.django_db
def test_what_the_page_promised_must_still_hold(expert):
    booking = make_booking(expert, state="confirmed")
    with pytest.raises(DomainError, match="has changed since you opened the page"):
        move(booking, State.CANCELLED, by=booking.traveler, seen_refund=Decimal(199))
    cancelled = move(booking, State.CANCELLED, by=booking.traveler, seen_refund=Decimal(200))
    assert (cancelled.refund, cancelled.cancelled_by_expert) == (200, False)


@pytest.mark.django_db
def test_both_are_told_in_their_language_and_zone_and_nobody_twice(expert):
    type(expert.user).objects.filter(pk=expert.user_id).update(language="de", time_zone="Asia/Kolkata")
    booking = make_booking(expert, make_user("Rosa", time_zone="Europe/Berlin"), state="held")
    move(booking, State.CONFIRMED, by=booking.traveler)
    run_jobs()
    assert {tuple(sent.to) for sent in mail.outbox} == {(booking.traveler.email,), (expert.user.email,)}
    to_traveler = next(sent for sent in mail.outbox if sent.to == [booking.traveler.email])
    assert "Tokyo time" in to_traveler.body
    assert "Berlin" in to_traveler.body
    assert "$200 comes back (100 %)" in to_traveler.body
    run_jobs()
    assert len(mail.outbox) == 2


class Life(RuleBasedStateMachine):
    """Somebody does something, or time passes: whatever comes, the rows agree with each other."""

    @initialize(state=st.sampled_from([State.REQUESTED, State.HELD]))
    def begin(self, state):
        self.booking = make_booking(make_expert(reindex=False), state=state)
        self.path, self.mover = [state], Side.SYSTEM

    @rule(
        to=st.sampled_from(ALL),
        side=st.sampled_from([Side.TRAVELER, Side.EXPERT, Side.SYSTEM]),
        reason=st.booleans(),
    )
    def try_to_move(self, to, side, reason):
        fresh = Booking.objects.get(pk=self.booking.pk)
        possible = to in moves.possible(fresh, side, timezone.now())
        possible = possible and (reason or not moves.needs_reason(to, side))
        again = (to, side) == (self.path[-1], self.mover) and side != Side.SYSTEM  # a double click
        try:
            move(fresh, to, by=actor(fresh, side), reason="Because." if reason else "")
        except DomainError:
            assert not possible
            assert not again
        else:
            assert possible != again
            if not again:
                self.path.append(to)
                self.mover = side

    @rule()
    def time_runs_out(self):
        if Booking.objects.get(pk=self.booking.pk).state in Booking.WAITING:
            shift(self.booking, expires=-HOUR)
            expire_overdue(self.booking.expert_id)
            self.path.append(State.EXPIRED)
            self.mover = Side.SYSTEM

    @rule()
    def it_takes_place(self):
        if Booking.objects.get(pk=self.booking.pk).state == State.CONFIRMED:
            shift(self.booking, starts=-3 * HOUR)

    @invariant()
    def rows_agree(self):
        booking = Booking.objects.get(pk=self.booking.pk)
        assert booking.state == self.path[-1]
        assert all(after in MOVES[before] for before, after in zip(self.path, self.path[1:], strict=False))
        assert (booking.expires_at is not None) == (booking.state in Booking.WAITING)
        agreed = State.CONFIRMED in self.path
        assert Posting.objects.filter(booking=booking, kind="agreed").exists() == agreed
        assert sum(ledger.balances(booking).values()) == 0
        events = [event.detail["after"] for event in reversed(audit.history(booking))]
        assert events == [str(state) for state in self.path[1:]]


class TestLife(TestCase):
    def test_life(self):
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=25, stateful_step_count=12, suppress_health_check=list(HealthCheck)
            ),
        )

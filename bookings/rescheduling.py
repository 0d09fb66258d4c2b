"""Another time for a booking: one side proposes, the other consents, and the same protection decides."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.compiled import CompiledQuery, Parameter
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from bookings import idempotency, moves, notices, people, slots
from bookings.booking import MovedMeanwhile, as_read, expire_overdue
from bookings.models import Booking, Proposal
from bookings.moves import Side
from bookings.periods import Slot, slot
from bookings.slots import Taken, Wish
from experts import calendar

State = Proposal.State


def planned(booking: Booking) -> Slot:
    return Slot(booking.period.lower, booking.period.upper, booking.time_zone)


OPEN: CompiledQuery[Proposal] = CompiledQuery(
    lambda: Proposal.objects.filter(
        booking=Parameter("booking"), state=State.OPEN, expires_at__gt=Parameter("now")
    ).order_by("pk")[:1]
)


def waiting(booking: Booking) -> Proposal | None:
    """The proposal that the other side can still answer."""
    return OPEN.first(booking=booking.pk, now=timezone.now())


def propose(*, booking: Booking, by: User, slot: Slot, key: str, reason: str = "") -> Proposal:
    """Ask the other side for another time. SlotTaken or DomainError: it could not be had as things are now."""
    body = {"booking": booking.pk, "start": slot.start, "end": slot.end, "reason": reason}
    return idempotency.once(
        by=by, key=key, body=body, act=lambda keep: _propose(booking, by, slot, reason.strip(), keep)
    )


def _propose(booking: Booking, by: User, wanted: Slot, reason: str, keep: idempotency.Keep) -> Proposal:
    booking = _locked(booking)
    _check_side(booking, by)
    if booking.state != Booking.State.CONFIRMED:
        raise DomainError(_("Only a confirmed booking can be moved to another time."))
    if booking.period.lower <= timezone.now():
        raise DomainError(_("It has begun and can't be moved any more."))
    if (wanted.start, wanted.end) == (booking.period.lower, booking.period.upper):
        raise DomainError(_("That is the time it has already."))
    if waiting(booking):
        raise DomainError(_("Another time is proposed already. Answer or withdraw that first."))
    for late in booking.proposals.filter(state=State.OPEN):
        _decide(late, State.EXPIRED, None)
    _check(booking, wanted)
    until = timezone.now() + timedelta(hours=settings.BOOKING_PROPOSAL_HOURS)
    proposal = Proposal.objects.create(
        booking=booking,
        by=by,
        period=wanted.period,
        reason=reason,
        expires_at=min(until, booking.period.lower, wanted.start),
    )
    keep(proposal)
    _note(proposal, "proposed", by, reason=reason)
    return proposal


# The same answer again, as a double click makes it, changes nothing: each is one person's alone.


def accept(*, proposal: Proposal, by: User) -> Booking:
    """Move the booking. SlotTaken: meanwhile somebody has that time; the booking stays where it is."""
    return as_read(lambda: _accept(proposal.pk, by))


def _accept(pk: int, by: User) -> Booking:
    """Told and recorded first, then written if both rows are still as they were read (adr/0010)."""
    proposal = Proposal.objects.get(pk=pk)
    booking = proposal.booking = _with_departure().get(pk=proposal.booking_id)
    _check_other_side(proposal, booking, by)
    if proposal.state == State.ACCEPTED:
        return booking
    _check_open(proposal, booking)
    expire_overdue(booking.expert_id)
    wanted = slot(proposal.period.lower, proposal.period.upper, booking.time_zone)
    wish, running = _check(booking, wanted)
    before = planned(booking)
    booking.period = running.period if running else wanted.period
    _note(proposal, State.ACCEPTED, by, before=before.start.isoformat(), after=wanted.start.isoformat())
    _write(proposal, booking, wish, before)
    return booking


def _write(proposal: Proposal, booking: Booking, wish: Wish, before: Slot) -> None:
    """Under the lock."""
    running = slots.lock_and_check(wish, besides=booking)
    with slots.guarded(wish):
        place = slots.place(wish, running)
        told = place["period"] == booking.period
        rows = Booking.objects.filter(pk=booking.pk, state=booking.state, period=before.period)
        if not (told and rows.update(**place) and _close(proposal, State.ACCEPTED)):
            raise MovedMeanwhile
    for field, value in place.items():
        setattr(booking, field, value)


@transaction.atomic
def decline(*, proposal: Proposal, by: User) -> Proposal:
    proposal, booking = _locked_both(proposal)
    _check_other_side(proposal, booking, by)
    return _answer(proposal, booking, State.DECLINED, by)


@transaction.atomic
def withdraw(*, proposal: Proposal, by: User) -> Proposal:
    proposal, booking = _locked_both(proposal)
    if by.pk != proposal.by_id:
        raise PermissionDenied
    return _answer(proposal, booking, State.WITHDRAWN, by)


def expire_due(at_most: int) -> None:
    """Nobody answered: both hear of it."""
    due = Proposal.objects.filter(state=State.OPEN, expires_at__lte=timezone.now()).order_by("expires_at")
    for late in due.select_related("booking__traveler", "booking__expert__user")[:at_most]:
        with transaction.atomic():
            if _close(late, State.EXPIRED):  # nobody was faster
                _note(late, State.EXPIRED, None)


def _locked_both(proposal: Proposal) -> tuple[Proposal, Booking]:
    booking = _locked(proposal.booking)
    return Proposal.objects.select_for_update().get(pk=proposal.pk), booking


def _answer(proposal: Proposal, booking: Booking, state: State, by: User) -> Proposal:
    if proposal.state == state:
        return proposal
    _check_open(proposal, booking)
    return _decide(proposal, state, by)


def _check_open(proposal: Proposal, booking: Booking) -> None:
    if proposal.state != State.OPEN:
        raise IllegalMove(now=proposal.get_state_display(), asked=_("decided"), allowed=[])
    if proposal.expires_at <= timezone.now() or booking.state != Booking.State.CONFIRMED:
        raise DomainError(_("This came too late: the proposal has run out."))


def _locked(booking: Booking) -> Booking:
    """The row alone: a proposal takes nobody's time."""
    return _with_departure().select_for_update(of=("self",)).get(pk=booking.pk)


def _with_departure() -> QuerySet[Booking]:
    return Booking.objects.with_people().select_related("departure")


def _check_side(booking: Booking, by: User) -> None:
    if moves.side_of(booking, by) == Side.STAFF:  # consent is the two people's alone
        raise PermissionDenied


def _check_other_side(proposal: Proposal, booking: Booking, by: User) -> None:
    _check_side(booking, by)
    if by.pk == proposal.by_id:
        raise PermissionDenied


def _check(booking: Booking, wanted: Slot) -> tuple[Wish, Taken | None]:
    """Both sides agree on it, so the service's notice and the plan of the week are theirs to pass over."""
    people.check_now(booking.traveler, booking.expert)
    if reason := calendar.past(booking.expert, booking.service, wanted.start, wanted.end):
        raise DomainError(reason)
    wish = Wish(booking.expert, booking.service, wanted, booking.people)
    return wish, slots.check(wish, besides=booking)


def _decide(proposal: Proposal, state: State, by: User | None) -> Proposal:
    _close(proposal, state)
    _note(proposal, state, by)
    return proposal


def _close(proposal: Proposal, state: State) -> bool:
    """Whether it was still open."""
    proposal.state, proposal.decided_at = state, timezone.now()
    rows = Proposal.objects.filter(pk=proposal.pk, state=State.OPEN)
    return bool(rows.update(state=state, decided_at=proposal.decided_at))


def _note(proposal: Proposal, what: str, by: User | None, **detail: Any) -> None:
    booking, wanted = proposal.booking, proposal.period
    event = audit.record(
        action=f"booking.time_{what}",
        target=booking,
        by=by,
        proposal=proposal.pk,
        proposed=[wanted.lower.isoformat(), wanted.upper.isoformat()],
        **detail,
    )
    notices.of_booking(booking, event, proposal if what in {"proposed", "expired"} else None)

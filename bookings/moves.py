"""Which states of a booking lead where, and who may take them there: the table, and the times at which it holds."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from bookings import cancellation, people
from bookings.models import Booking, Dispute

State = Booking.State


class Side(Enum):
    TRAVELER = "traveler"
    EXPERT = "expert"
    STAFF = "staff"
    SYSTEM = "system"


_T, _E, _S = Side.TRAVELER, Side.EXPERT, Side.SYSTEM
# Staff may make every move but the one that only time makes. What is not here leads nowhere.
MOVES: Mapping[str, Mapping[str, frozenset[Side]]] = {
    State.REQUESTED: {
        State.HELD: frozenset({_E}),
        State.DECLINED: frozenset({_E}),
        State.CANCELLED: frozenset({_T}),
        State.EXPIRED: frozenset({_S}),
    },
    State.HELD: {
        State.CONFIRMED: frozenset({_T}),
        State.CANCELLED: frozenset({_T, _E}),
        State.EXPIRED: frozenset({_S}),
    },
    State.CONFIRMED: {
        State.COMPLETED: frozenset({_E, _S}),
        State.CANCELLED: frozenset({_T, _E}),
        State.NO_SHOW: frozenset({_E}),
    },
    State.COMPLETED: {},
    State.DECLINED: {},
    State.EXPIRED: {},
    State.CANCELLED: {},
    State.NO_SHOW: {},
}

# By these somebody promises something: both must be there for it.
AGREEING = {State.HELD, State.CONFIRMED}
# These say how it went, which is what an open dispute is about.
SETTLING = {State.COMPLETED, State.NO_SHOW}


def side_of(booking: Booking, user: User | None) -> Side:
    """PermissionDenied: of neither side."""
    if user is None:
        return Side.SYSTEM
    if user.pk == booking.traveler_id:
        return Side.TRAVELER
    if user.pk == booking.expert.user_id:
        return Side.EXPERT
    if user.has_perm("bookings.move_booking"):
        return Side.STAFF
    raise PermissionDenied


def may_as_staff(booking: Booking, user: User) -> bool:
    """Whoever is of the booking moves it as a member does, and not from behind the desk."""
    own = user.pk in {booking.traveler_id, booking.expert.user_id}
    return not own and user.has_perm("bookings.move_booking")


def allowed(state: str, side: Side) -> list[str]:
    """Where this side can take it from there."""
    return [to for to, sides in MOVES[state].items() if side in sides or _by_staff(side, to)]


def possible(booking: Booking, side: Side, now: datetime, *, disputed: bool | None = None) -> list[str]:
    """Of those, what its times, its people and its disputes permit now. `disputed`: whether one is open, if known."""
    refused = bool(people.refusal(booking.traveler, booking.expert))
    return [
        to
        for to in allowed(booking.state, side)
        if not (untimely(booking, to, side, now, disputed=disputed) or (refused and to in AGREEING))
    ]


def check(booking: Booking, to: str, side: Side, reason: str, now: datetime) -> None:
    """IllegalMove or DomainError, with what is allowed or what is missing."""
    if to not in allowed(booking.state, side):
        raise IllegalMove(
            now=booking.state_said,
            asked=str(State(to).label),
            allowed=[str(State(state).label) for state in allowed(booking.state, side)],
        )
    if why := untimely(booking, to, side, now):
        raise DomainError(why)
    if needs_reason(to, side) and not reason.strip():
        raise DomainError(_("Say why: the other side reads your reason."))


def needs_reason(to: str, side: Side) -> bool:
    """Whoever is told no hears why, and what staff do is always explained."""
    if side == Side.STAFF:
        return True
    return to in {State.DECLINED, State.NO_SHOW} or (to == State.CANCELLED and side == Side.EXPERT)


def missing(to: str, side: Side, named: str) -> str:
    """Who did not come: an expert can say it of the traveler alone, staff name one of them. DomainError: they don't."""
    if to != State.NO_SHOW:
        return ""
    if side == Side.STAFF and named not in Booking.Missing.values:
        raise DomainError(_("Say who did not come."))
    return named if side == Side.STAFF else Booking.Missing.TRAVELER.value


def untimely(
    booking: Booking, to: str, side: Side, now: datetime, *, disputed: bool | None = None
) -> str | None:
    """Why not at this moment, as a sentence. `disputed`: whether a dispute is open; None: it is asked for."""
    begins, ends = booking.period.lower, booking.period.upper
    if to == State.EXPIRED:
        return _("Its time has not run out yet.") if not _has_expired(booking, now) else None
    if to in {*AGREEING, State.DECLINED} and _has_expired(booking, now):
        return _("This came too late: the time to answer has run out.")
    if to == State.COMPLETED and now < ends:
        return _("It can be completed once it is over.")
    if to == State.NO_SHOW and now < begins:
        return _("Nobody can be missing before it has begun.")
    if to == State.CANCELLED and now >= ends and side != Side.STAFF:
        return _("It is over and can't be cancelled any more.")
    if settles_itself(to, side) and (is_disputed(booking) if disputed is None else disputed):
        return _("A dispute about it is open: our team decides that first.")
    return None


def settles_itself(to: str, side: Side) -> bool:
    """Whether one side alone, or time, says how it went."""
    return to in SETTLING and side != Side.STAFF


def is_disputed(booking: Booking) -> bool:
    """Whether a dispute about it is open, as things are now."""
    return Dispute.objects.filter(booking=booking.pk, state=Dispute.State.OPEN).exists()


def refund(booking: Booking, side: Side, now: datetime) -> Decimal:
    """What a cancellation by this side, or the expert's no-show that it notes, gives back now, on top of what came back
    before; until it is confirmed nothing is agreed to be paid. Nobody pays for leaving an expert who is not there for
    them.
    """
    if booking.state != State.CONFIRMED:
        return Decimal(0)
    in_all = cancellation.refund(
        booking.cancellation,
        start=booking.period.lower,
        price=booking.price,
        currency=booking.currency,
        at=now,
        by_expert=side != Side.TRAVELER or not people.is_there(booking.expert),
    )
    return max(in_all - (booking.refund or Decimal(0)), Decimal(0))


def _has_expired(booking: Booking, now: datetime) -> bool:
    return booking.expires_at is not None and booking.expires_at <= now


def _by_staff(side: Side, to: str) -> bool:
    return side == Side.STAFF and to != State.EXPIRED

"""What the two people of a booking can't agree on: one side opens a dispute, staff decide it once."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.compiled import CompiledQuery, Parameter
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from bookings import ledger, notices, payments
from bookings.booking import cancel_as_decided
from bookings.models import Booking, Dispute, Side
from markets.currency import rounded
from markets.formats import money

State = Dispute.State
# Of these there was something to agree on.
DISPUTABLE = {
    Booking.State.CONFIRMED,
    Booking.State.COMPLETED,
    Booking.State.CANCELLED,
    Booking.State.NO_SHOW,
}


def side_of(booking: Booking, user: User) -> Side:
    """PermissionDenied: of neither side."""
    if user.pk == booking.traveler_id:
        return Side.TRAVELER
    if user.pk == booking.expert.user_id:
        return Side.EXPERT
    raise PermissionDenied


def closes_at(booking: Booking) -> datetime:
    return booking.period.upper + timedelta(days=settings.BOOKING_DISPUTE_DAYS)


OF_BOOKING: CompiledQuery[Dispute] = CompiledQuery(
    lambda: Dispute.objects.filter(booking=Parameter("booking")).order_by("-pk")
)


def of(booking: Booking) -> list[Dispute]:
    """The newest first."""
    return OF_BOOKING.objects(booking=booking.pk)


def closed_because(booking: Booking, side: Side, filed: list[Dispute]) -> str:
    """Why this side can open none now, where those of `filed` are there already; empty where it can."""
    never_agreed = booking.state == Booking.State.CANCELLED and booking.refund is None
    if booking.state not in DISPUTABLE or never_agreed:
        return _("There is nothing to decide about a booking that never came about.")
    if timezone.now() > closes_at(booking):
        return _("A dispute can be opened until %(days)s days after the end. That time is over.") % {
            "days": settings.BOOKING_DISPUTE_DAYS
        }
    if any(one.is_open and one.side == side for one in filed):
        return _("You have opened a dispute already. Our team decides that one first.")
    return ""


@transaction.atomic
def open_dispute(*, booking: Booking, by: User, reason: str, text: str) -> Dispute:
    """A second click finds the first dispute. DomainError: it can't be opened, or not now."""
    booking = _locked(booking.pk)
    side = side_of(booking, by)
    same = {"side": side, "reason": reason, "text": text.strip()}
    if earlier := booking.disputes.filter(state=State.OPEN, **same).first():
        return earlier
    if why := closed_because(booking, side, of(booking)):
        raise DomainError(why)
    if not text.strip():
        raise DomainError(_("Say what happened."))
    dispute = Dispute.objects.create(booking=booking, **same)
    event = audit.record(action="dispute.open", target=dispute, by=by, about=reason, booking=booking.pk)
    notices.of_dispute(dispute, event)
    return dispute


def may_decide(dispute: Dispute, user: User) -> bool:
    """Nobody decides about a booking of their own."""
    own = user.pk in {dispute.booking.traveler_id, dispute.booking.expert.user_id}
    return not own and user.has_perm("bookings.decide_dispute")


def refundable(booking: Booking) -> Decimal:
    """What can still come back. Before a booking begins, nothing can: it is cancelled then, by its own terms."""
    settled = {Booking.State.COMPLETED, Booking.State.NO_SHOW}
    was_confirmed = (
        booking.state in settled
        or has_begun(booking)
        or (booking.state == Booking.State.CANCELLED and booking.refund is not None)
    )
    return booking.price - (booking.refund or 0) if was_confirmed else Decimal(0)


def has_begun(booking: Booking) -> bool:
    """It stands, and its start is past: where all of its price comes back, it is cancelled by that."""
    return booking.state == Booking.State.CONFIRMED and booking.period.lower <= timezone.now()


@transaction.atomic
def decide(*, dispute: Dispute, to: str, by: User, outcome: str, refund: Decimal = Decimal(0)) -> Dispute:
    """Uphold or dismiss, once; upheld, a further refund may follow, and with all of the price a booking that still
    stands is cancelled.

    IllegalMove: it is decided. DomainError: no reason, or an amount that can't come back. PermissionDenied: staff
    without the permission, or of the booking themselves.
    """
    booking = _locked(dispute.booking_id)
    dispute = Dispute.objects.select_for_update().get(pk=dispute.pk)
    dispute.booking = booking
    if not may_decide(dispute, by):
        raise PermissionDenied
    _check(dispute, to, outcome, refund)
    dispute.state, dispute.outcome, dispute.refund = State(to), outcome.strip(), refund
    dispute.decided_by, dispute.decided_at = by, timezone.now()
    dispute.save(update_fields=["state", "outcome", "refund", "decided_by", "decided_at"])
    cancelled = bool(refund) and _give_back(booking, dispute, by)
    detail = {"outcome": dispute.outcome} | ({"refund": str(refund)} if refund else {})
    event = audit.record(
        action=f"dispute.{to}", target=dispute, by=by, before=State.OPEN.value, after=str(to), **detail
    )
    notices.of_dispute(dispute, event, cancelled=cancelled)
    return dispute


def _check(dispute: Dispute, to: str, outcome: str, refund: Decimal) -> None:
    allowed = Dispute.MOVES[dispute.state]
    if to not in allowed:
        raise IllegalMove(
            now=dispute.get_state_display(),
            asked=str(State(to).label),
            allowed=[str(State(state).label) for state in allowed],
        )
    if not outcome.strip():
        raise DomainError(_("Say what was decided and why."))
    if refund and to != State.UPHELD:
        raise DomainError(_("Nothing comes back where a dispute is dismissed."))
    _check_amount(dispute.booking, refund)


def _check_amount(booking: Booking, refund: Decimal) -> None:
    most = refundable(booking)
    if not 0 <= refund <= most:
        raise DomainError(
            _("At most %(amount)s can still come back.") % {"amount": money(most, booking.currency)}
        )
    if refund != rounded(refund, booking.currency):
        raise DomainError(
            _("That is no amount that can be paid in %(currency)s.") % {"currency": booking.currency}
        )


def _give_back(booking: Booking, dispute: Dispute, by: User) -> bool:
    """Whether the booking is cancelled by it. Its table takes no refund beyond the price, whoever decides at the same
    time.
    """
    booking.refund = (booking.refund or Decimal(0)) + dispute.refund
    booking.save(update_fields=["refund"])
    ledger.give_back(booking, dispute.refund, dispute)
    payments.provider().give_back(booking, dispute.refund, dispute)
    cancels = booking.state == Booking.State.CONFIRMED and booking.refund == booking.price
    if cancels:
        cancel_as_decided(booking, by, dispute.outcome)
    return cancels


def _locked(pk: int) -> Booking:
    return Booking.objects.select_for_update(of=("self",)).with_people().get(pk=pk)

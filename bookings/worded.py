"""Times, terms and consequences of bookings in the reader's words. All sums come from what the booking keeps."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import cancellation, moves, people
from bookings.models import Booking
from bookings.moves import Side
from bookings.periods import Period, Slot
from experts.models import Expert
from markets import formats, moments

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

State = Booking.State


def moment(at: datetime, zone: str, day: moments.Day = formats.day) -> str:
    """With its zone named."""
    return f"{moments.moment(at, zone, day)} ({moments.zone_name(zone)})"


def when(period: Period, zone: str) -> str:
    """In the zone it was planned in: whole days as days."""
    planned = Slot(period.lower, period.upper, zone)
    first, last = planned.days
    if planned.is_whole_days:
        return f"{formats.day_range(first, last)} ({moments.zone_name(zone)})"
    return f"{_from_to(period, zone)} ({moments.zone_name(zone)})"


def when_elsewhere(period: Period, planned_in: str, zone: str) -> str:
    """By the clocks of a reader elsewhere; empty where they show the same."""
    here, there = (_from_to(period, name) for name in (planned_in, zone))
    return f"{there} ({moments.zone_name(zone)})" if here != there else ""


def _from_to(period: Period, zone: str) -> str:
    return moments.span(period.lower, period.upper, zone)


def terms(booked: Booking, zone: str) -> list[str]:
    """What comes back after a cancellation by the traveler, until when."""
    if booked.is_occupying and not people.is_there(booked.expert):
        return [_without_expert(booked), _("If the expert cancels, everything comes back.")]
    return terms_of(
        booked.cancellation,
        start=booked.period.lower,
        price=booked.price,
        currency=booked.currency,
        zone=zone,
    )


def _without_expert(booked: Booking) -> str:
    name = {"name": booked.expert.name}
    if booked.expert.status == Expert.Status.SUSPENDED:
        return _("As long as the profile of %(name)s is suspended, everything comes back.") % name
    return _("The account of %(name)s is closed: everything comes back.") % name


def terms_of(
    kept: cancellation.Terms,
    *,
    start: datetime,
    price: Decimal,
    currency: str,
    zone: str,
    day: moments.Day = formats.day,
) -> list[str]:
    """`day`: how the rest of the page or mail writes its days."""
    deadlines = cancellation.schedule(kept, start=start, price=price, currency=currency)
    said = [
        _("Until %(moment)s, %(amount)s comes back (%(percent)s %%).")
        % {
            "moment": moment(one.until, zone, day),
            "amount": formats.money(one.amount, currency),
            "percent": one.percent,
        }
        for one in deadlines
        if one.until
    ]
    last = _("After that, nothing comes back.") if said else _("After a cancellation nothing comes back.")
    return [*said, last, _("If the expert cancels, everything comes back.")]


@dataclass(frozen=True)
class Action:
    """A button, and what will follow from pressing it."""

    to: str
    label: "StrOrPromise"
    consequence: str
    needs_reason: bool
    is_danger: bool
    refund: Decimal | None


LABELS = {
    State.HELD: gettext_lazy("Accept the request"),
    State.DECLINED: gettext_lazy("Decline the request"),
    State.CONFIRMED: gettext_lazy("Confirm the booking"),
    State.COMPLETED: gettext_lazy("Mark as completed"),
    State.CANCELLED: gettext_lazy("Cancel the booking"),
    State.NO_SHOW: gettext_lazy("The traveler did not come"),
}
WITHDRAW = gettext_lazy("Withdraw the request")
DANGEROUS = {State.DECLINED, State.CANCELLED, State.NO_SHOW}


def actions(booked: Booking, side: Side, zone: str, now: datetime, *, disputed: bool) -> list[Action]:
    """`disputed`: whether a dispute about it is open."""
    possible = moves.possible(booked, side, now, disputed=disputed)
    return [_action(booked, State(to), side, zone, now) for to in possible]


def _action(booked: Booking, to: Booking.State, side: Side, zone: str, now: datetime) -> Action:
    withdraws = to == State.CANCELLED and booked.state == State.REQUESTED
    refunds = to == State.CANCELLED and booked.state == State.CONFIRMED
    return Action(
        to,
        WITHDRAW if withdraws else LABELS[to],
        consequence(booked, to, side, zone, now),
        moves.needs_reason(to, side),
        to in DANGEROUS,
        moves.refund(booked, side, now) if refunds else None,
    )


def consequence(booked: Booking, to: str, side: Side, zone: str, now: datetime) -> str:
    """What this move will do, said before it is made."""
    match to:
        case State.HELD:
            return _(
                "The time is kept for %(name)s, who has %(hours)s hours to confirm, but not beyond the start."
            ) % {"name": booked.traveler.name, "hours": settings.BOOKING_HOLD_HOURS}
        case State.CONFIRMED if side == Side.STAFF:
            return _("From then on it is binding for both of them. %(name)s owes %(price)s.") % {
                "name": booked.traveler.name,
                "price": formats.money(booked.price, booked.currency),
            }
        case State.CONFIRMED:
            return _("From then on it is binding for both of you. You owe %(price)s.") % {
                "price": formats.money(booked.price, booked.currency)
            }
        case State.DECLINED:
            return _("%(name)s is told with your reason, and sees other experts. The time is free again.") % {
                "name": booked.traveler.name
            }
        case State.COMPLETED:
            return _("It counts as done, and %(name)s can review it.") % {"name": booked.traveler.name}
        case State.NO_SHOW if side == Side.STAFF:
            return _(
                "Of the traveler: nothing comes back. Of the expert: all that has not come back yet, %(back)s,"
                " comes back to %(name)s."
            ) % {
                "back": formats.money(moves.refund(booked, side, now), booked.currency),
                "name": booked.traveler.name,
            }
        case State.NO_SHOW:
            return _("Nothing comes back to %(name)s, who is told with your reason.") % {
                "name": booked.traveler.name
            }
        case State.CANCELLED:
            return _cancelled(booked, side, now)
    return ""


def _cancelled(booked: Booking, side: Side, now: datetime) -> str:
    if booked.state != State.CONFIRMED:
        return _("Nothing was agreed to be paid yet, so it costs nothing. The time is free again.")
    back, before = moves.refund(booked, side, now), booked.refund or Decimal(0)
    sums = {
        "back": formats.money(back, booked.currency),
        "kept": formats.money(booked.price - before - back, booked.currency),
        "name": booked.traveler.name,
    }
    if before and side != Side.TRAVELER:
        return _("The rest of it, %(back)s, comes back to %(name)s.") % sums
    if side == Side.EXPERT:
        return _("All of it, %(back)s, comes back to %(name)s, who sees other experts.") % sums
    if side == Side.STAFF:
        return _("All of it, %(back)s, comes back to %(name)s.") % sums
    if not back and before:
        return _("Nothing more comes back: you owe the rest of it, %(kept)s.") % sums
    if not back:
        return _("Nothing comes back any more: you owe all of it, %(kept)s.") % sums
    if back == booked.price:
        return _("All of it, %(back)s, comes back to you.") % sums
    return _("%(back)s comes back to you, %(kept)s does not.") % sums

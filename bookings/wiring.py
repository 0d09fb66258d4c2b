"""What experts, calendars, offers and bookings know of each other: each has a place where others hang in."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEvent, User
from accounts.staff import list_of
from bookings import booking, notices, offers, slots, worded
from bookings.models import Booking, Offer
from experts import calendar, signals
from experts.models import Expert

# A departure takes the expert's time from others once its last seat is gone.
_WHOLE_DAYS = """
    SELECT b.expert_id, lower(b.period), upper(b.period), b.time_zone
    FROM bookings_booking b LEFT JOIN bookings_departure d ON d.id = b.departure_id
    WHERE b.state IN ('requested', 'held', 'confirmed') AND b.period && %(met)s
        AND upper(b.period) - lower(b.period) >= interval '23 hours'
        AND upper(b.period) - lower(b.period) >= %(least)s
        AND (b.expires_at IS NULL OR b.expires_at > %(now)s) AND (d.id IS NULL OR d.seats_taken >= d.seats)
"""


def connect() -> None:
    calendar.occupied.append(taken)
    calendar.whole_days.append(_WHOLE_DAYS)
    calendar.appointments.append(appointments)
    offers.accepted.append(book)
    signals.suspension_moved.connect(_suspension_moved, dispatch_uid="bookings")
    signals.standing.append(standing)


def _suspension_moved(*, expert: Expert, event: AuditEvent, **_kwargs: Any) -> None:
    notices.of_suspension(expert, event)


def standing(expert: Expert) -> str:
    """How many bookings are open, for staff who are about to suspend; with their list for whoever may see it."""
    count = Booking.objects.standing_with(expert).count()
    if not count:
        return ""
    said = ngettext("%(count)s booking is open.", "%(count)s bookings are open.", count) % {"count": count}
    told = _("The travelers are told, and can cancel with everything back.")
    rows = {"expert__id__exact": expert.pk, "state__in": ",".join(Booking.OCCUPYING)}
    return format_html("{} {}", list_of(Booking, said, **rows), told)


def taken(expert_ids: list[int], start: datetime, end: datetime) -> Iterator[calendar.Taken]:
    """Booked time for the calendar, buffers included, and what departures have seats."""
    for one in slots.taken(expert_ids, start, end):
        yield calendar.Taken(
            one.expert_id,
            one.start,
            one.end,
            departure=_departure(one),
            service_id=one.service_id,
            begins=one.period.lower,
        )


def appointments(expert_id: int, start: datetime, end: datetime) -> Iterator[calendar.Appointment]:
    """What takes the expert's time, or took it, by its beginning."""
    states = [*Booking.OCCUPYING, Booking.State.COMPLETED, Booking.State.NO_SHOW]
    met = Booking.objects.filter(expert=expert_id, state__in=states, period__overlap=(start, end))
    for one in met.select_related("traveler").order_by("period", "pk"):
        yield calendar.Appointment(
            worded.when(one.period, one.time_zone),
            one.title,
            one.traveler.name,
            one.state_said,
            one.get_absolute_url(),
        )


def _departure(one: slots.Taken) -> calendar.Departure | None:
    if one.booking_id:
        return None
    return calendar.Departure(one.service_id, one.period.lower, one.period.upper, one.seats_left)


def book(offer: Offer, by: User, key: str) -> None:
    """Both have agreed: one by offering, the other by accepting. SlotTaken: somebody was faster, and nothing is."""
    inquiry = offer.inquiry
    booked = booking.request(
        by=inquiry.traveler,
        expert=inquiry.expert,
        service=offer.service,
        trip=inquiry.trip,
        offer=offer,
        agreed_by=by,
        start=offer.start,
        end=offer.end,
        people=offer.people,
        price=offer.price,
        currency=offer.currency,
        policy=offer.policy,
        instant=True,
        key=key,
    )
    Offer.objects.filter(pk=offer.pk).update(booking=booked)

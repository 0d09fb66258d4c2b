"""What has happened to a booking, as its two people read it."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import acts, audit
from accounts.compiled import CompiledQuery, Parameter
from accounts.models import AuditEvent
from bookings import shown, worded
from bookings.models import Booking
from bookings.moves import Side
from bookings.periods import slot


class Happened(NamedTuple):
    """`hides`: the reason is not said as it was written."""

    when: str
    who: str
    what: str
    reason: str
    hides: bool


def _events() -> QuerySet[AuditEvent]:
    events = audit.history_of(Booking, Parameter("booking"))
    return events.only("at", "action", "detail", "actor__name")


EVENTS = CompiledQuery(_events)


def of(booking: Booking, zone: str) -> list[Happened]:
    """The oldest first. `booking` comes with its acquaintance."""
    events = reversed(EVENTS.objects(booking=booking.pk))
    return [_happened(booking, event, zone) for event in events if not _is_offer(event)]


def _is_offer(event: AuditEvent) -> bool:
    """Whoever takes up an offer has asked for nothing before."""
    return event.action == "booking.requested" and bool(event.detail.get("offer"))


def _happened(booking: Booking, event: AuditEvent, zone: str) -> Happened:
    written = event.detail.get("reason", "")
    by_staff = event.detail.get("side") == Side.STAFF.value
    reason = shown.text(written, acquainted=booking.acquainted or by_staff)  # type: ignore[attr-defined]  # annotated
    return Happened(
        worded.moment(event.at, zone), _who(event, by_staff), _what(booking, event), reason, reason != written
    )


def _who(event: AuditEvent, by_staff: bool) -> str:
    """Of staff it is said that they did it, not who of them."""
    if by_staff:
        return _("Our team")
    return event.actor.name if event.actor else _("time")


def _what(booking: Booking, event: AuditEvent) -> str:
    if event.detail.get("offer"):
        return str(acts.WORDS["offer.accepted"])
    if not event.detail.get("proposed"):
        return event.said
    start, end = (datetime.fromisoformat(moment) for moment in event.detail["proposed"])
    return f"{event.said}, {worded.when(slot(start, end, booking.time_zone).period, booking.time_zone)}"

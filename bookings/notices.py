"""Who is told of messages, offers, bookings, disputes, reports and reviews. What is said stands in
bookings.notice_kinds.

Everything here is called in the transaction of the act, so that there is never one without the other.
"""

from datetime import datetime
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import override

from accounts.models import AuditEvent, User
from accounts.notices.telling import Telling, tell, tell_first
from bookings import people, shown
from bookings.models import Booking, Dispute, Message, Offer, Proposal, Report, Side, Written
from bookings.periods import Slot
from experts.models import Expert
from travelers.models import Trip

# Whoever reads along needs no mail: it waits this long, and is not sent if the thread was opened meanwhile.
PATIENCE_SECONDS = 120.0

OFFERS = {
    Message.Kind.OFFER: "offer.made",
    Message.Kind.WITHDRAWN: "offer.withdrawn",
    Message.Kind.EXPIRED: "offer.expired",
}
# By the action of the audit event; whoever did it knows, except of what both want in writing.
BOOKINGS = {
    "booking.expert_missing": "booking.no_show",
    "booking.traveler_missing": "booking.no_show",
    "booking.time_proposed": "reschedule.proposed",
    "booking.time_accepted": "reschedule.accepted",
    "booking.time_declined": "reschedule.refused",
    "booking.time_withdrawn": "reschedule.withdrawn",
    "booking.time_expired": "reschedule.expired",
}
TO_BOTH = {"booking.confirmed", "booking.cancelled", "booking.time_accepted"}
TO_THE_REVIEWED = {"review.write", "review.publish"}


def of_message(message: Message) -> None:
    """Of words, readers hear once until they have read them; of offers always. An accepted one is a booking, of which
    they hear as such. `message.inquiry` is as it was before the message.
    """
    inquiry = message.inquiry
    for reader in (Side.TRAVELER, Side.EXPERT):
        if reader == message.side or message.kind == Message.Kind.ACCEPTED:
            continue
        if message.kind != Message.Kind.TEXT:
            _of_offer(message, reader)
        elif not inquiry.unread(reader):
            _of_words(message, reader)


def _of_words(message: Message, reader: Side) -> None:
    inquiry = message.inquiry
    # To somebody who knows nothing of them yet it is an inquiry, and says of which trip.
    acquainted = people.acquainted(inquiry.traveler_id, inquiry.expert_id)
    first = not inquiry.last_message_id and reader == Side.EXPERT and not acquainted
    tell(
        user=inquiry.person(reader),
        kind="inquiry.message",
        key=f"message-{message.pk}",
        facts={
            **_said(message, reader, acquainted),
            "first": first,
            **(_of_trip(inquiry.trip) if first else {}),
        },
        url=inquiry.get_absolute_url(),
        about=inquiry.person(reader.other),
        patience=0.0 if first else PATIENCE_SECONDS,
    )


def _of_offer(message: Message, reader: Side) -> None:
    inquiry, offer = message.inquiry, message.offer
    assert offer  # message_kind
    acquainted = people.acquainted(inquiry.traveler_id, inquiry.expert_id)
    with override(inquiry.person(reader).language):
        title = shown.text(offer.title, acquainted=acquainted)
    answers = message.kind == Message.Kind.OFFER and offer.counters_id
    tell(
        user=inquiry.person(reader),
        kind="offer.countered" if answers else OFFERS[Message.Kind(message.kind)],
        key=f"message-{message.pk}",
        facts={**_said(message, reader, acquainted), **_of_terms(offer), "what": title},
        url=inquiry.get_absolute_url(),
        about=inquiry.person(reader.other),
    )


def _said(message: Message, reader: Side, acquainted: bool) -> dict[str, Any]:
    """Contact details stay out as on the page: a mail is no way around it."""
    inquiry = message.inquiry
    user = inquiry.person(reader)
    with override(user.language):
        text = shown.words(message, acquainted=acquainted)
    return {"who": inquiry.person(reader.other).name, "side": reader.value, "text": text}


def _of_trip(trip: Trip | None) -> dict[str, Any]:
    if trip is None:
        return {}
    month = {"month": trip.flexible_month, "days": trip.days} if trip.flexible_month else {}
    return {"city": trip.destination.name, "start": trip.start, "end": trip.end, **month}


def _of_terms(offer: Offer) -> dict[str, Any]:
    return {
        **_when(offer.start, offer.end, offer.time_zone),
        "people": offer.people,
        "price": str(offer.price),
        "currency": offer.currency,
        "until": offer.expires_at if offer.state == Offer.State.OFFERED else None,
    }


def _when(start: datetime, end: datetime, zone: str) -> dict[str, Any]:
    """Whole days as days: they are the same for readers everywhere."""
    planned = Slot(start, end, zone)
    first, last = planned.days if planned.is_whole_days else (start, end)
    return {"start": first, "end": last, "zone": zone}


def of_booking(booking: Booking, event: AuditEvent, proposal: Proposal | None = None) -> None:
    """`proposal`: the other time that the event is about, where it is about one that was not taken."""
    period = proposal.period if proposal else booking.period
    planned = Slot(period.lower, period.upper, booking.time_zone)
    asked = proposal is not None and proposal.state == Proposal.State.OPEN
    facts = {
        "what": booking.title,
        **_when(planned.start, planned.end, planned.time_zone),
        "people": booking.people,
        "price": str(booking.price),
        "currency": booking.currency,
        "until": proposal.expires_at if proposal and asked else booking.expires_at,
        "refund": None if booking.refund is None else str(booking.refund),
        "before": event.detail.get("before", ""),
        "by_staff": event.detail.get("side") == "staff",
        "missing": booking.missing,
        # As agreed with the booking: what a mail promises is what will be computed.
        "starts": planned.start,
        "cancellation": booking.cancellation if booking.is_occupying and (asked or not proposal) else None,
    }
    tell_first(
        [
            Telling(
                user=reader,
                kind=BOOKINGS.get(event.action, event.action),
                key=f"event-{event.pk}",
                facts={
                    **facts,
                    "who": other.name,
                    "side": side.value,
                    "reason": _reason(booking, event, reader),
                },
                url=booking.get_absolute_url(),
                about=other,
            )
            for side, reader, other in _people(booking)
            if reader.pk != event.actor_id or event.action in TO_BOTH
        ]
    )


def _reason(booking: Booking, event: AuditEvent, reader: User) -> str:
    """What staff write is no way around anything."""
    reason: str = event.detail.get("reason", "")
    if not reason or event.detail.get("side") == "staff":
        return reason
    with override(reader.language):
        return shown.text(reason, acquainted=people.acquainted(booking.traveler_id, booking.expert_id))


def _people(booking: Booking) -> list[tuple[Side, User, User]]:
    traveler, expert = booking.traveler, booking.expert.user
    return [(Side.TRAVELER, traveler, expert), (Side.EXPERT, expert, traveler)]


def of_dispute(dispute: Dispute, event: AuditEvent, *, cancelled: bool = False) -> None:
    """Of one that was opened the other side hears, of a decision both do. `cancelled`: the booking is, by it."""
    booking = dispute.booking
    planned = Slot(booking.period.lower, booking.period.upper, booking.time_zone)
    facts = {
        "what": booking.title,
        **_when(planned.start, planned.end, planned.time_zone),
        "price": str(booking.price),
        "currency": booking.currency,
        "about": dispute.reason,
        "opener": dispute.side,
        "state": dispute.state,
        "refund": str(dispute.refund) if dispute.refund else None,
        "text" if dispute.is_open else "decision": dispute.text if dispute.is_open else dispute.outcome,
        "cancelled": cancelled,
    }
    for side, reader, other in _people(booking):
        if reader.pk != event.actor_id:
            tell(
                user=reader,
                kind="dispute.opened" if dispute.is_open else "dispute.decided",
                key=f"event-{event.pk}",
                facts={**facts, "who": other.name, "side": side.value},
                url=dispute.get_absolute_url(),
                about=other,
            )


def of_suspension(expert: Expert, event: AuditEvent) -> None:
    """That it begins, or is lifted. Each traveler who has something with this expert hears of it once, however many
    bookings that is.
    """
    rows = Booking.objects.standing_with(expert).select_related("traveler").order_by("traveler", "start")
    tell_first(
        [
            _of_suspension(expert, event, list(booked))
            for _traveler, booked in groupby(rows, lambda booking: booking.traveler_id)
        ]
    )


def _of_suspension(expert: Expert, event: AuditEvent, booked: list[Booking]) -> Telling:
    first = booked[0]
    planned = Slot(first.period.lower, first.period.upper, first.time_zone)
    of_one = {"what": first.title, **_when(planned.start, planned.end, planned.time_zone)}
    return Telling(
        user=first.traveler,
        kind="booking.expert_suspended" if event.action == "expert.suspend" else "booking.expert_reinstated",
        key=f"event-{event.pk}",
        facts={"who": expert.name, "side": Side.TRAVELER.value, **(of_one if len(booked) == 1 else {})},
        url=first.get_absolute_url() if len(booked) == 1 else reverse("bookings:list"),
        about=expert.user,
    )


def of_report(report: Report, event: AuditEvent) -> None:
    """Whoever reported hears what was decided; whom it was about does not learn that there was a report."""
    inquiry = report.inquiry
    side = inquiry.side_of(report.by)
    other = inquiry.person(side.other)
    tell(
        user=report.by,
        kind="report.decided",
        key=f"event-{event.pk}",
        facts={
            "who": other.name,
            "side": side.value,
            "state": report.state,
            "decision": report.outcome,
        },
        url=inquiry.get_absolute_url(),
        about=other,
    )


def of_review(review: Written, event: AuditEvent) -> None:
    """Before it is published nobody hears what it says."""
    reviewed = event.action in TO_THE_REVIEWED
    to, other = (review.reviewed, review.author) if reviewed else (review.author, review.reviewed)
    facts: dict[str, Any] = {"who": other.name, "reason": event.detail.get("reason", "")}
    if event.action == "review.publish":
        facts |= {"stars": review.rating, "text": review.text}
    if event.action == "review.reply":
        facts |= {"text": review.reply}
    url = reverse("bookings:review", args=[review.booking_id])
    tell(user=to, kind=event.action, key=f"event-{event.pk}", facts=facts, url=url, about=other)

"""The mails about inquiries, bookings and waitlists."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.meta import absolute
from accounts.models import AuditEvent, User
from bookings import shown, waitlist, worded
from bookings.models import Booking, Inquiry, Message, Side, WaitlistEntry
from markets import moments

Kind = Message.Kind

# By the action of the audit event: the subject, which the reader's own act does not need to be told.
BOOKING_SUBJECTS = {
    "booking.requested": gettext_lazy("A booking request: %(title)s"),
    "booking.held": gettext_lazy("Accepted, now confirm it: %(title)s"),
    "booking.confirmed": gettext_lazy("Confirmed: %(title)s"),
    "booking.declined": gettext_lazy("Declined: %(title)s"),
    "booking.expired": gettext_lazy("The time to answer has run out: %(title)s"),
    "booking.cancelled": gettext_lazy("Cancelled: %(title)s"),
    "booking.completed": gettext_lazy("Completed: %(title)s"),
    "booking.no_show": gettext_lazy("Marked as a no-show: %(title)s"),
    "booking.time_proposed": gettext_lazy("Another time is proposed: %(title)s"),
    "booking.time_accepted": gettext_lazy("Moved to another time: %(title)s"),
    "booking.time_declined": gettext_lazy("The other time was declined: %(title)s"),
    "booking.time_withdrawn": gettext_lazy("The other time was withdrawn: %(title)s"),
}
# What even whoever did it wants in writing.
TO_BOTH = {"booking.confirmed", "booking.cancelled", "booking.time_accepted"}


def of_message(message: Message, side: str) -> EmailMessage:
    """To the reader on that side. Header injection is no matter: names lose their line breaks here, the rest is the
    body. Contact details stay out as on the page: a mail is no way around it.
    """
    inquiry = message.inquiry
    reader, writer = inquiry.person(side), inquiry.person(Side(side).other)
    body = render_to_string(
        "bookings/mail/message.txt",
        {
            "message": message,
            "words": shown.words(message, acquainted=_acquainted(inquiry)),
            "reader": reader,
            "writer": writer,
            "offer": message.offer and _offer_lines(message, reader.time_zone),
            "trip": inquiry.trip if _opens(message) else None,
            "opens": _opens(message),
            "url": settings.SITE_URL + inquiry.get_absolute_url(),
        },
    )
    subject = _subject(message) % {"name": " ".join(writer.name.split())}
    return EmailMessage(subject, body, to=[reader.email])


def _acquainted(inquiry: Inquiry) -> bool:
    return bool(Inquiry.objects.for_thread().get(pk=inquiry.pk).acquainted)  # type: ignore[attr-defined]  # annotated


def _opens(message: Message) -> bool:
    return not Message.objects.filter(inquiry=message.inquiry_id, pk__lt=message.pk).exists()


def _subject(message: Message) -> str:
    if message.kind == Kind.OFFER:
        return _("%(name)s has made you an offer")
    if message.kind == Kind.ACCEPTED:
        return _("%(name)s has accepted your offer")
    if message.kind == Kind.WITHDRAWN:
        return _("%(name)s has withdrawn an offer")
    if message.kind == Kind.EXPIRED:
        return _("An offer between you and %(name)s has expired")
    return _("%(name)s asks about a trip") if _opens(message) else _("%(name)s has written to you")


def _offer_lines(message: Message, zone: str) -> dict[str, Any]:
    """Times by the clock where it takes place, and by the reader's own where that is another."""
    offer = message.offer
    assert offer
    own = moments.period(offer.start, offer.end, zone)
    there = moments.period(offer.start, offer.end, offer.time_zone)
    return {
        "offer": offer,
        "when": f"{there} ({moments.zone_name(offer.time_zone, offer.start)})",
        "own_when": f"{own} ({moments.zone_name(zone, offer.start)})" if own != there else "",
        "until": f"{moments.moment(offer.expires_at, zone)} ({moments.zone_name(zone, offer.expires_at)})",
    }


def of_booking(booking: Booking, event: AuditEvent, reader: User) -> EmailMessage:
    """To one of its two people, in their own zone and the expert's; every sum and day is what the booking keeps."""
    title = " ".join(booking.title.split())
    context = {
        "booking": booking,
        "reader": reader,
        "other": booking.expert.name if reader.pk == booking.traveler_id else booking.traveler.name,
        "when": worded.when(booking.period, booking.time_zone),
        "when_for_reader": worded.when_elsewhere(booking.period, booking.time_zone, reader.time_zone),
        "reason": event.detail.get("reason", ""),
        "expires": worded.moment(booking.expires_at, reader.time_zone) if booking.expires_at else "",
        "terms": worded.terms(booking, reader.time_zone) if booking.is_occupying else [],
        "url": settings.SITE_URL + booking.get_absolute_url(),
    }
    body = render_to_string("bookings/mail/booking.txt", context)
    return EmailMessage(str(BOOKING_SUBJECTS[event.action]) % {"title": title}, body, to=[reader.email])


def of_waitlist(entry: WaitlistEntry) -> EmailMessage:
    subject = _("You are on the waitlist for %(city)s") % {"city": entry.market.name}
    return _to_waiting(entry, subject, "bookings/mail/waitlist.txt", reverse("home"))


def of_opening(entry: WaitlistEntry) -> EmailMessage:
    subject = _("Local experts in %(city)s are there") % {"city": entry.market.name}
    path = reverse("experts:city", args=[entry.market.slug])
    return _to_waiting(entry, subject, "bookings/mail/opening.txt", path)


def _to_waiting(entry: WaitlistEntry, subject: str, template: str, path: str) -> EmailMessage:
    """With the headers by which a mail program takes the address off the list (RFC 2369 and 8058)."""
    leave = absolute(reverse("bookings:leave_waitlist", args=[waitlist.token(entry)]))
    body = render_to_string(template, {"entry": entry, "url": absolute(path), "leave_url": leave})
    headers = {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(subject, body, to=[entry.email], headers=headers)

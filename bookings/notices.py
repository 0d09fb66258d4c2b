"""The mails about inquiries and waitlists."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.meta import absolute
from bookings import shown, waitlist
from bookings.models import Inquiry, Message, Side, WaitlistEntry
from markets import moments

Kind = Message.Kind


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

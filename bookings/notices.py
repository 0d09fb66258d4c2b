"""Who is told of inquiries and waitlists. What is said stands in bookings.notice_kinds."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.notices.telling import tell
from bookings.models import Inquiry, WaitlistEntry
from travelers.models import Trip


def of_inquiry(inquiry: Inquiry) -> None:
    """To the expert, in the transaction that stores it."""
    tell(
        user=inquiry.expert.user,
        kind="inquiry.message",
        key=f"inquiry-{inquiry.pk}",
        facts={
            "who": inquiry.traveler.name,
            "text": inquiry.message,
            "first": True,
            **_of_trip(inquiry.trip),
        },
    )


def _of_trip(trip: Trip | None) -> dict[str, Any]:
    if trip is None:
        return {}
    month = {"month": trip.flexible_month, "days": trip.days} if trip.flexible_month else {}
    return {"city": trip.destination.name, "start": trip.start, "end": trip.end, **month}


def of_waitlist(entry: WaitlistEntry) -> EmailMessage:
    url = settings.SITE_URL + reverse("home")
    body = render_to_string("bookings/mail/waitlist.txt", {"entry": entry, "url": url})
    subject = _("You are on the waitlist for %(city)s") % {"city": entry.market.name}
    return EmailMessage(subject, body, to=[entry.email])

"""The mails about inquiries, bookings and waitlists."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, User
from bookings import worded
from bookings.models import Booking, Inquiry, WaitlistEntry

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


def of_inquiry(inquiry: Inquiry) -> EmailMessage:
    """To the expert. Header injection is no matter: names lose their line breaks here, the rest is the body."""
    name = " ".join(inquiry.traveler.name.split())
    body = render_to_string("bookings/mail/inquiry.txt", {"inquiry": inquiry, "trip": inquiry.trip})
    subject = _("%(name)s asks about a trip") % {"name": name}
    return EmailMessage(subject, body, to=[inquiry.expert.user.email])


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
    url = settings.SITE_URL + reverse("home")
    body = render_to_string("bookings/mail/waitlist.txt", {"entry": entry, "url": url})
    subject = _("You are on the waitlist for %(city)s") % {"city": entry.market.name}
    return EmailMessage(subject, body, to=[entry.email])

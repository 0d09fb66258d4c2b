"""The mails about inquiries and waitlists."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.models import Inquiry, WaitlistEntry


def of_inquiry(inquiry: Inquiry) -> EmailMessage:
    """To the expert. Header injection is no matter: names lose their line breaks here, the rest is the body."""
    name = " ".join(inquiry.traveler.name.split())
    body = render_to_string("bookings/mail/inquiry.txt", {"inquiry": inquiry, "trip": inquiry.trip})
    subject = _("%(name)s asks about a trip") % {"name": name}
    return EmailMessage(subject, body, to=[inquiry.expert.user.email])


def of_waitlist(entry: WaitlistEntry) -> EmailMessage:
    url = settings.SITE_URL + reverse("home")
    body = render_to_string("bookings/mail/waitlist.txt", {"entry": entry, "url": url})
    subject = _("You are on the waitlist for %(city)s") % {"city": entry.market.name}
    return EmailMessage(subject, body, to=[entry.email])

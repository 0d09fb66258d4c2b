"""The mails to addresses that wait for experts: nobody needs an account for that."""

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.meta import absolute
from bookings import waitlist
from bookings.models import WaitlistEntry


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

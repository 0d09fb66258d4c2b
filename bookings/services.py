"""Inquiries and waitlists: what several rows or a mail must agree on."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from bookings import people, threads
from bookings.aggregates import refresh_experts as refresh_experts
from bookings.models import Inquiry, Side, WaitlistEntry
from bookings.tasks import mail_waitlist
from experts.models import Expert
from markets.models import Market
from travelers.models import Trip


@transaction.atomic
def send_inquiry(*, by: User, expert: Expert, trip: Trip | None, message: str) -> Inquiry:
    """Start a thread. A second click finds the first one, which stays as it was.

    DomainError: the two can't write to each other, or they are one.
    """
    if expert.user_id == by.pk:
        raise DomainError(_("This is your own profile: nobody but travelers can write to you."))
    people.check_unblocked(by, expert)
    inquiry, is_new = Inquiry.objects.get_or_create(
        traveler=by, expert=expert, trip=trip, general=trip is None
    )
    if is_new:
        audit.record(action="inquiry.sent", target=inquiry, by=by, expert=expert.pk)
        threads.post(inquiry, side=Side.TRAVELER, body=message)
    return inquiry


@transaction.atomic
def join_waitlist(*, market: Market, email: str, trip: Trip | None) -> WaitlistEntry:
    """Note an address once per market, whatever its case."""
    entry, is_new = WaitlistEntry.objects.get_or_create(
        market=market,
        email__iexact=email,
        defaults={"email": email.lower(), "trip": trip, "language": get_language() or settings.LANGUAGE_CODE},
    )
    if is_new:
        mail_waitlist.enqueue(entry_id=entry.pk, unique_key=str(entry.pk))
    elif entry.told_at:  # the mail of then never arrived: wait anew
        WaitlistEntry.objects.filter(pk=entry.pk).update(told_at=None, created_at=timezone.now())
    return entry

"""Inquiries, waitlists and reviews: what several rows, a mail or an index must agree on."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from bookings import aggregates, notices
from bookings.models import Booking, Inquiry, Review, WaitlistEntry
from bookings.tasks import mail_waitlist
from experts import search
from experts.models import Expert
from markets.models import Market
from travelers.models import Trip

_WITHDRAWN = """
    DELETE FROM experts_evidence e
    WHERE e.kind = 'review' AND e.expert_id = ANY(%s)
      AND NOT EXISTS (SELECT 1 FROM bookings_review r WHERE r.id = e.source_id AND r.expert_id = e.expert_id)
"""
_REVIEW_TEXTS = """
    INSERT INTO experts_evidence (expert_id, kind, source_id, text)
    SELECT expert_id, 'review', id, text FROM bookings_review WHERE expert_id = ANY(%s)
    ON CONFLICT (expert_id, kind, source_id) DO UPDATE SET text = excluded.text
"""


@transaction.atomic
def refresh_experts(expert_ids: Iterable[int]) -> None:
    """Make these experts' ratings, counts, evidence and search terms equal to their rows."""
    ids = sorted(set(expert_ids))
    aggregates.recount(ids)
    with connection.cursor() as cursor:
        for statement in (_WITHDRAWN, _REVIEW_TEXTS):
            cursor.execute(statement, [ids])
    search.reindex(ids)


@transaction.atomic
def publish_review(*, review: Review) -> Review:
    """Store a review of a completed booking and let it count for the expert who was booked."""
    if review.booking.state != Booking.State.COMPLETED:
        raise DomainError(_("Only a completed booking can be reviewed."))
    review.expert = review.booking.expert
    review.save()
    refresh_experts([review.expert_id])
    return review


@transaction.atomic
def send_inquiry(*, by: User, expert: Expert, trip: Trip | None, message: str) -> Inquiry:
    """Start a thread. A second click finds the first one, which stays as it was."""
    inquiry, is_new = Inquiry.objects.get_or_create(
        traveler=by, expert=expert, trip=trip, general=trip is None, defaults={"message": message}
    )
    if is_new:
        audit.record(action="inquiry.sent", target=inquiry, by=by, expert=expert.pk)
        notices.of_inquiry(inquiry)
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
    return entry

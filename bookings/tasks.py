from collections.abc import Iterable
from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from accounts.errors import DomainError
from bookings import aggregates, notices
from bookings.booking import move
from bookings.models import Booking, IdempotencyKey, Inquiry, Proposal, WaitlistEntry
from jobs import effects
from jobs.durable import DurableTask

log = structlog.get_logger(__name__)

AT_ONCE = 500
KEEP_KEYS = timedelta(days=30)


@shared_task(base=DurableTask, queue="mail", lease=60)
def mail_inquiry(inquiry_id: int) -> None:
    inquiry = Inquiry.objects.with_people().filter(pk=inquiry_id).first()
    if inquiry:  # an account deleted since then has nobody to tell
        with override(inquiry.expert.user.language):
            mail = notices.of_inquiry(inquiry)
        effects.send_mail(f"inquiry-{inquiry_id}", mail)


@shared_task(base=DurableTask, queue="mail", lease=60)
def mail_waitlist(entry_id: int) -> None:
    entry = WaitlistEntry.objects.select_related("market").filter(pk=entry_id).first()
    if entry:
        with override(entry.language):
            mail = notices.of_waitlist(entry)
        effects.send_mail(f"waitlist-{entry_id}", mail)


@shared_task(base=DurableTask, bind=True, lease=300)
def recount_aged_reviews(self: DurableTask) -> None:
    """A rating counts as recent for a year: recount those whose year has moved on."""
    with self.finishing():
        aggregates.recount(aggregates.with_aged_reviews())


@shared_task
def ask_for_recount() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next night asks again."""
    recount_aged_reviews.enqueue(unique_key="nightly")


# The following are sent by beat and asked again soon: what one round leaves, the next one finds.


@shared_task
def expire_bookings() -> None:
    """Requests and holds end at the time they name."""
    now = timezone.now()
    _move_all(Booking.objects.overdue(now).order_by("expires_at")[:AT_ONCE], Booking.State.EXPIRED)
    overdue = Proposal.objects.filter(state=Proposal.State.OPEN, expires_at__lte=now)
    overdue.update(state=Proposal.State.EXPIRED, decided_at=now)


@shared_task
def complete_bookings() -> None:
    """What was confirmed and is over, and nobody has said otherwise for a day."""
    before = timezone.now() - timedelta(hours=settings.BOOKING_COMPLETED_AFTER_HOURS)
    over = Booking.objects.filter(state=Booking.State.CONFIRMED, period__endswith__lte=before)
    _move_all(over.order_by("pk")[:AT_ONCE], Booking.State.COMPLETED)


@shared_task
def forget_idempotency_keys() -> None:
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEEP_KEYS).delete()


def _move_all(bookings: Iterable[Booking], to: str) -> None:
    """Each in a transaction of its own: one that somebody moved meanwhile keeps no other from its turn."""
    for booking in bookings:
        try:
            move(booking, to)
        except DomainError as error:
            log.info("booking_not_moved", booking=booking.pk, to=to, error=str(error))

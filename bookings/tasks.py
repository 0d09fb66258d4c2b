from collections.abc import Iterable
from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.errors import DomainError
from accounts.models import User
from accounts.notices.telling import tell
from bookings import aggregates, answering, attachments, rescheduling, reviewing, waitlist, waitlist_mails
from bookings.booking import move
from bookings.models import Booking, IdempotencyKey, WaitlistEntry
from experts.models import Listing
from jobs import effects
from jobs.durable import DurableTask

log = structlog.get_logger(__name__)

AT_ONCE = 500
KEEP_KEYS = timedelta(days=30)


@shared_task(base=DurableTask, queue="mail", lease=60)
def mail_waitlist(entry_id: int) -> None:
    entry = WaitlistEntry.objects.select_related("market").filter(pk=entry_id).first()
    if entry:
        with override(entry.language):
            mail = waitlist_mails.of_waitlist(entry)
        effects.send_mail(f"waitlist-{entry_id}", mail)


@shared_task(base=DurableTask, bind=True, queue="mail", lease=60)
def mail_opening(self: DurableTask, entry_id: int) -> None:
    """What the entry waited for, by whatever way its account chose if it has one. After it nobody needs the address."""
    entry = WaitlistEntry.objects.select_related("market").filter(pk=entry_id).first()
    if entry is None:  # gone by its own wish
        return
    if not Listing.objects.filter(
        market=entry.market_id
    ).exists():  # closed again meanwhile: the wait goes on
        with self.finishing():
            WaitlistEntry.objects.filter(pk=entry_id).update(told_at=None)
        return
    user = User.objects.filter(email__iexact=entry.email, is_active=True).first()
    if user is None:
        with override(entry.language):
            mail = waitlist_mails.of_opening(entry)
        effects.send_mail(f"waitlist-open-{entry_id}", mail)
    with self.finishing():
        if user:
            url = reverse("experts:city", args=[entry.market.slug])
            facts = {"city": entry.market.name}
            tell(user=user, kind="waitlist.opened", key=f"waitlist-{entry_id}", facts=facts, url=url)
        WaitlistEntry.objects.filter(pk=entry_id).delete()


@shared_task
def ask_to_tell_waiting() -> None:
    """What beat sends each minute, whoever or whatever opened an expert. The jobs it asks for are durable."""
    with transaction.atomic():
        for entry in waitlist.claim_due():
            mail_opening.enqueue(entry_id=entry, unique_key=str(entry))


@shared_task
def forget_waiting() -> None:
    waitlist.forget_old()


@shared_task(base=DurableTask, bind=True, lease=300)
def recount_aged_reviews(self: DurableTask) -> None:
    """A rating counts as recent for a year: recount those whose year has moved on."""
    with self.finishing():
        aggregates.recount(aggregates.with_aged_reviews())


@shared_task
def ask_for_recount() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next night asks again."""
    recount_aged_reviews.enqueue(unique_key="nightly")


@shared_task(base=DurableTask, bind=True, lease=300)
def measure_answers(self: DurableTask) -> None:
    """How long experts let travelers wait, for matching and profiles to read."""
    measured = answering.hours()
    with self.finishing():
        answering.keep(measured.items())


@shared_task
def ask_to_measure_answers() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next night asks again."""
    measure_answers.enqueue(unique_key="nightly")


@shared_task(base=DurableTask, lease=600)
def remove_leftover_attachments() -> None:
    attachments.remove_leftovers()


@shared_task
def ask_to_remove_leftover_attachments() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next night asks again."""
    remove_leftover_attachments.enqueue(unique_key="nightly")


@shared_task
def expire_offers() -> None:
    """What beat sends each minute. Lost messages cost a minute; pages and moves look at the time themselves."""
    from bookings import offers  # noqa: PLC0415  # it asks for mails, which are tasks

    offers.expire_due()


# Reviews that fall due in one sweep, and the next ones in the next: messages never flood the queue.
DUE_AT_ONCE = 200


@shared_task(base=DurableTask, bind=True, lease=60)
def publish_review(self: DurableTask, booking_id: int) -> None:
    with self.finishing():
        reviewing.publish(booking_id)


@shared_task
def publish_due_reviews() -> None:
    """What beat sends."""
    for booking_id in reviewing.due(at_most=DUE_AT_ONCE):
        publish_review.enqueue(booking_id=booking_id, unique_key=str(booking_id))


# The following are sent by beat and asked again soon: what one round leaves, the next one finds.


@shared_task
def expire_bookings() -> None:
    """Requests and holds end at the time they name."""
    now = timezone.now()
    _move_all(Booking.objects.overdue(now).order_by("expires_at")[:AT_ONCE], Booking.State.EXPIRED)
    rescheduling.expire_due(AT_ONCE)


@shared_task
def complete_bookings() -> None:
    """What was confirmed and is over, and nobody has said otherwise for a day, nor disputes it."""
    before = timezone.now() - timedelta(hours=settings.BOOKING_COMPLETED_AFTER_HOURS)
    over = Booking.objects.filter(state=Booking.State.CONFIRMED, period__endswith__lte=before)
    _move_all(over.undisputed().order_by("pk")[:AT_ONCE], Booking.State.COMPLETED)


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

from celery import shared_task
from django.utils.translation import override

from bookings import aggregates, notices, reviewing
from bookings.models import Inquiry, WaitlistEntry
from jobs import effects
from jobs.durable import DurableTask


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

from celery import shared_task
from django.utils.translation import override

from bookings import aggregates, notices
from bookings.models import WaitlistEntry
from jobs import effects
from jobs.durable import DurableTask


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

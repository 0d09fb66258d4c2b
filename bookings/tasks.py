from celery import shared_task
from django.db import transaction
from django.utils.translation import override

from bookings import aggregates, notices, waitlist
from bookings.models import Inquiry, WaitlistEntry
from experts.models import Listing
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


@shared_task(base=DurableTask, bind=True, queue="mail", lease=60)
def mail_opening(self: DurableTask, entry_id: int) -> None:
    """What the entry waited for. After it nobody needs the address any more."""
    entry = WaitlistEntry.objects.select_related("market").filter(pk=entry_id).first()
    if entry is None:  # gone by its own wish
        return
    if not Listing.objects.filter(
        market=entry.market_id
    ).exists():  # closed again meanwhile: the wait goes on
        with self.finishing():
            WaitlistEntry.objects.filter(pk=entry_id).update(told_at=None)
        return
    with override(entry.language):
        mail = notices.of_opening(entry)
    effects.send_mail(f"waitlist-open-{entry_id}", mail)
    with self.finishing():
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

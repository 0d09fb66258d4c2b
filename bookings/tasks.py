from celery import shared_task
from django.utils.translation import override

from bookings import notices
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

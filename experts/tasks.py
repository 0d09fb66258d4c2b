from celery import shared_task
from django.utils.translation import override

from accounts.models import AuditEvent
from experts import notices, search
from experts.models import Expert
from jobs import effects
from jobs.durable import DurableTask


@shared_task(base=DurableTask, queue="mail", lease=60)
def mail_move(event_id: int) -> None:
    """Tell an expert what somebody else decided about them."""
    event = AuditEvent.objects.get(pk=event_id)
    expert = Expert.objects.select_related("user").filter(pk=event.target_id).first()
    if expert:  # an account deleted since then has nobody to tell
        with override(expert.user.language):
            mail = notices.of_move(expert, event)
        effects.send_mail(f"expert-move-{event_id}", mail)


@shared_task(base=DurableTask, bind=True, lease=300)
def reprice(self: DurableTask) -> None:
    """Prices are listed in one currency; a rate that staff corrected reaches them here."""
    with self.finishing():
        search.reprice()


@shared_task
def ask_to_reprice() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next hour asks again."""
    reprice.enqueue(unique_key="hourly")

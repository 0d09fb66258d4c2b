from celery import shared_task
from django.utils.translation import override

from accounts.models import AuditEvent
from experts import notices
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


@shared_task(base=DurableTask, lease=300)
def reopen_paused() -> None:
    """Each reopens in a transaction of its own: one that cannot holds up no other."""
    from experts import services  # noqa: PLC0415  # it sends tasks of this module

    services.reopen_due()


@shared_task
def ask_to_reopen() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next one asks again."""
    reopen_paused.enqueue(unique_key="due")

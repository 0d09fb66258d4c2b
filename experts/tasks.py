from celery import shared_task
from django.utils import timezone
from django.utils.translation import override

from accounts.models import AuditEvent
from experts import notices, search
from experts.calendar import sources
from experts.calendar.models import CalendarSource
from experts.calendar.troubles import Trouble, Unreadable
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


def give_up_calendar(source_id: int) -> None:
    sources.store_trouble(source_id, Trouble.NO_CALENDAR, now=timezone.now())


@shared_task(base=DurableTask, bind=True, lease=120, max_attempts=3, on_dead=give_up_calendar)
def read_calendar(self: DurableTask, source_id: int) -> None:
    """An imported calendar: its busy times, or why there are none."""
    source = CalendarSource.objects.select_related("expert__market").filter(pk=source_id).first()
    if source is None:
        return
    now = timezone.now()
    try:
        found = sources.read(source, now=now)
    except Unreadable as error:  # beat comes back to it
        with self.finishing():
            sources.store_trouble(source_id, error.trouble, now=now)
        return
    with self.finishing():
        sources.store(source_id, found, now=now)


@shared_task
def ask_for_calendars() -> None:
    """What beat sends. A message that is lost is no matter: the next one asks for the same calendars."""
    sources.ask_for_due()


@shared_task(base=DurableTask, bind=True, lease=300)
def reprice(self: DurableTask) -> None:
    """Prices are listed in one currency; a rate that staff corrected reaches them here."""
    with self.finishing():
        search.reprice()


@shared_task
def ask_to_reprice() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next hour asks again."""
    reprice.enqueue(unique_key="hourly")


@shared_task(base=DurableTask, lease=300)
def reopen_paused() -> None:
    """Each reopens in a transaction of its own: one that cannot holds up no other."""
    from experts import services  # noqa: PLC0415  # it sends tasks of this module

    services.reopen_due()


@shared_task
def ask_to_reopen() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next one asks again."""
    reopen_paused.enqueue(unique_key="due")

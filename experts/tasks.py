from celery import shared_task
from django.utils import timezone

from experts import photos, search, services
from experts.calendar import sources
from experts.calendar.models import CalendarSource
from experts.calendar.troubles import Trouble, Unreadable
from jobs.durable import DurableTask


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
    services.reopen_due()


@shared_task
def ask_to_reopen() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next one asks again."""
    reopen_paused.enqueue(unique_key="due")


@shared_task(base=DurableTask, lease=600)
def remove_leftover_photos() -> None:
    photos.remove_leftovers()


@shared_task
def ask_to_remove_leftover_photos() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next night asks again."""
    remove_leftover_photos.enqueue(unique_key="nightly")

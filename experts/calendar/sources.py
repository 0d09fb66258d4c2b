"""Calendars that experts bring from elsewhere: added, read again and again, removed."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from experts.calendar import fetching, reading
from experts.calendar.clock import zone_of
from experts.calendar.feed import uid_ending
from experts.calendar.models import CalendarSource, ImportedEvent
from experts.calendar.troubles import WORDS, Trouble, Unreadable
from experts.models import Expert

MOST_SOURCES = 8
State = CalendarSource.State
PAST = timedelta(days=7)
AHEAD = timedelta(days=430)
FEED_AGAIN = timedelta(hours=3)
FILE_AGAIN = timedelta(days=1)
AFTER_TROUBLE = timedelta(hours=1)
ASKED_AT_ONCE = 500


@transaction.atomic
def add(*, expert: Expert, by: User, name: str, url: str = "", content: str = "") -> CalendarSource:
    """Added already: that one. DomainError for an address that nobody could read."""
    if url:
        _check_address(url)
    Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    fingerprint = sha256((url or content).encode()).hexdigest()
    if found := expert.calendar_sources.filter(fingerprint=fingerprint).first():
        return found
    if expert.calendar_sources.count() >= MOST_SOURCES:
        raise DomainError(
            _("You have imported %(count)s calendars. Remove one first.") % {"count": MOST_SOURCES}
        )
    source = expert.calendar_sources.create(name=name, url=url, content=content, fingerprint=fingerprint)
    audit.record(action="calendar.import", target=expert, by=by, source=source.pk, name=name)
    _enqueue(source)
    return source


def _check_address(url: str) -> None:
    try:
        fetching.check_host(fetching.place_of(url))
    except Unreadable as error:
        raise DomainError(str(WORDS[error.trouble])) from error


@transaction.atomic
def remove(*, expert: Expert, by: User, source: CalendarSource) -> None:
    """With all busy times that came from it."""
    if CalendarSource.objects.filter(pk=source.pk, expert=expert).delete()[0]:
        audit.record(action="calendar.import_end", target=expert, by=by, source=source.pk, name=source.name)


@transaction.atomic
def read_now(*, source: CalendarSource) -> None:
    CalendarSource.objects.filter(pk=source.pk).update(state=State.WAITING, trouble="")
    _enqueue(source)


@transaction.atomic
def ask_for_due() -> int:
    """What beat does: the calendars whose time has come, the longest due first."""
    due = CalendarSource.objects.filter(read_next_at__lte=timezone.now()).order_by("read_next_at")
    sources = list(due.only("pk", "read_next_at")[:ASKED_AT_ONCE])
    for source in sources:
        _enqueue(source)
    return len(sources)


def _enqueue(source: CalendarSource) -> None:
    from experts.tasks import read_calendar  # noqa: PLC0415  # the task calls this module

    read_calendar.enqueue(source_id=source.pk, unique_key=str(source.pk))


def read(source: CalendarSource, *, now: datetime) -> reading.Found:
    """Slow: asks the network. Raises Unreadable."""
    text = source.content or fetching.fetch(source.url).decode("utf-8-sig", errors="replace")
    return reading.read(
        text,
        zone=zone_of(source.expert.time_zone),
        start=now - PAST,
        end=now + AHEAD,
        skip=uid_ending(source.expert_id),
    )


def store(source_id: int, found: reading.Found, *, now: datetime) -> None:
    """Replaces all that was read of it before, so that a removed event takes its effects along. In a transaction."""
    source = CalendarSource.objects.select_for_update().filter(pk=source_id).first()
    if source is None:  # removed meanwhile
        return
    source.events.all().delete()
    ImportedEvent.objects.bulk_create(
        [ImportedEvent(source=source, start=one.start, end=one.end, title=one.title) for one in found.busy],
        batch_size=1000,
    )
    again = FEED_AGAIN if source.url else FILE_AGAIN
    CalendarSource.objects.filter(pk=source_id).update(
        state=State.READ, trouble="", left_out=found.left_out, read_at=now, read_next_at=now + again
    )


def store_trouble(source_id: int, trouble: Trouble, *, now: datetime) -> None:
    """What was read before still counts: a server that is away for an hour frees nobody's time."""
    CalendarSource.objects.filter(pk=source_id).update(
        state=State.FAILED, trouble=trouble, read_next_at=now + AFTER_TROUBLE
    )

"""The calendar that other programs read: when an expert is busy, never with whom or what for."""

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b, sha256
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts import audit
from accounts.models import User
from experts.calendar import availability
from experts.calendar.clock import day_of, instant, zone_of
from experts.calendar.models import CalendarFeed
from experts.models import Expert

PAST = timedelta(days=31)
AHEAD = timedelta(days=400)
DOMAIN = "traveloure"


@transaction.atomic
def open_feed(*, expert: Expert, by: User) -> CalendarFeed:
    """The expert's address; the one there is, if there is one."""
    feed, created = CalendarFeed.objects.get_or_create(expert=expert, defaults={"address": _new_address()})
    if created:
        audit.record(action="calendar.feed_open", target=expert, by=by)
    return feed


@transaction.atomic
def renew_feed(*, expert: Expert, by: User, address: str) -> None:
    """Another secret address in place of `address`, which answers nobody any more. Renewed already: nothing happens."""
    feeds = CalendarFeed.objects.filter(expert=expert, address=address)
    if feeds.update(address=_new_address(), created_at=timezone.now()):
        audit.record(action="calendar.feed_renew", target=expert, by=by)


@transaction.atomic
def close_feed(*, expert: Expert, by: User) -> None:
    if CalendarFeed.objects.filter(expert=expert).delete()[0]:
        audit.record(action="calendar.feed_close", target=expert, by=by)


def _new_address() -> str:
    return secrets.token_urlsafe(32)


def write(feed: CalendarFeed, *, now: datetime | None = None) -> bytes:
    """An iCalendar file. What was imported stays out: it would come back from where it came as something new."""
    expert = feed.expert
    today = day_of(now or timezone.now(), zone_of(expert.time_zone))
    calendar = availability.read(expert, today - PAST, today + AHEAD)
    written = Calendar()
    written.add("prodid", "-//Traveloure//Busy times//EN")
    written.add("version", "2.0")
    written.add("calscale", "GREGORIAN")
    written.add("method", "PUBLISH")
    written.add("x-wr-calname", "Traveloure")
    for start, end in _busy(calendar):
        written.add_component(_event(feed, start, end))
    return written.to_ical()


def _busy(calendar: availability.Calendar) -> Iterator[tuple[date, date]]:
    """Days as days, which stay days in every zone; everything else in UTC."""
    yield from ((one.first, one.end) for one in calendar.plan.away)
    yield from calendar.plan.blocked_hours
    for one in calendar.booked:
        yield from _booked(one, calendar.zone)


def _booked(one: availability.Taken, zone: ZoneInfo) -> Iterator[tuple[date, date]]:
    """A booking of whole days is days, and the buffers around it are times."""
    begins = one.begins or one.start
    ends = one.end - (begins - one.start)
    first, last = day_of(begins, zone), day_of(ends, zone)
    if not (first < last and instant(first, 0, zone) == begins and instant(last, 0, zone) == ends):
        yield one.start, one.end
        return
    yield first, last
    if begins > one.start:
        yield one.start, begins
        yield ends, one.end


def _event(feed: CalendarFeed, start: date, end: date) -> Event:
    event = Event()
    # Made of what it says, so that it stays the same as long as that does.
    name = blake2b(f"{start.isoformat()} {end.isoformat()}".encode(), digest_size=12).hexdigest()
    event.add("uid", f"{name}{uid_ending(feed.expert_id)}")
    event.add("dtstamp", feed.created_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", _("Busy"))
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def uid_ending(expert_id: int) -> str:
    """By which the import knows the expert's own feed when another program hands it back."""
    mark = blake2b(str(expert_id).encode(), digest_size=8, person=b"calendar-feed").hexdigest()
    return f"-{mark}@{DOMAIN}"


def etag(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:32]}"'

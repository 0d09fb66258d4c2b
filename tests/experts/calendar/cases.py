"""Plans and times that the tests of the calendar share."""

from datetime import UTC, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

HOUR = timedelta(hours=1)


def utc(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def plan(expert, *hours):
    """(weekday, opens, closes) in hours."""
    for weekday, opens, closes in hours:
        expert.weekly_hours.create(weekday=weekday, opens=round(opens * 60), closes=round(closes * 60))


def office_hours(expert):
    plan(expert, *((weekday, 9, 17) for weekday in range(5)))


def except_(expert, kind, first, end=None, opens=None, closes=None, note=""):
    days = DateRange(first, end or first + timedelta(days=1))
    hours = {
        "opens": None if opens is None else opens * 60,
        "closes": None if closes is None else closes * 60,
    }
    return expert.calendar_exceptions.create(kind=kind, days=days, note=note, **hours)


def away(expert, first, end, reason=""):
    return expert.unavailable.create(days=DateRange(first, end), reason=reason)

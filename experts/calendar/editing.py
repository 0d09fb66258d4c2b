"""What an expert changes in the calendar. Each act stores once, however often it is asked for, and is audited."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from experts.calendar.models import CalendarException, WeeklyHours
from experts.models import Expert, UnavailablePeriod
from markets.formats import day_range

MOST_EXCEPTIONS = 300
DayHours = tuple[int, int, int]  # weekday, opens, closes


@transaction.atomic
def set_weekly_hours(*, expert: Expert, by: User, hours: Sequence[DayHours]) -> None:
    """Replace the plan. No hours at all: no plan, which is free at all hours."""
    _lock(expert)
    before = list(expert.weekly_hours.values_list("weekday", "opens", "closes"))
    after = sorted(hours)
    if before == after:
        return
    expert.weekly_hours.all().delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(expert=expert, weekday=weekday, opens=opens, closes=closes)
        for weekday, opens, closes in after
    )
    audit.record(action="calendar.hours", target=expert, by=by, before=before, after=after)


@transaction.atomic
def add_exception(
    *, expert: Expert, by: User, kind: str, first: date, last: date, hours: tuple[int, int] | None, note: str
) -> None:
    """Hours more or less on each of the days. Whole days that are blocked go where matching looks for them."""
    _lock(expert)
    days = DateRange(first, date.fromordinal(last.toordinal() + 1))
    if kind == CalendarException.Kind.BLOCKED and hours is None:
        _block(expert, by, days, note)
        return
    if expert.calendar_exceptions.count() >= MOST_EXCEPTIONS:
        raise DomainError(
            _("That is a lot of exceptions. Remove some that are over, or change the weekly plan.")
        )
    opens, closes = hours or (None, None)
    row, created = expert.calendar_exceptions.get_or_create(
        kind=kind, days=days, opens=opens, closes=closes, defaults={"note": note}
    )
    if created:
        audit.record(
            action="calendar.exception", target=expert, by=by, row=row.pk, said=str(row), hours=hours
        )


def _block(expert: Expert, by: User, days: DateRange, reason: str) -> None:
    there = list(expert.unavailable.filter(days__overlap=days))
    if [row for row in there if row.days == days]:
        return
    if there:
        period = there[0].days
        last = date.fromordinal(period.upper.toordinal() - 1)
        raise DomainError(
            _("Some of these days are blocked already: %(days)s. Remove that entry first.")
            % {"days": day_range(period.lower, last)}
        )
    row = expert.unavailable.create(days=days, reason=reason)
    audit.record(action="calendar.block", target=expert, by=by, row=row.pk, said=str(row))


@transaction.atomic
def remove(*, expert: Expert, by: User, row: CalendarException | UnavailablePeriod) -> None:
    """Gone already: nothing happens."""
    removed = type(row).objects.filter(pk=row.pk, expert=expert).delete()[0]
    if removed:
        audit.record(action="calendar.remove", target=expert, by=by, row=row.pk, said=str(row))


def _lock(expert: Expert) -> None:
    """Two changes of one calendar come one after the other."""
    Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)

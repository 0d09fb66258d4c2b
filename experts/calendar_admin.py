"""An expert's calendar on their page in the admin: when they work and what they let in. Their notes, what other
calendars say, and every address that opens one are theirs alone.
"""

from datetime import timedelta

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.staff import Listed
from experts.calendar import hours
from experts.calendar.forms import weekday_name
from experts.calendar.models import CalendarException, CalendarFeed, CalendarSource, WeeklyHours
from experts.calendar.troubles import WORDS
from markets.formats import day_range


class WeeklyHoursInline(Listed):
    model = WeeklyHours
    hide_title = True
    fields = readonly_fields = ("on", "open")
    ordering = ("weekday", "opens")

    @display(description=gettext_lazy("weekday"))
    def on(self, row: WeeklyHours) -> str:
        return str(weekday_name(row.weekday))

    @display(description=gettext_lazy("open"))
    def open(self, row: WeeklyHours) -> str:
        return hours.write([(row.opens, row.closes)])


class ExceptionInline(Listed):
    model = CalendarException
    hide_title = True
    fields = readonly_fields = ("kind", "on", "open")
    ordering = ("days", "opens", "pk")

    @display(description=gettext_lazy("days"))
    def on(self, row: CalendarException) -> str:
        return day_range(row.days.lower, row.days.upper - timedelta(days=1))

    @display(description=gettext_lazy("hours"))
    def open(self, row: CalendarException) -> str:
        if row.opens is None or row.closes is None:
            return _("all day")
        return hours.write([(row.opens, row.closes)])


class SourceInline(Listed):
    model = CalendarSource
    hide_title = True
    fields = readonly_fields = (
        "name",
        "comes_from",
        "state",
        "what_is_wrong",
        "events",
        "left_out",
        "read_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarSource]:
        rows = CalendarSource.objects.defer("content").annotate(event_count=Count("events"))
        return rows.order_by("pk")

    @display(description=gettext_lazy("from"))
    def comes_from(self, row: CalendarSource) -> str:
        return _("an address") if row.url else _("a file")

    @display(description=gettext_lazy("trouble"))
    def what_is_wrong(self, row: CalendarSource) -> str:
        return str(WORDS.get(row.trouble, "–"))  # type: ignore[call-overload]  # by value

    @display(description=gettext_lazy("busy times"))
    def events(self, row: CalendarSource) -> int:
        return int(row.event_count)  # type: ignore[attr-defined]  # annotated


class FeedInline(Listed):
    model = CalendarFeed
    hide_title = True
    fields = readonly_fields = ("created_at",)


CALENDAR_INLINES = (WeeklyHoursInline, ExceptionInline, SourceInline, FeedInline)

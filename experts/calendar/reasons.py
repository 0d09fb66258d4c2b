"""Why a period is closed: one typed reason, with words for the traveler and words for the expert."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from markets import moments

Words = str | Promise


class Kind(StrEnum):
    PAUSED = "paused"
    PAST = "past"
    NOTICE = "notice"
    CUTOFF = "cutoff"
    AWAY = "away"
    DAY_OFF = "day_off"
    HOURS = "hours"
    BLOCKED = "blocked"
    BUSY = "busy"
    BOOKED = "booked"
    DEPARTURE = "departure"
    FULL = "full"
    BUFFER = "buffer"
    CAPPED = "capped"


# Of what the expert has entered nobody else learns more than that the time is taken.
TRAVELER: dict[Kind, Words] = {
    Kind.PAUSED: gettext_lazy("%(name)s takes no new clients at present."),
    Kind.PAST: gettext_lazy("This time has begun already or is over."),
    Kind.NOTICE: gettext_lazy("Too soon: the first start that leaves enough notice is %(start)s."),
    Kind.CUTOFF: gettext_lazy(
        "Too late to book for this day. The first start that is still possible is %(start)s."
    ),
    Kind.AWAY: gettext_lazy("%(name)s is away: %(period)s."),
    Kind.DAY_OFF: gettext_lazy("%(name)s doesn’t work on this day: %(period)s."),
    Kind.HOURS: gettext_lazy("Outside the hours of %(name)s: %(period)s."),
    Kind.BLOCKED: gettext_lazy("%(name)s has other plans: %(period)s."),
    Kind.BUSY: gettext_lazy("%(name)s has other plans: %(period)s."),
    Kind.BOOKED: gettext_lazy("Already taken: %(period)s."),
    Kind.DEPARTURE: gettext_lazy("A group goes then: %(period)s. %(seats)s."),
    Kind.FULL: gettext_lazy("This departure is full: %(period)s."),
    Kind.BUFFER: gettext_lazy(
        "Too close to something else: %(name)s needs %(minutes)s minutes before and after."
    ),
    Kind.CAPPED: gettext_lazy("No more of these are given on that day."),
}
EXPERT: dict[Kind, Words] = {
    Kind.PAUSED: gettext_lazy("You take no new clients at present."),
    Kind.PAST: gettext_lazy("This time has begun already or is over."),
    Kind.NOTICE: gettext_lazy(
        "Your minimum notice of %(hours)s hours: the first possible start is %(start)s."
    ),
    Kind.CUTOFF: gettext_lazy(
        "Your cut-off has passed. The first start that is still possible is %(start)s."
    ),
    Kind.AWAY: gettext_lazy("You blocked these days: %(period)s. %(detail)s"),
    Kind.DAY_OFF: gettext_lazy(
        "No hours of your weekly plan fall on this day, and no exception adds any: %(period)s."
    ),
    Kind.HOURS: gettext_lazy("Outside your weekly plan and without an exception: %(period)s."),
    Kind.BLOCKED: gettext_lazy("You blocked these hours: %(period)s. %(detail)s"),
    Kind.BUSY: gettext_lazy("Busy in your calendar %(source)s: %(period)s. %(detail)s"),
    Kind.BOOKED: gettext_lazy("Booked: %(period)s. %(detail)s"),
    Kind.DEPARTURE: gettext_lazy("A group goes with you then: %(period)s. %(seats)s. %(detail)s"),
    Kind.FULL: gettext_lazy("This departure is full: %(period)s. %(detail)s"),
    Kind.BUFFER: gettext_lazy(
        "Your buffer of %(minutes)s minutes reaches into something else: %(period)s. %(detail)s"
    ),
    Kind.CAPPED: gettext_lazy("As many of these are booked as you give a day: %(period)s."),
}


def seats_left(count: int) -> str:
    return ngettext("%(count)s seat left", "%(count)s seats left", count) % {"count": count}


@dataclass(frozen=True)
class Reason:
    """`start` and `end` say what closes the period. For NOTICE and CUTOFF `start` is the first possible one.

    `detail` and `source` are the expert's own words, and for the expert alone.
    """

    kind: Kind
    start: datetime
    end: datetime
    detail: str = ""
    source: str = ""
    minutes: int = 0
    seats: int = 0  # left

    def for_traveler(self, name: str, zone: ZoneInfo, *, name_zone: bool = False) -> str:
        """`name_zone`: nothing else on the page says whose clock it is."""
        return self._say(TRAVELER, zone, name_zone=name_zone, name=name, detail="", source="")

    def for_expert(self, zone: ZoneInfo) -> str:
        source = _("“%(name)s”") % {"name": self.source}
        return self._say(EXPERT, zone, name="", detail=self.detail, source=source).strip()

    def _say(self, words: dict[Kind, Words], zone: ZoneInfo, *, name_zone: bool = False, **given: str) -> str:
        clock = f" ({moments.zone_name(zone)})" if name_zone else ""
        return str(words[self.kind]) % {
            "start": moments.moment(self.start, zone) + clock,
            "period": moments.period(self.start, self.end, zone) + clock,
            "minutes": self.minutes,
            "hours": self.minutes // 60,
            "seats": seats_left(self.seats),
            **given,
        }

"""An itinerary as it leaves the site: a page to read or print, Markdown, a calendar file.

One export is for one client: the fields come with the request and are stored nowhere, so that the itinerary can be
used again and no client's name stays in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from icalendar import Calendar, Event

from content_assistant import itineraries
from content_assistant.itineraries import BLOCKS, Itinerary, Option
from content_assistant.models import Draft, Version
from experts.calendar.clock import instant, zone_of
from experts.calendar.feed import DOMAIN

# From when to when, in minutes of the day, by the clock of the place.
HOURS = {
    "morning": (9 * 60, 12 * 60),
    "afternoon": (13 * 60 + 30, 17 * 60),
    "evening": (18 * 60 + 30, 21 * 60 + 30),
}
KINDS = ("page", "print", "markdown", "calendar")


def itinerary_of(version: Version) -> Itinerary:
    return itineraries.of(version.text, version.data, version.draft.language)


class FieldsForm(forms.Form):
    """One field for each placeholder of the itinerary, and the first day."""

    start = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The calendar file needs it."),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, itinerary: Itinerary, kind: str = "page"
    ) -> None:
        super().__init__(data)
        self.kind = kind
        self.names: dict[str, str] = {}
        for name in itineraries.placeholders(itineraries.texts(itinerary)):
            field = f"fill-{slugify(name, allow_unicode=True)}"
            self.names[name] = field
            self.fields[field] = forms.CharField(label=name.capitalize(), required=False, max_length=120)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.kind == "calendar" and not cleaned.get("start") and "start" not in self.errors:
            self.add_error("start", _("Name the first day: a calendar needs dates."))
        return cleaned

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(field, "") for name, field in self.names.items()}


@dataclass(frozen=True)
class Shown:
    """An option with its mark in words."""

    option: Option
    check: str
    link: str
    host: str


@dataclass(frozen=True)
class Part:
    name: str
    heading: str
    options: Sequence[Shown]


@dataclass(frozen=True)
class ShownDay:
    heading: str
    title: str
    on: date | None
    parts: Sequence[Part]


def days(itinerary: Itinerary, start: date | None = None) -> list[ShownDay]:
    """For content_assistant/_itinerary.html."""
    said = itineraries.labels(itinerary.language)
    return [
        ShownDay(
            heading=f"{said['day']} {number + 1}",
            title=day.title,
            on=start + timedelta(days=number) if start else None,
            parts=[
                Part(name, said[name], [_shown(option, said) for option in options])
                for name, options in day.parts()
                if options
            ],
        )
        for number, day in enumerate(itinerary.days)
    ]


def _shown(option: Option, said: Mapping[str, str]) -> Shown:
    """Only what is surely the address of a page becomes a link."""
    address = urlsplit(option.source)
    host = address.hostname or "" if address.scheme in ("https", "http") else ""
    return Shown(option, itineraries.checks(option, said), option.source if host else "", host)


def context(draft: Draft, itinerary: Itinerary, start: date | None = None) -> dict[str, Any]:
    return {"draft": draft, "itinerary": itinerary, "days": days(itinerary, start)}


def markdown(itinerary: Itinerary) -> HttpResponse:
    text = itineraries.markdown(itinerary)
    return _file(text.encode(), "text/markdown; charset=utf-8", _name(itinerary, "md"))


def calendar(version: Version, itinerary: Itinerary, start: date) -> HttpResponse:
    content = ical(
        itinerary,
        start,
        zone=version.draft.expert.time_zone,
        seed=f"{version.draft_id} {version.number}",
        stamp=version.finished_at or version.created_at,
    )
    return _file(content, "text/calendar; charset=utf-8", _name(itinerary, "ics"))


def _name(itinerary: Itinerary, ending: str) -> str:
    return f"{slugify(itinerary.title)[:60] or 'itinerary'}.{ending}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)


def ical(itinerary: Itinerary, start: date, *, zone: str, seed: str, stamp: datetime) -> bytes:
    """An event for each part of a day, at the usual hours of the place. They keep nobody's time busy."""
    said = itineraries.labels(itinerary.language)
    written = Calendar()
    written.add("prodid", "-//Traveloure//Itinerary//EN")
    written.add("version", "2.0")
    written.add("calscale", "GREGORIAN")
    written.add("method", "PUBLISH")
    written.add("x-wr-calname", itinerary.title)
    for number, day in enumerate(itinerary.days):
        on = start + timedelta(days=number)
        for name, options in day.parts():
            if name in BLOCKS and options:
                event = _event(on, name, zone)
                mark = blake2b(f"{seed} {on} {name}".encode(), digest_size=12).hexdigest()
                event.add("uid", f"{mark}@{DOMAIN}")
                event.add("dtstamp", stamp.astimezone(UTC).replace(microsecond=0))
                event.add("summary", f"{said[name]}: {day.title}")
                event.add("description", "\n".join(_lines(options, said)))
                written.add_component(event)
    return bytes(written.to_ical())


def _event(on: date, name: str, zone: str) -> Event:
    event, clock = Event(), zone_of(zone)
    first, last = HOURS[name]
    event.add("dtstart", instant(on, first, clock))
    event.add("dtend", instant(on, last, clock))
    event.add("transp", "TRANSPARENT")
    return event


def _lines(options: Sequence[Option], said: Mapping[str, str]) -> Iterator[str]:
    for option in options:
        check = itineraries.checks(option, said)
        words = " – ".join(filter(None, [option.title, option.note]))
        yield f"• {words}" + (f" ({check})" if check else "")

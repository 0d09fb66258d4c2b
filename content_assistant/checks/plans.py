"""Whether an itinerary has what was asked for, and rests on what it says it rests on."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import contacts as contact_details
from content_assistant import itineraries
from content_assistant.checks import Finding, Text, quoted
from content_assistant.itineraries import BLOCKS, Itinerary

FEWEST_OPTIONS, MOST_OPTIONS = 3, 5
MOST_LINES = 5  # that a finding shows


def _read(text: Text) -> Itinerary:
    return itineraries.of(text.text, text.data, text.language)


def days(text: Text) -> Iterator[Finding]:
    wanted, found = text.facts.days, len(_read(text).days)
    if found != wanted:
        message = ngettext(
            "It has %(found)s day, not %(wanted)s.", "It has %(found)s days, not %(wanted)s.", found
        )
        yield Finding(
            "days", message % {"found": found, "wanted": wanted}, repair=f"Write exactly {wanted} days."
        )


def options(text: Text) -> Iterator[Finding]:
    off = [
        number
        for number, day in enumerate(_read(text).days, start=1)
        if any(not FEWEST_OPTIONS <= len(getattr(day, block)) <= MOST_OPTIONS for block in BLOCKS)
    ]
    if off:
        listed = ", ".join(map(str, off))
        yield Finding(
            "options",
            _("These days do not have 3 to 5 choices in each part: %(days)s.") % {"days": listed},
            repair=f"Give 3 to 5 options in the morning, afternoon and evening of these days: {listed}.",
        )


def readable(text: Text) -> Iterator[Finding]:
    """What somebody typed between the parts is kept, but only they know what it should be."""
    if lines := itineraries.unread(text.text):
        shown = quoted(*(line[:60] for line in lines[:MOST_LINES]), by="; ")
        yield Finding(
            "unread",
            _(
                "We are not sure what these lines are, and keep them where they stand: %(lines)s. A part of a day "
                "begins with ###, a choice with “- **Title** –”."
            )
            % {"lines": shown},
        )


def supported(text: Text) -> Iterator[Finding]:
    """An invented service or page would take away the mark that says: look it up."""
    offered = {offer.title for offer in text.facts.services}
    cited = {source.url.rstrip("/") for source in text.sources if source.kind == "citation"}
    found = list(_read(text).options())
    if strange := {one.service for one in found if one.service and one.service not in offered}:
        yield Finding(
            "service",
            _("You do not offer this: %(titles)s.") % {"titles": ", ".join(sorted(strange))},
            repair="Name as service only the exact titles of the services given.",
            blocks=True,
        )
    if uncited := {one.source for one in found if one.source and one.source.rstrip("/") not in cited}:
        yield Finding(
            "source",
            _("No search led to these pages: %(pages)s.") % {"pages": ", ".join(sorted(uncited))},
            repair="Give as source only addresses that your search found; leave it empty elsewhere.",
            blocks=True,
        )


def contacts(text: Text) -> Iterator[Finding]:
    """The addresses of pages it rests on are none."""
    itinerary = _read(text)
    said = "\n".join(itineraries.texts(itinerary))
    if found := [said[one.start : one.end] for one in contact_details.find(said)]:
        yield Finding(
            "contact",
            _("Contact details do not belong into an itinerary: %(details)s.")
            % {"details": ", ".join(found)},
            repair="Leave out phone numbers, mail addresses, links and messengers.",
            blocks=True,
        )

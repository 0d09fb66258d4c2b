"""An itinerary made of what the expert offers and is good at, with a field wherever only they know."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from content_assistant.itineraries import BLOCKS
from content_assistant.offline import tables

if TYPE_CHECKING:
    from content_assistant.prompts.itinerary import Facts, Offer

# So many places of one kind are asked for; longer trips come back to them.
MOST_PLACES = 4
_NO_FIELD = re.compile(r"[^A-ZÀ-ÖØ-ÞŒẞ0-9 /-]+")
_SENTENCE = re.compile(r".+?[.!?。](?=\s|$)|.+$", re.DOTALL)
LONGEST_NOTE = 160


def write(facts: "Facts") -> dict[str, Any]:
    """As a model answers."""
    return _Writer(facts).plan()


class _Writer:
    def __init__(self, facts: "Facts") -> None:
        self.facts = facts
        self.words = tables.of("itinerary", facts.language)
        self.topics = facts.specialties or [facts.theme or self.words["anything"]]
        self.places: Counter[str] = Counter()
        # The same facts give the same itinerary, other facts begin elsewhere.
        self.offset = Random(f"{facts.destination} {facts.theme} {facts.profile}").randrange(1000)  # noqa: S311
        self.services = list(_slots(facts.services, facts.days))

    def plan(self) -> dict[str, Any]:
        facts, words = self.facts, self.words
        title = words["title_one" if facts.days == 1 else "title"]
        theme = facts.theme or ", ".join(self.topics[:2]) or words["anything"]
        return {
            "title": title.format(city=facts.destination, days=facts.days, theme=theme),
            "summary": words["summary"].strip(),
            "language": facts.language,
            "days": [self._day(number) for number in range(facts.days)],
        }

    def _day(self, number: int) -> dict[str, Any]:
        return {
            "title": self._title(number, self._topic(number)),
            **{name: self._block(number, name) for name in BLOCKS},
            "eat": self._lines("eat", 3 * number, 3),
            "notes": self._lines("notes", 2 * number, 2),
            "instead": [*self._lines("instead", number, 1), self._topical("instead_topic", number + 1, 0)],
        }

    def _topic(self, number: int) -> str:
        return self.topics[(self.offset + number) % len(self.topics)]

    def _title(self, number: int, topic: str) -> str:
        words = self.words
        pattern = words["day"][(self.offset + number) % len(words["day"])]
        if number == 0:
            pattern = words["day_first"]
        elif number == self.facts.days - 1:
            pattern = words["day_last"]
        title = str(pattern.format(topic=topic))
        return title[:1].upper() + title[1:]

    def _block(self, number: int, name: str) -> list[str]:
        """The expert's own first, then two for their specialties, then one to rest."""
        own = [self._own(offer) for day, block, offer in self.services if (day, block) == (number, name)]
        topical = [self._topical(name, number, place) for place in range(2)]
        return [*own, *topical, *self._lines(f"{name}_quiet", number, 1)][:5]

    def _own(self, offer: "Offer") -> str:
        about = _SENTENCE.match(offer.about.strip())
        note = about[0].strip() if about and len(about[0]) <= LONGEST_NOTE else ""
        told = ", ".join(filter(None, [offer.length, self.words["service"].format(about=note).strip(": ")]))
        return f"{offer.title} | {told.replace('|', '/')} | {offer.title}"

    def _topical(self, name: str, number: int, place: int) -> str:
        topic = self._topic(number + place)
        lines = self.words[name]
        at = BLOCKS.index(name) if name in BLOCKS else 0
        line = (
            lines if isinstance(lines, str) else lines[(self.offset + 2 * number + place + at) % len(lines)]
        )
        return self._option(line, topic)

    def _lines(self, name: str, first: int, count: int) -> list[str]:
        lines: Sequence[str] = self.words[name]
        return [self._option(lines[(self.offset + first + one) % len(lines)], "") for one in range(count)]

    def _option(self, line: str, topic: str) -> str:
        values: Mapping[str, Any] = {
            "topic": topic.replace("|", "/"),
            "place": self._place(topic) if "{place}" in line else "",
            "city": self.facts.destination.replace("|", "/"),
        }
        title, _, note = line.format(**values).partition(" | ")
        return f"{title[:1].upper()}{title[1:]} | {note[:1].upper()}{note[1:]}"

    def _place(self, topic: str) -> str:
        name = " ".join(_NO_FIELD.sub(" ", topic.upper()).split())[:40] or "PLACE"
        self.places[name] += 1
        return f"[{name} {(self.places[name] - 1) % MOST_PLACES + 1}]"


def _slots(services: Sequence["Offer"], days: int) -> Iterator[tuple[int, str, "Offer"]]:
    """Each service once, spread over the days and their parts."""
    for number, offer in enumerate(services[: days * len(BLOCKS)]):
        yield number % days, BLOCKS[number // days % len(BLOCKS)], offer

"""A reply to an inquiry, made of the expert's services and calendar. What these do not tell is said to be checked."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from content_assistant import listening
from content_assistant.checks import counting, offers
from content_assistant.offline import tables

if TYPE_CHECKING:
    from content_assistant.prompts.inquiry import Facts, Journey, Offer

MOST_IDEAS, MOST_NAMED = 3, 2
LONGEST_QUESTION, SHORT_QUESTION = 14, 7  # words that are repeated
FEW_QUESTIONS = 4
LONGEST_ABOUT, LONGEST_TITLE = 24, 9
ROOM = 5  # words above the least, because people count differently
_SENTENCE = re.compile(r".+?[.!?。](?=\s|$)|.+$", re.DOTALL)


def write(facts: "Facts") -> str:
    """The fullest letter that is not too long; then what else is worth saying until it is long enough."""
    letter = _Letter(facts)
    text = next((one for one in letter.lengths() if _count(one) <= facts.most), letter.shortest())
    return letter.fuller(text)


def _count(text: str) -> int:
    return counting.words(text)


OF_SERVICES: "Mapping[str, Callable[[Offer], Mapping[str, Any]]]" = {
    "price": lambda offer: {"price": offer.price},
    "length": lambda offer: {"length": offer.length},
    "group": lambda offer: {"group": offer.group},
    "included": lambda offer: {"includes": _shortened(", ".join(offer.includes[:3]), LONGEST_QUESTION)},
    "cancel": lambda offer: {"policy": offer.policy},
    "notice": lambda offer: {"notice": offer.notice},
}


class _Letter:
    def __init__(self, facts: "Facts") -> None:
        self.facts = facts
        self.words = tables.of("inquiry", facts.language)
        self.chance = Random(f"{facts.expert} {facts.traveler} {[line.text for line in facts.messages]}")  # noqa: S311
        self.thanks = self.chance.choice(self.words["thanks"])
        self.tips = self.chance.sample(self.words["tips"], 2)
        self.extras = self.chance.sample(self.words["extras"], len(self.words["extras"]))
        self.named = MOST_NAMED

    def lengths(self) -> Iterator[str]:
        """From the fullest on."""
        for about, tips, ideas in ((True, 2, 3), (True, 1, 2), (False, 1, 2)):
            yield self._text(self._ideas(ideas, about=about), tips)

    def shortest(self) -> str:
        """Each answer with one service in it: the others are in the ideas."""
        self.named = 1
        return self._text(self._ideas(2, about=False), 1)

    def fuller(self, text: str) -> str:
        """Before the paragraph that says how it goes on."""
        for extra in self.extras:
            if _count(text) >= self.facts.fewest + ROOM:
                break
            if _count(text) + _count(extra) <= self.facts.most - ROOM:
                head, mark, tail = text.rpartition(f"\n\n{self._next()}")
                text = f"{head}\n\n{extra}{mark}{tail}"
        return text

    def _text(self, ideas: Sequence[str], tips: int) -> str:
        words, facts = self.words, self.facts
        style = facts.style if facts.style in words["greeting"] else "friendly"
        answers = list(self._answers())
        parts = [
            words["greeting"][style].format(name=facts.traveler),
            self._opening(),
            "\n".join([words["answers"], *answers]) if answers else words["no_questions"],
            "\n".join([words["ideas" if facts.services else "no_services"], *_bullets(ideas)]),
            "\n".join([words["tips_intro" if tips > 1 else "tip_intro"], *_bullets(self._tips(tips))]),
            self._next(),
            f"{self._book()} {words['close'][style]}",
            f"{words['sign'][style]}\n{facts.expert}",
        ]
        return "\n\n".join(parts)

    def _opening(self) -> str:
        thanks = self.thanks.format(city=self.facts.city)
        told = list(self._told(self.facts.trip)) if self.facts.trip else []
        read = self.words["read_trip"].format(trip=", ".join(told)) if told else self.words["read_plain"]
        return f"{thanks[:1].upper() if self.facts.language[:2] == 'en' else thanks[:1]}{thanks[1:]} {read}"

    def _told(self, trip: "Journey") -> Iterator[str]:
        words, people = self.words, self.words["people"]
        if trip.children:
            adults = people["adult" if trip.adults == 1 else "adults"].format(adults=trip.adults)
            children = people["child" if trip.children == 1 else "children"].format(children=trip.children)
            yield people["both"].format(adults=adults, children=children)
        else:
            yield people["one" if trip.adults == 1 else "more"].format(count=trip.adults)
        if trip.when:
            yield words["when"].format(when=trip.when)
        if trip.interests:
            yield words["interests"].format(interests=", ".join(trip.interests[:3]))

    # What was asked

    def _answers(self) -> Iterator[str]:
        """By service, then by topic; then what has to be checked: topics, and other questions in their own words."""
        topics = list(filter(None, dict.fromkeys(map(listening.topic, self.facts.questions))))
        told = {topic: self._answer(topic) for topic in topics}
        asked = [topic for topic in topics if topic in OF_SERVICES]
        for offer in self.facts.services[: self.named]:
            if known := list(self._told_of(offer, asked)):
                yield f"- {self.words['of_service'].format(title=_title(offer), list=', '.join(known))}"
        yield from (f"- {answer}" for answer in told.values() if answer)
        if unknown := [self._label(topic) for topic in topics if not (told[topic] or self._is_told(topic))]:
            yield f"- {self.words['check_topics'].format(topics=', '.join(unknown))}"
        yield from self._others()

    def _told_of(self, offer: "Offer", topics: Sequence[str]) -> Iterator[str]:
        for topic in topics:
            values = OF_SERVICES[topic](offer)
            if all(values.values()):
                yield self.words["topics"][topic]["each"].format(**values)

    def _is_told(self, topic: str) -> bool:
        offers = self.facts.services[: self.named]
        return topic in OF_SERVICES and any(
            True for offer in offers for _told in self._told_of(offer, [topic])
        )

    def _label(self, topic: str) -> str:
        return str(self.words["topics"][topic]["label"])

    def _others(self) -> Iterator[str]:
        others = [question for question in self.facts.questions if not listening.topic(question)]
        harmless = list(filter(_is_harmless, others))
        longest = LONGEST_QUESTION if len(harmless) <= FEW_QUESTIONS else SHORT_QUESTION
        quoted = [self.words["quoted"].format(question=_shortened(one, longest)) for one in harmless]
        if quoted:
            yield f"- {self.words['check'].format(questions=' '.join(quoted))}"
        if len(harmless) < len(others):
            yield f"- {self.words['check_more']}"

    def _answer(self, topic: str) -> str:
        """Empty: the facts do not tell, or tell it of each service."""
        told = self.words["topics"][topic]
        known: Mapping[str, Callable[[], str]] = {
            "discount": lambda: told["known"],
            "contact": lambda: told["known"],
            "free": self._free,
            "languages": self._languages,
        }
        said = known[topic]() if topic in known else ""
        return f"{told['label']}: {said}" if said else ""

    def _free(self) -> str:
        trip, told = self.facts.trip, self.words["topics"]["free"]
        if trip is None or not (trip.free or trip.taken):
            return ""
        if not trip.taken:
            return str(told["all"])
        if not trip.free:
            return str(told["none"])
        days, taken = len(trip.free) + len(trip.taken), ", ".join(trip.taken[:4])
        return str(told["some"].format(free=len(trip.free), all=days, taken=taken))

    def _languages(self) -> str:
        spoken = self.words["and"].join(
            filter(None, [", ".join(self.facts.languages[:-1]), *self.facts.languages[-1:]])
        )
        return str(self.words["topics"]["languages"]["known"].format(languages=spoken)) if spoken else ""

    # What is offered

    def _ideas(self, count: int, *, about: bool) -> list[str]:
        if self.facts.services:
            return [self._idea(offer, about=about) for offer in self.facts.services[:count]]
        topics = self.facts.specialties or [self.facts.city]
        lines = self.words["idea_topic"][:count]
        return [line.format(topic=topics[place % len(topics)]) for place, line in enumerate(lines)]

    def _idea(self, offer: "Offer", *, about: bool) -> str:
        first = _SENTENCE.match(offer.about.strip())
        told = f": {_shortened(first[0].strip(), LONGEST_ABOUT)}" if about and first else "."
        return str(
            self.words["idea"].format(title=_title(offer), length=offer.length, price=offer.price, about=told)
        )

    def _tips(self, count: int) -> list[str]:
        noticed = [offer for offer in self.facts.services if offer.notice]
        first = [
            self.words["tip_notice"].format(title=_title(offer), notice=offer.notice) for offer in noticed[:1]
        ]
        return [*first, *self.tips][:count]

    def _next(self) -> str:
        needed, trip = self.words["needed"], self.facts.trip
        wanted = [needed["pace"], needed["start"]] if trip else [needed["dates"], needed["people"]]
        return str(self.words["next"].format(needed=self.words["and"].join(wanted)))

    def _book(self) -> str:
        if not self.facts.services:
            return str(self.words["book_plain"])
        return str(self.words["book"].format(title=_title(self.facts.services[0])))


def _title(offer: "Offer") -> str:
    return _shortened(offer.title, LONGEST_TITLE)


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _shortened(text: str, longest: int) -> str:
    words = text.split()
    return text if len(words) <= longest else f"{' '.join(words[:longest])} …"


def _is_harmless(question: str) -> bool:
    """What a stranger wrote is repeated only where it holds nothing that our own replies may not hold."""
    return not offers.doubtful(question)

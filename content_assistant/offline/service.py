"""A service's description: what you live through, what is included, what is special, for whom, practical details."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from content_assistant.checks import counting
from content_assistant.offline import bio, own_words, patterns
from content_assistant.offline.bio import Draft, Topics
from content_assistant.offline.patterns import Slots, Writer

if TYPE_CHECKING:
    from content_assistant.tools.service import Service, ServiceFacts

OPENING, INCLUDED, SPECIAL, AUDIENCE, PRACTICAL = range(5)
FEWEST_INCLUDED, MOST_INCLUDED = 3, 5


def description(facts: "ServiceFacts", language: str, *, words: tuple[int, int], variant: str) -> str:
    return str(_Description(facts, language, words, variant).written())


@dataclass
class _Description:
    facts: "ServiceFacts"
    language: str
    goal: tuple[int, int]
    variant: str
    draft: Draft = field(init=False)
    writer: Writer = field(init=False)
    topics: Topics = field(init=False)

    def __post_init__(self) -> None:
        known = bio.words_of(self.facts.expert, self.language)
        known.slots.pop("service", None)
        self.service: Service = self.facts.service
        self.topics = _matching(self.facts, self.language)
        slots = Slots(known.slots, length=length(self.service, self.language), **self.topics.first())
        if self.service.group > 1:
            slots["group"] = str(self.service.group)
        if self.service.notice_hours:
            slots["notice"] = patterns.counted(str(self.service.notice_hours), "hour", self.language)
        dice = patterns.dice(self.facts.expert.seed, self.service.title, self.language, self.variant)
        self.writer = Writer(dice, slots)
        self.draft = Draft([[], [], [], [], []], self.goal[1])
        self.say: dict[str, Any] = patterns.say(self.language)["service"]

    def written(self) -> Draft:
        low, high = self.goal
        practical = self._practical()
        self.draft.most = high - counting.words(practical)
        if self._mine(self.facts.moment):
            self.draft.add(OPENING, _ended(self.facts.moment))
        self._add(OPENING, f"opening_{self.service.kind}")
        self.draft.add(INCLUDED, self._included())
        self._special()
        self._audience()
        enough = (low + high) // 2 - counting.words(practical)
        for sentence in self._own_sentences():
            if self.draft.words < enough:
                self.draft.add(OPENING, f"{sentence}.")
        for kind, paragraph in [("special", SPECIAL), *[("pace", AUDIENCE)] * 3, ("special", SPECIAL)]:
            if self.draft.words < enough:
                self._add(paragraph, kind)
        self.draft.most = high
        self.draft.add(PRACTICAL, practical)
        for number in range(len(self.say["gap"])):
            if self.draft.words < low:
                self.draft.add(AUDIENCE if number % 2 else OPENING, self.writer.say(self.say["gap"]))
        return self.draft

    def _add(self, paragraph: int, kind: str) -> bool:
        return self.draft.add(paragraph, self.writer.say(self.say.get(kind, [])))

    def _mine(self, text: str) -> bool:
        return bool(text.strip()) and bio.speaks(text, self.language)

    def _included(self) -> str:
        """Three to five lines; where the expert named fewer, what comes with every service."""
        named = self.service.includes if self._mine(self.service.description) else []
        lines = named[:MOST_INCLUDED]
        for pattern in self.say["more_included"]:
            if len(lines) < FEWEST_INCLUDED and patterns.needs(pattern) <= self.writer.slots.keys():
                lines.append(pattern.format_map(self.writer.slots))
        return "\n".join([self.writer.say(self.say["included"]), *(f"– {line}" for line in lines)])

    def _special(self) -> None:
        own = self.service.unique_aspects if self._mine(self.service.unique_aspects) else ""
        for sentence in counting.sentences(own):
            self.draft.add(SPECIAL, _ended(sentence))
        if not own:
            self._add(SPECIAL, "special")

    def _audience(self) -> None:
        audience = self.service.audience.strip().rstrip(".")
        if audience and self._mine(audience):
            self.draft.add(AUDIENCE, self.writer.say(self.say["for_whom"], audience=audience))
        else:
            self._add(AUDIENCE, "audience")

    def _own_sentences(self) -> list[str]:
        """What the expert wrote about it before; of the short ones as well."""
        text = self.service.description
        if not self._mine(text):
            return []
        found = [sentence.rstrip(".") for sentence in counting.sentences(text)]
        return [s for s in found if counting.words(s) > 3 and not own_words.changes(s)]

    def _practical(self) -> str:
        service, unit = self.service, self.service.price_unit
        soon = "_soon" if not service.notice_hours else ""
        booking = (
            f"practical_instant{soon}" if service.instant else f"practical_{soon.strip('_') or 'request'}"
        )
        kinds = [
            "practical_length",
            f"practical_group_{unit}" if service.group > 1 else "practical_one",
            *(["practical_shared"] if service.shared else []),
            "practical_languages",
            booking,
            f"practical_policy_{service.cancellation}",
        ]
        return " ".join(filter(None, (self.writer.say(self.say[kind]) for kind in kinds)))


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".!?…" else f"{sentence}."


def length(service: "Service", language: str) -> str:
    unit = "day" if service.days else "hour"
    return patterns.counted(str(service.days) if service.days else service.hours, unit, language)


def _matching(facts: "ServiceFacts", language: str) -> Topics:
    """The specialties, the one that the service is about first, as far as its words tell."""
    topics = bio.topics_of(facts.expert, language)
    by_name = [
        patterns.topics("en")[s.slug] for s in facts.expert.specialties if s.slug in patterns.topics("en")
    ]
    text = f"{facts.service.title} {facts.service.description} {' '.join(facts.service.includes)}".lower()
    hits = [_hits(topic, text) for topic in by_name]
    order = sorted(range(len(hits)), key=lambda place: -hits[place])
    topics.known = [topics.known[place] for place in order]
    return topics


def _hits(topic: patterns.Topic, text: str) -> int:
    words = {word[:5] for part in (topic.name, topic.look, *topic.searches) for word in part.lower().split()}
    return sum(1 for word in words if len(word) > 4 and word in text)

"""Writes what people of the demo say, out of sentences and local facts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from config.demo.material import City, Fact, Offer, Trade, words

# The last sentence adds up to thirty words to these.
BIO_GOAL = (85, 150)
# A clause in which an expert speaks: no guest would quote it.
SPEAKER = re.compile(r"\b(I|me|my|we|us|our)\b")
# By the stars of a review: how many good and bad remarks at most.
REMARKS = {5: (2, 0), 4: (1, 1), 3: (1, 2), 2: (0, 2), 1: (0, 3)}


class Slots(dict[str, str]):
    """What fills a sentence: {name} as it is, {Name} with a capital."""

    def __missing__(self, key: str) -> str:
        text = self[key[0].lower() + key[1:]]
        return text[0].upper() + text[1:]


@dataclass(frozen=True)
class Profile:
    """A made-up expert: what the texts need to know."""

    first: str
    name: str
    is_woman: bool
    is_foreign: bool
    city: City
    city_name: str
    area: str
    trades: Sequence[Trade]  # what they do most comes first
    depths: Sequence[int]
    facts: Sequence[Fact]
    years: int
    job: str
    since: int

    @cached_property
    def slots(self) -> "Slots":
        he, him, his = ("she", "her", "her") if self.is_woman else ("he", "him", "his")
        return Slots(
            city=self.city_name,
            area=self.area,
            about=self.city.areas[self.area],
            first=self.first,
            topic=self.trades[0].topic,
            other=self.trades[1].topic,
            job=self.job,
            years=str(self.years),
            since=str(self.since),
            count=str(sum(self.depths)),
            he=he,
            him=him,
            his=his,
        )


@dataclass
class Text:
    """Sentences in the making; no pattern is used twice."""

    rng: Random
    slots: Slots
    sentences: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def say(self, patterns: Iterable[str], fact: Fact | None = None) -> None:
        pattern = self.rng.choice([pattern for pattern in patterns if pattern not in self.used])
        self.used.add(pattern)
        slots = Slots(self.slots, name=fact.name, clause=fact.clause) if fact else self.slots
        if pattern:
            self.sentences.append(pattern.format_map(slots))

    def tell(self, fact: Fact, places: Sequence[str], things: Sequence[str]) -> None:
        self.say(places if fact.is_place else things, fact)

    def __len__(self) -> int:
        return len(str(self).split())

    def __str__(self) -> str:
        return " ".join(self.sentences)


def headline(rng: Random, profile: Profile) -> str:
    patterns = profile.trades[0].headlines if rng.random() < 0.6 else words()["headlines"]["sentences"]
    return rng.choice(patterns).format_map(profile.slots)


def bio(rng: Random, profile: Profile) -> str:
    """80 to 180 words in three paragraphs."""
    say, facts = words()["bio"], iter(profile.facts)
    start, middle, end = (Text(rng, profile.slots) for _ in range(3))
    start.say(say["foreign_openings"] if profile.is_foreign else say["openings"])
    start.say(say["becomings"])
    middle.say(say["focus"])
    end.say(say["ways"])
    if rng.random() < 0.7:
        end.say(say["closings"])
    goal = rng.randint(*BIO_GOAL)
    while len(start) + len(middle) + len(end) < goal:
        if fact := next(facts, None):
            middle.tell(fact, say["places"], say["things"])
        else:
            start.say(say["ways"])
    return "\n\n".join(map(str, [start, middle, end] if rng.random() < 0.75 else [middle, start, end]))


def background(rng: Random, profile: Profile) -> str:
    text, say = Text(rng, profile.slots), words()["background"]
    text.say(say["sentences"])
    for _ in range(rng.randint(0, 2)):
        text.say(say["additions"])
    return str(text)


def unique_value(rng: Random, profile: Profile) -> str:
    places = [fact for fact in profile.facts if fact.is_place] or profile.facts
    text = Text(rng, profile.slots)
    text.say(words()["unique"]["sentences"], rng.choice(places))
    return str(text)


def title(profile: Profile, offer: Offer) -> str:
    return offer.title.format_map(profile.slots)


def description(rng: Random, profile: Profile, offer: Offer, facts: Iterable[Fact]) -> str:
    text, say = Text(rng, profile.slots), words()["service"]
    text.say([offer.description])
    for fact in facts:
        text.say(say["planned"] if offer.kind == "planning" else say["sentences"], fact)
    text.say(say["notes"])
    return str(text)


def review(rng: Random, profile: Profile, trade: Trade, rating: int) -> str:
    """What a guest says: concrete when content, plain about what was missing when not."""
    say = words()["review"]
    slots = Slots(profile.slots, topic=trade.topic, who=rng.choice(say["who"]), days=rng.choice(say["days"]))
    text = Text(rng, slots)
    text.say(say["openings"] if rating > 3 else say["lukewarm_openings"])
    facts = profile.city.facts.get(trade.slug, profile.facts)
    for fact in rng.sample(facts, k=min(rng.choice([1, 1, 2]), len(facts))):
        text.tell(fact, _quoting(fact, say["facts"]), _quoting(fact, say["thing_facts"]))
    if rating > 3:
        text.say(trade.praise)
    for kind, count in zip(("good", "bad"), REMARKS[rating], strict=True):
        for _ in range(rng.randint(0, count)):
            text.say(say[kind])
    if rating == 5:
        text.say(say["closings"])
    return str(text)


def _quoting(fact: Fact, patterns: list[str]) -> list[str]:
    return [p for p in patterns if "{clause}" not in p] if SPEAKER.search(fact.clause) else patterns

"""A bio out of an expert's facts and own sentences: hook, expertise, tie to the place, years, what is special."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, permutations
from random import Random
from typing import Any

from babel import Locale

from content_assistant.checks import Text, counting
from content_assistant.checks import words as wording
from content_assistant.offline import own_words, patterns
from content_assistant.offline.patterns import Slots, Writer
from content_assistant.tools.profile import Profile
from llm import door

NATIVE = 7
TELLING = 40  # letters from which on the language of a text can be told
SPOKEN_WELL = 4
MOST_OF_A_PAIR = 2  # the same two specialties, named together
THROWS = 5
SMALL_GROUP = 12  # of more people nobody would boast


@dataclass
class Words:
    """What is known of an expert, as it fills a sentence in one language."""

    slots: Slots
    own: list[str]  # sentences that name something, without their full stops
    ties: list[str]  # those that say what binds somebody to the place
    given: list[str]  # those that were written for this draft: all of them are used


def words_of(facts: Profile, language: str, told: Mapping[str, str] | None = None) -> Words:
    """`told`: answers of the form, in the expert's words."""
    written = [facts.background, facts.unique_value, facts.bio]
    is_own = speaks(" ".join(written), language)
    mine = written if is_own else []
    given = [text for text in (told or {}).values() if text and speaks(text, language)]
    # The background is written as a list of stations: it has words to take, and few sentences.
    own = own_words.sentences([facts.unique_value, facts.bio] if is_own else [])
    own = [sentence for sentence in own if own_words.is_concrete(sentence, language)]
    ties = [sentence for sentence in own if own_words.is_tie(sentence, language)]
    home = own_words.home([*given, *written], language if is_own else "en")
    slots = Slots(
        _numbers(facts)
        | _places(facts, written, home)
        | {
            "name": facts.name,
            "city": facts.city,
            "home": home,
            "job": own_words.job([*given, *mine], language),
            "languages": _languages(facts, language),
            "service": facts.services[facts.seed % len(facts.services)].title if facts.services else "",
        }
    )
    known = Slots({name: value for name, value in slots.items() if value})
    return Words(known, [s for s in own if s not in ties], ties, _sentences(given))


def speaks(text: str, language: str) -> bool:
    """Whether a text is in the language; of a short one nobody can tell."""
    return len(text) < TELLING or door.language_of(text) == language


def _sentences(texts: list[str]) -> list[str]:
    return [sentence.rstrip(".") for text in texts for sentence in counting.sentences(text)]


def _numbers(facts: Profile) -> dict[str, str]:
    return {
        "years": str(facts.years) if facts.years > 1 else "",
        "group": str(facts.group) if 1 < facts.group <= SMALL_GROUP else "",
    }


@dataclass
class Topics:
    """The specialties of one expert; each sentence speaks of those that came up least so far."""

    known: list[tuple[patterns.Topic, int]]
    language: str
    said: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)

    def first(self) -> dict[str, str]:
        """What somebody does most, in that order."""
        return self._slots(self.known)

    def next(self, rng: Random) -> dict[str, str]:
        order = sorted(self.known, key=lambda pair: (self.said[pair[0].name], rng.random()))
        return self._slots(order)

    def note(self, sentence: str) -> None:
        plain = sentence.lower()
        self.said.update(topic.name for topic, _ in self.known if topic.name.lower() in plain)
        self.pairs.update(pair for pair in self._pairs() if pair.lower() in plain)

    def _pairs(self) -> set[str]:
        names = [topic.name for topic, _ in self.known]
        return {self._pair(list(two)) for two in permutations(names, 2)}

    def _slots(self, order: list[tuple[patterns.Topic, int]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, (topic, trips) in zip(["topic", "other", "third"], order, strict=False):
            prefix = "" if name == "topic" else f"{name}_"
            found |= {name: topic.name, f"{prefix}look": topic.look}
            if trips > 1:
                found[f"{prefix}trips"] = str(trips)
        pair = self._pair([topic.name for topic, _ in order[:2]]) if order else ""
        if pair and self.pairs[pair] < MOST_OF_A_PAIR:
            found["topics"] = pair
        return found

    def _pair(self, names: list[str]) -> str:
        """“A and B as well as C”: a name may have an “and” of its own."""
        words = patterns.say(self.language)["lists"]
        is_double = any(f" {words['and']} " in name for name in names)
        return patterns.joined(names, self.language, "as_well" if is_double else "and")


def topics_of(facts: Profile, language: str) -> Topics:
    known = patterns.topics(language)
    return Topics([(known[s.slug], s.trips) for s in facts.specialties if s.slug in known], language)


def _places(facts: Profile, written: list[str], home: str) -> dict[str, str]:
    if not speaks(" ".join(written), "en"):
        return {}
    texts = [*written, *(service.description for service in facts.services)]
    names = own_words.places(texts, without=[facts.city, home, facts.name])
    patterns.dice(facts.seed).shuffle(names)
    found = dict(zip(["place", "place2"], names, strict=False))
    return found | ({"place_list": "|".join(names[:3])} if len(names) > 1 else {})


def _languages(facts: Profile, language: str) -> str:
    well = [spoken for spoken in facts.languages if spoken.level >= SPOKEN_WELL] or facts.languages[:1]
    names = Locale.parse(language).languages
    return patterns.joined([names.get(s.code, s.code) for s in well[:4]], language)


@dataclass
class Draft:
    """Paragraphs in the making."""

    paragraphs: list[list[str]]
    most: int

    def add(self, paragraph: int, sentence: str) -> bool:
        if not sentence or self.words + counting.words(sentence) > self.most:
            return False
        self.paragraphs[paragraph].append(sentence)
        return True

    @property
    def words(self) -> int:
        return counting.words(str(self))

    def __str__(self) -> str:
        return "\n\n".join(" ".join(paragraph) for paragraph in self.paragraphs if paragraph)


def bio(
    facts: Profile, language: str, *, words: tuple[int, int], told: Mapping[str, str], variant: str
) -> str:
    """As many words as wanted; where the facts do not suffice, marked gaps ask for more.

    The dice are thrown again where a long name came too often: one bio in two hundred.
    """
    for throw in range(THROWS):
        text = str(_Bio(facts, language, words, told, f"{variant}{throw or ''}").written())
        if not any(wording.repetition(Text(text, language))):
            break
    return text


@dataclass
class _Bio:
    facts: Profile
    language: str
    goal: tuple[int, int]
    told: Mapping[str, str]
    variant: str
    words: Words = field(init=False)
    writer: Writer = field(init=False)
    draft: Draft = field(init=False)
    topics: Topics = field(init=False)

    def __post_init__(self) -> None:
        self.words = words_of(self.facts, self.language, self.told)
        slots = self.words.slots
        if names := slots.pop("place_list", ""):
            slots["places"] = patterns.joined(names.split("|"), self.language)
        self.writer = Writer(patterns.dice(self.facts.seed, self.language, self.variant), slots)
        self.draft = Draft([[], [], []], self.goal[1])
        self.topics = topics_of(self.facts, self.language)
        self.say: Mapping[str, Any] = patterns.say(self.language)["bio"]

    def written(self) -> Draft:
        low, high = self.goal
        self.draft.add(0, self._say("hook", **self.topics.first()))
        for sentence in self.words.given:
            self.draft.add(1, f"{sentence}.")
        self.draft.add(0, self._say("expertise", **self.topics.first()))
        closing = self._say("closing")
        self.draft.most = high - counting.words(closing)
        enough = self.writer.rng.randint(low + (high - low) // 3, high - 5) - counting.words(closing)
        for part in self._parts():
            if self.draft.words >= enough:
                break
            part()
        self.draft.most = high
        self.draft.add(2, closing)
        self._fill(low)
        return self.draft

    def _parts(self) -> Iterator[Callable[[], object]]:
        """In the order of their worth: first what every bio needs, then more of the same."""
        first = [
            lambda: self._own(1, self.words.ties, "tie") or self._add(1, "home"),
            lambda: self._add(1, "past" if "job" in self.words.slots else "years"),
            lambda: self._own(0, self.words.own),
            lambda: self._add(2, "special"),
            lambda: self._own(1, self.words.own),
            lambda: self._add(1, "names"),
        ]
        more = [
            lambda: self._add(2, f"manner_{self.facts.style}"),
            lambda: self._add(2, "group"),
            lambda: self._add(2, "offer"),
            lambda: self._add(1, "years"),
            lambda: self._own(0, self.words.own),
            lambda: self._add(2, "special"),
        ]
        self.writer.rng.shuffle(more)
        rest = [
            lambda: self._add(0, "expertise"),
            lambda: self._add(1, "years"),
            lambda: self._own(1, self.words.own),
        ]
        return chain(first, more, rest)

    def _add(self, paragraph: int, kind: str) -> bool:
        return self.draft.add(paragraph, self._say(kind))

    def _say(self, kind: str, **more: str) -> str:
        slots = self.topics.next(self.writer.rng) | more
        sentence = self.writer.say(self.say.get(kind, []), **slots)
        self.topics.note(sentence)
        return sentence

    def _own(self, paragraph: int, sentences: list[str], kind: str = "own") -> bool:
        """One of the expert's own sentences, joined to a fact: nobody else has just this one."""
        if not sentences:
            return False
        sentence = sentences.pop(self.writer.rng.randrange(len(sentences)))
        more = {"own": sentence}
        if low := own_words.lowered(sentence, self.language):
            more["own_low"] = low
        return self.draft.add(paragraph, self._say(kind, **more))

    def _fill(self, low: int) -> None:
        """Facts are few: instead of making some up, ask for them."""
        for number in range(len(self.say["gap"])):
            if self.draft.words >= low:
                return
            self.draft.add(1 + number % 2, self._say("gap"))

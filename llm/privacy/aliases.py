"""Who is called what in one question: names of people, and the pseudonyms that leave in their place."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from llm import folding, pseudonyms
from llm.folding import Folded
from llm.privacy import people
from llm.privacy.people import Mention, Part, Person, Recognizer


class Aliases:
    """Pseudonyms are chosen when a person is first mentioned and never change afterwards.

    No pseudonym is a part of any name given or a word of any text seen. A word of a later text that is one already
    is replaced in its turn, so that what comes back is what was meant.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._people = people.known(names)
        self._recognizer = Recognizer(self._people)
        self._real = {word for person in self._people for word in person.key.split()}
        self._owners: dict[tuple[Part, str], set[str]] = defaultdict(set)
        for person in self._people:
            for part, name in ((Part.GIVEN, person.given), (Part.FAMILY, person.family)):
                self._owners[part, people.key(name)].add(person.key)
        self._chosen: dict[tuple[str, str], str] = {}  # (kind, whose) → pseudonym
        self._seen: set[str] = set()
        self._names: dict[str, str] = {}  # pseudonym → name
        self._mentioned: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._mentioned)

    def names(self) -> dict[str, str]:
        """Pseudonyms, also in capitals, with what they stand for."""
        return self._names | {alias.upper(): name.upper() for alias, name in self._names.items()}

    def edits(self, text: str, taken: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
        """Replacements for mentions outside the spans taken already."""
        if not self._people:
            return []
        folded = folding.skeleton(text)
        words = people.words(folded)
        self._seen.update(pseudonyms.lowered("given", "family").intersection([word[0] for word in words]))
        occupied = bytearray(len(text))
        for start, end in taken:
            occupied[start:end] = b"\1" * (end - start)
        edits = []
        for mention in (*self._recognizer.mentions(text, folded, words), *self._clashes(text, folded, words)):
            start, end = folded.span(mention.start, mention.end)
            if occupied.find(1, start, end) < 0:
                occupied[start:end] = b"\1" * (end - start)
                edits.append((start, end, self._alias(mention, text[start:end])))
        return edits

    def _clashes(self, text: str, folded: Folded, words: list[re.Match[str]]) -> Iterator[Mention]:
        """Words of this text that have become someone's pseudonym, spelled as it is."""
        kinds = {alias.lower(): kind for (kind, _), alias in self._chosen.items()}
        if not kinds:
            return
        for word in words:
            name = word[0] if word[0] in kinds else word[0].removesuffix("s")
            if name in kinds:
                start, end = word.start(), word.start() + len(name)
                written = text[slice(*folded.span(start, end))]
                if written[:1].isupper():
                    yield Mention(
                        start, end, Part(kinds[name]), Person(f"word:{written}", written, written, written)
                    )

    def _alias(self, mention: Mention, written: str) -> str:
        person, part = mention.person, mention.part
        if part is not Part.FULL:
            return self._part(part, person)
        given = self._choose("given", person.key)
        if not person.family:
            self._names[given] = person.name
            return given
        family = self._choose("family", person.key)
        self._names |= {given: person.given, family: person.family, f"{given} {family}": person.name}
        return (
            f"{family}{', ' if ',' in written else ' '}{given}" if mention.reversed else f"{given} {family}"
        )

    def _part(self, part: Part, person: Person) -> str:
        """A name that several have is nobody's in particular: it gets a pseudonym of its own."""
        name = person.given if part is Part.GIVEN else person.family
        shared = len(self._owners[part, people.key(name)]) > 1
        alias = self._choose(part.value, f"{part}:{people.key(name)}" if shared else person.key)
        self._names[alias] = name
        return alias

    def _choose(self, kind: str, whose: str) -> str:
        self._mentioned.add(whose)
        if (kind, whose) not in self._chosen:
            others = {alias.lower() for alias in self._chosen.values()}
            avoid = self._real | self._seen | others
            self._chosen[kind, whose] = pseudonyms.choose(kind, whose, avoid=avoid)
        return self._chosen[kind, whose]

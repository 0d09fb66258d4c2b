"""Which sentences say something that can be checked, and what bears each of them out.

A fact is held by a source that has the very number (“ten years” is “10 Jahre”), the price with its currency, the whole
name, or the same certificate. A sentence is linked to the source that holds most of its facts, if all of them are held
by one or the other; else it is open, and `what` says which kinds of facts nothing bears out.

A tool translates or repeats what it was given, so whether the words around a fact mean the same is left to the reader:
the claim shows where the fact comes from.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from content_assistant.checks import Claim, Source, Text, certificates, naming, quantities, sentences
from content_assistant.checks.certificates import Certificate
from content_assistant.checks.naming import Name
from content_assistant.checks.quantities import Quantity

# Addresses, and gaps that are still to be filled in.
_HIDDEN = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|\[[^\[\]\n]*\](?:\([^)\s]*\))?")
_LANGUAGES = ("en", "de", "es", "fr")
_KINDS = ("year", "name", "number", "certificate", "place", "price")

Holds = Callable[[Source, str], bool]


class Fact(NamedTuple):
    start: int
    kind: str
    held_by: Holds


def claims(text: Text) -> list[Claim]:
    """Of each sentence with facts in it, in the order of the text."""
    # By what is neither a word nor a space, so that a sentence that begins with a gap keeps it.
    hidden = _HIDDEN.sub(lambda found: "_" * len(found[0]), text.text)
    certified = certificates.find(hidden)
    facts = [_of_quantity(one) for one in quantities.find(hidden, text.language)]
    facts += [_of_certificate(one) for one in certified]
    taken = [(one.start, one.end) for one in certified]
    common = naming.lower_case("\n".join([hidden, *(source.text for source in text.sources)]))
    found = []
    for span in sentences.spans(hidden):
        mine = [fact for fact in facts if span[0] <= fact.start < span[1]]
        if not sentences.is_heading(hidden, span):
            named = naming.find(hidden, span, text.language, common)
            mine += [_of_name(one) for one in named if not _is_within(one, taken)]
        if mine:
            found.append(_claim(text, text.text[slice(*span)], mine))
    return found


def _claim(text: Text, sentence: str, facts: Sequence[Fact]) -> Claim:
    held = {source: [fact.held_by(source, text.language) for fact in facts] for source in text.sources}
    open_facts = [fact for place, fact in enumerate(facts) if not any(row[place] for row in held.values())]
    if open_facts:
        return Claim(sentence, _kinds(open_facts))
    best = max(text.sources, key=lambda source: sum(held[source]))
    return Claim(sentence, _kinds(facts), source=best.label, url=best.url)


def _kinds(facts: Iterable[Fact]) -> tuple[str, ...]:
    found = {fact.kind for fact in facts}
    return tuple(kind for kind in _KINDS if kind in found)


def _is_within(name: Name, taken: Iterable[tuple[int, int]]) -> bool:
    """The name of a certificate is one fact, not two."""
    return any(name.start < end and start < name.end for start, end in taken)


def _of_quantity(said: Quantity) -> Fact:
    def held(source: Source, language: str) -> bool:
        return any(_is_same(said, known) for known in _numbers(source.text, language))

    return Fact(said.start, said.kind, held)


def _is_same(said: Quantity, known: Quantity) -> bool:
    if known.bare and said.told:
        return known.value == said.told
    same_unit = (known.kind, known.unit) == (said.kind, said.unit)
    if said.more and same_unit:
        return known.value >= said.value
    if said.kind == known.kind == "number" and not said.unit:
        return known.value == said.value
    return same_unit and known.value == said.value


def _of_certificate(said: Certificate) -> Fact:
    def held(source: Source, _language: str) -> bool:
        return any(certificates.is_same(said, known) for known in _certified(source.text))

    return Fact(said.start, "certificate", held)


def _of_name(said: Name) -> Fact:
    def held(source: Source, _language: str) -> bool:
        return naming.names_of(source.text).has(said)

    return Fact(said.start, said.kind, held)


@lru_cache(maxsize=256)
def _numbers(text: str, language: str) -> list[Quantity]:
    """Sources may be in another language than the text, where a point and a comma change places."""
    found = {
        one
        for code in dict.fromkeys((language, "en", "de"))
        for one in quantities.find(text, code, words_of=_LANGUAGES)
    }
    return sorted(found)


@lru_cache(maxsize=256)
def _certified(text: str) -> list[Certificate]:
    return certificates.find(text)

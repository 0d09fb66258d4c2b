"""Names of people and places, as far as their capitals tell, and whether a source has them whole.

Where only names have capitals, a capital within a sentence tells one. German writes every noun so: there a name is two
capitals side by side, a city or a land that we know, or what stands behind “Frau” or before “-Tempel”. What cannot be
told is left: a sentence that asks for a proof without need costs the expert more than one that is let through.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale

from content_assistant.checks.sentences import Span
from content_assistant.checks.tables import data, fold, words

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*\d*")
_GREETING = re.compile(
    r"(?:dear|hello|hi|hey|good (?:morning|afternoon|evening)|liebe[rs]?|hallo|guten (?:tag|morgen|abend)"
    r"|sehr geehrte[rs]?|moin|servus|hola|querid[oa]|bonjour|chère?|ciao|salut|olá|caro|cara)\b[^,.!:\n–—]*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:thanks|thank you|welcome|danke|vielen dank|willkommen|gracias|merci)(?: (?:so|very) much| again| sehr)?"
    r",? [^\W\d_]+(?= ?[,.!–—])",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,2},?", re.IGNORECASE)
_QUOTES = "\"'“”„«»‘’(*_"
_LINKED = 2  # little words between two parts of a name
_UNSPACED = frozenset({"ja", "zh", "ko", "th"})


class Name(NamedTuple):
    """`words` are folded; the first of a sentence may be no part of it, so `least` are those that are."""

    start: int
    end: int
    kind: str  # name or place
    words: tuple[str, ...]
    least: tuple[str, ...]


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    folded: str
    opens: bool  # the sentence, or a quotation
    beside: bool  # the word before it, by one space or a hyphen
    hyphen: bool

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


def find(text: str, span: Span, language: str, common: frozenset[str] = frozenset()) -> list[Name]:
    """In one sentence. `common`: words that stand somewhere in lower case, and so are no names."""
    if language[:2] in _UNSPACED or _is_signature(text, span):
        return []
    told = _read(text, _without_address(text, span))
    found = _german(told) if language[:2] == "de" else _by_capitals(told, common)
    return list(found)


def lower_case(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _WORD.findall(text) if word.islower())


def _is_signature(text: str, span: Span) -> bool:
    """A line of nothing but a name."""
    first, last = text[: span[0]].rpartition("\n")[2], text[span[1] :].partition("\n")[0]
    said = text[slice(*span)]
    return not first.strip() and not last.strip() and bool(_SIGNED.fullmatch(said)) and said.istitle()


def _without_address(text: str, span: Span) -> Span:
    """Whom a letter speaks to is no fact."""
    found = _GREETING.match(text, *span) or _THANKS.match(text, *span)
    return (found.end(), span[1]) if found else span


def _read(text: str, span: Span) -> list[_Word]:
    read: list[_Word] = []
    end = span[0]
    for found in _WORD.finditer(text, *span):
        gap = text[end : found.start()]
        opens = not read or bool(set(gap) & set(_QUOTES)) or gap.strip() in (":", "–", "—", "…", "!", "?")
        beside = bool(read) and gap in (" ", "-", "\u00a0", ". ") and (gap != ". " or len(read[-1].text) <= 2)
        read.append(_Word(*found.span(), found[0], fold(found[0]), opens, beside, bool(read) and gap == "-"))
        end = found.end()
    return read


def _by_capitals(told: Sequence[_Word], common: frozenset[str]) -> Iterator[Name]:
    for first, last in _runs(told):
        parts = told[first:last]
        while parts and _is_common(parts[-1], common, len(parts)):
            parts = parts[:-1]
        while parts and not parts[0].opens and _is_common(parts[0], common, len(parts)):
            parts = parts[1:]
        if not parts:
            continue
        if not parts[0].opens:
            yield _name(told, parts, parts)
        elif len(parts) > 1:
            least = _without_links(parts[1:])
            while least and _is_common(least[0], common, len(least)):
                least = least[1:]
            if least:
                yield _name(told, parts, least)
        elif (_is_place(parts[0]) or _is_given(parts[0])) and parts[0].folded not in common:
            yield _name(told, parts, parts)


def _without_links(parts: Sequence[_Word]) -> Sequence[_Word]:
    while parts and parts[0].folded in words("names", "links"):
        parts = parts[1:]
    return parts


def _runs(told: Sequence[_Word]) -> Iterator[Span]:
    """Capitals side by side, with no more than two little words between two of them."""
    place = 0
    while place < len(told):
        if not told[place].capital:
            place += 1
            continue
        last = place + 1
        while (after := _goes_on(told, last)) > last:
            last = after
        yield place, last
        place = last


def _goes_on(told: Sequence[_Word], last: int) -> int:
    for reach in range(_LINKED + 1):
        at = last + reach
        if at >= len(told) or not told[at].beside or told[at].opens:
            return last
        if told[at].capital:
            return at + 1
        if told[at].folded not in words("names", "links"):
            return last
    return last


def _is_common(word: _Word, common: frozenset[str], count: int) -> bool:
    """A word that is written large now and then. Beside another it may still be half of a name: Golden Gai."""
    folded = word.folded.removesuffix("'s")
    if folded in words("names", "common"):
        return True
    return count == 1 and (folded in common or len(folded) == 1 or (word.text.isupper() and len(folded) < 4))


def _german(told: Sequence[_Word]) -> Iterator[Name]:
    place = 0
    while place < len(told):
        last = _german_end(told, place)
        if last > place:
            yield _name(told, told[place:last], told[place:last])
        place = max(last, place + 1)


def _german_end(told: Sequence[_Word], place: int) -> int:
    """Where the name that begins here ends; `place` itself where none does."""
    word = told[place]
    if not word.capital:
        return place
    last = place + 1
    while last < len(told) and told[last].capital and told[last].beside and not told[last].opens:
        last += 1
    before = told[place - 1] if place else None
    if before and before.folded in words("names", "people") and word.beside and _may_name(word):
        return last
    if last - place > 1 and _is_listed(told[place:last]):
        return place + 1 if _is_place(word) else place  # Kyotos Gassen, die Stadt Kyoto
    if last - place > 1:
        return last if _is_german_name(told, place, last) else place
    return last if _is_place(word) or _is_given(word) else place


def _is_german_name(told: Sequence[_Word], place: int, last: int) -> bool:
    parts = told[place:last]
    if all(part.hyphen for part in parts[1:]):
        return len(parts) == 2 and _is_named_kind(*parts)
    if not all(_may_name(part) for part in parts):
        return False
    if parts[0].opens and last - place == 2:  # a first word has a capital whatever it is
        return _is_given(parts[0])
    # Verbs stand late: “am Abend Musik hören” has two nouns side by side as well.
    return any(part.folded in _kinds() or _is_given(part) for part in parts)


def _is_listed(parts: Sequence[_Word]) -> bool:
    """Whether all that tells a name is a place that we know, among other nouns."""
    if any(part.folded in _kinds() or _is_given(part) for part in parts):
        return False
    return any(_is_place(part) for part in parts)


def _is_named_kind(first: _Word, second: _Word) -> bool:
    """Nishiki-Markt, and neither Bio-Markt nor Streetfood-Tour, which is no tower."""
    if second.folded in words("german", "no_kinds"):
        return False
    return second.folded in _kinds() and first.folded not in words("german", "before_hyphen")


def _may_name(word: _Word) -> bool:
    return word.folded not in words("german", "first") and word.folded not in words("names", "common")


def _is_place(word: _Word) -> bool:
    return _bare(word.folded) in _known_places()


def _is_given(word: _Word) -> bool:
    return _bare(word.folded) in words("names", "given") or word.folded in words("names", "given")


def _bare(folded: str) -> str:
    """Without the s of a genitive."""
    if folded.endswith("'s"):
        return folded[:-2]
    return folded[:-1] if folded.endswith("s") and folded not in _known_places() else folded


@cache
def _known_places() -> frozenset[str]:
    cities = {fold(word) for word in data()["places"]["cities"].split()}
    lands = {
        fold(name)
        for code in ("en", "de")
        for territory, name in Locale.parse(code).territories.items()
        if len(territory) == 2 and " " not in name
    }
    return frozenset(cities | lands) - words("german", "no_places")


@cache
def _kinds() -> Mapping[str, str]:
    return {fold(word): kind for kind, line in data()["names"]["kinds"].items() for word in line.split()}


def _name(told: Sequence[_Word], parts: Sequence[_Word], least: Sequence[_Word]) -> Name:
    before = told[told.index(parts[0]) - 1] if told.index(parts[0]) else None
    is_place = (
        any(part.folded in _kinds() or _is_place(part) for part in parts)
        or bool(before and before.folded in words("names", "before_places"))
    ) and not (before and before.folded in words("names", "people"))
    kind = "place" if is_place else "name"
    return Name(parts[0].start, parts[-1].end, kind, _folded(parts), _folded(least))


def _folded(parts: Sequence[_Word]) -> tuple[str, ...]:
    return tuple(part.folded for part in parts)


class Names:
    """What a source names, to look names up in."""

    def __init__(self, text: str) -> None:
        self.told = _read(text, (0, len(text)))
        self.places: dict[str, list[int]] = {}
        for place, word in enumerate(self.told):
            for spelling in {word.folded, _bare(word.folded)}:
                self.places.setdefault(spelling, []).append(place)

    def has(self, name: Name) -> bool:
        return any(self._has(spelled) for spelled in dict.fromkeys((name.words, name.least)))

    def _has(self, spelled: tuple[str, ...]) -> bool:
        spelled = (*spelled[:-1], _bare(spelled[-1]))
        if any(self._stands(spelled, place) for place in self.places.get(spelled[0], ())):
            return True
        bare, kinds = _without_kind(spelled)
        if not bare or bare == spelled:
            return False
        return any(
            self._stands(bare, place) and self._is_alone(place, len(bare), kinds)
            for place in self.places.get(bare[0], ())
        )

    def _stands(self, spelled: tuple[str, ...], place: int) -> bool:
        here = self.told[place : place + len(spelled)]
        return len(here) == len(spelled) and all(
            word.folded == said or _bare(word.folded) == said
            for word, said in zip(here, spelled, strict=True)
        )

    def _is_alone(self, place: int, count: int, kinds: frozenset[str]) -> bool:
        """Not a part of a longer name: a market's name is not borne out by a temple's."""
        around = [place - 1, place + count]
        for at in around:
            if not 0 <= at < len(self.told):
                continue
            word, joined = self.told[at], self.told[max(at, place if at < place else at)].beside
            if not joined:
                continue
            if kind := _kinds().get(word.folded):
                if kind not in kinds:
                    return False
            elif word.capital and not word.opens and word.folded not in words("names", "common"):
                return False
        return True


def _without_kind(spelled: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    kinds = frozenset(_kinds()[word] for word in spelled if word in _kinds())
    return tuple(word for word in spelled if word not in _kinds()), kinds


names_of = lru_cache(maxsize=256)(Names)

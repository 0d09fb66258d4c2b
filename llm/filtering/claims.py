"""Checkable claims that no source bears out: numbers, years, prices, superlatives, certificates, names of people."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from llm import tables
from llm.filtering import quantities
from llm.filtering.quantities import Bound, Quantity
from llm.filtering.reading import Phrases, Reading, phrases

_HERE = Path(__file__).parent
_ENDINGS = ("e", "er", "en", "es", "em")
_NONE: frozenset[float] = frozenset()
_TOLERANCE = 0.02  # of lengths: miles are not kilometres to the last digit


class Evidence:
    """What the sources say."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.numbers: dict[str, set[float]] = defaultdict(set)
        self.assertions: set[str] = set()
        self.words: set[str] = set()
        for source in sources:
            reading = Reading(source)
            self.words |= reading.vocabulary
            self.assertions.update(name for name, _, _ in _assertions(reading))
            for quantity in quantities.find(reading):
                self.numbers[quantity.unit].update(quantity.values)

    def bears_out(self, quantity: Quantity, reading: Reading) -> bool:
        """A bare number in a source may count anything: facts come without their units."""
        known, bare = self.numbers.get(quantity.unit, _NONE), self.numbers.get("", _NONE)
        if not known.isdisjoint(quantity.values) or not bare.isdisjoint(quantity.values):
            return True
        if quantity.unit == "length" and any(
            abs(value - other) <= _TOLERANCE * other for value in quantity.values for other in known
        ):
            return True
        bound = quantities.bound(reading.text, quantity.start)
        if bound is Bound.MORE:
            return any(other >= min(quantity.values) for other in known)
        return bound is Bound.LESS and any(other <= max(quantity.values) for other in known)


_evidence = lru_cache(maxsize=64)(Evidence)


def find(reading: Reading, sources: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """What kind of claim, and offsets into the folded text."""
    evidence = _evidence(tuple(sources))
    for quantity in quantities.find(reading):
        if quantity.unit and max(quantity.values) > 1 and not evidence.bears_out(quantity, reading):
            yield quantity.unit, quantity.start, quantity.end
    for name, start, end in _assertions(reading):
        if name not in evidence.assertions:
            yield name, start, end
    for start, end in _people(reading):
        if not evidence.words.issuperset(reading.tokens[slice(*reading.places(start, end))]):
            yield "person", start, end


@cache
def _spellings() -> Mapping[str, str]:
    """Which assertion each phrase makes."""
    data = tables.ours(_HERE / "claims.toml")
    named: dict[str, str] = {}
    for name, line in (data["superlatives"] | data["awards"]).items():
        for spelling in line.split(","):
            stem = " ".join(spelling.split())
            endings = _ENDINGS if stem.endswith("+") else ("",)
            named |= {stem.rstrip("+") + ending: name for ending in endings}
    return named


@cache
def _spelling_phrases() -> Phrases:
    return phrases(",".join(_spellings()))


def _assertions(reading: Reading) -> Iterator[tuple[str, int, int]]:
    for start, end in reading.phrases(_spelling_phrases()):
        yield _spellings()[" ".join(reading.tokens[slice(*reading.places(start, end))])], start, end


@cache
def _names(kind: str) -> frozenset[str]:
    if kind == "given":
        text = (_HERE / "given_names.txt").read_text()
        return frozenset(
            word for line in text.splitlines() if not line.startswith("#") for word in line.split()
        )
    return frozenset(tables.ours(_HERE / "claims.toml")["people"][kind].split())


def _people(reading: Reading) -> Iterator[tuple[int, int]]:
    """A title with a name; a given name with a family name; a given name after a word for a person."""
    titles = _names("titles") & reading.vocabulary
    given = _names("given") & reading.vocabulary
    if not titles and not given:
        return
    reached = 0
    for index, token in enumerate(reading.tokens):
        if index < reached or (token not in titles and token not in given):
            continue
        first = index + 1 if token in titles else index
        last = _name_end(reading, first)
        if last > first and (token in titles or _is_person(reading, first, last)):
            reached = last
            yield reading.words[first].start(), reading.words[last - 1].end()


def _name_end(reading: Reading, first: int) -> int:
    """The place after the capitalised words that stand in a row here, three at most."""
    last = first
    while last < min(first + 3, len(reading.words)) and _capital(reading, last):
        if last > first and not _beside(reading, last):
            break
        last += 1
    return last


def _capital(reading: Reading, index: int) -> bool:
    written = reading.original(*reading.words[index].span())
    return written[:1].isupper() and len(written) > 1 and not written.isdigit()


def _beside(reading: Reading, index: int) -> bool:
    gap = reading.text[reading.words[index - 1].end() : reading.words[index].start()]
    return gap in (" ", "-", ". ") and (gap != ". " or len(reading.tokens[index - 1]) <= 2)


def _is_person(reading: Reading, first: int, last: int) -> bool:
    before = reading.tokens[first - 1] if first else ""
    after = reading.tokens[last] if last < len(reading.tokens) else ""
    words = set(reading.tokens[first:last])
    places = _names("places")
    if before in _names("before_places") or after in places or words & places:
        return False
    return last - first > 1 or before in _names("persons")

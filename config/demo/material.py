"""Reads what the demo's texts are made of. Facts are written as “name | what is worth knowing”; ~ marks no place."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from experts import taxonomy

FOLDER = Path(__file__).parent
# What can be done in any city, with or without a fact about it.
EVERYWHERE = frozenset(
    "families teenagers generations women-travelers couples celebrations groups wheelchair-access gentle-pace "
    "quiet-travel pets itineraries hidden-places day-trips drivers-and-roads rail budget-travel luxury long-stays "
    "business-trips photography shopping vegetarian-and-vegan allergy-aware".split()
)


CIRCUMSTANCES = {"who-travels", "comfort-and-access", "plan-and-move"}
Names = tuple[Sequence[str], Sequence[str], Sequence[str]]  # women's, men's, families'


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    clause: str
    is_place: bool

    @classmethod
    def read(cls, line: str) -> "Fact":
        name, clause = line.removeprefix("~").split(" | ")
        return cls(name, clause, is_place=not line.startswith("~"))


@dataclass(frozen=True, slots=True)
class Offer:
    title: str
    kind: str
    hours: str
    description: str


@dataclass(frozen=True, slots=True)
class Trade:
    """A specialty as somebody's work."""

    slug: str
    group: str
    topic: str
    headlines: list[str]
    offers: list[Offer]
    includes: list[str]
    praise: list[str]


@dataclass(frozen=True, slots=True)
class City:
    key: str
    geoname_id: int
    prices: tuple[float, float]  # per person and day, in the local currency
    native: str
    foreigners: float
    languages: Mapping[str, tuple[float, int, int]]  # share who speak it, lowest and highest level
    names: Names
    areas: Mapping[str, str]
    facts: Mapping[str, list[Fact]]  # by specialty

    @property
    def trades(self) -> list[str]:
        """What experts may do here."""
        return sorted({*self.facts, *EVERYWHERE})

    @property
    def subjects(self) -> list[str]:
        """What travelers come for: things to see and do, not who they are or how they move."""
        return [slug for slug in self.facts if trades()[slug].group not in CIRCUMSTANCES]


@cache
def cities() -> Mapping[str, City]:
    return {path.stem: _city(path.stem, read(path)) for path in sorted((FOLDER / "cities").glob("*.toml"))}


def _city(key: str, found: Mapping[str, Any]) -> City:
    low, high = found["prices"]
    names = found["names"]
    return City(
        key=key,
        geoname_id=found["geoname_id"],
        prices=(low, high),
        native=found["native"],
        foreigners=found["foreigners"],
        languages={code: tuple(spread) for code, spread in found["languages"].items()},
        names=(names["women"].split(), names["men"].split(), names["family"].split()),
        areas=found["areas"],
        facts={slug: [Fact.read(line) for line in lines] for slug, lines in found["know"].items()},
    )


@cache
def trades() -> Mapping[str, Trade]:
    groups = {entry.slug: entry.group for entry in taxonomy.entries()}
    return {slug: _trade(slug, groups[slug], found) for slug, found in read(FOLDER / "offers.toml").items()}


def _trade(slug: str, group: str, found: Mapping[str, Any]) -> Trade:
    offers = [Offer(*line.split(" | ")) for line in found["services"]]
    texts = {name: found[name] for name in ("topic", "headlines", "includes", "praise")}
    return Trade(slug=slug, group=group, offers=offers, **texts)


@cache
def abroad() -> Mapping[str, Names]:
    """Names of those who came from elsewhere, by mother tongue."""
    found = read(FOLDER / "abroad.toml")
    return {code: (n["women"].split(), n["men"].split(), n["families"].split()) for code, n in found.items()}


@cache
def words() -> Mapping[str, Mapping[str, list[str]]]:
    return read(FOLDER / "words.toml")


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))

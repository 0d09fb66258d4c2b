"""What experts can be good at: about 80 specialties in 12 groups, kept in data/specialties.toml."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import transaction

from experts.models import Specialty
from markets.folding import fold

FILE = Path(__file__).parent / "data" / "specialties.toml"
# A must-have such as “no hiking” asks for the opposite: at most one word may stand between.
NEGATION = re.compile(r"\b(?:no|not|without|avoid|avoiding|skip|hate|dislike|dont|never)(?: \w+)? $")


@dataclass(frozen=True, slots=True)
class Entry:
    slug: str
    name: str
    group: str
    group_name: str
    words: tuple[str, ...]


@cache
def entries() -> tuple[Entry, ...]:
    """The taxonomy in the order of the file."""
    groups = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Entry(row["slug"], row["name"], slug, group["name"], (row["name"], *row["words"]))
        for slug, group in groups.items()
        for row in group["specialties"]
    )


@transaction.atomic
def sync(model: type[Specialty] = Specialty) -> None:
    """Bring the rows in line with the file. A row that left it stays: experts and trips may refer to it.

    A migration calls this after each change of the file, with the historical model.
    """
    model.objects.bulk_create(
        [
            model(slug=e.slug, name=e.name, group=e.group, group_name=e.group_name, position=position)
            for position, e in enumerate(entries())
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name", "group", "group_name", "position"],
    )


def recognise(text: str) -> list[str]:
    """The slugs of the specialties that a free text asks for, in the order in which it names them."""
    folded = fold(text)
    pattern, meanings = _vocabulary()
    found: dict[str, None] = {}
    said = 0
    for match in pattern.finditer(folded):
        # From the last wish on: one that says no itself, such as “no crowds”, does not speak of the next.
        if not NEGATION.search(folded, said, match.start()):
            found |= dict.fromkeys(meanings[match["word"]])
            said = match.end()
    return list(found)


@cache
def _vocabulary() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """One pattern of all words, the longest first, and what each of them stands for."""
    meanings: dict[str, list[str]] = {}
    for entry in entries():
        for word in dict.fromkeys(map(fold, entry.words)):
            meanings.setdefault(word, []).append(entry.slug)
    words = "|".join(sorted(map(re.escape, meanings), key=len, reverse=True))
    return re.compile(rf"\b(?P<word>{words})s?\b"), meanings

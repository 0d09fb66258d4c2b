"""What experts can be good at: about 80 specialties in 12 groups, kept in data/specialties.toml.

data/words/ holds the words that stand for them in free text, a file for each language; whoever adds a file adds a
language. Whatever language a page is in, all of them are listened to, so a word that means something else in another
language needs a companion. Words are matched whole, without accents and case. In a file:

words           by slug; the English ones come beside the specialty's name. A star stands for any letters: “Weinberg*”
                is a Weinbergwanderung too, “*museum*” a Freilichtmuseum and its Museumsshop.
endings         what a word may have at its end: Kurs, Kurse, Kursen. An exclamation mark forbids it: “Wolle!”, which
                is not “wollen”.
same            spellings that count as the same, for keyboards without the letters: Maerkte, Märkte.
negated_before  a pattern of what makes the opposite of the wish behind it; before the end of the text, which is where
                that wish begins. At most one word may stand between, for “no long hikes”.
negated_after   the same for what follows the wish; “ |” is the end of a clause.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from experts.models import Specialty
from markets.folding import fold

DATA = Path(__file__).parent / "data"
BETWEEN_WORDS = r" (?:\| )?"
CLAUSE_END = re.compile(r"[,;:.!?()\n]+")


@dataclass(frozen=True, slots=True)
class Entry:
    slug: str
    name: str
    group: str
    group_name: str


class Pattern(NamedTuple):
    """A word as a regular expression, and letters that are in all it matches."""

    letters: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """The words of one language as one pattern, and the slugs that each of them stands for."""

    words: re.Pattern[str]
    meanings: dict[Pattern, list[str]]
    same: dict[str, str]
    negated_before: re.Pattern[str]
    negated_after: re.Pattern[str] | None


@cache
def entries() -> tuple[Entry, ...]:
    """The taxonomy in the order of the file."""
    groups = tomllib.loads((DATA / "specialties.toml").read_text(encoding="utf-8"))
    return tuple(
        Entry(row["slug"], row["name"], slug, group["name"])
        for slug, group in groups.items()
        for row in group["specialties"]
    )


@cache
def words() -> dict[str, dict[str, list[str]]]:
    """By language and slug, the words of the files; the English ones begin with the name."""
    found = {language: file["words"] for language, file in _files().items()}
    found["en"] = {entry.slug: [entry.name, *found["en"].get(entry.slug, [])] for entry in entries()}
    return found


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
    folded = " | ".join(filter(None, map(fold, CLAUSE_END.split(text))))
    found = [hit for language in languages().values() for hit in _asked_for(folded, language)]
    return list(dict.fromkeys(slug for _, slugs in sorted(found, key=lambda hit: hit[0]) for slug in slugs))


def _asked_for(folded: str, language: Language) -> Iterator[tuple[int, list[str]]]:
    """How many words stand before a wish, which all languages count alike, and what it means."""
    spelled, said = _spell(folded, language.same), 0
    for match in language.words.finditer(spelled):
        # From the last wish on: one that says no itself, such as “no crowds”, does not speak of the next.
        if not _is_negated(spelled, match, said):
            yield spelled.count(" ", 0, match.start()), _meaning(match[0], language)
            said = match.end()


@lru_cache(maxsize=4096)
def _meaning(found: str, language: Language) -> list[str]:
    """Asked afterwards: a pattern with a group for each word takes a hundred times longer."""
    return next(
        slugs
        for pattern, slugs in language.meanings.items()
        if pattern.letters in found and re.fullmatch(pattern.text, found)
    )


def _is_negated(text: str, match: re.Match[str], start: int) -> bool:
    """By any language: who asks for “kein Yoga” uses a word of the English list."""
    return any(
        language.negated_before.search(text, start, match.start())
        or (language.negated_after and language.negated_after.match(text, match.end()))
        for language in languages().values()
    )


@cache
def languages() -> dict[str, Language]:
    return {code: _language(words()[code], file) for code, file in _files().items()}


def _language(words: dict[str, list[str]], file: dict[str, Any]) -> Language:
    same, ending = file.get("same", {}), f"(?:{'|'.join(file['endings'])})?"
    meanings: dict[Pattern, list[str]] = {}
    for slug, ways in words.items():
        for pattern in dict.fromkeys(_pattern(word, same, ending) for word in ways):
            meanings.setdefault(pattern, []).append(slug)
    # The longest first: a “tea ceremony” is more than a tea.
    order = sorted(meanings, key=lambda pattern: -len(pattern.text.removesuffix(ending)))
    return Language(
        words=re.compile(rf"\b(?:{'|'.join(pattern.text for pattern in order)})\b"),
        meanings={pattern: meanings[pattern] for pattern in order},
        same=same,
        negated_before=re.compile(file["negated_before"]),
        negated_after=re.compile(file["negated_after"]) if "negated_after" in file else None,
    )


def _pattern(word: str, same: dict[str, str], ending: str) -> Pattern:
    """Nothing is escaped: folding leaves letters, digits and blanks."""
    parts = [[_spell(fold(part), same) for part in token.split("*")] for token in word.split()]
    text = BETWEEN_WORDS.join(r"\w*".join(part) for part in parts)
    letters = max(chain.from_iterable(parts), key=len)
    return Pattern(letters, text if word[-1] in "*!" else text + ending)


def _spell(folded: str, same: dict[str, str]) -> str:
    for spelling, letter in same.items():
        folded = folded.replace(spelling, letter)
    return folded


@cache
def _files() -> dict[str, dict[str, Any]]:
    files = sorted((DATA / "words").glob("*.toml"))
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in files}

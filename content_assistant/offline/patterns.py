"""Sentences out of patterns: which can be said with what is known, and which has not been said yet."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "de")


class Topic(NamedTuple):
    """A specialty in sentences: its name, what one looks at in it, what travelers type to find it."""

    name: str
    look: str
    searches: tuple[str, ...]


class Slots(dict[str, str]):
    """What fills a pattern: {city} as it is, {City} with a capital. What is not known is left out."""

    def __missing__(self, key: str) -> str:
        text = self[key[0].lower() + key[1:]]
        return text[:1].upper() + text[1:]


def language_for(code: str) -> str:
    """The language that is written where another is asked for: English, if it is none of ours."""
    short = code.partition("-")[0]
    return short if short in LANGUAGES else "en"


@cache
def say(language: str) -> Mapping[str, Any]:
    return _read(f"{language}.toml")


@cache
def topics(language: str) -> Mapping[str, Topic]:
    return {slug: _topic(line) for slug, line in _read("topics.toml")[language].items()}


def _topic(line: str) -> Topic:
    name, look, searches = line.split(" | ")
    return Topic(name, look, tuple(searches.split(", ")))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def joined(items: Sequence[str], language: str, word: str = "and") -> str:
    """“a, b and c”."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {say(language)['lists'][word]} {items[-1]}"


def counted(count: str, unit: str, language: str) -> str:
    """“one hour”, “3 hours”, “2,5 Stunden”."""
    units = say(language)["units"]
    if count == "1":
        return str(units[unit])
    return str(units[f"{unit}s"]).format(count=count.replace(".", ",") if language == "de" else count)


@cache
def needs(pattern: str) -> frozenset[str]:
    names = {name for _, name, _, _ in Formatter().parse(pattern) if name}
    return frozenset(name[0].lower() + name[1:] for name in names)


def dice(*parts: object) -> Random:
    """The same parts throw the same."""
    return Random("/".join(map(str, parts)))  # noqa: S311  # chooses words


# What tells one expert from another, and by how much: a pair of topics counts twice.
TELLING = Counter(
    "trips other_trips third_trips topic other third topics topics years languages service home place places places "
    "group job own own own_low own_low".split()
)
TELLING_ENOUGH = 3
# Said once in a text, if there is anything else to say.
ONCE = frozenset("look other_look third_look place place2 places home job service group".split())
# A row of languages is long: nobody wants to read it a third time.
TWICE = frozenset(["languages"])
ROW, TWO = 4, 2


@dataclass
class Writer:
    """Chooses among the patterns that can be filled: first those that say nothing twice and are about one person."""

    rng: Random
    slots: Slots
    spent: set[str] = field(default_factory=set)
    said: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)  # of words, as often as they stood side by side

    def say(self, patterns: Iterable[str], **more: str) -> str:
        """A sentence, or "" where none can be made of what is known."""
        slots = Slots(self.slots, **more)
        able = [p for p in patterns if p not in self.spent and self._can(p, slots)]
        if not able:
            return ""
        apart = [p for p in able if all(self.rows[row] < TWO for row in _rows(p.format_map(slots)))] or able
        fresh = [p for p in apart if not any(self.said[name] for name in needs(p) & ONCE)] or apart
        telling = [p for p in fresh if tells(p) >= TELLING_ENOUGH] or fresh
        pattern = self.rng.choice(telling)
        self.spent.add(pattern)
        self.said.update(needs(pattern))
        sentence = pattern.format_map(slots)
        self.rows.update(_rows(sentence))
        return sentence

    def _can(self, pattern: str, slots: Slots) -> bool:
        needed = needs(pattern)
        return needed <= slots.keys() and all(self.said[name] < 2 for name in needed & TWICE)


def _rows(sentence: str) -> set[str]:
    """Of so many words that nobody wants to read them a third time: “Urlaub mit drei Generationen”."""
    words = re.findall(r"\w+", sentence.lower())
    return {" ".join(words[at : at + ROW]) for at in range(len(words) - ROW + 1)}


def tells(pattern: str) -> int:
    return sum(TELLING[name] for name in needs(pattern))


_SHORTER = re.compile(r"(?i)\b(?:shorter|short|briefer|less|kürzer|knapper|kurz)\b")
_LONGER = re.compile(r"(?i)\b(?:longer|more detail\w*|länger|ausführlich\w*)\b")


def wished(goal: tuple[int, int], wish: str) -> tuple[int, int]:
    """“Shorter” and “longer” mean the lower and the upper half of what is wanted."""
    low, high = goal
    middle = (low + high) // 2
    if _SHORTER.search(wish):
        return low, middle
    return (middle, high) if _LONGER.search(wish) else goal

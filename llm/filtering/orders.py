"""Orders to the model that reads a text: found, and taken out with nothing else moved.

The text falls into passages: blocks that imitate the machinery around a prompt (fences, tags, roles), and sentences. A
sentence is read as words, each word as the senses of `orders.toml`; a rule names senses that must stand close together.
So a paraphrase, another word order or another language is the same order.
"""

import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from llm import folding
from llm.filtering import blocks, disguise
from llm.patterns import lazy

_FILE = Path(__file__).with_name("orders.toml")
_WORD = lazy(r"\d+[.,]\d+|[^\W_]+")
_SENTENCE_END = lazy(
    r"(?<![.!?])(?<!\b\w)(?<!\be\.g)(?<!\bi\.e)(?<!\bz\.b)[.!?]++[\"')\]»”]*+(?:\s++|(?=[\u3000-\uffee]))"
    r"|(?<=[\u3000-\uffee])[.!?]++|\n\s*+"
)
_NUMBERING = lazy(r"\s*+\d{1,2}[.)]\s++\Z")  # no sentence, but the start of one
_CLAUSE = lazy(r"[^\w\s'’]")  # between two words: a new clause begins
_EAST_ASIAN = "\u3000"
_INSIDE = lazy(r"(?<=[a-z])[-*_.·|~](?=[a-z])")  # ig-nore, pre.vious
_SPACING = " ._*-"
_SPACED = lazy(r"[a-z0-9@$!](?:[ ._*-]{1,3}[a-z0-9@$!])+")
_HIDDEN = lazy(  # what a disguise has at least
    r"[a-z][0-9@$!|+€£(*_.~·-][a-z]|\b[0-9@$!|+€£(][a-z]|[a-z][0-9@$|+€£*]|\b[a-z][ ._*-]{1,3}[a-z]\b|([a-z])\1\1"
)
_WINDOW = 12  # words
_MUST_REACHES, _SUBJECT_REACHES = 10, 4
_LONG_WORD = 16  # letters: longer ones may be words run together
_LONGEST_WORD = 24
_LONGEST_RUN = 62  # letters spaced out that are read as one

_Senses = frozenset[str]
_NONE: _Senses = frozenset()
_Hits = Sequence[tuple[int, _Senses]]


@dataclass(frozen=True)
class Cleaned:
    """`removed` are the passages that were dropped, as they stood."""

    text: str
    removed: tuple[str, ...]


class Strength(IntEnum):
    NONE = 0
    WEAK = 1  # falls beside a strong one
    STRONG = 2


class _Passage(NamedTuple):
    """Offsets into the folded text. The spaces behind it are its own; `strength` is known of blocks beforehand."""

    start: int
    end: int
    strength: Strength


class _Rule(NamedTuple):
    senses: _Senses
    plain: _Senses  # the same, whether they are orders or not
    without: _Senses
    strength: Strength


def orders(text: str) -> tuple[str, ...]:
    """The passages that speak to a model."""
    return without_orders(text).removed


def without_orders(text: str) -> Cleaned:
    """The text without them. What stays keeps its spelling; where something fell, one gap stays of two."""
    removed: list[str] = []
    cleaned = text
    # What stood apart may be an order once its neighbours have met.
    while found := _without(cleaned):
        cleaned = found.text
        removed += found.removed
    return Cleaned(cleaned, tuple(removed))


def _without(text: str) -> Cleaned | None:
    folded = folding.skeleton(text)
    passages = list(_passages(folded.text))
    falling = _falling(folded.text, passages)
    if not any(falling):
        return None
    origins = folded.origins or range(len(text) + 1)
    parts = [text[origins[passage.start] : origins[passage.end]] for passage in passages]
    if parts:  # signs of no width before the first
        parts[0] = text[: origins[passages[0].end]]
    removed = tuple(part.strip() for part, falls in zip(parts, falling, strict=True) if falls)
    return Cleaned(_joined(parts, falling), removed)


def _joined(parts: Sequence[str], falling: Sequence[bool]) -> str:
    """Of the gaps around what fell the one with most lines stays."""
    kept, gap, is_cut = "", "", False
    for part, falls in zip(parts, falling, strict=True):
        bare = part.rstrip()
        behind = part[len(bare) :]
        if falls:
            gap, is_cut = max(gap, behind, key=_lines) if kept else "", True
        else:
            kept += gap + (bare.lstrip() if is_cut and not kept else bare)
            gap, is_cut = behind, False
    return kept if is_cut else kept + gap


def _lines(gap: str) -> int:
    return gap.count("\n")


def _passages(text: str) -> Iterator[_Passage]:
    at = 0
    for start, end in blocks.find(text):
        yield from _sentences(text, at, start)
        at = _after_spaces(text, end)
        yield _Passage(start, at, Strength.STRONG)
    yield from _sentences(text, at, len(text))


def _after_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _sentences(text: str, start: int, end: int) -> Iterator[_Passage]:
    at = start
    for match in _SENTENCE_END.finditer(text, start, end):
        if match[0][0] != "\n" and _NUMBERING.fullmatch(text[max(at, match.end() - 12) : match.end()]):
            continue
        if match.end() > at:
            yield _Passage(at, match.end(), Strength.NONE)
            at = match.end()
    if at < end:
        yield _Passage(at, end, Strength.NONE)


def _falling(text: str, passages: Sequence[_Passage]) -> list[bool]:
    """The strong ones, and weak ones in a row with them."""
    found = [passage.strength or _strength(text[passage.start : passage.end]) for passage in passages]
    if Strength.STRONG not in found and len(found) < 2:
        return [False] * len(found)
    _join_broken(text, passages, found)
    falling = [strength is Strength.STRONG for strength in found]
    for places in (range(1, len(found)), range(len(found) - 2, -1, -1)):
        step = places.step
        for place in places:
            falling[place] |= falling[place - step] and found[place] is Strength.WEAK
    return falling


def _join_broken(text: str, passages: Sequence[_Passage], found: list[Strength]) -> None:
    """An order that is broken over lines, or into sentences of a word or two, is one all the same."""
    for place, (one, other) in enumerate(pairwise(passages)):
        if Strength.STRONG in found[place : place + 2]:
            continue
        first, second = text[one.start : one.end], text[other.start : other.end]
        if first.rstrip()[-1:] in ".!?" and min(first.count(" "), second.count(" ")) > 2:
            continue
        if _strength(f"{first} {second}") is Strength.STRONG:
            found[place] = found[place + 1] = Strength.STRONG


def _strength(sentence: str) -> Strength:
    tokens = _WORD.findall(sentence)
    plain = _judged(sentence, tokens)
    if plain is Strength.STRONG or not _HIDDEN.search(sentence):
        return plain
    uncovered = _uncovered(sentence, tokens)
    # Nobody hides a word that is harmless: here weak is strong.
    if uncovered != sentence and _judged(uncovered, _WORD.findall(uncovered)) > plain:
        return Strength.STRONG
    whole = _INSIDE.sub("", sentence)
    return max(plain, _judged(whole, _WORD.findall(whole)))


def _uncovered(sentence: str, tokens: Sequence[str]) -> str:
    """The sentence without leet signs, and without letters spaced out or drawn out, where they hide a word of ours."""
    parts: list[str] = []
    at, run = 0, ""
    for start, end, meant in disguise.find(sentence, tokens):
        if start < at:
            continue
        between = sentence[at:start]
        if 0 < len(run) < _LONGEST_RUN and not between.strip(_SPACING):  # it was too long to be found at once
            parts.pop()
            meant = run + meant
        else:
            parts.append(between)
        run, at = (meant if _SPACED.fullmatch(sentence, start, end) else ""), end
        shown = meant if _is_known(meant) else sentence[start:end]
        parts.append(_run_apart(run) if run else shown)
    return " ".join([*parts, sentence[at:]]) if parts else sentence


def _run_apart(letters: str) -> str:
    return letters if letters in _table().words else " ".join(_split(letters, 2))


@cache
def _assignment() -> re.Pattern[str]:
    """expertise: 4"""
    rules = _data()["rules"]
    return re.compile(
        rf"\b(?:{rules['fields']})(?:[_ ](?:level|score|rating|wert|nivel))?\W{{0,3}}[:=>]"
        rf"\W{{0,3}}(?:{rules['values']})\W{{0,3}}"
        r"(?:(?:/|out of|von|de|of) ?(?:4|100|four|vier|cuatro))?"
        r"[\s.!;,)}\]\"']*+(?=\Z|\b(?:and|und|y)\b|[a-z]+ ?[:=])"
    )


def _judged(sentence: str, tokens: Sequence[str]) -> Strength:
    if (":" in sentence or "=" in sentence) and _assignment().search(sentence):
        return Strength.STRONG
    tokens, starts = _spelled(sentence, tokens)
    hits = _hits(tokens)
    if not hits:
        return Strength.NONE
    present = frozenset().union(*(senses for _, senses in hits))
    grouped = _rules()
    rules = [rule for sense in present for rule in grouped.get(sense, ()) if rule.plain <= present]
    if not rules:
        return Strength.NONE
    hits = _with_orders(hits, starts if starts is not None else _starts(sentence))
    weak: set[_Senses] = set()
    for rule in rules:
        if _stands_close(rule, hits):
            if rule.strength is Strength.STRONG:
                return Strength.STRONG
            weak.add(rule.senses)
    # Two that share no sense are two signs, not one said twice.
    if any(one.isdisjoint(other) for one in weak for other in weak):
        return Strength.STRONG
    return Strength.WEAK if weak else Strength.NONE


def _spelled(sentence: str, tokens: Sequence[str]) -> tuple[Sequence[str], frozenset[int] | None]:
    """Words that are written without a space between them as several; every one of those may begin a clause."""
    if sentence.isascii() and all(len(token) < _LONG_WORD for token in tokens):
        return tokens, None
    spelled: list[str] = []
    for token in tokens:
        if token[-1] >= _EAST_ASIAN or token[0] >= _EAST_ASIAN:
            spelled += _split(token, 1)
        elif len(token) >= _LONG_WORD and not _senses(token):
            spelled += _split(token, 3)
        else:
            spelled.append(token)
    if len(spelled) == len(tokens):
        return tokens, None
    return spelled, frozenset(range(len(spelled)))


def _split(token: str, shortest: int) -> list[str]:
    """The known words in it, whole ones before inflected ones and long ones before short ones."""
    words, at, openings = [], 0, _openings()
    while at < len(token):
        if token[at : at + 2] not in openings and (token[at] < _EAST_ASIAN or token[at] not in openings):
            at += 1
            continue
        ends = range(min(len(token), at + _LONGEST_WORD), at + shortest - 1, -1)
        rest = (end for known in (_is_word, _is_inflected, _is_part) for end in ends if known(token[at:end]))
        end = next(rest, at)
        if end > at:
            words.append(token[at:end])
        at = max(end, at + 1)
    return words or [token]


class _Table(NamedTuple):
    words: Mapping[str, _Senses]
    beginnings: Mapping[str, _Senses]
    phrases: Mapping[
        tuple[str, str], Sequence[tuple[tuple[str, ...], str]]
    ]  # by how they begin, see _beginning
    parts: frozenset[str]  # words of phrases


@cache
def _data() -> Mapping[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _table() -> _Table:
    words: dict[str, set[str]] = defaultdict(set)
    beginnings: dict[str, set[str]] = defaultdict(set)
    phrases: dict[tuple[str, str], list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for sense, listed in [*_data()["senses"].items(), ("", _data()["rules"]["harmless"])]:
        for entry in folding.skeleton(listed.replace("\n", ",")).text.split(","):
            parts = tuple(entry.split())
            if len(parts) > 1:
                phrases[_beginning(*parts[:2])].append((parts, sense))
            elif parts and parts[0].endswith("*"):
                beginnings[parts[0][:-1]].add(sense)
            elif parts:
                words[parts[0]].add(sense)
    known = {part for same in phrases.values() for parts, _ in same for part in parts}
    return _Table(_frozen(words), _frozen(beginnings), phrases, frozenset(known))


def _frozen(senses: Mapping[str, Iterable[str]]) -> dict[str, _Senses]:
    return {word: frozenset(found) for word, found in senses.items()}


@cache
def _rules() -> Mapping[str, Sequence[_Rule]]:
    """By the first sense of each."""
    grouped: dict[str, list[_Rule]] = defaultdict(list)
    for strength, name in ((Strength.STRONG, "strong"), (Strength.WEAK, "weak")):
        for line in filter(str.strip, _data()["rules"][name].replace("\n", ";").split(";")):
            names = line.split()
            senses = [name for name in names if name[0] != "-"]
            plain = [name.lstrip("^") for name in senses]
            without = frozenset(name[1:] for name in names if name[0] == "-")
            grouped[plain[0]].append(_Rule(frozenset(senses), frozenset(plain), without, strength))
    return grouped


@lru_cache(maxsize=20_000)
def _senses(token: str) -> _Senses:
    words, beginnings, _, _ = _table()
    found = words.get(token, _NONE)
    for end in range(2, min(len(token), _LONGEST_WORD) + 1):
        found |= beginnings.get(token[:end], _NONE)
    return found


@cache
def _openings() -> frozenset[str]:
    """The first two letters of all words, and those of one letter."""
    words, beginnings, _, parts = _table()
    return frozenset(word[:2] for word in (*words, *beginnings, *parts))


def _is_known(token: str) -> bool:
    return _is_word(token) or _is_inflected(token) or _is_part(token)


def _is_word(token: str) -> bool:
    return token in _table().words


def _is_part(token: str) -> bool:
    return token in _table().parts


def _is_inflected(token: str) -> bool:
    beginnings = _table().beginnings
    return any(token[:end] in beginnings for end in range(max(4, len(token) - 2), len(token) + 1))


def _hits(tokens: Sequence[str]) -> _Hits:
    """The words that have a sense, in a row, those of a phrase at its first word."""
    senses = list(map(_senses, tokens))
    phrases = _table().phrases
    harmless: list[range] = []
    for place, beginning in enumerate(map(_beginning, tokens, tokens[1:])):
        for parts, sense in phrases.get(beginning, ()):
            if _are(tokens[place : place + len(parts)], parts):
                senses[place] |= {sense} if sense else _NONE
                harmless += [] if sense else [range(place, place + len(parts))]
    for places in harmless:
        senses[places.start : places.stop] = [_NONE] * len(places)
    return [(place, found) for place, found in enumerate(senses) if found]


def _beginning(first: str, second: str) -> tuple[str, str]:
    return first, second[:2]


def _are(tokens: Sequence[str], parts: Sequence[str]) -> bool:
    return len(tokens) == len(parts) and all(
        token.startswith(part[:-1]) if part[-1] == "*" else token == part
        for token, part in zip(tokens, parts, strict=True)
    )


def _starts(sentence: str) -> frozenset[int]:
    """Which words begin a clause."""
    starts, end = {0}, 0
    for place, match in enumerate(_WORD.finditer(sentence)):
        if _CLAUSE.search(sentence, end, match.start()):
            starts.add(place)
        end = match.end()
    return frozenset(starts)


def _as_orders(senses: _Senses) -> _Senses:
    return frozenset([f"^{sense}" for sense in senses])


def _with_orders(hits: _Hits, starts: frozenset[int]) -> _Hits:
    """Whatever may be meant as an order has its ^senses too."""
    must = subject = marker = -99
    found = []
    for place, senses in hits:
        starts_clause = place in starts
        is_told = starts_clause or place - marker == 1 or place - must <= _MUST_REACHES
        if is_told and place - subject > (0 if starts_clause else _SUBJECT_REACHES):
            senses |= _as_orders(senses)
        found.append((place, senses))
        must = place if "must" in senses else must
        subject = place if "subject" in senses else subject
        marker = place if "marker" in senses else marker
    return found


def _stands_close(rule: _Rule, hits: _Hits) -> bool:
    """All senses of the rule within a window that begins with one of them."""
    needed = [(place, senses) for place, senses in hits if not rule.senses.isdisjoint(senses)]
    places = [place for place, _ in needed]
    for first, place in enumerate(places):
        last = bisect_left(places, place + _WINDOW)
        near = needed[first:last]
        if rule.senses <= frozenset().union(*(senses for _, senses in near)):
            return not (rule.without and any(not rule.without.isdisjoint(senses) for _, senses in hits))
    return False

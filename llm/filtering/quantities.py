"""Numbers with what they count, years and days of the calendar, in six languages and however they are spelled."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from llm import tables
from llm.filtering.reading import Reading
from llm.patterns import lazy

_FILE = Path(__file__).with_name("claims.toml")
_NUMBER = r"\d{1,3}(?:[ .,'’]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d{1,2}(?!\d))?"
_DIGITS = lazy(_NUMBER)
_BARE = lazy(r"[ -]?(?:[\d,;:!?)\n]|$)")  # after a number that counts nothing
_TOKEN = lazy(rf"(?P<number>{_NUMBER})|us\$|r\$|[€$£¥%°]|[^\W\d_]+")
_LAST_WORD = lazy(r"([^\W\d_]+)\.? $")
_TOKENS = 6  # of a number and what it counts
_AHEAD, _BEHIND = 48, 28  # characters in which what a number counts, and what limits it, must be
_CURRENCIES = ("$", "€", "£", "¥", "eur", "usd", "gbp", "chf", "jpy", "brl")
_CURRENCY_BEFORE = lazy(r"(?<!\w)(?P<unit>us\$|r\$|[€$£¥]|eur|usd|gbp|chf|jpy|brl) ?$")
_GROUPED = lazy(r"\d{1,3}(?:[.,]\d{3})+|\d{1,3}(?:\.\d{3})+,\d{1,2}|\d{1,3}(?:,\d{3})+\.\d{1,2}")
_DATE = lazy(
    r"(?P<y1>(?:19|20)\d\d)-(?P<m1>\d\d)-(?P<d1>\d\d)(?!\d)"
    r"|(?P<d2>[0-3]?\d)(?P<sign>[./])(?P<m2>[01]?\d)(?:(?P=sign)(?P<y2>(?:19|20)\d\d|\d\d)(?!\d)|(?<=\.\d)\.|(?<=\.\d\d)\.)"
)
_RATING = lazy(r"(\d[.,]\d) ?(?:/|out of|von|sur|de|su) ?(?:5|10)(?!\d)")
_GERMAN = lazy(
    r"(ein|zwei|drei|vier|funf|sechs|sieben|acht|neun)und(zwanzig|dreissig|vierzig|funfzig|sechzig|siebzig|achtzig|neunzig)"
)

# Units that measure the same, so that 90 minutes are an hour and a half.
_SAME = {
    "decades": "years", "centuries": "years", "weeks": "days", "hours": "time", "minutes": "time",
    "kilometres": "length", "metres": "length", "miles": "length",
}  # fmt: skip


class Bound(StrEnum):
    EXACT = "exact"
    MORE = "more"  # more than
    LESS = "less"  # up to


class Quantity(NamedTuple):
    """Offsets into the folded text. More than one value: 1.200 may be either. A bare number has no unit."""

    start: int
    end: int
    values: tuple[float, ...]
    unit: str


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    values: tuple[float, ...] = ()


@cache
def _table(name: str) -> Mapping[str, str]:
    table: Mapping[str, str] = tables.ours(_FILE)[name]
    return table


@cache
def _units() -> Mapping[str, tuple[str, float]]:
    """What each word counts, and how many of it."""
    units: dict[str, tuple[str, float]] = {}
    for unit, line in _table("units").items():
        factor, *words = line.split()
        for word in words:
            units.setdefault(word, (_SAME.get(unit, unit), float(factor)))
    return units


@cache
def _spelled(name: str) -> Mapping[str, int]:
    groups = [group.split() for group in _table("numbers")[name].replace("\n", "|").split("|")]
    return {word: int(group[0]) for group in groups if group for word in group[1:]}


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_table("numbers")[name].split())


@cache
def _months() -> Mapping[str, int]:
    lines = _table("numbers")["months"].strip().splitlines()
    return {word: month for month, line in enumerate(lines, 1) for word in line.split()}


def find(reading: Reading) -> Iterator[Quantity]:
    text = reading.text
    reached = 0
    for start in _beginnings(reading):
        if start < reached:
            continue
        dated = text[start].isdigit() and (_rating(text, start) or _date(text, start))
        for found in dated or _number_at(text, start):
            reached = max(reached, found.end)
            yield found


def _beginnings(reading: Reading) -> list[int]:
    """Where digits or number words begin."""
    starts = [match.start() for match in _DIGITS.finditer(reading.text)]
    known = {word for word in reading.vocabulary if word.endswith(("zig", "dreissig"))} | _spelled(
        "words"
    ).keys()
    starts += [reading.words[index].start() for index in reading.where(known)]
    return sorted(starts)


def _date(text: str, start: int) -> tuple[Quantity, ...]:
    """The day, and the year with it."""
    match = _DATE.match(text, start)
    if not match or text[max(0, start - 1) : start].isalnum():
        return ()
    month, day = int(match["m1"] or match["m2"]), int(match["d1"] or match["d2"])
    found = Quantity(*match.span(), (_calendar(month, day),), "date")
    name = "y1" if match["y1"] else "y2"
    if len(match[name] or "") != 4:
        return (found,)
    return found, Quantity(*match.span(name), (float(match[name]),), "year")


def _rating(text: str, start: int) -> tuple[Quantity, ...]:
    match = _RATING.match(text, start)
    return (Quantity(*match.span(), (float(match[1].replace(",", ".")),), "rating"),) if match else ()


def _calendar(month: int, day: int) -> float:
    return 100.0 * month + day


def _number_at(text: str, start: int) -> tuple[Quantity, ...]:
    digits = _DIGITS.match(text, start)
    reach = digits.end() if digits and _BARE.match(text, digits.end()) else start + _AHEAD
    tokens = [_token(text, match) for match in islice(_TOKEN.finditer(text, start, reach), _TOKENS)]
    values, after = _number(tokens)
    return (_quantity(text, tokens, after, values),) if values else ()


def _token(text: str, match: re.Match[str]) -> _Token:
    start, end = match.span()
    if match.lastgroup is None or _part_of_code(text, start, end):
        return _Token(start, end, match[0])
    return _Token(start, end, match[0], _values(match[0]))


def _part_of_code(text: str, start: int, end: int) -> bool:
    """A flight, a road, a time, a date, a version: A55, 10:30, 12.05.2026."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalpha() or before[-1:] in ("_", "#"):
        return True
    if before[-1:] in (":", "/", ".", ",") and before[:1].isdigit():
        return True
    return after[:1] in (":", "/", ".") and after[1:].isdigit()


def _values(written: str) -> tuple[float, ...]:
    """1.200 is 1200 here and 1.2 there: both count. 192.168.178.21 is no number."""
    compact = re.sub(r"[ '’]", "", written)
    if not _GROUPED.fullmatch(compact):
        if compact.count(".") + compact.count(",") > 1:
            return ()
        return (float(compact.replace(",", ".", 1)),)
    last = max(compact.rfind("."), compact.rfind(","))
    if len(compact) - last <= 3:  # the last sign is the decimal one
        return (float(re.sub(r"[.,]", "", compact[:last]) + "." + compact[last + 1 :]),)
    whole = float(re.sub(r"[.,]", "", compact))
    only_sign = len(re.findall(r"[.,]", compact)) == 1
    return (whole, float(compact.replace(",", "."))) if only_sign else (whole,)


def _number(tokens: Sequence[_Token]) -> tuple[tuple[float, ...], int]:
    """The values of the number that the first tokens are, and how many these are."""
    values, after = tokens[0].values, 1
    if not values:
        value, after = _in_words(tokens)
        values = (value,) if value else ()
    if values and after < len(tokens) and (power := _spelled("powers").get(tokens[after].text)):
        values, after = tuple(value * power for value in values), after + 1
    return values, after


def _in_words(tokens: Sequence[_Token]) -> tuple[float, int]:
    """Twenty-five, fünfundzwanzig, vingt-cinq, treinta y cinco."""
    word, after = tokens[0].text, 1
    if german := _GERMAN.fullmatch(word):
        return _spelled("words").get(german[1], 1) + _spelled("words")[german[2]], after
    value = float(_spelled("words").get(word, 0))
    if word == "quatre" and len(tokens) > 1 and tokens[1].text in ("vingt", "vingts"):
        value, after = 80.0, 2
    if value >= 20 and value % 10 == 0:
        return _with_ones(tokens, value, after)
    return value, after


def _with_ones(tokens: Sequence[_Token], tens: float, after: int) -> tuple[float, int]:
    place = after
    if place < len(tokens) and tokens[place].text in _words("and"):
        place += 1
    ones = _spelled("words").get(tokens[place].text, 0) if place < len(tokens) else 0
    if 0 < ones < (20 if tens in (60, 80) else 10) and tokens[place].start - tokens[after - 1].end <= 3:
        return tens + ones, place + 1
    return tens, after


def _quantity(text: str, tokens: Sequence[_Token], after: int, values: tuple[float, ...]) -> Quantity:
    """`after` is how many tokens the number takes."""
    start, end = tokens[0].start, tokens[after - 1].end
    before = text[max(0, start - _BEHIND) : start]
    if day := _day(tokens, after, values, before):
        return day
    if before.rstrip(" ").endswith(_CURRENCIES) and (currency := _CURRENCY_BEFORE.search(before)):
        at = start - len(before) + currency.start()
        return Quantity(at, end, values, _units()[currency["unit"]][0])
    unit = _unit_after(text, tokens, after)
    if unit is not None and not (
        unit.text in _words("clock_units") and _last_word(before) in _words("clock")
    ):
        kind, factor = _units()[unit.text]
        return Quantity(start, unit.end, tuple(value * factor for value in values), kind)
    is_year = len(tokens[0].text) == 4 and tokens[0].text.isdigit() and 1000 <= values[0] <= 2100
    return Quantity(start, end, values, "year" if is_year else "")


def _day(tokens: Sequence[_Token], after: int, values: tuple[float, ...], before: str) -> Quantity | None:
    """12 May, 12. Mai, 12 de mayo, May 12th."""
    if not tokens[0].values or not 1 <= values[0] <= 31 or values[0] % 1:
        return None
    start, end = tokens[0].start, tokens[0].end
    if (named := _LAST_WORD.search(before)) and (month := _months().get(named[1])):
        return Quantity(start - len(before) + named.start(), end, (_calendar(month, int(values[0])),), "date")
    for token in tokens[after : after + 2]:
        if month := _months().get(token.text):
            return Quantity(start, token.end, (_calendar(month, int(values[0])),), "date")
        if token.text not in _words("before_month"):
            break
    return None


def _unit_after(text: str, tokens: Sequence[_Token], after: int) -> _Token | None:
    """What is counted: next to the number, or after an adjective or two."""
    doubtful = not tokens[0].values and tokens[after - 1].text in _words("doubtful")
    reached = tokens[after - 1].end
    for token in tokens[after : after + (1 if doubtful else 3)]:
        gap = text[reached : token.start]
        if token.values or gap.strip(" -'’"):
            return None
        if token.text in _units():
            return token
        if token.text in _words("no_adjective") or not token.text.isalpha() or not gap:
            return None
        reached = token.end
    return None


def _last_word(text: str) -> str:
    return text.split()[-1] if text.split() else ""


def bound(text: str, start: int) -> Bound:
    """By the words before the quantity."""
    words = text[max(0, start - _BEHIND) : start].split()[-3:]
    for length in range(1, len(words) + 1):
        phrase = " ".join(words[-length:])
        if phrase in _phrases("more"):
            return Bound.MORE
        if phrase in _phrases("less"):
            return Bound.LESS
    return Bound.EXACT


@cache
def _phrases(name: str) -> frozenset[str]:
    return frozenset(
        " ".join(phrase.split()) for phrase in _table("numbers")[name].replace("\n", ",").split(",")
    )

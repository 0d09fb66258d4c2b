"""Numbers with what they count, years and days of the calendar, in six languages and however they are spelled."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("claims.toml")
_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:[ .,'’]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d{1,2}(?!\d))?)"
    r"|us\$|r\$|[€$£¥%°]|[^\W\d_]+"
)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d{1,3}(?:\.\d{3})+,\d{1,2}|\d{1,3}(?:,\d{3})+\.\d{1,2}")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d-(?P<m1>\d\d)-(?P<d1>\d\d)|(?P<d2>[0-3]?\d)[./](?P<m2>[01]?\d)[./](?:(?:(?:19|20)\d\d|\d\d)(?!\d))?)"
)
_RATING = re.compile(r"(?<![\d.,])(\d[.,]\d) ?(?:/|out of|von|sur|de|su) ?(?:5|10)(?!\d)")
_GERMAN = re.compile(
    r"(ein|zwei|drei|vier|funf|sechs|sieben|acht|neun)und(zwanzig|dreissig|vierzig|funfzig|sechzig|siebzig|achtzig|neunzig)"
)

# Units that measure the same, so that 90 minutes are an hour and a half.
_SAME = {
    "decades": "years", "centuries": "years", "weeks": "days", "hours": "time", "minutes": "time",
    "kilometres": "length", "metres": "length", "miles": "length",
}  # fmt: skip
_CURRENCIES = frozenset("EUR USD GBP CHF JPY BRL".split())


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
    bound: Bound = Bound.EXACT


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    values: tuple[float, ...] = ()


@cache
def _table(name: str) -> Mapping[str, str]:
    table: Mapping[str, str] = tomllib.loads(_FILE.read_text())[name]
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


def find(text: str) -> Iterator[Quantity]:
    """`text` is folded."""
    for match in _DATE.finditer(text):
        month, day = match["m1"] or match["m2"], match["d1"] or match["d2"]
        yield Quantity(*match.span(), (_calendar(int(month), int(day)),), "date")
    for match in _RATING.finditer(text):
        yield Quantity(*match.span(), (float(match[1].replace(",", ".")),), "rating")
    tokens = [_token(text, match) for match in _TOKEN.finditer(text)]
    index = 0
    while index < len(tokens):
        values, after = _number(tokens, index)
        if values:
            yield _quantity(text, tokens, index, after, values)
        index = after


def _calendar(month: int, day: int) -> float:
    return 100.0 * month + day


def _token(text: str, match: re.Match[str]) -> _Token:
    start, end = match.span()
    written = match["number"]
    values = _values(written) if written and not _part_of_code(text, start, end) else ()
    return _Token(start, end, match[0], values)


def _part_of_code(text: str, start: int, end: int) -> bool:
    """A flight, a road, a time, a date, a version: A55, 10:30, 12.05.2026."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalpha() or before[-1:] in ("_", "#"):
        return True
    if before[-1:] in (":", "/", ".", ",") and before[:1].isdigit():
        return True
    return after[:1] in (":", "/", ".") and after[1:].isdigit()


def _values(written: str) -> tuple[float, ...]:
    """1.200 is 1200 here and 1.2 there: both count."""
    compact = re.sub(r"[ '’]", "", written)
    if not _GROUPED.fullmatch(compact):
        return (float(compact.replace(",", ".", 1)),)
    last = max(compact.rfind("."), compact.rfind(","))
    if len(compact) - last <= 3:  # the last sign is the decimal one
        return (float(re.sub(r"[.,]", "", compact[:last]) + "." + compact[last + 1 :]),)
    whole = float(re.sub(r"[.,]", "", compact))
    only_sign = len(re.findall(r"[.,]", compact)) == 1
    return (whole, float(compact.replace(",", "."))) if only_sign else (whole,)


def _number(tokens: Sequence[_Token], index: int) -> tuple[tuple[float, ...], int]:
    """The values of the number that begins here and the place after it; none and the next place if none does."""
    token, after = tokens[index], index + 1
    if token.values:
        values: tuple[float, ...] = token.values
    else:
        value, after = _in_words(tokens, index)
        if not value:
            return (), index + 1
        values = (value,)
    if after < len(tokens) and (power := _spelled("powers").get(tokens[after].text)):
        values, after = tuple(value * power for value in values), after + 1
    return values, after


def _in_words(tokens: Sequence[_Token], index: int) -> tuple[float, int]:
    """Twenty-five, fünfundzwanzig, vingt-cinq, treinta y cinco; up to 999."""
    word = tokens[index].text
    if german := _GERMAN.fullmatch(word):
        ones = _spelled("words").get(german[1], 1)
        return ones + _spelled("words")[german[2]], index + 1
    value = float(_spelled("words").get(word, 0))
    after = index + 1
    if word == "quatre" and after < len(tokens) and tokens[after].text in ("vingt", "vingts"):
        value, after = 80.0, after + 1
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


def _quantity(
    text: str, tokens: Sequence[_Token], index: int, after: int, values: tuple[float, ...]
) -> Quantity:
    first, last = tokens[index], tokens[after - 1]
    bound = _bound(tokens, index)
    if day := _day(tokens, index, after, values):
        return day
    if (before := _unit_before(tokens, index)) is not None:
        return Quantity(before.start, last.end, values, _units()[before.text][0], bound)
    unit = _unit_after(text, tokens, after, spelled=not first.values)
    if unit is not None and not (tokens[unit].text in _words("clock_units") and _at_a_time(tokens, index)):
        kind, factor = _units()[tokens[unit].text]
        return Quantity(first.start, tokens[unit].end, tuple(value * factor for value in values), kind, bound)
    is_year = len(first.text) == 4 and first.text.isdigit() and 1000 <= values[0] <= 2100
    return Quantity(first.start, last.end, values, "year" if is_year else "", bound)


def _day(tokens: Sequence[_Token], index: int, after: int, values: tuple[float, ...]) -> Quantity | None:
    """12 May, 12. Mai, 12 de mayo, May 12th."""
    if not 1 <= values[0] <= 31 or values[0] % 1 or not tokens[index].values:
        return None
    if index and (month := _months().get(tokens[index - 1].text)):
        return Quantity(
            tokens[index - 1].start, tokens[index].end, (_calendar(month, int(values[0])),), "date"
        )
    for place in range(after, min(after + 2, len(tokens))):
        if month := _months().get(tokens[place].text):
            return Quantity(
                tokens[index].start, tokens[place].end, (_calendar(month, int(values[0])),), "date"
            )
        if tokens[place].text not in _words("before_month"):
            break
    return None


def _unit_before(tokens: Sequence[_Token], index: int) -> _Token | None:
    """A currency: € 45, EUR 45."""
    if not index or tokens[index].start - tokens[index - 1].end > 1:
        return None
    before = tokens[index - 1]
    return before if _units().get(before.text, ("", 0))[0] in _CURRENCIES and len(before.text) <= 3 else None


def _unit_after(text: str, tokens: Sequence[_Token], after: int, *, spelled: bool) -> int | None:
    """The place of what is counted: next to the number, or after an adjective or two."""
    doubtful = spelled and tokens[after - 1].text in _words("doubtful")
    for place in range(after, min(after + (1 if doubtful else 3), len(tokens))):
        token = tokens[place]
        gap = text[tokens[place - 1].end : token.start]
        if token.values or gap.strip(" -‑’'"):
            return None
        if token.text in _units():
            return place
        if token.text in _words("no_adjective") or not token.text.isalpha() or (not gap and place == after):
            return None
    return None


def _at_a_time(tokens: Sequence[_Token], index: int) -> bool:
    return index > 0 and tokens[index - 1].text in _words("clock")


def _bound(tokens: Sequence[_Token], index: int) -> Bound:
    before = [token.text for token in tokens[max(0, index - 3) : index]]
    for words in (1, 2, 3):
        phrase = " ".join(before[-words:])
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

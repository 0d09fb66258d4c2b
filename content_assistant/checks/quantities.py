"""Years, numbers with what they count, dates, times and prices, as they are written in several languages.

“Ten years”, “10 Jahre” and “a decade” are not the same words but the same number: each becomes a unit and a value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from content_assistant.checks import amounts
from content_assistant.checks.amounts import NUMBER
from content_assistant.checks.tables import data, fold, words

_SAME = {
    "hours": "time", "minutes": "time", "weeks": "days", "decades": "years",
    "kilometres": "length", "metres": "length", "miles": "length",
}  # fmt: skip
# Nobody means these as numbers: around the clock, half each, the Code of a road.
_IDIOM = re.compile(
    r"(?<!\w)(?:24/7|50[/:-]50|1:1|\d{1,2}/\d{1,2}|[A-Za-z]{1,4}-?\d+|\d+x\d+|\d+[A-Z]\b)", re.ASCII
)
_PERIOD_YEAR = r"1[0-9]\d\d|20\d\d"
# A number may follow a Japanese word without a space.
_SIGN = r"0-9A-Za-zÀ-ɏ_"
_YEAR = re.compile(
    rf"(?<![{_SIGN}.,/:€$£¥-])(?P<year>{_PERIOD_YEAR})(?P<decade>(?:['’]?s|er|ern)\b)?(?![{_SIGN}/:]|[.,]\d)"
)
_SPAN = re.compile(
    rf"(?<![\w.,])(?P<first>{_PERIOD_YEAR}) ?[-–—/] ?(?P<last>{_PERIOD_YEAR}|\d\d)(?![\w.,]\d|\w)"
)
_DECADE = re.compile(r"(?<!\w)['’]?(?P<tens>[2-9]0)(?:['’]?s|er|ern)(?!\w)")
_CENTURY = re.compile(
    r"(?<!\w)(?P<number>\d{1,2})(?:st|nd|rd|th|\.|e|er|ème)?[ -](?:century|centuries|jahrhundert\w*|jh\.|siècle)(?!\w)"
    r"|siglo (?P<roman>[IVX]+)(?!\w)",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})?(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d)(?!\d))?"
    r"(?: ?(?P<half>[ap]\.? ?m\b\.?)|(?P<clock> ?uhr\b|h\b| o['’]clock\b|時))?",
    re.IGNORECASE,
)
_DIGITS = re.compile(rf"(?<![{_SIGN}.,])(?:{NUMBER})")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[%°]")
_UNSPACED = re.compile(r"か月|ヶ月|日間|週間|時間|年間|メートル|キロ|名様|[分泊人名年]")
_RANGE = re.compile(rf" ?[-–—] ?(?P<more>{NUMBER})")
_BEFORE_RANGE = re.compile(rf"(?<![\w.,])(?P<more>{NUMBER}) ?(?:[-–—]|to|bis|a|à) ?$")
_LETTER = re.compile(r"[A-Za-zÀ-ɏ]")
_TO = r" (?:to|or|bis|oder|a|à|o|ou) "
_TO_WORD = re.compile(rf"{_TO}([^\W\d_]+)")
_TO_NUMBER = re.compile(rf"(?: ?[-–—] ?|{_TO})(?:{NUMBER})")
_COUNTED = re.compile(r"[ \u00a0\u202f-]?([^\W\d_]+|[%°])")
_NEXT_WORD = re.compile(r"[ \u00a0-]([^\W\d_]+)")
_LAST_WORD = re.compile(r"([^\W\d_]+)[.: #]*$")
_REACH = 3  # words in which what a number counts must be


class Quantity(NamedTuple):
    """`kind` is year, number or price. A number that counts nothing has no unit; one that stands for itself is bare."""

    start: int
    end: int
    kind: str
    unit: str
    value: Decimal
    more: bool = False  # at least so many
    bare: bool = False
    told: Decimal = Decimal(0)  # before it became minutes or metres


def find(text: str, language: str, *, words_of: Iterable[str] = ()) -> list[Quantity]:
    """In order of place. Number words are read in the text's language, and in those of `words_of`."""
    plain = amounts.readable(text)
    taken: list[tuple[int, int]] = []
    found: list[Quantity] = []

    def take(several: Iterable[Quantity]) -> None:
        """What a surer sign has found is not read again; one sign may give more than one number."""
        new = [one for one in several if all(one.end <= start or one.start >= end for start, end in taken)]
        taken.extend((one.start, one.end) for one in new)
        found.extend(new)

    take(_prices(plain, language))
    taken += [found.span() for found in _IDIOM.finditer(plain)]
    take(_dates(plain, language))
    take(_clocks(plain))
    take(_centuries(plain))
    take(_years(plain))
    take(_digits(plain, language))
    take(_ordinals(plain))
    take(_in_words(plain, {language[:2], *words_of}))
    return sorted(found)


def _prices(text: str, language: str) -> Iterator[Quantity]:
    for one in amounts.find(text, language):
        yield Quantity(one.start, one.end, "price", one.currency, one.value, more=_is_more(text, one.start))
        if rest := _RANGE.match(text, one.end):
            number = amounts.value(rest["more"], language).normalize()
            yield Quantity(rest.start("more"), rest.end(), "price", one.currency, number)
        if first := _BEFORE_RANGE.search(text, max(0, one.start - 24), one.start):
            number = amounts.value(first["more"], language).normalize()
            yield Quantity(first.start("more"), first.end("more"), "price", one.currency, number)


def _dates(text: str, language: str) -> Iterator[Quantity]:
    named, before, after = _months(language[:2])
    for pattern in (_ISO, _DOTTED, before, after):
        for found in pattern.finditer(text):
            month = int(found["month"]) if found["month"].isdigit() else named[found["month"].casefold()]
            day = int(found["day"])
            if pattern is _DOTTED and not found["year"] and language[:2] == "en":
                continue  # a rating of 4.9.
            if not (1 <= month <= 12 and 1 <= day <= 31):
                continue
            end = found.start("year") if found["year"] else found.end()
            if found["year"] and found.start("year") < found.end("day"):  # the year comes first
                yield Quantity(
                    found.start("month"), found.end(), "number", "date", Decimal(month * 100 + day)
                )
            else:
                yield Quantity(found.start(), end, "number", "date", Decimal(month * 100 + day))
            if found["year"]:
                yield Quantity(*found.span("year"), "year", "", Decimal(found["year"]))


@lru_cache(maxsize=32)
def _months(language: str) -> tuple[Mapping[str, int], re.Pattern[str], re.Pattern[str]]:
    """What months are called there and in English; beside a day each."""
    named: dict[str, int] = {}
    for code in (language, "en"):
        try:
            locale = Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
        for month, name in locale.months["format"]["wide"].items():
            named[name.casefold()] = month
            if len(name) > 4 and name.isascii():
                named[name.casefold()[:3]] = month
    names = {name: month for name, month in named.items() if not name[0].isdigit()}
    month = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or "(?!)"
    year = rf"(?:,? (?:de |del )?(?P<year>{_PERIOD_YEAR})(?!\d))?"
    day = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|º)?\.?"
    return (
        names,
        re.compile(rf"(?<![\d.,]){day} (?:of |de )?(?P<month>{month})(?!\w)\.?{year}", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?P<month>{month})\.? {day}(?!\w){year}", re.IGNORECASE),
    )


def _clocks(text: str) -> Iterator[Quantity]:
    for found in _CLOCK.finditer(text):
        half = (found["half"] or "").replace(".", "").replace(" ", "").casefold()
        colon = found["minute"] and text[found.end("hour")] == ":"
        if not (half or found["clock"] or colon):
            continue
        if (
            (found["clock"] or "").casefold() == "h"
            and not found["minute"]
            and not _is_clock(text, found.start())
        ):
            continue
        hour = int(found["hour"]) % 12 + 12 * (half == "pm") if half else int(found["hour"])
        yield Quantity(*found.span(), "number", "clock", Decimal(hour * 60 + int(found["minute"] or 0)))


def _is_clock(text: str, start: int) -> bool:
    """“À 7h” is a time, “7h” are hours."""
    return _last_word(text, start) in {"a", "um", "at", "ab", "las", "vers", "gegen"}


def _centuries(text: str) -> Iterator[Quantity]:
    for found in _CENTURY.finditer(text):
        number = int(found["number"]) if found["number"] else _roman(found["roman"].upper())
        yield Quantity(*found.span(), "year", "century", Decimal(number))
    for start, end, word in _tokens(text):
        number, rest = _ordinal(word)
        if number and (
            rest in {"-century", "-centuries"} or _next_word(text, end).startswith(("centur", "jahrhundert"))
        ):
            yield Quantity(start, end, "year", "century", Decimal(number))


def _roman(written: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[sign] for sign in written]
    return sum(-one if one < max(values[place:]) else one for place, one in enumerate(values))


def _years(text: str) -> Iterator[Quantity]:
    for found in _SPAN.finditer(text):
        last = found["last"] if len(found["last"]) == 4 else found["first"][:2] + found["last"]
        yield Quantity(*found.span("first"), "year", "", Decimal(found["first"]))
        yield Quantity(*found.span("last"), "year", "", Decimal(last))
    for found in _YEAR.finditer(text):
        unit = "decade" if found["decade"] else ""
        if unit or not _unit_after(text, found.end())[0]:
            yield Quantity(*found.span(), "year", unit, Decimal(found["year"]))
    for found in _DECADE.finditer(text):
        yield Quantity(*found.span(), "year", "decade", Decimal(1900 + int(found["tens"])))


def _digits(text: str, language: str) -> Iterator[Quantity]:
    for found in _DIGITS.finditer(text):
        start, end = found.span()
        if text[end : end + 1] in ("/", ":") or _is_list_number(text, start, end):
            continue
        number = amounts.value(found[0], language)
        unit, factor, reach = _unit_after(text, end)
        if not unit and _LETTER.match(text, end):
            continue  # a code of some kind, as 3D
        if not unit:
            if _last_word(text, start) in words("numbers", "places") or number <= 1:
                continue
            unit = _unlisted(text, end)
        unit, factor = _of_range(text, end, unit, factor)
        yield Quantity(
            start,
            reach,
            "number",
            unit,
            (number * factor).normalize(),
            more=_is_more(text, start),
            bare=not unit and _stands_alone(text, start, end),
            told=number.normalize(),
        )


def _of_range(text: str, end: int, unit: str, factor: int) -> tuple[str, int]:
    """In “3–4 hours” and “3 to 4 hours” both numbers are hours."""
    if unit and not unit.startswith("~"):
        return unit, factor
    if rest := _TO_NUMBER.match(text, end):
        known, known_factor, _ = _unit_after(text, rest.end())
        if known:
            return known, known_factor
    return unit, factor


def _is_list_number(text: str, start: int, end: int) -> bool:
    first = text.rfind("\n", 0, start) + 1
    return not text[first:start].strip(" -–*#>") and text[end : end + 1] in (".", ")", ":")


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A line or a field that is nothing but a number counts whatever one likes: facts come so."""
    before, after = text[:start].rstrip(" "), text[end:].lstrip(" ")
    return (not before or before[-1] in "\n;:") and (not after or after[0] in "\n;")


def _ordinals(text: str) -> Iterator[Quantity]:
    for start, end, word in _tokens(text):
        number, rest = _ordinal(word)
        said = rest.lstrip("-") or _next_word(text, end)
        if number and said in words("numbers", "ordinal_of"):
            yield Quantity(start, end, "number", "generations", Decimal(number))


@cache
def _ordinal_words() -> Mapping[str, int]:
    english = {word: n for n, word in enumerate(data()["numbers"]["ordinals_en"].split(), start=2)}
    german = {
        stem + ending: n
        for n, stem in enumerate(data()["numbers"]["ordinals_de"].split(), start=2)
        for ending in ("e", "en", "er", "em", "es")
    }
    return english | german


def _ordinal(word: str) -> tuple[int, str]:
    """Of “third-generation” the number and the rest."""
    first, hyphen, rest = word.partition("-")
    return _ordinal_words().get(first, 0), hyphen + rest


@cache
def _number_words(language: str) -> Mapping[str, int]:
    """From two to some hundreds."""
    known = data()["numbers"]["words"]
    if language not in known:
        return {}
    ones = {word: n for n, word in enumerate(known[language].split(), start=2)}
    tens = {word: 10 * n for n, word in enumerate(known[f"{language}_tens"].split(), start=2)}
    found = ones | tens
    for ten, much in tens.items():
        for one, few in ones.items():
            if few < 10:
                joined = f"{one}und{ten}" if language == "de" else f"{ten}-{one}"
                found[joined] = much + few
    if language == "de":
        found |= {f"einund{ten}": much + 1 for ten, much in tens.items()}
        found |= {f"{one}hundert": 100 * few for one, few in ones.items() if few < 10}
        found |= {"hundert": 100, "einhundert": 100, "tausend": 1000}
    if language == "en":
        found |= {f"{ten}-one": much + 1 for ten, much in tens.items()}
    return found


def _in_words(text: str, languages: Iterable[str]) -> Iterator[Quantity]:
    """Only with a unit: “two of them” and “a thousand thanks” are no facts."""
    known = {word: number for code in languages for word, number in _number_words(code).items()}
    tokens = list(_tokens(text))
    reached = 0
    for place, (start, _, _) in enumerate(tokens):
        if place < reached:
            continue
        number, used = _spelled([word for _, _, word in tokens[place : place + 2]], known)
        if not number:
            continue
        reached = place + used
        end = tokens[reached - 1][1]
        unit, factor, last = _unit_after(text, end)
        to = None if unit else _TO_WORD.match(text, end)
        if to and fold(to[1]) in known:  # two to three hours
            unit, factor, _ = _unit_after(text, to.end())
        if unit:
            more, value = _is_more(text, start), Decimal(number * factor)
            yield Quantity(start, last, "number", unit, value, more=more, told=Decimal(number))


def _spelled(said: Sequence[str], known: Mapping[str, int]) -> tuple[int, int]:
    """The number that these words begin with, and how many of them it takes."""
    first, second = said[0], said[1] if len(said) > 1 else ""
    number = 1 if first in ("a", "one") else known.get(first, 0)
    if number < 10 and second in ("hundred", "thousand"):
        return number * (100 if second == "hundred" else 1000), 2
    if number >= 20 and (joined := known.get(f"{first}-{second}")):
        return joined, 2
    return (number, 1) if number > 1 else (0, 1)


def _tokens(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _WORD.finditer(text):
        yield *found.span(), fold(found[0])


@cache
def _units() -> Mapping[str, tuple[str, int]]:
    units: dict[str, tuple[str, int]] = {}
    for unit, line in data()["units"].items():
        factor, *spellings = line.split()
        for spelling in spellings:
            units.setdefault(fold(spelling), (_SAME.get(unit, unit), int(factor)))
    return units


def _unit_after(text: str, end: int) -> tuple[str, int, int]:
    """What is counted, how many of it, and where the word for it ends; "" where nothing known is."""
    if unspaced := _UNSPACED.match(text, end):
        unit, factor = _units().get(fold(unspaced[0]), ("", 1))
        if unit:
            return unit, factor, unspaced.end()
    at = end
    for step in range(_REACH):
        found = _COUNTED.match(text, at)
        if not found:
            break
        word = fold(found[1])
        if word in _units() and not (len(word) == 1 and step):
            return *_units()[word], found.end()
        glued = found[0] == found[1]
        if (glued and step == 0) or word in words("numbers", "between"):
            break
        at = found.end()
    return "", 1, end


def _unlisted(text: str, end: int) -> str:
    """What is counted, where the word is not one we know: as much of it as stays the same in the plural."""
    word = _next_word(text, end) if text[end : end + 1] in (" ", "-", "\u00a0") else ""
    return "" if not word or word in words("numbers", "between") else f"~{word[:5]}"


def _next_word(text: str, end: int) -> str:
    found = _NEXT_WORD.match(text, end)
    return fold(found[1]) if found else ""


def _last_word(text: str, start: int) -> str:
    found = _LAST_WORD.search(text, max(0, start - 24), start)
    return fold(found[1]) if found else ""


@cache
def _more() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{data()['numbers']['more']}) $")


def _is_more(text: str, start: int) -> bool:
    before = "".join(fold(sign) or sign for sign in text[max(0, start - 28) : start])
    return bool(_more().search(before))

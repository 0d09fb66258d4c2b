"""Street addresses: a house number beside a word for a street."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from llm import tables
from llm.patterns import lazy
from llm.privacy.kinds import Find, Kind, alphanumeric

_FILE = Path(__file__).with_name("streets.toml")
_REACH = 70  # characters looked at before and after a number
_TOKEN = lazy(r"\S+")
_BREAK = lazy(r"[\n;!?()]|[^\W\d_]{5}\. ")  # no address goes on beyond
_HOUSE = lazy(
    r"\d{1,4}(?:[a-zA-Z](?![\w'’])| [a-zA-Z](?=[,.;)\n]|$)| [B-DF-NP-Z](?!\w))?(?: ?[-–/] ?\d{1,4}[a-zA-Z]?)?"
    r"(?![\w°%€$£])(?![.,:]\d)"
)
_NUMBERED = lazy(r"\d{1,5}[a-zA-Z]?(?:[-–/]\d{1,5}[a-zA-Z]?)?(?: ?(?:bis|ter|quater)\b)?,? ")
_ORDINAL = lazy(r"\d{1,3}(?:st|nd|rd|th)")
_UNIT = lazy(r",? ?(?:apt|apartment|flat|suite|ste|unit|floor|#)\.? ?#?\w{1,5}(?!\w)", re.IGNORECASE)
_NUMBER_SIGN = lazy(r"(?:n[.º°o]{0,2}|núm|nr|no|num|д|дом)[.:]{0,2}", re.IGNORECASE)

_EAST = "\u3000"
_CHINESE = lazy(
    r"[^\W\d_a-z市区县省州在是到去于为住]{1,8}(?:路|街|道|巷|弄|胡同)$|[가-힣]{1,10}(?:대로|길) ?$"
)
_CHINESE_HOUSE = lazy(
    r"\d{1,5}(?:-\d{1,4})?(?:号|號|弄\d{1,4}号|번길|(?=[^\d시분일월년층호번세명원박개인킬미정km]|$))"
)
_JAPANESE = lazy(
    r"(?:[\u4e00-\u9fff]{1,3}[都道府県])?[\u30a0-\u30ff\u4e00-\u9fff]{1,10}[市区町村郡][\u30a0-\u30ff\u4e00-\u9fff]{0,12}$"
)
_JAPANESE_HOUSE = lazy(
    r"\d{1,4}(?:丁目(?:\d{1,4}(?:番地?の?|-)?(?:\d{1,4}号?(?:-\d{1,4})?)?)?|番地?(?:\d{1,4}号?)?|(?:-\d{1,4}){1,3}(?:号室?)?)"
)
_JAPANESE_LATIN = lazy(
    r"\d{1,2}-\d{1,3}(?:-\d{1,3})?,? (?:[A-Z][\w-]+,? ){0,2}[A-Z]\w+-(?:ku|shi|cho|machi|gun)\b"
    r"|\d{1,2}-chome[ -]\d{1,3}(?:-\d{1,3})?(?:,? [A-Z][\w-]+)?"
)


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(tables.ours(_FILE)[kind].split())


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(_words("endings")))


def find(text: str, runs: Sequence[re.Match[str]]) -> Iterator[Find]:
    """`runs` are the text's runs of digits."""
    for run in runs:
        if run.end() - run.start() <= 5 and (span := _around(text, run.start())):
            yield Find(*span, Kind.ADDRESS, alphanumeric(text[slice(*span)]))


def _around(text: str, start: int) -> tuple[int, int] | None:
    if text[max(0, start - 2) : start].strip()[-1:] >= _EAST:
        return _east_asian(text, start)
    if (start and (text[start - 1].isalnum() or text[start - 1] in "+€$£#:")) or text[
        start + 1 : start + 4
    ].count(":"):
        return None
    if "-" in text[start : start + 4] and (match := _JAPANESE_LATIN.match(text, start)):
        return match.span()
    return _street_after(text, start) or _street_before(text, start)


def _street_after(text: str, start: int) -> tuple[int, int] | None:
    """12 Main Street; 5 rue de la Paix."""
    following = text[start : start + _REACH].lower().replace(",", " ").replace(".", " ").split()
    if _words("after_number_and_name").isdisjoint(following[2:6]) and _words("after_number").isdisjoint(
        following[1:3]
    ):
        return None
    number = _NUMBERED.match(text, start)
    if not number or (start and text[start - 1] in ".,:-–/" and text[max(0, start - 2)].isalnum()):
        return None
    tokens = list(_TOKEN.finditer(_stretch_after(text, number.end())))[:8]
    length = _english(tokens) or _french(tokens)
    if not length:
        return None
    end = number.end() + length
    unit = _UNIT.match(text, end)
    return start, unit.end() if unit else end


def _stretch_after(text: str, start: int) -> str:
    stretch = text[start : start + _REACH]
    stop = _BREAK.search(stretch)
    return stretch[: stop.end()] if stop else stretch


def _english(tokens: list[re.Match[str]]) -> int:
    """Where the street's word ends that follows one to three words of a name; 0 if none does."""
    for index, token in enumerate(tokens[:4]):
        word = token[0].rstrip(".,;:!?)'’")
        if index and word.lower() in _words("after_number_and_name") and _named(word, tokens[:index]):
            return token.start() + len(word)
        if token[0][-1] in ",;:!?" or (not word[:1].isupper() and not _ORDINAL.fullmatch(word) and index > 1):
            return 0
    return 0


def _named(street: str, tokens: list[re.Match[str]]) -> bool:
    """Whether these words name a street. In lower case only one, and only before a street's word in full."""
    words = [token[0].rstrip(".") for token in tokens]
    if any(word.lower() in _words("not_in_names") for word in words):
        return False
    if all(word[:1].isupper() or _ORDINAL.fullmatch(word) for word in words):
        return street[:1].isupper() or street in {
            "street",
            "avenue",
            "road",
            "lane",
            "boulevard",
            "ave",
            "blvd",
        }
    return (
        len(words) == 1 and words[0].isalpha() and street.lower() in {"street", "avenue", "road", "boulevard"}
    )


def _french(tokens: list[re.Match[str]]) -> int:
    if not tokens or tokens[0][0].rstrip(".").lower() not in _words("after_number"):
        return 0
    return _name_end(tokens[1:])


def _name_end(tokens: list[re.Match[str]]) -> int:
    """Where a name of capitalised words and particles ends; 0 if there is none."""
    end = 0
    for token in tokens[:6]:
        word = token[0].rstrip(".,;:!?)")
        if _is_capital(word):
            end = token.start() + len(word)
        elif word.lower() not in _words("particles"):
            break
        if word != token[0]:
            break
    return end


def _is_capital(word: str) -> bool:
    """Also where an elided article goes before: l'Église."""
    _, apostrophe, rest = word.replace("’", "'").rpartition("'")
    return word[:1].isupper() or (bool(apostrophe) and rest[:1].isupper())


def _street_before(text: str, start: int) -> tuple[int, int] | None:
    """Hauptstraße 12; Alte Straße 5; Calle Mayor, 5; Postfach 1234."""
    low = max(0, start - _REACH)
    stretch = text[low:start]
    if not _may_name_street(stretch.lower()):
        return None
    house = _HOUSE.match(text, start)
    if not house or _counts(text, house.end()):
        return None
    for stop in _BREAK.finditer(stretch):
        if stop.end() < len(stretch):  # else it is the full stop of an abbreviation
            low = start - len(stretch) + stop.end()
    tokens = list(_TOKEN.finditer(text, low, start))
    if tokens and _NUMBER_SIGN.fullmatch(tokens[-1][0]):
        tokens.pop()
    first = _compound(tokens) or _prefixed(tokens)
    if not first:
        return None
    before = next((token for token in tokens if token.end() + 1 == first.start()), None)
    if before and before[0].lower() in _words("adjectives"):
        first = before
    return first.start(), house.end()


def _may_name_street(before: str) -> bool:
    words = before.replace(",", " ").replace(".", " ").split()[-9:]
    if not words:
        return False
    last = words[-2] if len(words) > 1 and _NUMBER_SIGN.fullmatch(words[-1]) else words[-1]
    return (
        last.endswith(_endings())
        or last in _words("after_name")
        or last in _words("boxes")
        or not _words("before_name").isdisjoint(words)
        or not _words("before_genitive").isdisjoint(words)
        or "c/" in before
    )


def _counts(text: str, end: int) -> bool:
    """Whether the number before counts what comes after it."""
    following = _TOKEN.match(text, end + 1) if text[end : end + 1] == " " else None
    return following is not None and following[0].rstrip(".,;:!?)").lower() in _words("units")


def _compound(tokens: list[re.Match[str]]) -> re.Match[str] | None:
    if not tokens:
        return None
    word = tokens[-1][0].rstrip(".,").lower()
    if word in _words("boxes"):
        return tokens[-1]
    before = tokens[-2] if len(tokens) > 1 else None
    if word in _words("after_name"):
        return before if before and _is_capital(before[0]) and before[0][-1] not in ".,:" else None
    plain = word.rpartition("-")[2]
    if not word.endswith(_endings()) or plain in _words("not_streets") or word in _words("not_streets"):
        return None
    if plain in _words("after_name") and "-" in word:
        return tokens[-1]
    return (
        tokens[-1]
        if _is_capital(tokens[-1][0]) or word.endswith(("straße", "strasse", "gasse", "straat", "gracht"))
        else None
    )


def _prefixed(tokens: list[re.Match[str]]) -> re.Match[str] | None:
    """The word for a street, if nothing but a name stands between it and the number."""
    named = False
    for place, token in enumerate(reversed(tokens[-8:])):
        word = token[0].lstrip("(").rstrip(".,").lower()
        following = tokens[-place][0].lower() if place else ""
        if named and following in {"des", "der"} and word in _words("before_genitive"):
            return token
        if word in _words("before_name") or word.startswith("c/"):
            return token if named or (word.startswith("c/") and len(word) > 2) else None
        if token[0][-1] == "," and place:
            return None
        if _is_capital(token[0]):
            named = True
        elif word not in _words("particles") and not word.isdigit():
            return None
    return None


def _east_asian(text: str, start: int) -> tuple[int, int] | None:
    low = max(0, start - _REACH)
    for street_pattern, house_pattern in ((_JAPANESE, _JAPANESE_HOUSE), (_CHINESE, _CHINESE_HOUSE)):
        house = house_pattern.match(text, start)
        street = house and street_pattern.search(text, low, start)
        if house and street:
            return street.start(), house.end()
    return None

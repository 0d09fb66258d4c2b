"""Phone numbers: as they are dialled from abroad, as they are written at home, or announced by a word before them."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from llm import tables
from llm.patterns import lazy
from llm.privacy.kinds import Find, Kind

_FILE = Path(__file__).with_name("phones.toml")
_CLUSTER = lazy(r"\+?\(?\d(?:[ ().\-/]{0,3}\d){5,40}")
_GROUP = lazy(r"[+(]{0,2}\d+")
_MOST_DIGITS = 15
_FEWEST_DIGITS = 6

# Countries where a number is dialled with a zero in front.
_TRUNK_ZERO = (
    "DE GB FR IT NL AT CH BE SE IE JP AU NZ KR IN TR ZA ID TH PH MY VN EG IL HR SI SK FI RO BG MA UA TW AR PE"
).split()
# How numbers are written at home, with the regions in one of which they must be valid.
_AT_HOME = [
    (
        r"\(?[2-9]\d\d\)?[ .-]{1,2}\d{3}[ .-]\d{4}|1[ .-][2-9]\d\d[ .-]\d{3}[ .-]\d{4}|\([2-9]\d\d\)\d{3}-\d{4}",
        ["US"],
    ),
    (r"\(?0\d{1,5}\)?(?:[ ./-]{1,3}\d{1,8}){1,5}|\(0\d{1,4}\)\d{4,8}(?:[ -]\d{2,4})?|0\d{9,10}", _TRUNK_ZERO),
    (r"[67]\d\d \d\d \d\d \d\d|9\d (?:\d{3} \d\d \d\d|\d \d{3} \d\d \d\d)|9\d\d \d\d \d\d \d\d", ["ES"]),
    (r"3\d\d[ .-]\d{3}[ .-]?\d{4}|3\d\d[ .-]\d{7}", ["IT"]),
    (r"\(?[1-9]\d\)?[ -]?9?\d{4}-\d{4}", ["BR"]),
    (r"[6-9]\d{4}[ -]\d{5}", ["IN"]),
    (r"1[3-9]\d[ -]\d{4}[ -]\d{4}", ["CN"]),
    (r"8[ -]?\(?\d{3}\)?[ -]\d{3}[ -]\d\d[ -]?\d\d", ["RU"]),
    (r"\(?\d{2,3}\)?[ -]\d{4}[ -]\d{4}", ["MX", "BR"]),
    (r"06[ -]\d\d[ -]\d{3}[ -]\d{3,4}", ["HU"]),
]
_SPELLINGS = [(lazy(shape), regions) for shape, regions in _AT_HOME]
_NO_PHONE = lazy(
    r"(?:(?:19|20)\d\d([-./])[01]?\d\1[0-3]?\d|[0-3]?\d([-./])[0-3]?\d\2(?:\d\d|20\d\d|19\d\d))(?: ?[ -] ?.*)?"
    # The above are dates.
    r"|[+-]?\d{1,3}\.\d{4,}.*"  # coordinates
    r"|[012]\d[0-5]\d ?- ?[012]\d[0-5]\d.*"  # opening hours
    r"|0\.\d.*"
)
_LATIN = lazy(r"[^\W\u3000-\uffff]")  # beside Chinese or Japanese no space is needed
_UNIT_AFTER = lazy(
    r" ?(?:[€$£¥₹₩%]|(?:eur|euros?|usd|gbp|chf|jpy|yen|vnd|idr|krw|inr|brl|huf|czk|dong|won|rupiah|km|m²)(?!\w))",
    re.IGNORECASE,
)
_UNIT_BEFORE = lazy(r"(?:[€$£¥₹₩]|\b(?:eur|usd|gbp|chf|jpy|vnd|idr|krw|inr|rp)) ?$", re.IGNORECASE)


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(tables.ours(_FILE)[kind].split())


def find(text: str, start: int, end: int) -> Iterator[Find]:
    for match in _CLUSTER.finditer(text, start, end):
        if not _part_of_more(text, *match.span()):
            yield from _in_cluster(text, *match.span())


def _part_of_more(text: str, start: int, end: int) -> bool:
    """A word, an amount of something, or what hyphens join to other letters and digits: half of a UUID."""
    before, after = text[max(0, start - 14) : start], text[end : end + 2]
    if _LATIN.search(before[-1:] + after[:1]) or (after[:1] == "-" and after[1:].isalnum()):
        return True
    joined = before.rpartition(" ")[2]
    if joined.endswith("-") and any(map(str.isdigit, joined)):
        return True
    return bool(_UNIT_AFTER.match(text, end) or _UNIT_BEFORE.search(before[-5:]))


def _in_cluster(text: str, start: int, end: int) -> Iterator[Find]:
    """Numbers stand beside others, as in "room 12 0171 2345678": each group may begin one, the longest counts."""
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    first = 0
    while first < len(groups):
        last = _last_group(text, groups, first) if _may_begin(text, groups, first) else None
        if last is not None:
            begin, stop = groups[first][0], groups[last][1]
            yield Find(begin, stop, Kind.PHONE, _canonical(text[begin:stop]))
            first = last
        first += 1


def _may_begin(text: str, groups: list[tuple[int, int]], first: int) -> bool:
    """Not within what hyphens join, nor amid digits that stand one by one."""
    if first == 0:
        return True
    if text[groups[first][0] - 1] not in " (":
        return False
    return any(end - start > 1 for start, end in groups[first - 1 : first + 1])


def _last_group(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """Where the longest number ends that begins with this group."""
    start = groups[first][0]
    is_announced, coded = announced(text, start)
    for last in _possible_ends(text, groups, first):
        if _is_phone(text[start : groups[last][1]], announced=is_announced, coded=coded):
            return last
    return None


def _possible_ends(text: str, groups: list[tuple[int, int]], first: int) -> list[int]:
    """The longest first."""
    ends, digits = [], 0
    for last in range(first, len(groups)):
        start, end = groups[last]
        digits += sum(map(str.isdigit, text[start:end]))
        if digits > _MOST_DIGITS or (last > first and text[start] == "+"):
            break
        if digits >= _FEWEST_DIGITS:
            ends.append(last)
    return ends[::-1]


def announced(text: str, start: int) -> tuple[bool, bool]:
    """Whether the words before say that a phone number follows, or that another one does."""
    before = text[max(0, start - 60) : start]
    if any(word in before[-10:] for word in _words("east_asian")):
        return True, False
    words = [word.strip(".,:;#()=–-/!*") for word in before.lower().split()][::-1]
    words = [word for word in words if word]
    for place, word in enumerate(words[:6]):
        following = words[place + 1] if place + 1 < len(words) else ""
        if word in _words("number_words") and following in _words("possessive"):
            return True, False
        if word in _words("coding") or (word in _words("number_words") and following in _words("coding")):
            return False, True
        if word in _words("announcing"):
            return True, False
        if word not in _words("between"):
            break
    return False, False


@lru_cache(maxsize=4096)
def _is_phone(number: str, *, announced: bool, coded: bool) -> bool:
    digits = "".join(filter(str.isdigit, number))
    if _NO_PHONE.fullmatch(number):
        return False
    if "+" in number[:2]:
        return _possible_abroad("+" + digits)
    if coded:
        return False
    if digits.startswith("00") and len(digits) >= 10:
        return _valid("+" + digits[2:], "ZZ")
    if announced:
        return True
    if _one_by_one(number):
        return digits.startswith("0") and any(_valid(digits, region) for region in _TRUNK_ZERO)
    return any(
        spelling.fullmatch(number) and any(_valid(digits, region) for region in regions)
        for spelling, regions in _SPELLINGS
    )


def _one_by_one(number: str) -> bool:
    """0 1 7 1, or 01 71 ...: spaced out so that no program finds it."""
    return number.count(" ") >= 6 and not re.search(r"\d\d\d", number)


def _possible_abroad(number: str) -> bool:
    import phonenumbers  # noqa: PLC0415  # a quarter of a second, and most texts hold no number

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _valid(number: str, region: str) -> bool:
    import phonenumbers  # noqa: PLC0415

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _canonical(number: str) -> str:
    return "".join(filter(str.isdigit, number)).removeprefix("00")

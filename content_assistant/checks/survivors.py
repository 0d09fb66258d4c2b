"""What of a text came through its translation: fields, links, prices, dates, times, numbers and names.

They are compared by what they mean: €1,200 is 1.200 €, 2:30 pm is 14:30, May 12 is 12. Mai. Each counts as often as it
stands there; what is missing and what is new are both told.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

from content_assistant.checks import Finding, Text, amounts, quoted, words
from content_assistant.checks.amounts import NUMBER, readable

# Around what must stay, in a text that is prepared for translation.
OPEN, CLOSE = "⟦", "⟧"
_LINK = re.compile(r"https?://[^\s<>()\"]+[^\s<>()\".,;:!?]|(?<!\w)[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PLACEHOLDER = re.compile(r"\[[^\W\d_a-z][^\]\na-z]{1,48}\]")
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)")
_ASIAN_DATE = re.compile(r"(?:(?P<year>\d{4}) ?年 ?)?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日")
_DOTTED = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?:(?P<year>\d{4})(?!\d))?(?!\d)")
_TIME = re.compile(
    r"(?P<asian>午前|午後|上午|下午)? ?(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])"
    r"(?:(?P<mark>[:.時时点]| ?h) ?(?P<minute>[0-5]\d) ?(?P<late>分)?)?"
    r" ?(?P<half>[ap]\.? ?m\b\.?)?(?P<clock> ?(?:uhr\b|o['’]clock\b|時|时|点))?",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"(?<![\d.,])(?:{NUMBER}) ?%?")
_MONTH_GAP = r"[ .\u00a0]{0,2}(?:de |of )?"
# Small whole numbers that were words in one language may be digits in the other.
SMALL = 12


class Kept(NamedTuple):
    """A thing in a text: its place, what kind it is, what it means."""

    start: int
    end: int
    kind: str
    meaning: tuple[object, ...]


@dataclass(frozen=True)
class Difference:
    """As they stand in the texts."""

    missing: Sequence[str]
    new: Sequence[str]
    spans: tuple[tuple[int, int], ...]  # of what is new, in the translation


def kept(text: str, language: str, names: Sequence[str] = ()) -> list[Kept]:
    """In order of place, none within another: what is found first by a surer sign is not read again."""
    plain, found = readable(text), list[Kept]()

    def take(one: Kept) -> None:
        if all(one.end <= other.start or one.start >= other.end for other in found):
            found.append(one)

    for one in (
        *_verbatim(text),
        *_names(text, names),
        *_dates(plain, language),
        *_prices(plain, language),
        *_times(plain),
        *_numbers(plain, language),
    ):
        take(one)
    return sorted(found)


def _verbatim(text: str) -> Iterator[Kept]:
    for kind, pattern in (("link", _LINK), ("placeholder", _PLACEHOLDER)):
        for found in pattern.finditer(text):
            yield Kept(*found.span(), kind, (found[0],))


def _names(text: str, names: Sequence[str]) -> Iterator[Kept]:
    for name in sorted(filter(None, names), key=len, reverse=True):
        for found in re.finditer(rf"(?<![^\W\d_ぁ-鿿가-힣]){re.escape(name)}", text, re.IGNORECASE):
            yield Kept(*found.span(), "name", (name.casefold(),))


@lru_cache(maxsize=64)
def _months(language: str) -> tuple[dict[str, int], re.Pattern[str], re.Pattern[str]]:
    """The names of the months there, before and after a day."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    names: dict[str, int] = {}
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in locale.months[form][width].items():
                names.setdefault(name.casefold().rstrip("."), month)
    words = {name: month for name, month in names.items() if not name.isdigit() and not name[0].isdigit()}
    month = "|".join(re.escape(name) for name in sorted(words, key=len, reverse=True)) or r"(?!)"
    year = r"(?:,? ?(?:de |del )?(?P<year>\d{4})(?!\d))?"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª)?"
    before = re.compile(rf"(?<!\w)(?P<month>{month})\.? {day}(?!\d){year}", re.IGNORECASE)
    after = re.compile(rf"(?<![\d.,]){day}{_MONTH_GAP}(?P<month>{month})(?!\w)\.?{year}", re.IGNORECASE)
    return words, after, before


def _dates(text: str, language: str) -> Iterator[Kept]:
    words, after, before = _months(language)
    for pattern in (_ISO, _ASIAN_DATE, after, before, _DOTTED):
        for found in pattern.finditer(text):
            named = found["month"]
            month = int(named) if named.isdigit() else words[named.casefold()]
            day = int(found["day"])
            if 1 <= month <= 12 and 1 <= day <= 31:
                yield Kept(*found.span(), "date", (month, day, int(found["year"] or 0)))


def _prices(text: str, language: str) -> Iterator[Kept]:
    for found in amounts.find(text, language):
        yield Kept(found.start, found.end, "price", (found.currency, found.value))


def _times(text: str) -> Iterator[Kept]:
    for found in _TIME.finditer(text):
        minute, mark = found["minute"], found["mark"]
        half = (found["half"] or "").replace(".", "").replace(" ", "").casefold()
        half = {"午後": "pm", "下午": "pm", "午前": "am", "上午": "am"}.get(found["asian"] or "", half)
        told = half or found["clock"] or (mark and mark != ".")
        if not told or (mark == "." and not (half or found["clock"])):
            continue
        hour = int(found["hour"]) % 12 + 12 * (half == "pm") if half else int(found["hour"])
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        end = start + len(found[0].strip())
        yield Kept(start, end, "time", (hour * 60 + int(minute or 0),))


def _numbers(text: str, language: str) -> Iterator[Kept]:
    for found in _NUMBER.finditer(text):
        written = found[0].rstrip()
        number = amounts.value(written.rstrip("% "), language).normalize()
        kind = "percent" if written.endswith("%") else "number"
        yield Kept(found.start(), found.start() + len(written), kind, (number,))


def compare(
    original: str, language: str, translation: str, into: str, names: Sequence[str] = ()
) -> Difference | None:
    """None: all of it came through."""
    before, after = kept(original, language, names), kept(translation, into, names)
    missing, new = _left(before, after), _left(after, before)
    _reconcile(missing, new)
    new = [one for one in new if not _is_small(one)]
    if not missing and not new:
        return None
    return Difference(
        [original[one.start : one.end] for one in missing],
        [translation[one.start : one.end] for one in new],
        tuple((one.start, one.end) for one in new),
    )


def _left(ones: Sequence[Kept], others: Sequence[Kept]) -> list[Kept]:
    """Those of which there are more here than there."""
    there = Counter((one.kind, one.meaning) for one in others)
    left = []
    for one in ones:
        if there[one.kind, one.meaning]:
            there[one.kind, one.meaning] -= 1
        else:
            left.append(one)
    return left


def _reconcile(missing: list[Kept], new: list[Kept]) -> None:
    """14 h is how French writes 2 pm, and 3 h how anybody writes three hours: a full hour may be a bare number."""
    for one in list(missing):
        match = next((other for other in new if _same_hour(one, other) or _same_hour(other, one)), None)
        if match:
            missing.remove(one)
            new.remove(match)


def _same_hour(time: Kept, number: Kept) -> bool:
    if time.kind != "time" or number.kind != "number":
        return False
    minutes, value = time.meaning[0], number.meaning[0]
    assert isinstance(minutes, int)
    return minutes % 60 == 0 and value == Decimal(minutes // 60)


def _is_small(one: Kept) -> bool:
    if one.kind != "number":
        return False
    value = one.meaning[0]
    assert isinstance(value, Decimal)
    return value == value.to_integral_value() and value <= SMALL


def marked(text: str, language: str, names: Sequence[str] = ()) -> str:
    """With signs around all that must stay, for whoever translates by hand."""
    parts, at = [], 0
    for one in kept(text, language, names):
        parts += [text[at : one.start], OPEN, text[one.start : one.end], CLOSE]
        at = one.end
    return "".join([*parts, text[at:]])


# Checks


def is_prepared(text: Text) -> bool:
    """The original as the offline writer leaves it, whole or in parts, is no translation."""
    plain = text.text.replace(OPEN, "").replace(CLOSE, "")
    return plain != text.text or plain.strip() == text.facts.text.strip()


def untranslated(text: Text) -> Iterator[Finding]:
    if is_prepared(text):
        yield Finding(
            "untranslated",
            _(
                "This is not translated: a translation needs a language model, and none could be asked. The text is "
                "the original, in which %(mark)s stands around all that has to stay as it is. Translate around the "
                "marks, and take them out."
            )
            % {"mark": f"{OPEN} {CLOSE}"},
            blocks=True,
        )


def language(text: Text) -> Iterator[Finding]:
    if not is_prepared(text):
        yield from words.language(text)


def survivors(text: Text) -> Iterator[Finding]:
    if is_prepared(text):
        return
    facts = text.facts
    found = compare(facts.text, facts.original_language, text.text, text.language, facts.names)
    if found is None:
        return
    said = []
    if found.missing:
        said.append(_("Missing in the translation: %(parts)s.") % {"parts": quoted(*found.missing)})
    if found.new:
        said.append(_("Not in the original: %(parts)s.") % {"parts": quoted(*found.new)})
    yield Finding(
        "held-survivors",  # content_assistant.examining: our team looks at it, and sees the difference
        " ".join(said),
        repair=_repair(found),
        blocks=True,
        spans=found.spans,
    )


def _repair(found: Difference) -> str:
    """The text itself is in the data; here are places and digits alone."""
    return (
        f"{len(found.missing)} placeholders, prices, numbers, dates, times, names or links of the original are missing "
        f"or changed, and {len(found.new)} are new. Keep each exactly once for each time it stands in the original."
    )


def formatting(text: Text) -> Iterator[Finding]:
    """Headings, lists and paragraphs, line by line."""
    if is_prepared(text):
        return
    if _shape(text.facts.text) != _shape(text.text):
        yield Finding(
            "formatting",
            _("Headings, lists or paragraphs are not those of the original."),
            repair="Keep every heading, list and paragraph of the original, with the same signs in the same order.",
        )


def _shape(text: str) -> list[str]:
    lines = filter(None, map(str.strip, text.splitlines()))
    return [
        found[0] if (found := re.match(r"#{1,6}|[-*•](?= )|\d{1,2}[.)](?= )", line)) else "" for line in lines
    ]

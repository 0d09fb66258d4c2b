"""Hours of a day as people write them: “09:00–12:00, 14:00–18:30”."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.errors import DomainError

DAY, WEEK = 1440, 10_080
MOST_A_DAY = 12
_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?"
_PERIOD = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|−|~|to)\s*{_TIME}\s*")
Minutes = tuple[int, int]


def parse(text: str) -> list[Minutes]:
    """In minutes of the day; what ends before it begins ends on the next day. DomainError says what is wrong."""
    pieces = [piece for piece in re.split(r"[,;\n]", text) if piece.strip()]
    if len(pieces) > MOST_A_DAY:
        raise DomainError(_("At most %(count)s periods a day.") % {"count": MOST_A_DAY})
    return sorted(_period(piece) for piece in pieces)


def _period(piece: str) -> Minutes:
    match = _PERIOD.fullmatch(piece)
    if not match:
        raise DomainError(
            _("“%(text)s” is no period. Write it like 09:00–12:30.") % {"text": piece.strip()[:40]}
        )
    opens, closes = _minute(*match.group(1, 2)), _minute(*match.group(3, 4))
    if opens is None or closes is None or opens in {DAY, closes}:
        raise DomainError(
            _("“%(text)s” is no period. Times go from 00:00 to 24:00.") % {"text": piece.strip()[:40]}
        )
    return opens, closes if closes > opens else closes + DAY


def _minute(hour: str, minute: str | None) -> int | None:
    whole = int(hour) * 60 + int(minute or 0)
    return whole if int(minute or 0) < 60 and whole <= DAY else None


def write(periods: Iterable[Minutes]) -> str:
    return ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in periods)


def _clock(minute: int) -> str:
    shown = minute if minute <= DAY else minute - DAY
    return f"{shown // 60:02}:{shown % 60:02}"


def overlapping_day(hours: Iterable[tuple[int, int, int]]) -> int | None:
    """The first weekday whose hours run into others, Sunday's night into Monday included."""
    spans = sorted((weekday * DAY + opens, weekday * DAY + closes) for weekday, opens, closes in hours)
    if not spans:
        return None
    again = [(start + WEEK, end + WEEK) for start, end in spans[:1]]
    for (start, end), (following, _end) in zip(spans, [*spans[1:], *again], strict=True):
        if following < end:
            return start // DAY
    return None

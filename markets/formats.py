"""Money, days and names as the reader's locale writes them."""

import copy
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import NumberPattern
from django.utils.translation import get_language, to_locale


@lru_cache(maxsize=64)
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def active_locale() -> Locale:
    return _locale_of(get_language() or "en")


# Formatting by Babel costs about 30 µs a call and pages repeat few amounts and days, hence the caches.
@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, locale: Locale) -> str:
    pattern: NumberPattern = locale.currency_formats["standard"]
    if whole := amount == amount.to_integral_value():
        pattern = copy.copy(pattern)
        pattern.frac_prec = (0, 0)
    return pattern.apply(amount, locale, currency=currency, currency_digits=not whole)


def money(amount: Decimal | float | None, currency: str) -> str:
    """An amount as the reader's locale writes it; decimals only where there are any."""
    return "" if amount is None else _money(Decimal(str(amount)), currency, active_locale())


def money_range(low: Decimal, high: Decimal, currency: str) -> str:
    return money(low, currency) if low == high else f"{money(low, currency)} – {money(high, currency)}"


@lru_cache(maxsize=4096)
def _days(first: date, last: date, locale: Locale) -> str:
    if first == last:
        return format_date(first, locale=locale)
    return format_interval(first, last, "yMMMd", locale=locale)


def day(value: date | None) -> str:
    if value is None:
        return ""
    plain = value.date() if isinstance(value, datetime) else value
    return _days(plain, plain, active_locale())


def day_range(first: date, last: date) -> str:
    """Both days included: “Apr 3 – 9, 2027” in English."""
    return _days(first, last, active_locale())


def month(value: date) -> str:
    return format_skeleton("yMMMM", value, locale=active_locale())


def country(code: str) -> str:
    return active_locale().territories.get(code, code)


def language(code: str) -> str:
    name = active_locale().languages.get(code, code)
    return name[:1].upper() + name[1:]


def one_or_more(items: list[str]) -> str:
    """“a, b, and c” in the reader's language."""
    return format_list(items, locale=active_locale())


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, locale: Locale) -> str:
    return format_time(time(hour, minute), "short", locale=locale)


def clock(value: datetime | time) -> str:
    """“2:30 PM” or “14:30”."""
    return _clock(value.hour, value.minute, active_locale())


def moment(value: datetime, zone: ZoneInfo | None = None) -> str:
    """An instant on the clocks of a zone, else of its own: “Apr 3, 2027, 2:30 PM”."""
    local = value.astimezone(zone) if zone else value
    return f"{day(local)}, {clock(local)}"


def time_span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """From an instant to another, the day named once where it is the same."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.date() == last.date():
        return f"{day(first)}, {clock(first)} – {clock(last)}"
    return f"{moment(start, zone)} – {moment(end, zone)}"

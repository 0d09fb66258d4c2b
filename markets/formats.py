"""Money, days and names as the reader's locale writes them."""

import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.numbers import NumberPattern
from django.template.defaultfilters import floatformat
from django.utils.translation import get_language, gettext, to_locale


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


def hours(value: Decimal | None) -> str:
    """How long an answer takes, where it was measured."""
    return gettext("no data yet") if value is None else gettext("%(hours)s h") % {"hours": floatformat(value)}


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


@lru_cache(maxsize=4096)
def _dated(value: date, locale: Locale) -> str:
    return format_skeleton("yMMMEd", value, locale=locale)


def dated(value: date) -> str:
    """With the weekday: “Sat, Apr 3, 2027”."""
    return _dated(value, active_locale())


def dated_range(first: date, last: date) -> str:
    """Both days included, each with its weekday: “Sat, Apr 3 – Fri, Apr 9, 2027”."""
    if first == last:
        return dated(first)
    said: str = format_interval(first, last, "yMMMEd", locale=active_locale())
    return said


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

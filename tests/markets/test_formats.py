"""Money, days and names in readers' locales, those of scripts from right to left among them."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from config.local.paths import BASE_DIR
from markets import formats

APRIL = date(2027, 4, 3)


def said(language, function, *given):
    with translation.override(language):
        return function(*given).replace("\xa0", " ").replace("\u202f", " ").replace("\u2009", " ")


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", "1234.50", "EUR", "€1,234.50"),
        ("en", "1234", "EUR", "€1,234"),
        ("en", "1234.00", "EUR", "€1,234"),
        ("de", "1234.50", "EUR", "1.234,50 €"),
        ("fr", "1234567", "EUR", "1 234 567 €"),
        ("hi", "1234567", "INR", "₹12,34,567"),
        ("ar", "1234.50", "EUR", "\u200f1,234.50 €"),
        ("he", "5", "ILS", "\u200f5 \u200f₪"),
        ("en", "0", "JPY", "¥0"),
        ("en", "1.234", "KWD", "KWD1.234"),
        ("en", "0.005", "EUR", "€0.00"),
        ("en", "0.015", "EUR", "€0.02"),
        ("en", "99999999.99", "XXX", "¤99,999,999.99"),
        ("en", "5", "QQQ", "QQQ5"),
        ("zz-zz", "5", "EUR", "€5"),  # a language nobody knows reads English
    ],
)
def test_money(language, amount, currency, written):
    assert said(language, formats.money, Decimal(amount), currency) == written


def test_no_price_is_no_text():
    assert formats.money(None, "EUR") == ""


def test_a_float_is_written_as_it_reads():
    assert formats.money(0.1 + 0.2, "EUR") == "€0.30"
    assert formats.money(90.0, "EUR") == "€90"


@pytest.mark.parametrize(
    ("low", "high", "written"), [("90", "90.00", "€90"), ("90", "160.5", "€90 – €160.50"), ("0", "0", "€0")]
)
def test_a_range_of_one_price_is_that_price(low, high, written):
    assert formats.money_range(Decimal(low), Decimal(high), "EUR") == written


@pytest.mark.parametrize(
    ("language", "last", "written"),
    [
        ("en", date(2027, 4, 3), "Apr 3, 2027"),
        ("en", date(2027, 4, 9), "Apr 3 – 9, 2027"),
        ("en", date(2027, 5, 1), "Apr 3 – May 1, 2027"),
        ("en", date(2028, 1, 1), "Apr 3, 2027 – Jan 1, 2028"),
        ("en-gb", date(2027, 4, 9), "3–9 Apr 2027"),
        ("de", date(2027, 5, 1), "3. Apr. – 1. Mai 2027"),
        ("ja", date(2027, 4, 9), "2027年4月3日～9日"),
        ("ar", date(2027, 4, 9), "3–9 أبريل 2027"),
    ],
)
def test_days_say_once_what_both_share(language, last, written):
    assert said(language, formats.day_range, APRIL, last) == written


@pytest.mark.parametrize("moment", [APRIL, datetime(2027, 4, 3, 23, 59, tzinfo=UTC)])
def test_a_day_is_the_day_of_the_value_itself(moment):
    assert formats.day(moment) == "Apr 3, 2027"


def test_no_day_is_no_text():
    assert formats.day(None) == ""


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "March 2027"),
        ("de", "März 2027"),
        ("fr", "mars 2027"),  # not “March”, whoever read before
        ("pl", "marzec 2027"),  # standing alone; within a day it were “marca”
        ("ja", "2027年3月"),
        ("he", "מרץ 2027"),
    ],
)
def test_months(language, written):
    said("az", formats.month, date(2027, 5, 1))
    said("en", formats.month, date(2027, 5, 1))
    assert said(language, formats.month, date(2027, 3, 31)) == written


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", ["Japan", "Portuguese"]), ("de", ["Japan", "Portugiesisch"]), ("fr", ["Japon", "Portugais"])],
)
def test_countries_and_languages_begin_with_a_capital(language, names):
    assert [said(language, formats.country, "JP"), said(language, formats.language, "pt")] == names


@pytest.mark.parametrize("code", ["", "??", "no such"])
def test_a_code_nobody_knows_stands_for_itself(code):
    assert formats.country(code) == code
    assert formats.language(code).lower() == code


@pytest.mark.parametrize(
    ("language", "items", "written"),
    [
        ("en", [], ""),
        ("en", ["a"], "a"),
        ("en", ["a", "b"], "a and b"),
        ("en", ["a", "b", "c"], "a, b, and c"),
        ("en-gb", ["a", "b", "c"], "a, b and c"),
        ("de", ["a", "b", "c"], "a, b und c"),
        ("ar", ["ا", "ب"], "ا وب"),
        ("ja", ["a", "b"], "a、b"),
    ],
)
def test_lists(language, items, written):
    assert said(language, formats.one_or_more, items) == written


EVERYTHING = """
import django, json
from datetime import date
from decimal import Decimal
from django.conf.global_settings import LANGUAGES
from django.utils import translation
django.setup()
from markets import formats
first, last = date(2027, 4, 3), date(2027, 5, 1)
written = {}
for language, _ in LANGUAGES[::3]:
    with translation.override(language):
        written[language] = [
            formats.money(Decimal("1234.5"), "EUR"), formats.day(first), formats.day_range(first, last),
            formats.month(first), formats.country("JP"), formats.language("pt"), formats.one_or_more(["a", "b"]),
        ]
print(json.dumps(written))
"""


def test_no_language_breaks_a_page():
    """A third of those Django knows, in a process of its own: Babel lets some of its languages colour others."""
    command = [sys.executable, "-c", EVERYTHING]
    settings = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    answer = subprocess.run(command, cwd=BASE_DIR, env=settings, check=True, capture_output=True, text=True)
    written = json.loads(answer.stdout)
    assert len(written) > 30
    odd = [text for texts in written.values() for text in texts if not text or "{" in text or "None" in text]
    assert odd == []


@given(st.decimals(min_value=0, max_value=10**8, places=2), st.sampled_from(["en", "de", "fr", "hi"]))
def test_every_digit_of_an_amount_is_written(amount, language):
    digits = [letter for letter in said(language, formats.money, amount, "EUR") if letter.isdigit()]
    whole = amount == amount.to_integral_value()
    assert "".join(digits) == (f"{amount:.0f}" if whole else f"{amount:.2f}".replace(".", ""))

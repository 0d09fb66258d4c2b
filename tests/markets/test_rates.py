"""Exchange rates as staff keep them."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from markets import currency
from markets.models import ExchangeRate
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ADD = reverse("admin:markets_exchangerate_add")
EURO = reverse("admin:markets_exchangerate_change", args=["EUR"])


@pytest.fixture
def operator(client):
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="Operator"))
    client.force_login(user)
    return user


def rate(**changes):
    return {"currency": "XTS", "per_usd": "2.5", "as_of": "2026-11-01"} | changes


def test_a_new_rate_counts_at_once(client, operator):
    client.post(ADD, rate())
    assert currency.convert(Decimal(10), "USD", "XTS", currency.rates()) == 25


def test_a_corrected_rate_keeps_its_currency_and_says_who_did_it(client, operator):
    client.post(EURO, rate(currency="XTS", per_usd="0.5"))
    euro = ExchangeRate.objects.get(currency="EUR")
    assert (euro.per_usd, str(euro.as_of)) == (Decimal("0.5"), "2026-11-01")
    assert not ExchangeRate.objects.filter(currency="XTS").exists()
    assert LogEntry.objects.get().user == operator


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("per_usd", "0"),
        ("per_usd", "-1"),
        ("per_usd", "NaN"),
        ("per_usd", "Infinity"),
        ("per_usd", "1e30"),
        ("per_usd", "0.0000001"),
        ("per_usd", ""),
        ("currency", "xts"),
        ("currency", "EU"),
        ("currency", "EUR"),
        ("currency", "E\0R"),
        ("as_of", "yesterday"),
        ("as_of", "2026-02-30"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused_in_the_form(client, operator, field, value):
    before = list(ExchangeRate.objects.values())
    response = client.post(ADD, rate(**{field: value}))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert list(ExchangeRate.objects.values()) == before


@pytest.mark.parametrize("role", ["Analyst", "Reviewer"])
def test_others_only_look(client, role):
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    answers = [client.get(EURO), client.post(EURO, rate()), client.get(ADD), client.post(ADD, rate())]
    assert [answer.status_code for answer in answers] == [200, 403, 403, 403]

"""Limits, counted in a real Redis."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as configured
from django.urls import NoReverseMatch, reverse
from structlog.testing import capture_logs

from config import limits
from config.limits import excess

DEFAULTS = configured.RATE_LIMITS


@pytest.fixture(autouse=True)
def _limits(settings, monkeypatch):
    settings.RATE_LIMITS = {
        "trip": "10/hour",
        "sign_in": "3/minute",
        "sign_up": "2/hour",
        "password_reset": "2/hour",
    }
    monkeypatch.setattr(limits, "_resting_until", 0.0)


def visit(client, method="post"):
    return getattr(client, method)(reverse("travelers:trip_create"))


def test_exactly_as_many_get_through_at_once_as_the_limit_says():
    with ThreadPoolExecutor(50) as pool:
        waits = list(pool.map(lambda _: excess("trip", ["user:1"]), range(200)))
    assert waits.count(0) == 10


def test_each_visitor_has_a_limit_of_their_own():
    for _ in range(11):
        excess("trip", ["user:1"])
    assert excess("trip", ["user:2"]) == 0


@pytest.mark.django_db
def test_the_eleventh_trip_waits_and_is_told_how_long(client):
    answers = [visit(client) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 3590 <= int(answers[-1]["Retry-After"]) <= 3600


@pytest.mark.django_db
def test_reading_the_form_costs_nothing(client):
    assert {visit(client, "get").status_code for _ in range(12)} == {200}


@pytest.mark.django_db
def test_the_city_search_is_limited_as_well(client, settings):
    settings.RATE_LIMITS = {"search": "2/minute"}
    answers = [client.get(reverse("markets:search"), {"q": "ky"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_every_rule_names_a_page_and_a_limit(settings):
    settings.RATE_LIMITS = DEFAULTS
    for name, rule in limits.RULES.items():
        pattern = [kwargs for kwargs in ({}, {"pk": 1}, {"slug": "x"}) if _reverses(name, kwargs)]
        assert pattern, name
        assert rule.limit in settings.RATE_LIMITS


def _reverses(name, kwargs):
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return None


@pytest.mark.django_db
def test_one_address_cannot_try_many_accounts(client):
    tries = [sign_in(client, f"person{n}@traveloure.example") for n in range(4)]
    assert tries == [200, 200, 200, 429]


@pytest.mark.django_db
def test_one_account_cannot_be_tried_from_many_addresses(client):
    spellings = [
        "Ana@traveloure.example",
        "ana@traveloure.example",
        " ana@traveloure.example",
        "ANA@TRAVELOURE.EXAMPLE",
    ]
    tries = [sign_in(client, name, REMOTE_ADDR=f"203.0.113.{n}") for n, name in enumerate(spellings)]
    assert tries == [200, 200, 200, 429]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["account_signup", "account_reset_password"])
def test_sign_up_and_password_reset_are_limited(client, form):
    answers = [client.post(reverse(form), {"email": "nobody"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.django_db
def test_the_page_of_a_limit_is_styled_and_never_stored(client):
    for _ in range(4):
        response = client.post(
            reverse("account_login"), {"login": "ana@traveloure.example", "password": "wrong"}
        )
    assert response.status_code == 429
    assert "errors/429.html" in [template.name for template in response.templates]


@pytest.mark.django_db
def test_without_redis_requests_go_through_and_one_warning_is_logged(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    with capture_logs() as logs:
        answers = {visit(client).status_code for _ in range(12)}
    assert answers == {200}
    assert [entry["event"] for entry in logs if "limits" in entry["event"]] == ["limits_off"]


def sign_in(client, email: str, **extra: str) -> int:
    return client.post(reverse("account_login"), {"login": email, "password": "wrong"}, **extra).status_code

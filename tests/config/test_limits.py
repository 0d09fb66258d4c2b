"""Limits, counted in a real Redis."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from structlog.testing import capture_logs

from config import limits
from config.limits import excess, limited


@pytest.fixture(autouse=True)
def _limits(settings, monkeypatch):
    settings.RATE_LIMITS = {
        "trip": "10/hour",
        "sign_in": "3/minute",
        "sign_up": "2/hour",
        "password_reset": "2/hour",
    }
    monkeypatch.setattr(limits, "_resting_until", 0.0)


@limited("trip")
def submit(request: HttpRequest) -> HttpResponse:
    return HttpResponse("stored")


def visit(path="/trips/new", method="post"):
    request = RequestFactory().generic(method.upper(), path)
    request.user = AnonymousUser()
    return submit(request)


def test_exactly_as_many_get_through_at_once_as_the_limit_says():
    with ThreadPoolExecutor(50) as pool:
        waits = list(pool.map(lambda _: excess("trip", ["user:1"]), range(200)))
    assert waits.count(0) == 10


def test_each_visitor_has_a_limit_of_their_own():
    for _ in range(11):
        excess("trip", ["user:1"])
    assert excess("trip", ["user:2"]) == 0


def test_the_eleventh_trip_waits_and_is_told_how_long():
    answers = [visit() for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 3590 <= int(answers[-1]["Retry-After"]) <= 3600


def test_reading_the_form_costs_nothing():
    assert {visit(method="get").status_code for _ in range(12)} == {200}


def test_an_api_path_is_answered_in_json():
    answers = [visit("/api/trips") for _ in range(11)]
    assert json.loads(answers[-1].content) == {"detail": "Too many requests."}


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


def test_without_redis_requests_go_through_and_one_warning_is_logged(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    with capture_logs() as logs:
        answers = {visit().status_code for _ in range(20)}
    assert answers == {200}
    assert [entry["event"] for entry in logs] == ["limits_off"]


def sign_in(client, email: str, **extra: str) -> int:
    return client.post(reverse("account_login"), {"login": email, "password": "wrong"}, **extra).status_code

"""The cache, and what becomes of the site without it."""

import pytest
from celery import current_app
from django.core.cache import caches
from django.urls import reverse
from structlog.testing import capture_logs

from config import limits
from jobs import broker
from tests.accounts.test_second_factor import SECRET, sign_in, with_factor
from tests.factories import make_expert, make_market, make_user
from tests.hung import hung_server


@pytest.fixture(params=["away", "hung"])
def no_redis(request, settings, monkeypatch):
    """What rests because of this test does so no longer than it."""
    for module in (limits, broker):
        monkeypatch.setattr(module, "_resting_until", 0.0)
    with hung_server() as server:
        url = server.redis_url if request.param == "hung" else "redis://127.0.0.1:1"
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": url}}
        yield


def test_what_is_kept_is_found_again():
    cache = caches["default"]
    cache.set("city", {"name": "Kyoto"})
    assert (cache.get("city"), cache.get("other", "none")) == ({"name": "Kyoto"}, "none")
    assert (cache.add("city", 1), cache.add("other", 2)) == (False, True)


def test_without_redis_it_is_empty_and_one_line_a_call_says_so(no_redis):
    cache = caches["default"]
    with capture_logs() as logs:
        cache.set("city", "Kyoto")
        assert (cache.get("city", "none"), cache.add("city", 1)) == ("none", True)
    assert [line["event"] for line in logs] == ["cache_away"] * 3


@pytest.mark.django_db
def test_staff_sign_in_without_redis_as_well(client, settings, no_redis, code):
    """To see what is wrong."""
    settings.STAFF_SECOND_FACTOR = True
    staff = with_factor(make_user(is_staff=True, is_superuser=True))
    sign_in(client, staff)
    client.post(reverse("mfa_authenticate"), {"code": code(SECRET)})
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_visitors_and_staff_find_everything_without_any_redis(client, settings, monkeypatch, no_redis):
    """As docs/operations.md promises."""
    settings.REDIS_URL = "redis://127.0.0.1:1"
    monkeypatch.setattr(current_app.conf, "broker_write_url", settings.REDIS_URL)
    market = make_market()
    expert = make_expert(market)
    account = {"name": "Ada", "email": "ada@example.com", "password1": "a long enough phrase"}
    asked = {
        "/": client.get("/"),
        "search": client.get("/cities/search/", {"q": "ky"}),
        "profile": client.get(expert.get_absolute_url()),
        "waitlist": client.post(f"/waitlist/{market.pk}/", {"email": "ada@example.com"}),
        "sign up": client.post("/accounts/signup/", account),
        "trips": client.get("/trips/"),
    }
    client.force_login(make_user(is_staff=True, is_superuser=True))
    asked["admin"] = client.get("/admin/")
    assert {name: answer.status_code for name, answer in asked.items()} == dict.fromkeys(asked, 200) | {
        "sign up": 302
    }

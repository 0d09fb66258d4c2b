"""The settings file, read again under other environments."""

import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.local.paths import BASE_DIR

PRODUCTION = {
    "TRAVELOURE_ENV": "production",
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "traveloure.example",
    "SITE_URL": "https://traveloure.example",
    "DATABASE_URL": "postgresql://traveloure:secret@db.example/traveloure",
    "REDIS_URL": "redis://redis.example:6379/0",
    "EMAIL_HOST": "mail.example",
}


def read_settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name in PRODUCTION:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(BASE_DIR / "config/settings.py"))


def test_development_needs_no_environment(monkeypatch):
    settings = read_settings(monkeypatch)
    assert settings["DATABASES"]["default"]["NAME"] == "traveloure"
    assert settings["REDIS_URL"].endswith("redis.sock")


@pytest.mark.parametrize("missing", sorted(PRODUCTION.keys() - {"TRAVELOURE_ENV"}))
def test_production_refuses_to_start_without(monkeypatch, missing):
    with pytest.raises(ImproperlyConfigured, match=f"^{missing} is not set"):
        read_settings(monkeypatch, **{**PRODUCTION, missing: ""})


def test_production_refuses_debug(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="Unset it in production"):
        read_settings(monkeypatch, **PRODUCTION, DEBUG="1")


def test_production_is_served_over_https_alone(monkeypatch):
    settings = read_settings(monkeypatch, **PRODUCTION)
    names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "STAFF_SECOND_FACTOR")
    assert [settings[name] for name in names] == [True] * 4


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"TRAVELOURE_ENV": "staging"}, "set it to development or production"),
        ({"DEBUG": "maybe"}, "DEBUG='maybe' is not a switch. Set it to 1 or 0."),
        ({"PORT": "eighty"}, "PORT='eighty' is not a whole number from 0 to"),
        ({"DATABASE_URL": "db.example"}, "DATABASE_URL cannot be read. Set it to postgresql://"),
        ({"DATABASE_URL": "sqlite:///site.db"}, "DATABASE_URL is not of Postgres. Set it to postgresql://"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(monkeypatch, environment, message):
    with pytest.raises(ImproperlyConfigured) as caught:
        read_settings(monkeypatch, **environment)
    assert message in str(caught.value)


def test_lists_drop_blanks_and_empty_items(monkeypatch):
    monkeypatch.setenv("HOSTS", " a.example , ,b.example")
    assert env.words("HOSTS") == ["a.example", "b.example"]

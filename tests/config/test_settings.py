"""The settings file, read again under other environments."""

import re
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.local.paths import BASE_DIR
from tests.services import IGNORED

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
    for name in (*PRODUCTION, *IGNORED):
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
        ({"DATABASE_URL": "postgresql://me:hunter2@db:port/x"}, "DATABASE_URL cannot be read. Set it to"),
        (
            {"REDIS_URL": "me:hunter2@cache:6379"},
            "REDIS_URL cannot be read. Set it to redis://host:6379/0 or",
        ),
        ({"REDIS_URL": "redis://:hunter2@cache:port"}, "REDIS_URL cannot be read."),
        ({"CACHE_URL": "memcached://hunter2@cache"}, "CACHE_URL cannot be read."),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL='LOUD': set it to DEBUG, INFO, WARNING, ERROR or CRITICAL."),
        ({"SITE_URL": "traveloure.example"}, "is no address of a site. Set it to https://your.host."),
        ({"SITE_URL": "https://traveloure.example/home"}, "is no address of a site."),
        ({"SITE_URL": "https://me@traveloure.example"}, "is no address of a site."),
        ({"SITE_URL": "https://"}, "is no address of a site."),
        ({"WEB_THREADS": "1"}, "WEB_THREADS='1' is not a whole number from 2 to 64."),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES='-1' is not a whole number from 0 to 10."),
        ({"EMAIL_PORT": "65536"}, "EMAIL_PORT='65536' is not a whole number from 0 to 65535."),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(monkeypatch, environment, message):
    with pytest.raises(ImproperlyConfigured) as caught:
        read_settings(monkeypatch, **environment)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SECRET_KEY": "k" * 49}, "SECRET_KEY can be guessed. Set it to 50 random characters."),
        (
            {"ALLOWED_HOSTS": "traveloure.example, *"},
            "ALLOWED_HOSTS=* lets anybody's host into links of mails.",
        ),
    ],
)
def test_production_refuses_what_development_may(monkeypatch, environment, message):
    read_settings(monkeypatch, **environment)
    with pytest.raises(ImproperlyConfigured) as caught:
        read_settings(monkeypatch, **PRODUCTION | environment)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("LOG_LEVEL", "debug", ("LOGGING", "root", "level", "DEBUG")),
        ("TRAVELOURE_ENV", "Development", ("ENVIRONMENT", "development")),
        ("SITE_URL", "https://traveloure.example/", ("SITE_URL", "https://traveloure.example")),
        ("REDIS_URL", "rediss://:secret@cache:6380/1", ("CACHE_URL", "rediss://:secret@cache:6380/1")),
        ("REDIS_URL", "unix:///run/redis.sock?db=1", ("REDIS_URL", "unix:///run/redis.sock?db=1")),
        ("DEBUG", " YES ", ("DEBUG", True)),
        ("MAINTENANCE", "off", ("MAINTENANCE", False)),
        ("WEB_THREADS", "  ", ("WEB_THREADS", 4)),
        ("EMAIL_HOST", "mail.example", ("ACCOUNT_EMAIL_VERIFICATION", "mandatory")),
        ("EMAIL_HOST", "", ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")),
    ],
)
def test_values_are_understood_however_they_are_written(monkeypatch, name, value, read):
    found: Any = read_settings(monkeypatch, **{name: value})
    *way, expected = read
    for key in way:
        found = found[key]
    assert found == expected


def test_links_in_mail_name_the_port_of_make_run(monkeypatch):
    settings = read_settings(monkeypatch, PORT="8123")
    assert settings["SITE_URL"] == settings["CSRF_TRUSTED_ORIGINS"][0] == "http://localhost:8123"


def test_a_proxy_is_believed_only_where_one_is(monkeypatch):
    assert "SECURE_PROXY_SSL_HEADER" not in read_settings(monkeypatch, **PRODUCTION)
    assert "SECURE_PROXY_SSL_HEADER" in read_settings(monkeypatch, **PRODUCTION, BEHIND_PROXY="1")


def test_every_variable_that_is_read_is_described():
    """README.md, "Configuration", is where operators look."""
    files = ["config/settings.py", "config/local/paths.py", "config/local/supervisor.py", "gunicorn.conf.py"]
    sources = [(BASE_DIR / name).read_text() for name in files]
    read = {name for source in sources for name in re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)}
    described = set(re.findall(r"`([A-Z_]+)`", (BASE_DIR / "README.md").read_text()))
    assert read - described == set()
    assert len(read) > 30


def test_lists_drop_blanks_and_empty_items(monkeypatch):
    monkeypatch.setenv("HOSTS", " a.example , ,b.example")
    assert env.words("HOSTS") == ["a.example", "b.example"]

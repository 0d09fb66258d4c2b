"""Typed reads of the environment that fail with the remedy in the message."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from redis.connection import parse_url

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
ENVIRONMENTS = ("development", "production")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DATABASE_REMEDY = "Set it to postgresql://user:password@host:5432/name."
REDIS_REMEDY = "Set it to redis://host:6379/0 or unix:///path/to/socket."


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name}={value!r} is not a switch. Set it to 1 or 0.")


def integer(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    value = text(name)
    if not value:
        return default
    if value.isdecimal() and low <= int(value) <= high:
        return int(value)
    raise ImproperlyConfigured(f"{name}={value!r} is not a whole number from {low} to {high}.")


def choice(name: str, choices: Sequence[str], default: str) -> str:
    """One of the choices, as it is written there."""
    value = text(name, default)
    for known in choices:
        if known.lower() == value.lower():
            return known
    raise ImproperlyConfigured(f"{name}={value!r}: set it to {', '.join(choices[:-1])} or {choices[-1]}.")


def words(name: str, default: Iterable[str] = ()) -> list[str]:
    """A comma-separated list; blanks around the items are dropped."""
    return [item.strip() for item in text(name).split(",") if item.strip()] or list(default)


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def require(**remedies: str) -> None:
    for name, remedy in remedies.items():
        if not text(name):
            raise ImproperlyConfigured(f"{name} is not set. {remedy}")


def database(url: str) -> dict[str, Any]:
    """Django's description of the database at `url`."""
    try:
        database: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)}
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read. {DATABASE_REMEDY}") from error
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"DATABASE_URL is not of Postgres. {DATABASE_REMEDY}")
    if not database["NAME"]:
        raise ImproperlyConfigured(f"DATABASE_URL names no database. {DATABASE_REMEDY}")
    database["OPTIONS"] = {"connect_timeout": 5, **database.get("OPTIONS", {})}
    return database


def redis_url(name: str, default: str) -> str:
    url = text(name, default)
    try:
        parse_url(url)
    except ValueError as error:  # no value in the message: it may hold a password
        raise ImproperlyConfigured(f"{name} cannot be read. {REDIS_REMEDY}") from error
    return url


def origin(name: str, default: str) -> str:
    """Scheme and host, to which paths are added."""
    value = text(name, default).rstrip("/")
    if not re.fullmatch(r"https?://[^/?#@\s]+", value):
        raise ImproperlyConfigured(f"{name}={value!r} is no address of a site. Set it to https://your.host.")
    return value


def celery_url(redis_url: str) -> str:
    """Celery writes the address of a unix socket in its own way."""
    if redis_url.startswith("unix://"):
        return "redis+socket://" + redis_url.removeprefix("unix://").replace("?db=", "?virtual_host=")
    return redis_url

"""Typed reads of the environment that fail with the remedy in the message."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


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


def words(name: str, default: Iterable[str] = ()) -> list[str]:
    """A comma-separated list; blanks around the items are dropped."""
    return [item.strip() for item in text(name).split(",") if item.strip()] or list(default)


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def required(name: str, why: str) -> str:
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {why}")
    return value

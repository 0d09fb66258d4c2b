from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from llm import tables

_FILE = Path(__file__).with_name("words.toml")


class Contact(TextChoices):
    EMAIL = "email", _("e-mail address")
    PHONE = "phone", _("phone number")
    LINK = "link", _("link")
    HANDLE = "handle", _("messenger name")


class Found(NamedTuple):
    start: int
    end: int
    kind: Contact


@cache
def words(kind: str) -> frozenset[str]:
    return frozenset(tables.ours(_FILE)[kind].split())


@cache
def pairs(kind: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in tables.ours(_FILE)[kind].split())

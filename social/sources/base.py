"""What every source speaks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext as _

from jobs.errors import Permanent

LONGEST_HANDLE = 30
MOST_COUNT = 2**31 - 1
# Of what was dropped so much is kept to be read; all of it is counted.
DROPS_KEPT = 50


class SourceOff(Permanent):
    """Nothing can be read from here as things are; `str()` says why, for staff."""


@dataclass(frozen=True)
class Query:
    """Posts by these accounts (no @) or with these hashtags (with #), in this time, for so many dollars at most."""

    city: str
    accounts: Sequence[str]
    hashtags: Sequence[str]
    since: datetime
    until: datetime
    budget: Decimal


@dataclass(frozen=True)
class FoundAuthor:
    """What is unknown is None."""

    handle: str
    name: str = ""
    bio: str = ""
    followers: int | None = None
    following: int | None = None
    since: date | None = None


@dataclass(frozen=True)
class FoundPost:
    id: str
    author: FoundAuthor
    text: str
    at: datetime
    language: str = ""
    likes: int = 0
    reposts: int = 0
    replies: int = 0
    views: int | None = None
    measured_at: datetime | None = None  # None: now


@dataclass
class Found:
    """A post may stand here more than once, as it was measured at several times.

    `complete` is false where more is there than was read: what is newer than `reached`, or nothing where it is None.
    """

    posts: list[FoundPost] = field(default_factory=list)
    cost: Decimal = Decimal(0)
    complete: bool = True
    reached: datetime | None = None
    asked: Sequence[str] = ()  # ids that a refresh has asked for, whether or not they are still there
    note: str = ""
    drops: list[dict[str, str]] = field(default_factory=list)


class Source(Protocol):
    name: str
    # The least money with which a search makes sense.
    least: Decimal

    def search(self, query: Query) -> Found:
        """Raises Retryable, SourceOff or another Permanent. Takes seconds: never in a transaction."""
        ...

    def refresh(self, ids: Sequence[str], budget: Decimal) -> Found:
        """The same posts with their metrics of now, as far as the source can tell."""
        ...


class Nothing:
    """No source is connected."""

    name = ""
    least = Decimal(0)

    def search(self, query: Query) -> Found:
        raise SourceOff(_("No source of posts is connected."))

    def refresh(self, ids: Sequence[str], budget: Decimal) -> Found:
        return Found()


def drop(what: str, why: str, text: str) -> dict[str, str]:
    return {"what": what, "why": why, "text": text[:300]}


def count(value: Any) -> int | None:
    """What is no plausible count is unknown."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COUNT
    return value if is_count else None


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def handle_of(text: str) -> str:
    """As handles are stored; "" for what is none."""
    handle = text.strip().lstrip("@").lower()
    plain = handle.isascii() and handle.replace("_", "a").isalnum()
    return handle if plain and len(handle) <= LONGEST_HANDLE else ""


def concerns(post: FoundPost, query: Query) -> bool:
    """By one of the accounts, or with one of the hashtags."""
    if post.author.handle in {account.lower() for account in query.accounts}:
        return True
    return bool(hashtags_in(post.text) & {tag.lower() for tag in query.hashtags})


def hashtags_in(text: str) -> set[str]:
    parts = text.lower().split("#")[1:]
    return {"#" + "".join(_leading(part)) for part in parts} - {"#"}


def _leading(part: str) -> Iterable[str]:
    for letter in part:
        if not (letter.isalnum() or letter == "_"):
            return
        yield letter

"""Names that stand for people's own, the same ones for the same person whenever and wherever asked."""

import hmac
from collections.abc import Container
from functools import cache
from pathlib import Path

from django.conf import settings

from llm import tables

_FILE = Path(__file__).parent / "privacy" / "names.toml"


@cache
def names(kind: str) -> tuple[str, ...]:
    """One list of names.toml."""
    return tuple(tables.ours(_FILE)[kind].split())


@cache
def lowered(*kinds: str) -> frozenset[str]:
    return frozenset(name.lower() for kind in kinds for name in names(kind))


def choose(kind: str, person: str, *, avoid: Container[str]) -> str:
    """A name of that kind ("given" or "family") for this person, whom only we can tell from it.

    The first of the person's own sequence whose lower-case form is not to be avoided: always the same one, unless
    this question knows it already as someone else's or as a word.
    """
    pool = names(kind)
    for turn in range(10 * len(pool)):
        message = f"llm.pseudonym:{kind}:{turn}:{person}".encode()
        digest = hmac.digest(settings.SECRET_KEY.encode(), message, "sha256")
        name = pool[int.from_bytes(digest[:8]) % len(pool)]
        if name.lower() not in avoid:
            return name
    raise ValueError("More people in one question than there are names.")

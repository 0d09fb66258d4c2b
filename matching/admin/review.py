"""What a model said of a score, as lines for staff. All of it is untrusted: any part may be missing or of another
shape.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from markets import formats
from matching.models import Factor


@dataclass(frozen=True)
class Rating:
    """What the model gave a factor, with its quote, and what code made of it."""

    factor: str
    given: str
    quote: str
    source: str
    shift: str  # points


@dataclass(frozen=True)
class Dropped:
    what: str
    why: str
    text: str


@dataclass(frozen=True)
class Reviewed:
    first: str
    model: str
    reasoning: str
    ratings: list[Rating]
    strengths: list[str]
    considerations: list[str]
    dropped: list[Dropped]


def reviewed(stored: Any) -> Reviewed | None:
    """None where no model looked at this score."""
    found = _facts(stored)
    if not found:
        return None
    return Reviewed(
        first=_first(_facts(found.get("first"))),
        model=_text(found.get("model")),
        reasoning=_text(found.get("reasoning")),
        ratings=[_rating(name, _facts(rating)) for name, rating in _facts(found.get("ratings")).items()],
        strengths=[_claim(claim) for claim in _list(found.get("strengths"))],
        considerations=[_claim(claim) for claim in _list(found.get("considerations"))],
        dropped=[_dropped(_facts(each)) for each in _list(found.get("dropped"))],
    )


def changes(stored: Any) -> list[str]:
    """What would change the score, a sentence each."""
    pairs = [pair for pair in _list(stored) if isinstance(pair, list | tuple) and len(pair) == 2]
    return [_change(_text(kind), _facts(facts)) for kind, facts in pairs]


def _change(kind: str, facts: dict[str, Any]) -> str:
    words = {
        "dates": lambda: _("From %(first)s to %(end)s") % {"first": said("first"), "end": said("end")},
        "budget": lambda: _("A budget of %(total)s") % {"total": _money(facts)},
        "language": lambda: _("In %(language)s") % {"language": formats.language(said("language"))},
    }

    def said(name: str) -> str:
        return _text(facts.get(name)) or "–"

    what = words[kind]() if kind in words else kind
    return _("%(what)s: %(score)s of 100") % {"what": what, "score": _tenths(facts.get("score"))}


def _money(facts: dict[str, Any]) -> str:
    total, currency = facts.get("total"), _text(facts.get("currency"))
    return formats.money(total, currency) if isinstance(total, int | float) else "–"


def _first(facts: dict[str, Any]) -> str:
    if not facts:
        return ""
    return _("rank %(rank)s with %(score)s") % {
        "rank": _text(facts.get("rank")) or "–",
        "score": _tenths(facts.get("score")),
    }


def _rating(name: str, facts: dict[str, Any]) -> Rating:
    return Rating(
        factor=str(Factor(name).label) if name in Factor.values else name,
        given=", ".join(_text(each) for each in _list(facts.get("given"))) or "–",
        quote=_text(facts.get("quote")),
        source=_text(facts.get("source")),
        shift=_tenths(facts.get("shift"), sign="+"),
    )


def _claim(claim: Any) -> str:
    facts = _facts(claim)
    text, evidence = _text(facts.get("text") if facts else claim), _text(facts.get("evidence"))
    return f"{text} ({evidence})" if evidence else text


def _dropped(facts: dict[str, Any]) -> Dropped:
    return Dropped(*(_text(facts.get(name)) for name in ("what", "why", "text")))


def _tenths(value: Any, sign: str = "") -> str:
    return f"{Decimal(value) / 10:{sign}}" if isinstance(value, int) else "–"


def _facts(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list | tuple) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value)

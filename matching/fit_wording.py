"""Says an expert's report (`matching.fit`) in the reader's language. Nothing is computed here."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts.models import Expert, Level
from markets.formats import language
from matching.models import Factor, MatchScore
from travelers.models import Trip

Report = dict[str, Any]
Status = Expert.Status


@dataclass(frozen=True)
class Average:
    """Of one factor."""

    name: str
    own: Decimal
    others: int | None


@dataclass(frozen=True)
class Change:
    what: str
    gain: Decimal
    lists: str


def averages(report: Report) -> list[Average]:
    return [Average(str(Factor(name).label), _tenths(own), others) for name, own, others in report["factors"]]


def reasons(report: Report) -> list[tuple[str, int]]:
    """Why not shown, the most frequent first."""
    by_count = sorted(report["hidden"], key=lambda found: -found[1])
    return [(str(MatchScore.Hidden(code).label), count) for code, count in by_count]


def kinds(report: Report) -> list[tuple[str, int, Decimal]]:
    return [(str(Trip.Kind(kind).label), count, _tenths(mean)) for kind, count, mean in report["kinds"]]


def changes(report: Report) -> list[Change]:
    return [
        Change(_CHANGES[found["kind"]](found), _tenths(found["gain"]), _lists(found["lists"], report))
        for found in report["changes"]
    ]


def standing(expert: Expert) -> str:
    """Why no list has this expert at the moment, and what to do; nothing where lists have them."""
    if expert.status == Status.ACTIVE and not expert.accepting_clients:
        return _("You take no clients at the moment, so you are on no list. Take clients again to be found.")
    return str(_STANDING[expert.status]()) if expert.status in _STANDING else ""


def _tenths(value: int) -> Decimal:
    return Decimal(value) / 10


def _lists(count: int | None, report: Report) -> str:
    if count is None:
        return ""
    if not count:
        return _("On its own it would have brought you into no further list.")
    return ngettext(
        "In %(count)s of %(lists)s list it would have brought you among the first five.",
        "In %(count)s of %(lists)s lists it would have brought you among the first five.",
        report["compared"],
    ) % {"count": count, "lists": report["compared"]}


def _skill(found: dict[str, Any]) -> str:
    return ngettext(
        "Plan or guide %(count)s trip with “%(skill)s”",
        "Plan or guide %(count)s trips with “%(skill)s”",
        found["amount"],
    ) % {"count": found["amount"], "skill": _(found["about"])}


def _answers(found: dict[str, Any]) -> str:
    return ngettext("Answer within %(count)s hour", "Answer within %(count)s hours", found["amount"]) % {
        "count": found["amount"]
    }


def _group(found: dict[str, Any]) -> str:
    return ngettext(
        "Take groups of up to %(count)s person", "Take groups of up to %(count)s people", found["amount"]
    ) % {"count": found["amount"]}


_CHANGES: dict[str, Callable[[dict[str, Any]], str]] = {
    "skill": _skill,
    "answers": _answers,
    "group": _group,
    "verified": lambda found: _("Be verified by our staff"),
    "calendar": lambda found: _("Open the days you have blocked"),
    "price": lambda found: (
        _("Begin at a price that is %(percent)s lower") % {"percent": f"{found['amount']}\N{NO-BREAK SPACE}%"}
    ),
    "language": lambda found: (
        _("Speak %(language)s at level %(level)s")
        % {"language": language(found["about"]), "level": Level(found["amount"]).label}
    ),
}

_STANDING: dict[str, Callable[[], str]] = {
    Status.DRAFT: lambda: _(
        "Your application is a draft. Finish it and send it in: only experts who are active are on lists."
    ),
    Status.SUBMITTED: lambda: _(
        "Your application is with our staff. As soon as you are active, you can be on lists."
    ),
    Status.PAUSED: lambda: _("You are paused, so you are on no list. Become active again to be found."),
    Status.SUSPENDED: lambda: _(
        "You are suspended, so you are on no list. Answer the mail that told you why."
    ),
}

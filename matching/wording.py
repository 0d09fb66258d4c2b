"""Says a receipt in plain words, in the reader's language. Nothing is computed here."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts import themes
from experts.models import CommunicationStyle, Evidence, Level
from markets.formats import language, money, one_or_more
from matching.models import Factor

Facts = dict[str, Any]
Remark = tuple[str, Facts]


def remarks(stored: Iterable[Remark]) -> list[str]:
    """Strengths or considerations, a sentence each."""
    return [_REMARKS[code](facts) for code, facts in stored]


def why(name: str, strengths: Iterable[Remark]) -> str:
    """One sentence out of what speaks most for this expert."""
    reasons = [_REASONS[code](facts) for code, facts in strengths if code in _REASONS]
    if not reasons:
        return _("%(name)s comes closest to what you asked for among the experts there.") % {"name": name}
    return _("%(name)s %(reasons)s.") % {"name": name, "reasons": one_or_more(reasons[:3])}


def reasoning(strengths: Iterable[str], considerations: Iterable[str]) -> str:
    """A paragraph out of sentences that stand on their own."""
    parts = [
        said % {"points": "; ".join(points)}
        for said, points in (
            (_("What speaks for this expert: %(points)s."), list(strengths)),
            (_("Worth considering: %(points)s."), list(considerations)),
        )
        if points
    ]
    return " ".join(parts) or _("The record of this expert says little about what you ask for.")


def _skill(facts: Facts) -> str:
    trips = ngettext("%(count)s trip", "%(count)s trips", facts["depth"]) % {"count": facts["depth"]}
    return _("Knows your way around “%(skill)s”: %(trips)s planned or guided") % {
        "skill": _(facts["name"]),
        "trips": trips,
    }


def _rare_skill(facts: Facts) -> str:
    return ngettext(
        "The only one of %(pool)s here with “%(skill)s”",
        "One of only %(count)s among %(pool)s here with “%(skill)s”",
        facts["holders"],
    ) % {"count": facts["holders"], "pool": facts["pool"], "skill": _(facts["name"])}


def _quote(facts: Facts) -> str:
    if facts["kind"] == Evidence.Kind.REVIEW:
        return _("A guest wrote: “%(text)s”") % {"text": facts["text"]}
    return _("In their own words: “%(text)s”") % {"text": facts["text"]}


def _speaks(facts: Facts) -> str:
    tongue = language(facts["language"])
    if facts["level"] == Level.NATIVE:
        return _("Speaks %(language)s as a mother tongue") % {"language": tongue}
    return _("Speaks %(language)s at level %(level)s") % {
        "language": tongue,
        "level": Level(facts["level"]).label,
    }


def _rating(facts: Facts) -> str:
    return ngettext(
        "Rated %(mean)s of 5 in %(count)s review",
        "Rated %(mean)s of 5 in %(count)s reviews",
        facts["ratings"],
    ) % {"mean": number_format(round(facts["rating"], 1), 1), "count": facts["ratings"]}


def _praised(found: list[Facts]) -> str:
    names = themes.labels()
    said = [f"{names[one['name']]} {number_format(round(one['mean'], 1), 1)}" for one in found]
    return _("Recent guests rate highest: %(themes)s") % {"themes": ", ".join(said)}


def _answers(facts: Facts) -> str:
    hours = max(math.ceil(facts["hours"]), 1)
    return ngettext(
        "Usually answers within %(count)s hour", "Usually answers within %(count)s hours", hours
    ) % {"count": hours}


def _free(facts: Facts) -> str:
    return ngettext(
        "Free on the day of your trip", "Free on all %(count)s days of your trip", facts["days"]
    ) % {"count": facts["days"]}


def _partly_free(facts: Facts) -> str:
    return ngettext(
        "Free on %(free)s of %(count)s day", "Free on %(free)s of the %(count)s days", facts["days"]
    ) % {"free": facts["free"], "count": facts["days"]}


def _over_budget(facts: Facts) -> str:
    return _("Asks from %(price)s per person and day; your budget is %(budget)s") % {
        "price": money(facts["price_min"], facts["currency"]),
        "budget": money(facts["amount"], facts["currency"]),
    }


def _in_budget(facts: Facts) -> str:
    return _("Fits your budget, from %(price)s per person and day") % {
        "price": money(facts["price_min"], facts["currency"])
    }


def _repeat(facts: Facts) -> str:
    return ngettext(
        "%(count)s traveler came back for more",
        "%(count)s travelers came back for more",
        facts["repeat_clients"],
    ) % {"count": facts["repeat_clients"]}


def _style(facts: Facts) -> str:
    return _("Writes in another style: %(style)s") % {"style": CommunicationStyle(facts["style"]).label}


def _far_clock(facts: Facts) -> str:
    hours = round(facts["hours_apart"])
    return ngettext(
        "Your clocks are %(count)s hour apart", "Your clocks are %(count)s hours apart", hours
    ) % {"count": hours}


_REMARKS: dict[str, Callable[[Facts], str]] = {
    "skill": _skill,
    "rare_skill": _rare_skill,
    "quote": _quote,
    "rating": _rating,
    "repeat": _repeat,
    "language": _speaks,
    "language_limited": _speaks,
    "budget": _in_budget,
    "over_budget": _over_budget,
    "free": _free,
    "partly_free": _partly_free,
    "fast": _answers,
    "slow": _answers,
    "style": _style,
    "no_language": lambda facts: _("Speaks none of your languages"),
    "no_skill": lambda facts: _("No recorded trips with “%(skill)s”") % {"skill": _(facts["name"])},
    "related_only": lambda facts: (
        _("Knows the field of “%(skill)s”, not this itself") % {"skill": _(facts["name"])}
    ),
    "new": lambda facts: _("New here, without reviews so far"),
    "falling": lambda facts: _("Recent reviews are below the earlier ones"),
    "unverified": lambda facts: _("Not verified yet"),
    "far_clock": _far_clock,
}

_REASONS: dict[str, Callable[[Facts], str]] = {
    "skill": lambda facts: (
        ngettext(
            "has planned or guided %(count)s trip with “%(skill)s”",
            "has planned or guided %(count)s trips with “%(skill)s”",
            facts["depth"],
        )
        % {"count": facts["depth"], "skill": _(facts["name"])}
    ),
    "rare_skill": lambda facts: (
        _("is one of the few here who know “%(skill)s”") % {"skill": _(facts["name"])}
    ),
    "rating": lambda facts: (
        _("is rated %(mean)s of 5") % {"mean": number_format(round(facts["rating"], 1), 1)}
    ),
    "language": lambda facts: _("speaks your %(language)s") % {"language": language(facts["language"])},
    "budget": lambda facts: _("fits your budget"),
    "free": lambda facts: _("is free the whole time"),
    "fast": lambda facts: _("answers quickly"),
}


def evidence(stored: dict[str, Facts]) -> list[tuple[str, list[str]]]:
    """Per factor its name and what was found, for the receipt's readers."""
    # In the order of the factors: Postgres keeps the keys of JSON in one of its own.
    return [(str(factor.label), list(_EVIDENCE[factor](stored[factor]))) for factor in Factor]


def _expertise_found(facts: Facts) -> Iterator[str]:
    for skill in facts["skills"]:
        yield ngettext(
            "%(skill)s: %(depth)s trip, %(related)s in related fields; known by %(holders)s of %(pool)s",
            "%(skill)s: %(depth)s trips, %(related)s in related fields; known by %(holders)s of %(pool)s",
            skill["depth"],
        ) % {
            **skill,
            "skill": _(skill["name"]),
            "pool": facts["pool"],
        }
    yield ngettext(
        "%(count)s trip in all, of whatever kind", "%(count)s trips in all, of whatever kind", facts["works"]
    ) % {"count": facts["works"]}
    if facts["quote"]:
        yield _quote(facts["quote"])


def _communication_found(facts: Facts) -> Iterator[str]:
    if facts["level"]:
        yield _speaks(facts)
    elif facts["asked"]:
        yield _REMARKS["no_language"](facts)
    yield _answers(facts)
    if facts["ratings"]:
        yield _rating(facts)


def _budget_found(facts: Facts) -> Iterator[str]:
    yield _("From %(low)s to %(high)s per person and day") % {
        "low": money(facts["price_min"], facts["currency"]),
        "high": money(facts["price_max"], facts["currency"]),
    }
    if facts["amount"] is not None:
        yield _("Your budget: %(budget)s per person and day") % {
            "budget": money(facts["amount"], facts["currency"])
        }
    if facts["ratings"]:
        yield _("Value: %(rating)s") % {"rating": _rating(facts)}


def _availability_found(facts: Facts) -> Iterator[str]:
    yield _free(facts) if facts["free"] == facts["days"] else _partly_free(facts)
    yield ngettext(
        "Takes groups of %(count)s person; you are %(people)s",
        "Takes groups of up to %(count)s people; you are %(people)s",
        facts["group_size_max"],
    ) % {"count": facts["group_size_max"], "people": facts["people"]}
    if facts["hours_apart"] >= 1:
        yield _far_clock(facts)


def _trust_found(facts: Facts) -> Iterator[str]:
    yield _rating(facts) if facts["ratings"] else _REMARKS["new"](facts)
    yield ngettext("%(count)s trip completed", "%(count)s trips completed", facts["completed"]) % {
        "count": facts["completed"]
    }
    if facts.get("themes"):  # receipts of earlier versions have none
        yield _praised(facts["themes"])
    if facts["repeat_clients"]:
        yield _repeat(facts)
    yield _("Verified") if facts["verified"] else _("Not verified yet")
    yield _("Active here for %(years)s years") % {"years": number_format(facts["years"], 1)}


_EVIDENCE: dict[str, Callable[[Facts], Iterator[str]]] = {
    Factor.EXPERTISE: _expertise_found,
    Factor.COMMUNICATION: _communication_found,
    Factor.BUDGET: _budget_found,
    Factor.AVAILABILITY: _availability_found,
    Factor.TRUST: _trust_found,
}

"""Says in plain words what a review did to a list, and what was left out of it. Nothing is computed here.

A model's words are data: they stand on the page as they are stored, escaped, and beside them who wrote them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from markets.formats import day_range, language, money, one_or_more
from matching import wording
from matching.models import Factor, MatchReceipt, MatchScore

Facts = dict[str, Any]
Hidden = MatchScore.Hidden


@dataclass(frozen=True)
class Said:
    """A remark, and what it rests on where a model made it."""

    text: str
    evidence: str = ""


@dataclass(frozen=True)
class Why:
    """Why somebody fits, and who says so; `source` is empty where code does, in the reader's own language."""

    text: str
    source: str = ""

    @classmethod
    def of(cls, name: str, receipt: MatchReceipt) -> "Why":
        model, text = receipt.review.get("model"), receipt.review.get("reasoning")
        if model and text:
            return cls(text, _("Written by %(model)s") % {"model": model})
        return cls(wording.why(name, receipt.strengths))

    @classmethod
    def in_full(cls, name: str, receipt: MatchReceipt) -> "Why":
        """For the receipt. What the offline writer made of it would say the same as the rest of a card."""
        text = receipt.review.get("reasoning")
        if text and not receipt.review.get("model"):
            return cls(text, _("Worded from the evidence, without a model"))
        return cls.of(name, receipt)


def strengths(receipt: MatchReceipt) -> list[Said]:
    return [*map(Said, wording.remarks(receipt.strengths)), *_of_model(receipt, "strengths")]


def considerations(receipt: MatchReceipt) -> list[Said]:
    return [*map(Said, wording.remarks(receipt.considerations)), *_of_model(receipt, "considerations")]


def _of_model(receipt: MatchReceipt, kind: str) -> list[Said]:
    return [Said(one.get("text", ""), one.get("evidence", "")) for one in receipt.review.get(kind, [])]


def change(name: str, score: MatchScore, first: Facts, first_position: int | None) -> str:
    """What the review did to one score; empty for nothing. Who was not on the page before had a rank alone."""
    place = first_position or first.get("rank", score.position)
    old = first.get("score", score.score_tenths)
    words = {
        "name": name,
        "before": place,
        "now": score.position,
        "old": points(old),
        "new": points(score.score_tenths),
    }
    if place == score.position:
        return _("%(name)s scores %(new)s instead of %(old)s.") % words if old != score.score_tenths else ""
    if old == score.score_tenths:
        return _("%(name)s moved from place %(before)s to place %(now)s.") % words
    return (
        _("%(name)s moved from place %(before)s to place %(now)s, with %(new)s instead of %(old)s.") % words
    )


def points(tenths: int) -> str:
    return number_format(Decimal(tenths) / 10, 1)


def left_out(counts: Iterable[dict[str, int]]) -> str:
    """How many are not shown, for which reason: “12 not free on any day, and 3 scored below 50”."""
    reasons = [_left_out(one["hidden"], one["count"]) for one in counts if one["hidden"] != Hidden.NO]
    return one_or_more(reasons) if reasons else ""


def _left_out(reason: int, count: int) -> str:
    texts = {
        Hidden.CALENDAR_CLOSED: _("%(count)s not free on any day"),
        Hidden.LANGUAGE_MISSING: ngettext(
            "%(count)s speaks none of your languages", "%(count)s speak none of your languages", count
        ),
        Hidden.GROUP_TOO_LARGE: ngettext(
            "%(count)s takes smaller groups only", "%(count)s take smaller groups only", count
        ),
        Hidden.BELOW_FLOOR: _("%(count)s scored below 50"),
        Hidden.NOT_IN_TOP: _("%(count)s not in the top five"),
    }
    return texts[Hidden(reason)] % {"count": number_format(count, force_grouping=True)}


# The anchors of the prompt in a few words: what each rating from 0 to 4 stands for.
ANCHORS = {
    Factor.EXPERTISE: [
        gettext_lazy("nothing in the record touches what you ask for"),
        gettext_lazy("the field is related, but no work in it shows"),
        gettext_lazy("the record shows a part of what you ask for"),
        gettext_lazy("the record covers most of it, with concrete work"),
        gettext_lazy("the record covers the heart of it, with first-hand detail"),
    ],
    Factor.COMMUNICATION: [
        gettext_lazy("the record speaks against it"),
        gettext_lazy("there are signs that it will be hard"),
        gettext_lazy("nothing speaks for or against it"),
        gettext_lazy("there are clear signs that it will go well"),
        gettext_lazy("guests describe just what you wish for"),
    ],
}
SOURCES = {
    "profile": gettext_lazy("from the profile"),
    "service": gettext_lazy("from a service"),
    "review": gettext_lazy("from a guest's review"),
    "brief": gettext_lazy("from your trip"),
}


@dataclass(frozen=True)
class Rating:
    """What a model rated one factor, what that rests on, and what came of it."""

    given: list[str]
    quote: str
    source: str
    effect: str


def rating(factor: Factor, review: Facts, value: int, shift: int) -> Rating | None:
    """None where no model rated this factor. `value` and `shift` are what is stored of the score, in tenths."""
    said = review.get("ratings", {}).get(factor)
    if not said:
        return None
    return Rating(
        given=[_given(factor, one) for one in dict.fromkeys(said.get("given", []))],
        quote=said.get("quote", ""),
        source=str(SOURCES.get(said.get("source"), "")),
        effect=_effect(value, shift),
    )


def _given(factor: Factor, one: int) -> str:
    return _("%(rating)s of 4: %(meaning)s") % {"rating": one, "meaning": ANCHORS[factor][one]}


def _effect(value: int, shift: int) -> str:
    if not shift:
        return _("It moved nothing: the value is what the facts alone give.")
    text = (
        _("It raised the value by %(shift)s, from %(before)s to %(after)s. At most 15 are possible.")
        if shift > 0
        else _("It lowered the value by %(shift)s, from %(before)s to %(after)s. At most 15 are possible.")
    )
    return text % {"shift": points(abs(shift)), "before": points(value - shift), "after": points(value)}


WHAT = {
    "rating": gettext_lazy("A rating"),
    "strength": gettext_lazy("A strength"),
    "consideration": gettext_lazy("A point to consider"),
    "reasoning": gettext_lazy("The paragraph of reasoning"),
}
DROPPED = {
    "no_such_quote": gettext_lazy("what it quotes is not written there"),
    "not_of_the_record": gettext_lazy("it praises, and quotes you instead of the record"),
    "no_evidence": gettext_lazy("nothing on record supports it"),
    "out_of_range": gettext_lazy("it is not between 0 and 4"),
    "said_twice": gettext_lazy("it was said before"),
    "opinions_differ": gettext_lazy("two readings were too far apart"),
    "too_many": gettext_lazy("there were enough of its kind"),
    "too_long": gettext_lazy("it is too long"),
    "empty": gettext_lazy("it says nothing"),
    "order": gettext_lazy("it gives orders to whoever reads it"),
    # What the output filter has to say against a text.
    "profanity": gettext_lazy("its language is not fit for a page"),
    "slur": gettext_lazy("its language is not fit for a page"),
    "contact": gettext_lazy("it holds contact details"),
    "link": gettext_lazy("it holds a link"),
    "spam": gettext_lazy("it reads like advertising"),
    "unsupported": gettext_lazy("it claims what no record bears out"),
}


def dropped(review: Facts) -> list[Said]:
    """What a model claimed and code did not accept, each with the reason."""
    return [Said(_dropped(one), one.get("text", "")) for one in review.get("dropped", [])]


def _dropped(one: Facts) -> str:
    what, why = one.get("what", ""), one.get("why", "")
    return _("%(what)s was left out: %(why)s.") % {
        "what": WHAT.get(what, what),
        "why": DROPPED.get(why) or _("it failed the check “%(check)s”") % {"check": why},
    }


@dataclass(frozen=True)
class Wish:
    """A change to the trip that would move a score, and the answers of the trip's form that make it."""

    text: str
    answers: dict[str, str]


def wishes(changes: Iterable[tuple[str, Facts]], now: int) -> Iterator[Wish]:
    for kind, facts in changes:
        text, answers = _WISHES[kind](facts)
        scores = {"change": text, "score": points(facts["score"]), "now": points(now)}
        yield Wish(_("%(change)s: %(score)s instead of %(now)s") % scores, answers)


def _dates(facts: Facts) -> tuple[str, dict[str, str]]:
    days = facts["days"]
    moved = (
        ngettext("%(count)s day earlier, %(days)s", "%(count)s days earlier, %(days)s", -days)
        if days < 0
        else ngettext("%(count)s day later, %(days)s", "%(count)s days later, %(days)s", days)
    )
    dates = day_range(date.fromisoformat(facts["first"]), date.fromisoformat(facts["end"]))
    words = {"count": abs(days), "days": dates}
    return moved % words, {"start": facts["first"], "end": facts["end"]}


def _budget(facts: Facts) -> tuple[str, dict[str, str]]:
    total = money(facts["total"], facts["currency"])
    return _("A budget of %(budget)s in all") % {"budget": total}, {"budget": str(facts["total"])}


def _language(facts: Facts) -> tuple[str, dict[str, str]]:
    name = language(facts["language"])
    return _("If you could also talk in %(language)s") % {"language": name}, {"language": facts["language"]}


_WISHES = {"dates": _dates, "budget": _budget, "language": _language}

"""The receipt of a score: the evidence behind each factor, and what speaks for and against an expert.

Strengths and considerations are stored as a code with its facts, never as words: `wording` says them in the reader's
language. The strongest come first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from experts import search
from experts.models import GUESSED_HOURS, CommunicationStyle, Level
from experts.themes import Theme, facts
from matching.engine import Ranking
from matching.models import Factor

Facts = dict[str, Any]
Remark = tuple[str, Facts]

MAX_STRENGTHS = 4
MAX_CONSIDERATIONS = 3


@dataclass(frozen=True, slots=True)
class Receipt:
    evidence: dict[str, Facts]
    strengths: list[Remark]
    considerations: list[Remark]

    def parts(self) -> tuple[dict[str, Facts], list[Remark], list[Remark]]:
        return self.evidence, self.strengths, self.considerations


def receipts(
    ranking: Ranking,
    columns: list[int],
    quotes: Mapping[int, search.Quote] | None = None,
    themes: Mapping[int, list[Theme]] | None = None,
) -> list[Receipt]:
    """One receipt for each of these columns of the ranking's pool.

    `quotes`: a passage per expert, see `quotes`. `themes`: what recent guests praise, see `experts.themes`.
    """
    made = []
    for column in columns:
        expert = int(ranking.pool.ids[column])
        quote = (quotes or {}).get(expert)
        evidence = {
            Factor.EXPERTISE: _expertise(ranking, column, quote),
            Factor.COMMUNICATION: _communication(ranking, column),
            Factor.BUDGET: _budget(ranking, column),
            Factor.AVAILABILITY: _availability(ranking, column),
            Factor.TRUST: _trust(ranking, column, (themes or {}).get(expert, [])),
        }
        plain = {factor.value: facts for factor, facts in evidence.items()}
        made.append(
            Receipt(
                evidence=plain,
                strengths=list(_strengths(plain))[:MAX_STRENGTHS],
                considerations=list(_considerations(plain))[:MAX_CONSIDERATIONS],
            )
        )
    return made


def quotes(ranking: Ranking, columns: list[int]) -> dict[int, search.Quote]:
    """Of each of these experts the passage that says most of what the brief asks for, as written now."""
    return search.quotes([int(ranking.pool.ids[column]) for column in columns], ranking.pool.words.keys)


def _expertise(ranking: Ranking, column: int, quote: search.Quote | None) -> Facts:
    pool, earned = ranking.pool, ranking.parts.expertise.evidence(column)
    asked = zip(pool.skills.keys, pool.skills.weights, pool.skills.counts, strict=True)
    related = pool.skills.related
    return {
        "skills": [
            {
                "name": pool.skill_names[slug],
                "must": weight > 1,
                "depth": int(counts[column]),
                "related": 0 if related is None else int(related[row, column]),
                "holders": int((counts > 0).sum()),
                "points": round(earned.skills.get(slug, 0.0), 1),
            }
            for row, (slug, weight, counts) in enumerate(asked)
        ],
        "words": sorted(earned.words, key=lambda word: (-earned.words[word], word))[:8],
        "pool": len(pool),
        "works": int(pool.numbers["works"][column]),
        "quote": quote and {"kind": quote.kind, "source": quote.source_id, "text": quote.text},
    }


def _communication(ranking: Ranking, column: int) -> Facts:
    brief, pool, number = ranking.brief, ranking.pool, ranking.pool.numbers
    return {
        "asked": brief.languages,
        "language": pool.language[column],
        "level": None if pool.level is None else int(pool.level[column]),
        "style": pool.styles[column],
        "wanted_style": brief.style,
        "hours": float(number["response_hours"][column]),
        **_mean(number["communication_sum"][column], number["communication_count"][column]),
    }


def _budget(ranking: Ranking, column: int) -> Facts:
    number, amount = ranking.pool.numbers, ranking.brief.amount
    return {
        "amount": None if amount is None else round(amount, 2),
        "currency": ranking.brief.currency,
        "price_min": round(float(number["price_min"][column]), 2),
        "price_max": round(float(number["price_max"][column]), 2),
        **_mean(number["value_sum"][column], number["value_count"][column]),
    }


def _availability(ranking: Ranking, column: int) -> Facts:
    brief = ranking.brief
    return {
        "days": brief.days,
        "free": round(float(ranking.parts.availability.free[column]) * brief.days),
        "people": brief.people,
        "group_size_max": int(ranking.pool.numbers["group_size_max"][column]),
        "hours_apart": brief.hours_apart,
    }


def _trust(ranking: Ranking, column: int, themes: list[Theme]) -> Facts:
    number = ranking.pool.numbers
    return {
        **_mean(number["rating_sum"][column], number["review_count"][column]),
        "completed": int(number["completed_bookings"][column]),
        "repeat_clients": int(number["repeat_clients"][column]),
        "verified": bool(number["verified"][column]),
        "years": round(float(ranking.pool.years_active[column]), 1),
        "trend": round(float(ranking.parts.trust.trend[column]), 2),
        "themes": facts(themes),
    }


def _mean(total: float, count: float) -> Facts:
    return {"rating": round(float(total / count), 2) if count else None, "ratings": int(count)}


def _strengths(evidence: dict[str, Facts]) -> Iterator[Remark]:
    known = evidence[Factor.EXPERTISE]
    held = sorted((skill for skill in known["skills"] if skill["depth"]), key=lambda skill: -skill["points"])
    for skill in held[:2]:
        rare = known["pool"] >= 10 and skill["holders"] <= known["pool"] / 10
        yield "rare_skill" if rare else "skill", skill | {"pool": known["pool"]}
    yield from _trust_strengths(evidence[Factor.TRUST])
    talk = evidence[Factor.COMMUNICATION]
    if talk["level"] is not None and talk["level"] >= Level.C1:
        yield "language", talk
    money = evidence[Factor.BUDGET]
    if money["amount"] is not None and money["price_min"] <= money["amount"]:
        yield "budget", money
    place = evidence[Factor.AVAILABILITY]
    if place["free"] == place["days"]:
        yield "free", place
    if talk["hours"] <= 4:
        yield "fast", talk
    if known["quote"] and not held:
        yield "quote", known["quote"]


def _trust_strengths(trust: Facts) -> Iterator[Remark]:
    if trust["ratings"] >= 5 and trust["rating"] >= 4.6:
        yield "rating", trust
    if trust["repeat_clients"] >= 3:
        yield "repeat", trust


def _considerations(evidence: dict[str, Facts]) -> Iterator[Remark]:
    place, money = evidence[Factor.AVAILABILITY], evidence[Factor.BUDGET]
    if place["free"] < place["days"]:
        yield "partly_free", place
    if money["amount"] is not None and money["price_min"] > money["amount"]:
        yield "over_budget", money
    missing = [skill for skill in evidence[Factor.EXPERTISE]["skills"] if not skill["depth"]]
    for skill in sorted(missing, key=lambda skill: not skill["must"])[:2]:
        yield "related_only" if skill["related"] else "no_skill", skill
    talk = evidence[Factor.COMMUNICATION]
    if talk["level"] is not None and talk["level"] <= Level.B1:
        yield "language_limited" if talk["level"] else "no_language", talk
    if talk["hours"] > GUESSED_HOURS:  # of a guess nothing is said
        yield "slow", talk
    if talk["wanted_style"] and talk["style"] != talk["wanted_style"] and talk["style"] in CommunicationStyle:
        yield "style", talk
    yield from _trust_considerations(evidence[Factor.TRUST])
    if place["hours_apart"] >= 6:
        yield "far_clock", place


def _trust_considerations(trust: Facts) -> Iterator[Remark]:
    if not trust["ratings"]:
        yield "new", trust
    if trust["trend"] <= 0.3:
        yield "falling", trust
    if not trust["verified"]:
        yield "unverified", trust

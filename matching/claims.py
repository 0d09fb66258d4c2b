"""Checks what a model said about experts against what it was shown. What does not hold is dropped, and counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llm import door
from matching.models import Factor
from matching.prompts.review import TOP_RATING, Facts, Paragraph, Point, Rating, Record, Review

FACTORS = (Factor.EXPERTISE, Factor.COMMUNICATION)
MOST_POINTS = 2
LONGEST = {"strength": 240, "consideration": 240, "reasoning": 560}
# Anything shorter is in every text.
SHORTEST_QUOTE = 12
# A rating below this may rest on something that is missing, and then quotes what was asked for.
NEEDS_RECORD = 2
# Below so many characters nobody can tell a language.
TELLING_LENGTH = 40

Verdicts = Mapping[str, tuple[door.Verdict, ...]]


@dataclass(frozen=True)
class Rated:
    rating: int
    quote: str
    source: str  # profile, service, review or brief


@dataclass
class Opinion:
    """What is left of one answer about one expert."""

    ratings: dict[str, Rated] = field(default_factory=dict)
    points: dict[str, list[dict[str, str]]] = field(
        default_factory=lambda: {"strength": [], "consideration": []}
    )
    reasoning: str = ""


@dataclass(frozen=True)
class Dropped:
    what: str  # rating, strength, consideration or reasoning
    why: str
    text: str
    expert: str  # the letter that the model gave

    def stored(self) -> dict[str, str]:
        return {"what": self.what, "why": self.why, "text": self.text[:300]}


@dataclass(frozen=True)
class Checked:
    opinions: dict[str, Opinion]
    dropped: list[Dropped]


def check(review: Review, facts: Facts, verdicts: Verdicts) -> Checked:
    """`verdicts`: what the output filter says, by place in the answer."""
    records = {record.expert: record for record in facts.experts}
    opinions = {label: Opinion() for label in records}
    dropped: list[Dropped] = []
    for what, item, where in _items(review):
        record = records.get(item.expert)
        reason = "unknown_expert" if record is None else _filtered(verdicts, where)
        if record is not None and not reason:
            reason = _take(item, opinions[item.expert], record, facts)
        if reason:
            dropped.append(Dropped(what, reason, _text(item), item.expert))
    return Checked(opinions, dropped)


def language_differs(review: Review, language: str) -> bool:
    """Whether the answer is written in another language than was asked for."""
    texts = [paragraph.text for paragraph in review.paragraphs] + [point.text for point in review.points]
    said = " ".join(texts)
    return len(said) >= TELLING_LENGTH and door.language_of(said) != language.partition("-")[0]


Item = Rating | Point | Paragraph


def _items(review: Review) -> Iterator[tuple[str, Item, str]]:
    for number, rating in enumerate(review.ratings):
        yield "rating", rating, f"ratings.{number}"
    for number, point in enumerate(review.points):
        yield point.kind, point, f"points.{number}"
    for number, paragraph in enumerate(review.paragraphs):
        yield "reasoning", paragraph, f"paragraphs.{number}"


def _filtered(verdicts: Verdicts, where: str) -> str:
    for place, found in verdicts.items():
        if place.startswith(f"{where}."):
            return found[0].reason.value
    return ""


def _take(item: Item, opinion: Opinion, record: Record, facts: Facts) -> str:
    """Put it into the opinion, or say why not."""
    match item:
        case Rating():
            return _take_rating(item, opinion, record, facts)
        case Point():
            return _take_point(item, opinion, record)
        case Paragraph():
            return _take_paragraph(item, opinion)


def _take_rating(item: Rating, opinion: Opinion, record: Record, facts: Facts) -> str:
    if not 0 <= item.rating <= TOP_RATING:
        return "out_of_range"
    if item.factor in opinion.ratings:
        return "said_twice"
    source = source_of(item.quote, record, facts)
    if not source:
        return "no_such_quote"
    if source == "brief" and item.rating >= NEEDS_RECORD:
        return "not_of_the_record"
    opinion.ratings[item.factor] = Rated(item.rating, item.quote.strip(), source)
    return ""


def _take_point(item: Point, opinion: Opinion, record: Record) -> str:
    kept = opinion.points[item.kind]
    if len(kept) >= MOST_POINTS:
        return "too_many"
    if reason := _unfit(item.text, item.kind):
        return reason
    evidence = _fact(item.evidence, record) or (
        item.evidence.strip() if source_of(item.evidence, record) else ""
    )
    if not evidence:
        return "no_evidence"
    kept.append({"text": item.text.strip(), "evidence": evidence})
    return ""


def _take_paragraph(item: Paragraph, opinion: Opinion) -> str:
    if opinion.reasoning:
        return "said_twice"
    if reason := _unfit(item.text, "reasoning"):
        return reason
    opinion.reasoning = item.text.strip()
    return ""


def _unfit(text: str, what: str) -> str:
    if not text.strip():
        return "empty"
    if len(text) > LONGEST[what]:
        return "too_long"
    return "order" if door.orders(text) else ""


def source_of(quote: str, record: Record, facts: Facts | None = None) -> str:
    """Where a quote stands, word for word but for spaces and case; "" where nowhere. Facts: in the brief as well."""
    words = _plain(quote)
    if len(words) < SHORTEST_QUOTE or door.orders(quote):
        return ""
    places = {
        "profile": [record.profile],
        "service": record.services,
        "review": record.reviews,
        "brief": [facts.request.brief, facts.request.must_haves, facts.request.nice_to_haves]
        if facts
        else [],
    }
    return next((name for name, texts in places.items() if any(words in _plain(text) for text in texts)), "")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _fact(number: str, record: Record) -> str:
    """The words of a fact that was named by its number."""
    found = (fact for fact in record.facts if fact.partition(":")[0] == number.strip().rstrip("."))
    return next(found, "").partition(": ")[2]


def _text(item: Item) -> str:
    return f"{item.rating}: {item.quote}" if isinstance(item, Rating) else item.text


def stored(opinion: Opinion) -> dict[str, Any]:
    return {
        "reasoning": opinion.reasoning,
        "strengths": opinion.points["strength"],
        "considerations": opinion.points["consideration"],
    }

"""Reads everything a ranking needs about a market's candidates, in a constant number of queries, as columns."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from numpy.typing import NDArray

from experts import search
from experts.models import Expert, ExpertLanguage, ExpertSpecialty, ExpertTerm, UnavailablePeriod
from markets import currency
from matching import expertise
from matching.inputs import SPAN_DAYS, Bools, Brief, Ids, Inputs, Outlook, Pool
from travelers.models import Trip, TripInterest

MUST_WEIGHT = 2.0
WANTED_WEIGHT = 1.0

TEXT_FIELDS = ["communication_style", "currency"]
NUMBER_FIELDS = [
    "price_min",
    "price_max",
    "response_hours",
    "group_size_max",
    "verified",
    "works",
    "texts",
    "review_count",
    "rating_sum",
    "recent_review_count",
    "recent_rating_sum",
    "communication_count",
    "communication_sum",
    "value_count",
    "value_sum",
    "completed_bookings",
    "repeat_clients",
]


def load(trip: Trip, *, today: date) -> Inputs:
    brief = Brief.of(trip, today=today)
    candidates = Expert.objects.candidates(trip.destination)
    wanted = list(TripInterest.objects.filter(trip=trip).select_related("specialty"))
    ids, numbers, styles, since = _columns(candidates, trip)
    level, language = _languages(candidates, trip, ids)
    pool = Pool(
        ids=ids,
        numbers=numbers,
        styles=styles,
        years_active=np.array([(today - day).days / 365.25 if day else 0.0 for day in since]).clip(0),
        skills=_skills(candidates, wanted, ids),
        skill_names={interest.specialty.slug: interest.specialty.name for interest in wanted},
        words=_words(trip, wanted, ids),
        level=level,
        language=language,
        blocked=_blocked(candidates, ids, *_window(brief)),
    )
    return Inputs(brief, pool)


def outlook(brief: Brief, ids: list[int]) -> Outlook:
    """What other dates and languages these experts have to offer."""
    experts = Expert.objects.filter(pk__in=ids)
    span = timedelta(days=SPAN_DAYS)
    languages: dict[int, dict[str, int]] = {expert: {} for expert in ids}
    rows = ExpertLanguage.objects.filter(expert__in=experts).order_by("language")
    for expert, language, level in rows.values_list("expert_id", "language", "level"):
        languages[expert][language] = level
    blocked = _blocked(experts, np.array(ids, dtype=np.int64), brief.first - span, brief.end + span)
    return Outlook(ids=ids, blocked=blocked, languages=list(languages.values()))


Columns = tuple[Ids, dict[str, NDArray[np.float64]], list[str], list[date | None]]


def _columns(candidates: QuerySet[Expert], trip: Trip) -> Columns:
    rows = list(candidates.order_by("pk").values_list("pk", "active_since", *TEXT_FIELDS, *NUMBER_FIELDS))
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * (4 + len(NUMBER_FIELDS))
    ids, since, styles, currencies, *numbers = columns
    by_name = {
        name: np.array(column, dtype=float) for name, column in zip(NUMBER_FIELDS, numbers, strict=True)
    }
    # Prices become floats in the traveler's currency here, to be compared; no amount of money is computed from them.
    factor = _factors(currencies, trip.currency)
    by_name["price_min"] *= factor
    by_name["price_max"] *= factor
    return np.array(ids, dtype=np.int64), by_name, list(styles), list(since)  # type: ignore[arg-type]


def _factors(currencies: Sequence[object], target: str) -> NDArray[np.float64]:
    rates = currency.rates()
    factor = {
        code: float(currency.convert(Decimal(1_000), str(code), target, rates)) / 1_000
        for code in set(currencies)
    }
    return np.array([factor[code] for code in currencies], dtype=float)


def _skills(candidates: QuerySet[Expert], wanted: list[TripInterest], ids: Ids) -> expertise.Asked:
    """Depth in each wanted specialty, and in the others of its group."""
    keys = [interest.specialty.slug for interest in wanted]
    groups = [interest.specialty.group for interest in wanted]
    rows = list(
        ExpertSpecialty.objects.filter(expert__in=candidates, specialty__group__in=groups)
        .values_list("specialty__slug", "specialty__group")
        .annotate(experts=ArrayAgg("expert_id"), depths=ArrayAgg("depth"))
    )
    counts = expertise.tally(keys, ids, ((slug, experts, depths) for slug, _, experts, depths in rows))
    related = np.zeros_like(counts)
    for slug, group, experts, depths in rows:
        neighbours = [row for row, key in enumerate(keys) if groups[row] == group and key != slug]
        related[neighbours] += expertise.tally([slug], ids, [(slug, experts, depths)])
    return expertise.Asked(
        keys=keys,
        weights=[MUST_WEIGHT if interest.must else WANTED_WEIGHT for interest in wanted],
        counts=counts,
        related=related,
    )


def _words(trip: Trip, wanted: list[TripInterest], ids: Ids) -> expertise.Asked:
    """The lexemes of the brief, each weighted by how many parts of the brief hold it."""
    names = ", ".join(interest.specialty.name for interest in wanted)
    parts = search.lexemes([names, trip.must_haves, trip.nice_to_haves, trip.brief])
    weights = Counter(chain.from_iterable(parts))
    keys = sorted(weights)
    rows = (
        ExpertTerm.objects.filter(market=trip.destination, lexeme__in=keys)
        .values_list("lexeme")
        .annotate(experts=ArrayAgg("expert_id"), counts=ArrayAgg("texts"))
    )
    return expertise.Asked(
        keys=keys, weights=[float(weights[key]) for key in keys], counts=expertise.tally(keys, ids, rows)
    )


def _languages(candidates: QuerySet[Expert], trip: Trip, ids: Ids) -> tuple[Ids | None, list[str]]:
    """The best shared language of each candidate: its level and its code."""
    if not trip.languages:
        return None, [""] * len(ids)
    rows = (
        ExpertLanguage.objects.filter(expert__in=candidates, language__in=trip.languages)
        .order_by("expert_id", "-level", "language")
        .distinct("expert_id")
        .values_list("expert_id", "level", "language")
    )
    best = {expert: (level, language) for expert, level, language in rows}
    found = [best.get(expert, (0, "")) for expert in ids.tolist()]
    return np.array([level for level, _ in found], dtype=np.int64), [language for _, language in found]


def _window(brief: Brief) -> tuple[date, date]:
    """Of a month that has begun, the days still to come."""
    begun = not brief.fixed and brief.first < brief.today < brief.end
    return (brief.today if begun else brief.first), brief.end


def _blocked(experts: QuerySet[Expert], ids: Ids, first: date, end: date) -> Bools:
    """Experts × days from the first to the one before the end."""
    blocked = np.zeros((len(ids), (end - first).days), dtype=bool)
    row_of = {expert: row for row, expert in enumerate(ids.tolist())}
    periods = UnavailablePeriod.objects.filter(expert__in=experts, days__overlap=DateRange(first, end))
    for expert, days in periods.values_list("expert_id", "days"):
        blocked[row_of[expert], max((days.lower - first).days, 0) : (days.upper - first).days] = True
    return blocked

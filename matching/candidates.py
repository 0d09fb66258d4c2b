"""Reads everything a ranking needs about a market's candidates, in a constant number of queries, as columns."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Field, Func, QuerySet
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from accounts.compiled import CompiledQuery, Parameter
from experts import calendar, search
from experts.models import Expert, ExpertLanguage, ExpertSpecialty, ExpertTerm
from markets import currency
from matching import expertise
from matching.inputs import SPAN_DAYS, Bools, Brief, Ids, Inputs, Outlook, Pool
from travelers.models import Trip, TripInterest

EVERY_DAY = 0b1111111  # as bits of the weekdays
MUST_WEIGHT = 2.0
WANTED_WEIGHT = 1.0

TEXT_FIELDS = ["communication_style", "currency"]
AMOUNTS = ["price_min", "price_max", "response_hours"]
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


class DaysFrom(Func):
    """Whole days from one date to another, as a number."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = Field()  # the driver's own number, not looked at once more

    def __init__(self, first: Any, last: Any) -> None:
        super().__init__(last, first)


class AsFloat(Func):
    template = "(%(expressions)s)::float8"
    output_field = Field()


def load(trip: Trip, *, today: date) -> Inputs:
    brief, market = Brief.of(trip, today=today), trip.destination_id
    wanted = WANTED.objects(trip=trip.pk)
    ids, numbers, styles, years_active = _columns(trip, today)
    level, language = _languages(trip, ids)
    first, end = _window(brief)
    pool = Pool(
        ids=ids,
        numbers=numbers,
        styles=styles,
        years_active=years_active,
        skills=_skills(market, wanted, ids),
        skill_names={interest.specialty.slug: interest.specialty.name for interest in wanted},
        words=_words(trip, wanted, ids),
        level=level,
        language=language,
        blocked=_blocked(ids, first, end),
    )
    return Inputs(brief, pool)


def outlook(brief: Brief, ids: list[int]) -> Outlook:
    """What other dates and languages these experts have to offer."""
    span = timedelta(days=SPAN_DAYS)
    first, end = brief.first - span, brief.end + span
    languages: dict[int, dict[str, int]] = {expert: {} for expert in ids}
    for expert, language, level in LANGUAGES_OF.rows(experts=ids):
        languages[expert][language] = level
    blocked = _blocked(np.array(ids, dtype=np.int64), first, end)
    return Outlook(ids=ids, blocked=blocked, languages=list(languages.values()))


Columns = tuple[Ids, dict[str, NDArray[np.float64]], list[str], NDArray[np.float64]]


def _columns(trip: Trip, today: date) -> Columns:
    rows = COLUMNS.rows(market=trip.destination_id, today=today)
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * (4 + len(NUMBER_FIELDS))
    ids, days, styles, currencies, *numbers = columns
    by_name = {
        name: np.array(column, dtype=float) for name, column in zip(NUMBER_FIELDS, numbers, strict=True)
    }
    # Prices become floats in the traveler's currency here, to be compared; no amount of money is computed from them.
    factor = _factors(currencies, trip.currency)
    by_name["price_min"] *= factor
    by_name["price_max"] *= factor
    years = (np.array(days, dtype=float) / 365.25).clip(0)
    return np.array(ids, dtype=np.int64), by_name, list(styles), years


def _factors(currencies: Sequence[object], target: str) -> NDArray[np.float64]:
    rates = currency.rates()
    factor = {
        code: float(currency.convert(Decimal(1_000), str(code), target, rates)) / 1_000
        for code in set(currencies)
    }
    return np.array([factor[code] for code in currencies], dtype=float)


def _skills(market: int, wanted: Sequence[TripInterest], ids: Ids) -> expertise.Asked:
    """Depth in each wanted specialty, and in the others of its group."""
    keys = [interest.specialty.slug for interest in wanted]
    groups = [interest.specialty.group for interest in wanted]
    rows = SKILLS.rows(market=market, groups=groups)
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


def _words(trip: Trip, wanted: Sequence[TripInterest], ids: Ids) -> expertise.Asked:
    """The lexemes of the brief, each weighted by how many parts of the brief hold it."""
    names = ", ".join(interest.specialty.name for interest in wanted)
    parts = search.lexemes([names, trip.must_haves, trip.nice_to_haves, trip.brief])
    weights = Counter(chain.from_iterable(parts))
    keys = sorted(weights)
    rows = WORDS.rows(market=trip.destination_id, lexemes=keys)
    return expertise.Asked(
        keys=keys, weights=[float(weights[key]) for key in keys], counts=expertise.tally(keys, ids, rows)
    )


def _languages(trip: Trip, ids: Ids) -> tuple[Ids | None, list[str]]:
    """The best shared language of each candidate: its level and its code."""
    if not trip.languages:
        return None, [""] * len(ids)
    rows = LANGUAGES.rows(market=trip.destination_id, languages=trip.languages)
    best = {expert: (level, language) for expert, level, language in rows}
    found = [best.get(expert, (0, "")) for expert in ids.tolist()]
    return np.array([level for level, _ in found], dtype=np.int64), [language for _, language in found]


def _window(brief: Brief) -> tuple[date, date]:
    """Of a month that has begun, the days still to come."""
    begun = not brief.fixed and brief.first < brief.today < brief.end
    return (brief.today if begun else brief.first), brief.end


def _blocked(ids: Ids, first: date, end: date) -> Bools:
    """Experts × days from the first to the one before the end: the whole days that somebody does not give."""
    experts = ids.tolist()
    off = calendar.days_off(experts, first, end)
    works = np.array([off.weekdays.get(expert, EVERY_DAY) for expert in experts], dtype=np.int64)
    weekday = (first.weekday() + np.arange((end - first).days)) % 7
    blocked = works[:, np.newaxis] >> weekday & 1 == 0
    row_of = {expert: row for row, expert in enumerate(experts)}
    for spans, taken in ((off.extra, False), (off.taken, True)):
        for expert, begins, ends in spans:
            blocked[row_of[expert], max(begins, 0) : max(ends, 0)] = taken
    return blocked


# The queries, each written once a process: with a hundred candidates, writing them would take most of the time.


def _candidates() -> QuerySet[Expert]:
    return Expert.objects.candidates(Parameter("market"))


# Postgres turns amounts and days into plain numbers, which Python would do a thousand times one by one.
COLUMNS = CompiledQuery(
    lambda: (
        _candidates()
        .order_by("pk")
        .values_list(
            "pk",
            Coalesce(DaysFrom("active_since", Parameter("today")), 0, output_field=Field()),
            *TEXT_FIELDS,
            *(AsFloat(name) if name in AMOUNTS else name for name in NUMBER_FIELDS),
        )
    )
)
WANTED: CompiledQuery[TripInterest] = CompiledQuery(
    lambda: TripInterest.objects.filter(trip=Parameter("trip")).select_related("specialty")
)
SKILLS = CompiledQuery(
    lambda: (
        ExpertSpecialty.objects.filter(expert__in=_candidates(), specialty__group__any_of=Parameter("groups"))
        .values_list("specialty__slug", "specialty__group")
        .annotate(experts=ArrayAgg("expert_id"), depths=ArrayAgg("depth"))
    )
)
WORDS = CompiledQuery(
    lambda: (
        ExpertTerm.objects.filter(market=Parameter("market"), lexeme__any_of=Parameter("lexemes"))
        .values_list("lexeme")
        .annotate(experts=ArrayAgg("expert_id"), counts=ArrayAgg("texts"))
    )
)
LANGUAGES = CompiledQuery(
    lambda: (
        ExpertLanguage.objects.filter(expert__in=_candidates(), language__any_of=Parameter("languages"))
        .order_by("expert_id", "-level", "language")
        .distinct("expert_id")
        .values_list("expert_id", "level", "language")
    )
)
LANGUAGES_OF = CompiledQuery(
    lambda: (
        ExpertLanguage.objects.filter(expert_id__any_of=Parameter("experts"))
        .order_by("language")
        .values_list("expert_id", "language", "level")
    )
)

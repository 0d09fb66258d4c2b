"""How matching does: what travelers were shown in a time and a market, and what came of it.

What is counted is exposures: an expert on a page that was seen, by the rule of `history.counted`, which learning goes
by too. A trip's list that a later day's replaced counts on that later day alone.

A few reads bring all rows as columns, so the cost in queries is the same for one run and for a hundred thousand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import numpy as np
from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Extract, TruncDate
from django.utils import timezone

from bookings.models import Inquiry
from experts.models import Expert
from matching import fitting, history
from matching.analytics_math import (
    Foretold,
    Mean,
    Rate,
    percentile,
    point_biserial,
    standardised_difference,
)
from matching.learning.calibration import brier, calibration_error, reliability
from matching.learning.slates import Booleans, Floats, Integers
from matching.models import SHOWN, AlgorithmVersion, Exposure, Factor, MatchRun, MatchScore

# In tenths; the upper bound belongs to the next band, but 100 to the last.
BANDS = [(0, 500), (500, 700), (700, 850), (850, 1001)]
# Whoever has fewer reviews or fewer days is new.
REVIEWS, DAYS = 5, 90
Review = MatchRun.Review


@dataclass(frozen=True)
class Scope:
    """Runs asked for on these days, UTC, both included; in one market or in all."""

    first: date
    last: date
    market: str = ""  # its slug

    def runs(self) -> QuerySet[MatchRun]:
        begin, end = (
            datetime.combine(day, clock, tzinfo=UTC)
            for day, clock in ((self.first, time.min), (self.last, time.max))
        )
        found = MatchRun.objects.filter(created_at__range=(begin, end))
        return found.filter(trip__destination__slug=self.market) if self.market else found

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, eq=False)
class Shown:
    """A row for each exposure that counts, as columns."""

    table: Integers

    COLUMNS = [
        "run",
        "run__trip__destination",
        "position",
        "base_position",
        "score__score_tenths",
        *(f"score__{name}" for name in MatchScore.VALUES),
        "opened",
        "inquired",
        "booked",
        "new",
    ]

    def __len__(self) -> int:
        return len(self.table)

    def column(self, name: str) -> Integers:
        return self.table[:, self.COLUMNS.index(name)]

    @cached_property
    def score(self) -> Integers:
        return self.column("score__score_tenths")

    @cached_property
    def values(self) -> Integers:
        """Exposures × factors, in tenths."""
        first = self.COLUMNS.index(f"score__{MatchScore.VALUES[0]}")
        return self.table[:, first : first + len(Factor)]

    @cached_property
    def booked(self) -> Booleans:
        return self.column("booked") > 0


@dataclass(frozen=True, eq=False)
class Runs:
    """A row for each run, as columns: day (ordinal), outcome of the review, its cost, dropped claims, seconds."""

    day: Integers
    review: list[str]
    cost: Floats
    dropped: Integers
    seconds: Floats  # until the first ranking; not a number where there is none

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True)
class Group:
    """A rate of some part of the whole: `key` tells which."""

    key: str
    rate: Rate


@dataclass(frozen=True)
class Importance:
    """How much a factor of the booked differs from that of the others, which need not be why they were booked."""

    factor: str
    booked: Mean
    others: Mean
    difference: float | None  # in standard deviations
    correlation: float | None  # point-biserial


@dataclass(frozen=True)
class Place:
    position: int
    opened: Rate
    inquired: Rate
    booked: Rate


@dataclass(frozen=True)
class Calibration:
    version: str
    bins: list[Foretold]
    brier: float | None
    ece: float | None


@dataclass(frozen=True)
class Newness:
    """What new experts have of the exposures, and of those whom the same runs could have shown."""

    exposures: Rate
    candidates: Rate


@dataclass(frozen=True)
class Exploration:
    setting: float
    moved: Rate


@dataclass(frozen=True)
class Working:
    """What runs cost and how long they took."""

    days: dict[date, int]
    reviews: list[Group]
    cost: Mean  # per run, USD
    dropped: Mean  # per finished review
    p50: float | None  # seconds until the first ranking
    p95: float | None
    timed: int


def shown(scope: Scope) -> Shown:
    rows = _counted(scope).values_list(*Shown.COLUMNS)
    table = np.array(list(rows), dtype=np.int64).reshape(-1, len(Shown.COLUMNS))
    return Shown(table)


def _counted(scope: Scope) -> QuerySet[Exposure]:
    asked = Inquiry.objects.filter(trip=OuterRef("run__trip"), expert=OuterRef("score__expert"))
    return (
        history.counted()
        .filter(run__in=scope.runs())
        .annotate(
            opened=Q(opened_at__isnull=False),
            inquired=Exists(asked),
            new=_new("score__expert__"),
        )
        .order_by()
    )


def _new(expert: str = "") -> Q:
    recently = timezone.now().date() - timedelta(days=DAYS)
    few_reviews, few_days = {f"{expert}review_count__lt": REVIEWS}, {f"{expert}active_since__gt": recently}
    return Q(**few_reviews) | Q(**few_days) | Q(**{f"{expert}active_since__isnull": True})


def runs(scope: Scope) -> Runs:
    rows = list(
        scope.runs()
        .annotate(
            day=TruncDate("created_at", tzinfo=UTC),
            seconds=Extract(F("finished_at") - F("created_at"), "epoch", output_field=FloatField()),
        )
        .values_list("day", "review", "review_cost", "dropped", "seconds", "compute_ms")
        .order_by()
    )
    return Runs(
        day=np.array([row[0].toordinal() for row in rows], dtype=np.int64),
        review=[row[1] for row in rows],
        cost=np.array([row[2] for row in rows], dtype=float),
        dropped=np.array([row[3] for row in rows], dtype=np.int64),
        # A run that failed is finished too, but has no ranking.
        seconds=np.array([np.nan if row[5] is None else row[4] for row in rows], dtype=float),
    )


def overall(shown: Shown) -> Rate:
    return Rate.among(shown.booked)


def lists(shown: Shown) -> int:
    return len(np.unique(shown.column("run")))


def bands(shown: Shown) -> list[Group]:
    """The booking rate by score."""
    return [
        Group(
            f"{low // 10}-{min(high, 1000) // 10}",
            Rate.among(shown.booked[(shown.score >= low) & (shown.score < high)]),
        )
        for low, high in BANDS
    ]


def averages(shown: Shown) -> tuple[Mean, Mean]:
    """The mean score, 0 to 100, of the booked and of the others."""
    return Mean.of(shown.score[shown.booked] / 10), Mean.of(shown.score[~shown.booked] / 10)


def importance(shown: Shown) -> Iterator[Importance]:
    for factor, tenths in zip(Factor.values, shown.values.T, strict=True):
        values, booked = tenths / 10, shown.booked
        yield Importance(
            factor,
            Mean.of(values[booked]),
            Mean.of(values[~booked]),
            standardised_difference(values, booked),
            point_biserial(values, booked),
        )


def positions(shown: Shown) -> Iterator[Place]:
    opened, inquired = shown.column("opened") > 0, shown.column("inquired") > 0
    for position in range(1, SHOWN + 1):
        here = shown.column("position") == position
        yield Place(position, *(Rate.among(what[here]) for what in (opened, inquired, shown.booked)))


def exploration(shown: Shown, setting: float) -> Exploration:
    return Exploration(setting, Rate.among(shown.column("position") != shown.column("base_position")))


def newness(shown: Shown) -> Newness:
    """New and in the market as of today: how many reviews and candidates there were then is not kept."""
    _, first = np.unique(shown.column("run"), return_index=True)
    markets, times = np.unique(shown.column("run__trip__destination")[first], return_counts=True)
    there = Expert.objects.open_to_inquiries().filter(market__in=markets.tolist()).values_list("market")
    counted = there.annotate(new=Count("pk", filter=_new()), every=Count("pk"))
    found = {market: counts for market, *counts in counted}
    new, every = np.array([found.get(market, [0, 0]) for market in markets.tolist()]).reshape(-1, 2).T
    candidates = Rate.of(int(new @ times), int(every @ times))
    return Newness(Rate.among(shown.column("new") > 0), candidates)


def calibration(scope: Scope, version: AlgorithmVersion) -> Calibration | None:
    """How well the active version foretells bookings; None while it was never fitted to any."""
    fit = fitting.fitted(version)
    if fit is None:
        return None
    slates = history.slates(scope.runs())
    forecasts, booked = fit.probabilities(slates), slates.booked
    bins = reliability(forecasts, booked)
    return Calibration(
        version.name, [Foretold.of(each) for each in bins], brier(forecasts, booked), calibration_error(bins)
    )


def working(runs: Runs, scope: Scope) -> Working:
    ordinals, counts = np.unique(runs.day, return_counts=True)
    per_day = dict(zip(ordinals.tolist(), counts.tolist(), strict=True))
    review = np.array(runs.review, dtype=str)
    seconds = runs.seconds[~np.isnan(runs.seconds)]
    return Working(
        days={day: per_day.get(day.toordinal(), 0) for day in scope.days},
        reviews=[Group(value, Rate.among(review == value)) for value in Review.values],
        cost=Mean.of(runs.cost),
        dropped=Mean.of(runs.dropped[review == Review.DONE].astype(float)),
        p50=percentile(seconds, 50),
        p95=percentile(seconds, 95),
        timed=len(seconds),
    )


@dataclass(frozen=True)
class Report:
    lists: int
    overall: Rate
    bands: list[Group]
    averages: tuple[Mean, Mean]
    importance: list[Importance]
    positions: list[Place]
    exploration: Exploration
    newness: Newness
    calibration: Calibration | None
    working: Working


def report(scope: Scope, exploration_share: float) -> Report:
    seen = shown(scope)
    return Report(
        lists=lists(seen),
        overall=overall(seen),
        bands=bands(seen),
        averages=averages(seen),
        importance=list(importance(seen)),
        positions=list(positions(seen)),
        exploration=exploration(seen, exploration_share),
        newness=newness(seen),
        calibration=calibration(scope, AlgorithmVersion.objects.active()),
        working=working(runs(scope), scope),
    )

"""The figures of the dashboards, each from the rows themselves, and a rate never without what it was counted of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from markets.models import Market
from social.models import IdeaRound, Lead, Outreach, Run, Trend, TrendSample, ViralMoment

TRENDS_A_MARKET, MOST_MARKETS, MOMENTS = 5, 60, 12
SPARK_DAYS = 30
State = Outreach.State
# The columns of the pipeline, in the order in which somebody becomes an expert, and how else it ends.
COLUMNS = [State.IDENTIFIED, State.DRAFTED, State.CUSTOMISED, State.APPROVED, State.SENT, State.REPLIED]
COLUMNS += [State.CONVERTED, State.SKIPPED, State.DECLINED, State.OPTED_OUT]


@dataclass(frozen=True)
class Scope:
    """Which days, the last one included, and which market; none: all."""

    since: datetime
    until: datetime
    market: int | None = None

    def rows(self, found: "QuerySet[Any]", time: str, market: str = "market") -> "QuerySet[Any]":
        found = found.filter(**{f"{time}__gte": self.since, f"{time}__lte": self.until})
        return self.here(found, market)

    def here(self, found: "QuerySet[Any]", market: str = "market") -> "QuerySet[Any]":
        return found.filter(**{market: self.market}) if self.market else found


@dataclass(frozen=True)
class Rate:
    happened: int
    count: int

    @property
    def share(self) -> float | None:
        return self.happened / self.count if self.count else None


@dataclass
class Talked:
    """A trend with the mentions of its last days, None where nothing was counted."""

    trend: Trend
    age: int  # days since it was first seen
    counts: list[int | None]


@dataclass(frozen=True)
class Column:
    state: str
    count: int
    value: int  # USD a month, of those whose value is known
    unknown: int


@dataclass(frozen=True)
class Performance:
    approved: Rate  # of those decided on
    edited: Rate  # of the approved, by a person's hand
    replied: Rate  # of the sent
    converted: Rate  # of the sent


@dataclass(frozen=True)
class Cost:
    market: Market
    rounds: Decimal
    ideas: Decimal
    messages: Decimal
    leads: int

    @property
    def total(self) -> Decimal:
        return self.rounds + self.ideas + self.messages

    @property
    def per_lead(self) -> Decimal | None:
        return self.total / self.leads if self.leads else None


@dataclass
class Report:
    trends: list[tuple[Market, list[Talked]]] = field(default_factory=list)
    moments: list[ViralMoment] = field(default_factory=list)
    moment_count: int = 0
    leads: int = 0
    high_potential: int = 0
    columns: list[Column] = field(default_factory=list)
    performance: Performance = field(default_factory=lambda: Performance(*[Rate(0, 0)] * 4))
    costs: list[Cost] = field(default_factory=list)


def report(scope: Scope) -> Report:
    """Constant in queries, whatever there is."""
    moments = scope.rows(ViralMoment.objects.all(), "found_at")
    leads = scope.here(Lead.objects.all()).aggregate(
        count=Count("pk"), high=Count("pk", filter=Q(high_potential=True))
    )
    return Report(
        trends=trends(scope),
        moments=list(moments.select_related("market", "post__author").order_by("-found_at", "-pk")[:MOMENTS]),
        moment_count=moments.count(),
        leads=leads["count"],
        high_potential=leads["high"],
        columns=pipeline(scope),
        performance=performance(scope),
        costs=costs(scope),
    )


def trends(scope: Scope) -> list[tuple[Market, list[Talked]]]:
    """The most mentioned of each market, as they stand now."""
    valid = scope.here(Trend.objects.valid(scope.until))
    place = Window(
        RowNumber(), partition_by="market", order_by=[F("mentions").desc(), F("last_seen").desc(), "pk"]
    )
    most = valid.annotate(place=place).filter(place__lte=TRENDS_A_MARKET).select_related("market")
    found = list(most.order_by("market__name", "market", "place")[: TRENDS_A_MARKET * MOST_MARKETS])
    counted = _counted(found, scope.until.date())
    return [
        (market, [Talked(one, _age(one, scope.until), counted[one.pk]) for one in of_market])
        for market, of_market in groupby(found, lambda trend: trend.market)
    ]


def _age(trend: Trend, now: datetime) -> int:
    return max((now - trend.first_seen).days, 0)


def _counted(found: Sequence[Trend], today: date) -> dict[int, list[int | None]]:
    first = today - timedelta(days=SPARK_DAYS - 1)
    counts: dict[int, list[int | None]] = {trend.pk: [None] * SPARK_DAYS for trend in found}
    rows = TrendSample.objects.filter(trend__in=list(counts), day__gte=first, day__lte=today)
    for trend, day, mentions in rows.values_list("trend", "day", "mentions"):
        counts[trend][(day - first).days] = mentions
    return counts


def pipeline(scope: Scope) -> list[Column]:
    """All outreach there is, whenever it began: who waits for what."""
    rows = scope.here(Outreach.objects.all(), "lead__market").order_by().values("state")
    found = {
        row["state"]: row
        for row in rows.annotate(
            count=Count("pk"), sum=Sum("value"), unknown=Count("pk", filter=Q(value=None))
        )
    }
    nothing: dict[str, Any] = {"count": 0, "sum": 0, "unknown": 0}
    return [
        Column(state, row["count"], row["sum"] or 0, row["unknown"])
        for state in COLUMNS
        for row in [found.get(state, nothing)]
    ]


class _IsVariant(Func):
    """Whether the message is one of the variants, word for word."""

    template = "((%(expressions)s))"
    arg_joiner = " @> "
    output_field = BooleanField()


def performance(scope: Scope) -> Performance:
    """Of outreach that was found in the time."""
    rows = scope.rows(Outreach.objects.all(), "created_at", "lead__market")
    text = Func(F("text"), function="to_jsonb")
    approved, sent = Q(approved_at__isnull=False), Q(sent_at__isnull=False)
    answered = Q(replied_at__isnull=False) | Q(converted_at__isnull=False)
    found = rows.annotate(is_variant=_IsVariant(F("variants"), text)).aggregate(
        approved=Count("pk", filter=approved),
        decided=Count("pk", filter=approved | Q(state=State.SKIPPED)),
        edited=Count("pk", filter=approved & Q(is_variant=False)),
        sent=Count("pk", filter=sent),
        replied=Count("pk", filter=sent & answered),
        converted=Count("pk", filter=sent & Q(converted_at__isnull=False)),
    )
    return Performance(
        approved=Rate(found["approved"], found["decided"]),
        edited=Rate(found["edited"], found["approved"]),
        replied=Rate(found["replied"], found["sent"]),
        converted=Rate(found["converted"], found["sent"]),
    )


def costs(scope: Scope) -> list[Cost]:
    """As rounds.room_of charges it, and the leads that were found in the same time; the dearest market first."""
    rounds, ideas, messages = (
        _sums(scope.rows(Run.objects.all(), "started_at")),
        _sums(scope.rows(IdeaRound.objects.all(), "asked_at")),
        _sums(scope.rows(Outreach.objects.all(), "drafted_at", "lead__market"), "lead__market"),
    )
    found = scope.rows(Lead.objects.all(), "found_at").order_by().values_list("market").annotate(Count("pk"))
    leads = dict(found)
    markets = Market.objects.filter(pk__in={*leads, *rounds, *ideas, *messages})
    lines = [
        Cost(one, rounds[one.pk], ideas[one.pk], messages[one.pk], leads.get(one.pk, 0))
        for one in markets.order_by("name", "pk")
    ]
    return sorted(lines, key=lambda line: -line.total)


def _sums(rows: "QuerySet[Any]", market: str = "market") -> "defaultdict[int, Decimal]":
    return defaultdict(Decimal, rows.order_by().values_list(market).annotate(Sum("cost")))

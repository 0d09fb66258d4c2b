"""What staff see of the ledger: sums over days, purposes, routes and users. Amounts are ticks."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Avg, Count, F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from llm.models import Call, CallQuerySet
from llm.wire import TICKS, usd
from markets import formats

TOP = 12


class Bar(NamedTuple):
    """A line of a chart. `share` is of the longest bar, 0 to 100."""

    label: str
    ticks: int
    calls: int
    share: int

    @property
    def cost(self) -> str:
        return cents(self.ticks)


class Health(NamedTuple):
    """Of the last days: questions answered from where, and attempts that failed."""

    model: int
    cache: int
    offline: int
    failed: int
    abandoned: int
    mean_ms: int | None

    @property
    def cache_share(self) -> int:
        asked = self.model + self.cache
        return round(100 * self.cache / asked) if asked else 0


def cents(ticks: int) -> str:
    """As the reader's locale writes it, to the cent."""
    return formats.money(usd(ticks).quantize(Decimal("0.01")), "USD")


def by_day(days: int) -> list[Bar]:
    """Every day, also those without a call, newest last."""
    today = timezone.now().astimezone(UTC).date()
    rows = (
        _since(days)
        .annotate(day=TruncDate("started_at", tzinfo=UTC))
        .values_list("day")
        .annotate(ticks=Sum("charged_ticks"), calls=Count("pk", filter=Q(source=Call.Source.MODEL)))
        .order_by()
    )
    found = {day: (ticks, calls) for day, ticks, calls in rows}
    every = [today - timedelta(days=ago) for ago in reversed(range(days))]
    return _bars([(formats.day(day), *found.get(day, (0, 0))) for day in every])


def by(field: str, days: int) -> list[Bar]:
    """By purpose, route or user__email: the dearest first."""
    rows = (
        _since(days)
        .filter(source=Call.Source.MODEL)
        .values_list(field)
        .annotate(ticks=Sum("charged_ticks"), calls=Count("pk"))
        .order_by("-ticks", F(field).asc(nulls_last=True))[:TOP]
    )
    return _bars([(label or "", ticks, calls) for label, ticks, calls in rows])


def health(days: int) -> Health:
    State, Source = Call.State, Call.Source
    counts = _since(days).aggregate(
        model=Count("pk", filter=Q(source=Source.MODEL, state=State.ANSWERED)),
        cache=Count("pk", filter=Q(source=Source.CACHE)),
        offline=Count("pk", filter=Q(source=Source.OFFLINE)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        abandoned=Count("pk", filter=Q(state=State.ABANDONED)),
        mean=Avg("duration_ms", filter=Q(source=Source.MODEL, state=State.ANSWERED)),
    )
    mean = counts.pop("mean")
    return Health(**counts, mean_ms=None if mean is None else round(mean))


def last_probes(routes: Sequence[str]) -> dict[str, Call]:
    """The latest test of each route."""
    probes = Call.objects.filter(purpose="route_test", route__in=routes, started_at__gte=_start(30))
    return {call.route: call for call in probes.order_by("route", "-started_at").distinct("route")}


def budget_share(ticks: int) -> int:
    """Percent of the day's budget, 100 at most."""
    whole = settings.LLM_BUDGET_USD * TICKS
    return min(round(100 * ticks / whole), 100) if whole else 100


def _since(days: int) -> CallQuerySet:
    return Call.objects.filter(started_at__gte=_start(days))


def _start(days: int) -> datetime:
    first = timezone.now().astimezone(UTC).date() - timedelta(days=days - 1)
    return datetime.combine(first, clock.min, tzinfo=UTC)


def _bars(rows: list[tuple[str, int, int]]) -> list[Bar]:
    longest = max((ticks for _label, ticks, _calls in rows), default=0) or 1
    return [Bar(label, ticks, calls, round(100 * ticks / longest)) for label, ticks, calls in rows]

"""What a market may spend a day (UTC), and the only hand that spends it.

Whoever asks is charged first, under the lock of the market's row, so that many at once see what the others take; what
was not needed is given back. Reading has a part of the day's money and spreads it over the day; the rest is kept for
questions to models.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from django.db import transaction
from django.db.models import Sum

from jobs.errors import Permanent, Retryable
from markets.models import Market
from social.models import Monitor, Run, Spending
from social.models.monitoring import midnight

# Of the day's money, at most.
READING = Decimal("0.6")
What = Spending.What
_DAY, _SMALLEST = timedelta(days=1), Decimal("0.000001")


@dataclass(frozen=True)
class Charge:
    """`usd` is what may be spent; nothing where the day has no room."""

    usd: Decimal
    row: Spending | None = None

    def settle(self, cost: Decimal) -> None:
        if self.row:
            Spending.objects.filter(pk=self.row.pk).update(usd=cost)


def room_of(market: Market, now: datetime) -> Decimal:
    """What is left of the day. A market that nobody watches has none."""
    monitor = Monitor.objects.filter(market=market).first()
    return Decimal(monitor.cost_cap) - spent(market, now) if monitor else Decimal(0)


def spent(market: Market, now: datetime, **only: str) -> Decimal:
    rows = Spending.objects.of_day(now).filter(market=market, **only)
    return rows.aggregate(sum=Sum("usd"))["sum"] or Decimal(0)


@contextmanager
def charged(market: Market, what: str, most: Decimal, now: datetime) -> Iterator[Charge]:
    """So much, or what is left. Not in a transaction. Where the work says that it did not happen all is given back;
    a worker that dies amid it has spent the money, as far as anybody knows.
    """
    charge = _take(market, what, most, now)
    try:
        yield charge
    except (Retryable, Permanent):
        charge.settle(Decimal(0))
        raise


@transaction.atomic
def _take(market: Market, what: str, most: Decimal, now: datetime) -> Charge:
    Monitor.objects.select_for_update().filter(market=market).first()
    usd = min(most, room_of(market, now)).quantize(_SMALLEST, ROUND_DOWN)
    if usd <= 0:
        return Charge(Decimal(0))
    return Charge(usd, Spending.objects.create(market=market, at=now, what=what, usd=usd))


def share(run: Run, least: Decimal, now: datetime) -> Decimal:
    """What a round may spend on reading: what the day has come to so far, without what earlier rounds spent.

    Where that is little it is `least`, the price of the smallest reading, and rounds pass until it is made up for.
    """
    monitor = run.market.monitor
    most = Decimal(monitor.cost_cap) * READING
    gone = spent(run.market, now, what=What.READING)
    ended = min(now - midnight(now) + timedelta(minutes=monitor.interval), _DAY)
    come_to = max(most - least, Decimal(0)) * Decimal(ended / _DAY)
    if gone > come_to and not run.is_asked_for:
        return Decimal(0)
    return max(min(max(come_to - gone, least), most - gone), Decimal(0))


def forget_old(before: datetime) -> None:
    Spending.objects.filter(at__lt=before).delete()

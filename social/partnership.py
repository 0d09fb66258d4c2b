"""What came of it: the value that was estimated beside the bookings of those who became experts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce

from bookings.models import Booking
from markets import currency
from social.models import Outreach

COUNTED = [Booking.State.CONFIRMED, Booking.State.COMPLETED]
DAYS_A_MONTH = Decimal("30.44")


@dataclass
class Return:
    """Since the conversion, in USD at today's rates. `estimate` is unknown where the value is; `unrated` are currencies
    without a rate, which the sums leave out.
    """

    outreach: Outreach
    months: Decimal
    estimate: Decimal | None
    bookings: int = 0
    booked: Decimal = Decimal(0)
    commission: Decimal = Decimal(0)
    unrated: list[str] = field(default_factory=list)

    @property
    def percent(self) -> int | None:
        """What was booked, of what was estimated."""
        return round(100 * self.booked / self.estimate) if self.estimate else None


def returns(converted: Iterable[Outreach], now: datetime) -> list[Return]:
    """Of each that was converted, in two queries. Bookings count that were asked for after it and until now."""
    found = {
        one.lead.expert_id: _begun(one, now) for one in converted if one.converted_at and one.lead.expert_id
    }
    rates = currency.rates()
    since = F("expert__lead__outreaches__converted_at")
    booked = Booking.objects.filter(
        expert__in=list(found), state__in=COUNTED, created_at__gte=since, created_at__lte=now
    )
    sums = booked.order_by().values("expert", "currency")
    kept = F("price") - Coalesce(F("refund"), Decimal(0))
    for row in sums.annotate(count=Count("pk"), kept=Sum(kept), share=Sum("commission")):
        _add(found[row["expert"]], row, rates)
    return list(found.values())


def _begun(outreach: Outreach, now: datetime) -> Return:
    assert outreach.converted_at
    days = Decimal(max((now - outreach.converted_at).days, 0))
    months = max(days / DAYS_A_MONTH, Decimal(1)).quantize(
        Decimal("0.1")
    )  # a month at least: values are monthly
    estimate = None if outreach.value is None else (outreach.value * months).quantize(Decimal(1))
    return Return(outreach, months, estimate)


def _add(to: Return, row: Mapping[str, Any], rates: dict[str, Decimal]) -> None:
    to.bookings += row["count"]
    try:
        to.booked += currency.convert(row["kept"], row["currency"], "USD", rates)
        to.commission += currency.convert(row["share"], row["currency"], "USD", rates)
    except currency.UnknownCurrency as error:
        to.unrated.append(error.code)

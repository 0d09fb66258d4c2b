"""What comes back after a cancellation: computed from the copy of its terms that a booking keeps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from experts.models import CancellationPolicy
from markets.currency import rounded

# Hours before the start until which so much of the price comes back, in percent, the earliest first. After the last
# of them nothing does. Whoever cancels at the very moment is in time.
POLICIES: dict[str, list[tuple[int, int]]] = {
    CancellationPolicy.FLEXIBLE: [(24, 100)],
    CancellationPolicy.MODERATE: [(7 * 24, 100), (48, 50)],
    CancellationPolicy.STRICT: [(14 * 24, 50)],
}
Terms = dict[str, Any]


@dataclass(frozen=True)
class Deadline:
    """Until `until` so much comes back; None: from then on, which is the last one."""

    until: datetime | None
    percent: int
    amount: Decimal


def snapshot(policy: str) -> Terms:
    """What a booking keeps, as JSON."""
    steps = [{"hours": hours, "percent": percent} for hours, percent in POLICIES[policy]]
    return {"policy": policy, "steps": steps}


def schedule(terms: Terms, *, start: datetime, price: Decimal, currency: str) -> list[Deadline]:
    """The whole of it for one booking, so that a page says what `refund` will do."""
    rows = [
        Deadline(
            start - timedelta(hours=step["hours"]), step["percent"], _of(price, step["percent"], currency)
        )
        for step in terms.get("steps", [])
    ]
    return [*rows, Deadline(None, 0, rounded(Decimal(0), currency))]


def refund(
    terms: Terms, *, start: datetime, price: Decimal, currency: str, at: datetime, by_expert: bool
) -> Decimal:
    """What comes back if it is cancelled `at` that moment: all of it where the expert does it."""
    if by_expert:
        return price
    deadlines = schedule(terms, start=start, price=price, currency=currency)
    return next(one.amount for one in deadlines if one.until is None or at <= one.until)


def _of(price: Decimal, percent: int, currency: str) -> Decimal:
    return price if percent == 100 else rounded(price * percent / 100, currency)

"""The numbers on an expert's dashboard, each from the rows themselves and each in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth

from bookings.models import Booking, Inquiry
from experts.models import Expert

LATEST = 5
MONTHS = 12
State = Booking.State


@dataclass(frozen=True)
class Month:
    first: date
    amounts: list[tuple[Decimal, str]]  # with their currencies, which are never added up


def waiting(expert: Expert) -> QuerySet[Inquiry]:
    """Inquiries whose traveler the expert has no booking with since: the oldest waits longest."""
    since = Booking.objects.filter(expert=expert, traveler=OuterRef("traveler"))
    return Inquiry.objects.filter(~Exists(since), expert=expert).order_by("pk")


def upcoming(expert: Expert, today: date) -> QuerySet[Booking]:
    return Booking.objects.filter(expert=expert, state=State.CONFIRMED, end__gte=today).order_by(
        "start", "pk"
    )


def completion(expert: Expert) -> tuple[int, int]:
    """How many bookings were completed, of how many that came to an end either way."""
    ended = Q(state__in=[State.COMPLETED, State.CANCELLED])
    counts: dict[str, Any] = Booking.objects.filter(expert=expert).aggregate(
        done=Count("pk", filter=Q(state=State.COMPLETED)), ended=Count("pk", filter=ended)
    )
    return counts["done"], counts["ended"]


def earnings(expert: Expert, today: date) -> list[Month]:
    """Agreed amounts of completed bookings, less what came back, by the month of their last day, the
    latest first, no empty months.
    """
    year_ago = today.replace(year=today.year - 1, day=1)
    done = Booking.objects.filter(expert=expert, state=State.COMPLETED, end__gte=year_ago)
    kept = Sum(F("price") - Coalesce("refund", Decimal(0)))
    sums = done.annotate(month=TruncMonth("end")).values_list("month", "currency").annotate(sum=kept)
    return _by_month(sums.order_by("-month", "currency"))[:MONTHS]


def _by_month(rows: Iterable[tuple[date, str, Decimal]]) -> list[Month]:
    months: dict[date, Month] = {}
    for first, currency, amount in rows:
        months.setdefault(first, Month(first, [])).amounts.append((amount, currency))
    return list(months.values())

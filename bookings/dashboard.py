"""The numbers on an expert's dashboard, each from the rows themselves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, RowNumber, TruncMonth
from django.utils.safestring import SafeString

from accounts.compiled import CompiledQuery, Parameter
from bookings import answering
from bookings.models import Block, Booking, Entry, Inquiry, Message, Posting
from experts.completeness import COUNTS, Counts
from experts.models import Expert

LATEST = 5
MONTHS = 12
State = Booking.State
# What higher parts have to say to an expert there: safe HTML, which may be empty.
sections: list[Callable[[Expert], SafeString]] = []


@dataclass(frozen=True)
class Month:
    first: date
    amounts: list[tuple[Decimal, str]]  # with their currencies, which are never added up


def waiting(expert: Expert) -> list[Inquiry]:
    """The first few threads with something that the expert has not answered, or not read; who waits longest first,
    since `since`. `of_all`: how many there are.

    Not those where nobody can write any more.
    """
    return WAITING.objects(expert=expert.pk, user=expert.user_id)


def _waiting() -> QuerySet[Inquiry]:
    said = Message.objects.filter(inquiry=OuterRef("pk"))
    answered = said.filter(answering.ANSWERS).order_by("-pk").values("pk")[:1]
    asked = said.filter(answering.ASKS, pk__gt=OuterRef("answered")).order_by("pk").values("created_at")[:1]
    threads = Inquiry.objects.filter(expert=Parameter("expert"), last_message__isnull=False)
    threads = threads.annotate(answered=Coalesce(Subquery(answered), 0)).annotate(asked=Subquery(asked))
    threads = threads.filter(Q(asked__isnull=False) | Q(expert_unread__gt=0))
    blocked = Block.objects.between(Parameter("user"), OuterRef("traveler"))
    since = Coalesce("asked", "last_message__created_at")
    threads = threads.filter(~Exists(blocked)).annotate(since=since, of_all=Window(Count("pk")))
    shown = threads.select_related("traveler", "trip__destination")
    return shown.only("traveler__name", "trip__destination__name").order_by("since", "pk")[:LATEST]


WAITING = CompiledQuery(_waiting)


def bookings(expert: Expert, now: datetime) -> list[Booking]:
    """The first few requests, by when they run out, and the first few bookings that are not over, by their start.

    `of_all`: how many of its state there are.
    """
    return BOOKINGS.objects(expert=expert.pk, now=now)


def _bookings() -> QuerySet[Booking]:
    requested = Q(state=State.REQUESTED, expires_at__gt=Parameter("now"))
    ahead = Q(state=State.CONFIRMED, period__endswith__gt=Parameter("now"))
    by_time = (Coalesce("expires_at", "period__startswith"), "pk")
    return (
        Booking.objects.filter(requested | ahead, expert=Parameter("expert"))
        .annotate(
            place=Window(RowNumber(), partition_by="state", order_by=by_time),
            of_all=Window(Count("pk"), partition_by="state"),
        )
        .filter(place__lte=LATEST)
        .select_related("traveler")
        .only(
            "state",
            "period",
            "time_zone",
            "expires_at",
            "price",
            "currency",
            "title",
            "traveler__name",
        )
        .order_by("place")
    )


BOOKINGS = CompiledQuery(_bookings)


@dataclass(frozen=True)
class Numbers:
    """`cancelled`: by the expert, though it was confirmed, or who did not come; `no_shows`: of travelers. `hours`: to
    an answer; None: too few to say.
    """

    completed: int
    cancelled: int
    no_shows: int
    declined: int
    hours: Decimal | None

    @property
    def promised(self) -> int:
        """What only the expert could break: travelers who cancel or stay away count nothing."""
        return self.completed + self.cancelled

    @property
    def kept_percent(self) -> int | None:
        return round(100 * self.completed / self.promised) if self.promised else None


# A refund is named of what was confirmed alone.
_NUMBERS = f"""
    SELECT
        count(*) FILTER (WHERE state = 'completed'),
        count(*) FILTER (
            WHERE (state = 'cancelled' AND cancelled_by_expert AND refund IS NOT NULL) OR missing = 'expert'
        ),
        count(*) FILTER (WHERE missing = 'traveler'),
        count(*) FILTER (WHERE state = 'declined'),
        (SELECT hours FROM ({answering.HOURS}) measured(expert, hours)),
        {COUNTS}
    FROM bookings_booking WHERE expert_id = %(expert)s
"""  # noqa: S608  # what is put in is a constant


def numbers(expert: Expert) -> tuple[Numbers, Counts]:
    """Also how much of each the profile has: one query instead of two."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, answering.values(expert.pk))
        row = cursor.fetchone()
    return Numbers(*row[:5]), Counts(*row[5:])


def earnings(expert: Expert, today: date) -> list[Month]:
    """What the ledger says is the expert's of bookings that came to an end, by the month of their last day.

    After commission, and after what went back to travelers; the latest first, no empty months.
    """
    year_ago = today.replace(year=today.year - 1, day=1)
    return _by_month(EARNED.rows(expert=expert.pk, since=year_ago))[:MONTHS]


def _earned() -> QuerySet[Entry, Any]:
    owed = Entry.objects.filter(
        account=Entry.Account.EXPERT,
        posting__kind__in=[Posting.Kind.AGREED, Posting.Kind.REFUND],
        posting__booking__expert=Parameter("expert"),
        posting__booking__end__gte=Parameter("since"),
    ).exclude(posting__booking__state=State.CONFIRMED)
    months = owed.annotate(month=TruncMonth("posting__booking__end")).values_list("month", "currency")
    sums = months.annotate(sum=-Sum("amount")).exclude(sum=0)
    return sums.order_by("-month", "currency")


EARNED = CompiledQuery(_earned)


def _by_month(rows: Iterable[tuple[date, str, Decimal]]) -> list[Month]:
    months: dict[date, Month] = {}
    for first, currency, amount in rows:
        months.setdefault(first, Month(first, [])).amounts.append((amount, currency))
    return list(months.values())

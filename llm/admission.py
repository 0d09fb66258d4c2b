"""Who may ask now: uses of each holder, calls in flight, and the day's budget, taken in one atomic step or not at all.

A holder is a user, a member of staff, or the system. Amounts are ticks, days are UTC, the clock is Redis' own. What a
call can cost at most is reserved before it and replaced by what it did cost; whoever dies holding a slot loses it when
the lease ends, and the reservation then counts as spent, because the provider may have worked. The truth of the books
is the ledger: workers tell the ledger first and Redis second, and a Redis that lost its books is told them again.
"""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from accounts.models import User
from llm import redis
from llm.errors import BudgetSpent, LimitReached, LLMError
from llm.models import BudgetAlert, Call
from llm.wire import TICKS, usd

log = structlog.get_logger(__name__)

PREFIX = "traveloure:{llm}:"
KEYS = [PREFIX + name for name in ("books", "calls", "leases", "closed", "uses:")]
SCRIPT: Final = redis.script("admission")
# Calls that ended this recently are told to Redis one by one, because they may not be settled yet; older ones as a sum.
# Twice as long as Redis knows a settled call, so that none is both in the sum and known.
RECENT = timedelta(hours=1)
LONGEST_CALL = timedelta(days=1)  # by far: how far back to look for calls that still run
EPOCH_DAY = date(1970, 1, 1)

clock_offset_ms = 0  # what tests add to Redis' clock


class Unavailable(LLMError):
    """Redis is away: nobody knows whether there is room, so nothing may be asked."""

    def __init__(self) -> None:
        super().__init__(_("No language model can be asked at the moment."))


class Uses(NamedTuple):
    """A holder's share. `lifts_at` is set while nothing is left of it."""

    hour_used: int
    hour_limit: int
    day_used: int
    day_limit: int
    lifts_at: datetime | None


class Books(NamedTuple):
    """Today, in ticks: paid or taken as paid, and what calls in flight may cost."""

    spent: int
    reserved: int
    in_flight: int


def admit(ask_id: str, *, allowance: str, user_id: int | None, ticks: int, seconds: float) -> None:
    """Take a use, a slot for so many seconds, and `ticks` of the budget, for the first attempt of a question.

    Raises LimitReached, BudgetSpent or Unavailable, and then nothing is taken.
    """
    holder, limits = _holder(allowance, user_id), settings.LLM_ALLOWANCES[allowance]
    args = (ask_id, holder, ticks, _ms(seconds), *_most(), *limits)
    _watch(_do("admit", *args, holder=holder))


def again(ask_id: str, *, attempt: int, spent: int, ticks: int, seconds: float) -> None:
    """Settle the attempt before this one and reserve for this one: no further use, and a new lease.

    Raises BudgetSpent, Unavailable, or LimitReached where the slot had been given up; the last attempt is settled
    even so (but for Unavailable).
    """
    _watch(_do("again", ask_id, attempt, spent, ticks, _ms(seconds), *_most()))


def settle(ask_id: str, *, attempt: int, spent: int, use_counts: bool) -> None:
    """Replace what is booked for an attempt by its cost and free its slot; the first word counts, repeats do nothing.

    Without `use_counts` the question's use is given back. An attempt whose lease ended is corrected on the day it was
    admitted. Tell the ledger first. Raises Unavailable.
    """
    _watch(_do("settle", ask_id, attempt, spent, int(use_counts), settings.LLM_BUDGET_ALERT_USD * TICKS))


def allowance_of(user: User | None) -> str:
    """The name of the allowance in settings.LLM_ALLOWANCES."""
    if user is None:
        return "system"
    return "staff" if user.is_staff else "user"


def usage(allowance: str, user_id: int | None) -> Uses:
    """How much of its share a holder has used. Raises Unavailable."""
    limits = settings.LLM_ALLOWANCES[allowance]
    holder = _holder(allowance, user_id)
    hour, day, lifts = _do("uses", holder, *limits, holder=holder)
    return Uses(int(hour), limits[0], int(day), limits[1], _instant(lifts) if int(lifts) else None)


def today() -> Books:
    """Raises Unavailable."""
    return Books(*map(int, _do("books")))


def _do(operation: str, *args: str | int, holder: str = "") -> list[Any]:
    """What the script answers, once Redis knows what the ledger knows."""
    for _try in range(50):  # a Redis that is wiped again and again is as good as away
        answer, *rest = _eval(operation, *args)
        if answer != b"cold":
            return _result(answer, rest)
        now, epoch, books_cold, uses_cold = rest
        if books_cold:
            _fill_books(_instant(now), epoch)
        if uses_cold:
            _fill_uses(_instant(now), epoch, holder)
    raise Unavailable


def _result(answer: bytes, rest: list[Any]) -> list[Any]:
    if answer == b"ok":
        return rest
    if answer == b"budget":
        raise BudgetSpent
    message = {
        b"hour": _("You have asked as often as is possible within an hour."),
        b"day": _("You have asked as often as is possible within a day."),
        b"busy": _("Too many questions are being answered at the moment. Please try again shortly."),
    }[answer]
    raise LimitReached(_instant(rest[0]), message)


def _eval(operation: str, *args: str | bytes | int) -> Any:
    try:
        return redis.books().eval(SCRIPT, KEYS, [operation, clock_offset_ms, *args])
    except redis.Away as error:
        raise Unavailable from error


def _watch(answer: list[Any]) -> None:
    """The script reports that the day passed the alert until the row is there; whoever writes it says so."""
    day_number, sum_now = int(answer[0]), int(answer[1])
    if not sum_now:
        return
    day = EPOCH_DAY + timedelta(days=day_number)
    _alert, first = BudgetAlert.objects.get_or_create(day=day, defaults={"ticks": sum_now})
    if first:
        log.warning("llm_budget_alert", day=str(day), usd=float(usd(sum_now)))
    with suppress(Unavailable):  # then the next one asks again
        _eval("alerted", day_number)


def _fill_books(now: datetime, epoch: bytes) -> None:
    horizon = now - RECENT
    calls = Call.objects.filter(source=Call.Source.MODEL)
    changes = Q(finished_at__gte=horizon) | Q(state__in=[Call.State.RUNNING, Call.State.ABANDONED])
    sum_of_others = calls.on(now.date()).exclude(changes).charged()
    changing = calls.filter(changes, started_at__gte=horizon - LONGEST_CALL).only(*TOLD)
    args = [arg for call in changing.iterator() for arg in _told(call)]
    _eval("fill_books", epoch, _day_number(now), sum_of_others, *args)


TOLD = "ask_id attempt user_id allowance charged_ticks state started_at finished_at lease_expires_at".split()


def _told(call: Call) -> tuple[str | int, ...]:
    """One call as the script takes it. Abandoned ones are corrected if their worker comes back after all."""
    if call.finished_at is None:
        state, at = "o", call.lease_expires_at or call.started_at
    else:
        state, at = "e" if call.state == Call.State.ABANDONED else "s", call.finished_at
    name, holder = f"{call.ask_id}:{call.attempt}", _holder(call.allowance, call.user_id)
    return name, holder, _day_number(call.started_at), call.charged_ticks, state, _ms(at.timestamp())


def _fill_uses(now: datetime, epoch: bytes, holder: str) -> None:
    """Given back are the uses of questions of which every attempt failed and none cost anything."""
    allowance, _colon, user_id = holder.partition(":")
    since = now - timedelta(days=1)
    calls = Call.objects.filter(source=Call.Source.MODEL, started_at__gt=since - RECENT)
    counting = Count("pk", filter=~Q(state=Call.State.FAILED, charged_ticks=0))
    uses = (
        calls.filter(allowance=allowance, user=int(user_id) if user_id else None)
        .values_list("ask_id")
        .annotate(at=Min("started_at"), counting=counting)
        .filter(counting__gt=0, at__gt=since)
    )
    args = [arg for ask_id, at, _counting in uses for arg in (str(ask_id), _ms(at.timestamp()))]
    _eval("fill_uses", epoch, holder, *args)


def _holder(allowance: str, user_id: int | None) -> str:
    return allowance if user_id is None else f"{allowance}:{user_id}"


def _most() -> tuple[int, int, int]:
    """Budget, alert and calls in flight."""
    return settings.LLM_BUDGET_USD * TICKS, settings.LLM_BUDGET_ALERT_USD * TICKS, settings.LLM_IN_FLIGHT


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _day_number(at: datetime) -> int:
    return (at.astimezone(UTC).date() - EPOCH_DAY).days


def _instant(ms: bytes) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)

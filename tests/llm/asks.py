"""Questions as the gateway admits and settles them, with a ledger beside, and a clock that tests set."""

import math
import uuid
from datetime import UTC, datetime, timedelta

from llm import admission, redis
from llm.errors import BudgetSpent, LimitReached
from llm.models import Call

HOUR, DAY = 3600, 86_400
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ONE_USER = {"allowance": "user", "user_id": 17}


def begin(monkeypatch, settings, *, at=NOON):
    """Small limits, and a clock that stands at `at`. Returns what lets so many seconds pass."""
    settings.LLM_ALLOWANCES = {"user": (3, 5), "staff": (10, 20), "system": (1000, 10_000)}
    settings.LLM_IN_FLIGHT = 10
    settings.LLM_BUDGET_USD = 100
    settings.LLM_BUDGET_ALERT_USD = 80
    monkeypatch.setattr(admission, "clock_offset_ms", 0)
    monkeypatch.setattr(admission, "clock_offset_ms", round((at - now()).total_seconds() * 1000))

    def later(seconds):
        monkeypatch.setattr(
            admission, "clock_offset_ms", admission.clock_offset_ms + math.ceil(seconds * 1000)
        )

    return later


def now():
    seconds, micros = redis.books().run("TIME")
    real = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(micros))
    return real + timedelta(milliseconds=admission.clock_offset_ms)


def wipe():
    redis.books().run("FLUSHALL")


def admit(ask=None, *, allowance="system", user_id=None, ticks=100, seconds=60):
    ask = ask or str(uuid.uuid4())
    admission.admit(ask, allowance=allowance, user_id=user_id, ticks=ticks, seconds=seconds)
    return ask


def settle(ask, spent=40, *, attempt=1, use_counts=True):
    admission.settle(ask, attempt=attempt, spent=spent, use_counts=use_counts)


def use(**who):
    settle(admit(**who))


def used(allowance="user", user_id=17):
    uses = admission.usage(allowance, user_id)
    return uses.hour_used, uses.day_used


def outcome(act):
    try:
        act()
    except (LimitReached, BudgetSpent) as refusal:
        return str(refusal)
    return "admitted"


def row(ask, *, attempt=1, user=None, **fields):
    """The ledger's row of an attempt, as it is written before the call."""
    at = fields.setdefault("started_at", now())
    fields = {
        "lease_expires_at": at + timedelta(seconds=60),
        "allowance": "user" if user else "system",
    } | fields
    return Call.objects.create(
        ask_id=ask, attempt=attempt, user=user, purpose="matching", prompt="p", prompt_version=1, **fields
    )


def complete(call, spent, state=Call.State.ANSWERED, **fields):
    fields = {"finished_at": now(), "outcome": "timeout" if state == Call.State.FAILED else ""} | fields
    Call.objects.filter(pk=call.pk).update(state=state, charged_ticks=spent, **fields)

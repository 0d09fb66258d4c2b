"""Admission beside a plain model of it, in any order of things, and with a Redis that loses everything."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from llm import admission
from llm.admission import Books
from llm.errors import BudgetSpent, LimitReached
from llm.models import BudgetAlert, Call
from llm.wire import TICKS
from tests.factories import make_user
from tests.llm import asks

pytestmark = pytest.mark.django_db

LEASE, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
HOURLY, DAILY, SLOTS, BUDGET = 3, 5, 4, 20 * TICKS
TICKS_ASKED = st.integers(0, 8).map(lambda dollars: dollars * TICKS)
PART = st.sampled_from([0, 0.5, 1])  # of what was reserved
FATE = st.sampled_from([Call.State.ANSWERED, Call.State.FAILED])
CHOICE = st.integers(0, 9)


@dataclass
class Attempt:
    call: Call
    at: datetime
    charged: int
    lease_till: datetime | None


@dataclass
class Ask:
    user: int
    at: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempts: list[Attempt] = field(default_factory=list)
    worth: bool = False
    given_back: bool = False


class Admission(RuleBasedStateMachine):
    users: list

    def __init__(self):
        super().__init__()
        asks.wipe()
        Call.objects.all().delete()
        BudgetAlert.objects.all().delete()
        admission.clock_offset_ms = 0
        self.now = asks.NOON
        admission.clock_offset_ms = round((self.now - asks.now()).total_seconds() * 1000)
        self.asks, self.running = [], []

    @rule(user=st.integers(0, 1), ticks=TICKS_ASKED)
    def admit(self, user, ticks):
        ask = Ask(user, self.now)
        expected = self.refusal(user) or self.no_room(ticks)
        args = {"allowance": "user", "user_id": self.users[user].pk, "ticks": ticks, "seconds": LEASE.seconds}
        assert self.told(lambda: admission.admit(ask.id, **args)) == expected
        if not expected:
            self.asks.append(ask)
            self.running.append(ask)
            self.begin(ask, ticks)

    @precondition(lambda self: self.running)
    @rule(choice=CHOICE, part=PART, fate=FATE, ticks=TICKS_ASKED)
    def again(self, choice, part, fate, ticks):
        ask = self.running[choice % len(self.running)]
        spent, number = self.end(ask, part, fate), len(ask.attempts)
        expected = self.no_room(ticks)
        args = {"attempt": number + 1, "spent": spent, "ticks": ticks, "seconds": LEASE.seconds}
        assert self.told(lambda: admission.again(ask.id, **args)) == expected
        if not expected:
            self.begin(ask, ticks)
            return
        self.give_up(ask)
        admission.settle(ask.id, attempt=number, spent=spent, use_counts=ask.worth)

    @precondition(lambda self: self.running)
    @rule(choice=CHOICE, part=PART, fate=FATE, times=st.integers(1, 2))
    def settle(self, choice, part, fate, times):
        ask = self.running[choice % len(self.running)]
        spent = self.end(ask, part, fate)
        self.give_up(ask)
        for _ in range(times):
            admission.settle(ask.id, attempt=len(ask.attempts), spent=spent, use_counts=ask.worth)

    @rule(minutes=st.sampled_from([1, 4, 5, 20, 60, 300]))
    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)
        admission.clock_offset_ms += minutes * 60_000
        for attempt in self.attempts():
            if attempt.lease_till and attempt.lease_till <= self.now:
                attempt.lease_till = None
        self.running = [ask for ask in self.running if self.now - ask.at < HOUR]  # the others' workers died

    @rule()
    def give_up_dead_calls(self):
        overdue = Call.objects.filter(state=Call.State.RUNNING, lease_expires_at__lte=self.now)
        overdue.update(state=Call.State.ABANDONED, finished_at=self.now)

    @rule()
    def wipe(self):
        asks.wipe()

    @invariant()
    def agrees(self):
        assert admission.today() == Books(
            self.charged(in_flight=False), self.charged(in_flight=True), self.in_flight()
        )
        for user, account in enumerate(self.users):
            uses = admission.usage("user", account.pk)
            assert (uses.hour_used, uses.day_used) == (len(self.uses(user, HOUR)), len(self.uses(user, DAY)))

    def begin(self, ask, ticks):
        number, till = len(ask.attempts) + 1, self.now + LEASE
        call = asks.row(
            ask.id,
            attempt=number,
            user=self.users[ask.user],
            charged_ticks=ticks,
            started_at=self.now,
            lease_expires_at=till,
        )
        ask.attempts.append(Attempt(call, self.now, ticks, till))

    def end(self, ask, part, fate):
        """The ledger learns first what the last attempt cost."""
        last = ask.attempts[-1]
        last.charged = spent = int(last.call.charged_ticks * part)
        last.lease_till = None
        ask.worth = ask.worth or fate == Call.State.ANSWERED or spent > 0
        asks.complete(last.call, spent, fate, finished_at=self.now)
        return spent

    def give_up(self, ask):
        self.running.remove(ask)
        ask.given_back = not ask.worth

    def attempts(self):
        return [attempt for ask in self.asks for attempt in ask.attempts]

    def charged(self, *, in_flight):
        return sum(
            attempt.charged
            for attempt in self.attempts()
            if attempt.at.date() == self.now.date() and bool(attempt.lease_till) == in_flight
        )

    def in_flight(self):
        return sum(bool(attempt.lease_till) for attempt in self.attempts())

    def uses(self, user, span):
        mine = [ask for ask in self.asks if ask.user == user and not ask.given_back]
        return [ask.at for ask in mine if self.now - ask.at < span]

    def refusal(self, user):
        hour, day = self.uses(user, HOUR), self.uses(user, DAY)
        lifts = [hour[len(hour) - HOURLY] + HOUR] if len(hour) >= HOURLY else []
        lifts += [day[len(day) - DAILY] + DAY] if len(day) >= DAILY else []
        return max(lifts, default=None)

    def no_room(self, ticks):
        if self.charged(in_flight=True) + self.charged(in_flight=False) + ticks > BUDGET:
            return "budget"
        return min(self.leases()) if self.in_flight() >= SLOTS else None

    def leases(self):
        return [attempt.lease_till for attempt in self.attempts() if attempt.lease_till]

    def told(self, act):
        """None, "budget", or when the limit lifts, to the minute: some real time passes too."""
        try:
            act()
        except BudgetSpent:
            return "budget"
        except LimitReached as refusal:
            return refusal.lifts_at.replace(second=0, microsecond=0)
        return None


def test_admission_agrees_with_its_model(settings, monkeypatch):
    settings.LLM_ALLOWANCES = {"user": (HOURLY, DAILY)}
    settings.LLM_IN_FLIGHT, settings.LLM_BUDGET_USD = SLOTS, BUDGET // TICKS
    monkeypatch.setattr(admission, "clock_offset_ms", 0)
    Admission.users = [make_user(), make_user("Eve Other")]
    some = hypothesis_settings(max_examples=30, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(Admission, settings=some)

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Sum

from llm import admission, redis
from llm.admission import Books
from llm.errors import LimitReached
from llm.models import BudgetAlert, Call
from llm.wire import TICKS
from tests import logs
from tests.factories import make_user
from tests.llm import asks
from tests.llm.asks import HOUR, ONE_USER, admit, complete, now, outcome, row, settle, used, wipe
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def later(monkeypatch, settings):
    """Let so many seconds pass."""
    return asks.begin(monkeypatch, settings)


def test_lost_books_come_back_from_the_ledger():
    done, running = uuid.uuid4(), uuid.uuid4()
    for ask in (done, running):
        admit(str(ask), ticks=100)
    complete(row(done), 40)
    settle(str(done), 40)
    call = row(running, charged_ticks=100)
    wipe()
    assert admission.today() == Books(spent=40, reserved=100, in_flight=1)
    complete(call, 60)
    settle(str(running), 60)
    assert admission.today() == Books(100, 0, 0)


def test_calls_of_long_ago_other_days_and_other_sources_come_back_as_they_count(later):
    for hours, spent in ((3, 1), (5, 10), (13, 100)):
        began = now() - timedelta(hours=hours)
        call = row(uuid.uuid4(), started_at=began)
        complete(call, spent, finished_at=began + timedelta(seconds=9))
    row(uuid.uuid4(), source="cache", state="answered", finished_at=now(), lease_expires_at=None)
    lease = now() + timedelta(minutes=1)
    row(uuid.uuid4(), charged_ticks=1000, started_at=now() - timedelta(hours=2), lease_expires_at=lease)
    complete(row(uuid.uuid4()), 10_000, Call.State.ABANDONED, finished_at=now() - timedelta(hours=1))
    wipe()
    assert admission.today() == Books(10_011, 1000, 1)


def test_a_late_worker_corrects_an_abandoned_call_that_came_from_the_ledger():
    ask = uuid.uuid4()
    complete(row(ask, charged_ticks=100), 100, Call.State.ABANDONED)
    assert admission.today() == Books(100, 0, 0)
    settle(str(ask), 40)
    assert admission.today() == Books(40, 0, 0)


def test_a_dead_workers_call_that_came_from_the_ledger_expires(later):
    row(uuid.uuid4(), charged_ticks=100)
    wipe()
    assert admission.today() == Books(0, 100, 1)
    later(61)
    assert admission.today() == Books(100, 0, 0)


def test_what_is_settled_before_the_books_are_back_is_counted_once():
    ask = uuid.uuid4()
    admit(str(ask), ticks=100)
    call = row(ask, charged_ticks=100)
    wipe()
    complete(call, 40)
    settle(str(ask), 40)
    assert admission.today() == Books(40, 0, 0)


def test_a_call_the_ledger_did_not_know_yet_is_not_lost():
    ask = admit(ticks=100)
    wipe()
    assert admission.today() == Books(0, 0, 0)
    settle(ask, 40)
    assert admission.today() == Books(40, 0, 0)


def test_an_attempt_the_ledger_did_not_know_yet_is_not_lost():
    ask = uuid.uuid4()
    admit(str(ask), ticks=100)
    complete(row(ask), 40)
    admission.again(str(ask), attempt=2, spent=40, ticks=100, seconds=60)
    wipe()
    assert admission.today() == Books(40, 0, 0)
    settle(str(ask), 30, attempt=2)
    assert admission.today() == Books(70, 0, 0)


def test_books_of_before_a_restart_are_not_believed():
    ask = uuid.uuid4()
    admit(str(ask), ticks=100)
    admit(**ONE_USER, ticks=1000)  # never got into the ledger
    complete(row(ask), 40)
    redis.books().run("HSET", admission.KEYS[0], "server", "another run")
    assert (admission.today(), used()) == (Books(40, 0, 0), (0, 0))


def test_what_the_ledger_said_before_books_got_lost_is_not_taken(monkeypatch):
    """Read, then wiped, filled and used by others, then wiped again: what was read is too old."""
    fill, ask = admission._told, uuid.uuid4()
    row(uuid.uuid4(), charged_ticks=1)

    def slow(call):
        monkeypatch.setattr(admission, "_told", fill)
        admission.today()
        complete(row(ask), 40)
        settle(str(ask), 40)
        wipe()
        return fill(call)

    monkeypatch.setattr(admission, "_told", slow)
    assert admission.today() == Books(40, 1, 1)


def test_what_is_settled_while_the_ledger_is_read_is_counted_once(monkeypatch):
    fill, ask = admission._told, uuid.uuid4()
    row(ask, charged_ticks=100)

    def slow(call):
        complete(call, 40)
        settle(str(ask), 40)
        return fill(call)

    monkeypatch.setattr(admission, "_told", slow)
    assert admission.today() == Books(40, 0, 0)


def test_lost_uses_come_back_from_the_ledger(later):
    ada = make_user()
    later(HOUR - 600)
    began = now()
    for minutes, state, spent in ((50, "answered", 1), (20, "failed", 1), (10, "failed", 0)):
        complete(row(uuid.uuid4(), user=ada, started_at=began - timedelta(minutes=minutes)), spent, state)
    retried = uuid.uuid4()
    complete(row(retried, user=ada, started_at=began - timedelta(minutes=5)), 0, "failed")
    row(retried, attempt=2, user=ada)
    row(uuid.uuid4(), user=ada, started_at=began - timedelta(hours=23))
    row(uuid.uuid4(), user=ada, started_at=began - timedelta(hours=25))
    row(uuid.uuid4(), user=make_user("Eve Other"))
    row(uuid.uuid4(), user=ada, allowance="staff")
    assert used(user_id=ada.pk) == (3, 4)
    with pytest.raises(LimitReached) as refusal:
        admit(allowance="user", user_id=ada.pk)
    assert abs(refusal.value.lifts_at - began - timedelta(minutes=10)) < timedelta(seconds=5)


def test_the_ledger_is_asked_only_when_books_are_missing(django_assert_num_queries):
    with django_assert_num_queries(3):
        admit(**ONE_USER)
    with django_assert_num_queries(0):
        for _ in range(2):
            settle(admit(**ONE_USER))
        admission.usage("user", 17)


@pytest.mark.django_db(transaction=True)
def test_many_who_find_the_books_missing_neither_double_nor_lose_them(settings):
    settings.LLM_IN_FLIGHT = 25
    for _ in range(5):
        row(uuid.uuid4(), charged_ticks=1000)
    told = at_once(lambda: outcome(lambda: admit(ticks=1)), times=40)
    assert Counter(told)["admitted"] == 20
    assert admission.today() == Books(0, 5020, 25)


@pytest.mark.django_db(transaction=True)
def test_wiping_redis_amid_the_work_changes_no_sum(settings):
    settings.LLM_IN_FLIGHT = 1000

    def work():
        for number in range(15):
            ask = uuid.uuid4()
            admit(str(ask), ticks=100)
            complete(row(ask, charged_ticks=100), number)
            if number % 4 == 3:
                wipe()
            admission.again(str(ask), attempt=2, spent=number, ticks=100, seconds=60)
            complete(row(ask, attempt=2, charged_ticks=100), 7)
            settle(str(ask), 7, attempt=2)

    at_once(work, times=8)
    spent = Call.objects.aggregate(sum=Sum("charged_ticks"))["sum"]
    assert (spent, admission.today()) == (8 * 15 * (7 + 7), Books(spent, 0, 0))


def test_the_alert_is_not_repeated_after_redis_lost_its_books(caplog):
    ask = uuid.uuid4()
    row(ask, charged_ticks=85 * TICKS)
    admit(str(ask), ticks=85 * TICKS)
    wipe()
    admit(ticks=1)
    assert (logs.names(caplog), BudgetAlert.objects.count()) == (["llm_budget_alert"], 1)

import os
import signal
import threading
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.db.models import Sum
from structlog.testing import capture_logs

from llm import admission, redis
from llm.admission import Books, Unavailable
from llm.errors import BudgetSpent, LimitReached
from llm.models import BudgetAlert, Call
from llm.wire import TICKS
from tests.factories import make_user
from tests.processes import FORK, in_processes
from tests.threads import at_once

pytestmark = pytest.mark.django_db
HOUR, DAY = 3600, 86_400


@pytest.fixture(autouse=True)
def small(settings):
    settings.LLM_ALLOWANCES = {"user": (3, 5), "staff": (10, 20), "system": (1000, 10_000)}
    settings.LLM_IN_FLIGHT = 10
    settings.LLM_BUDGET_USD = 100
    settings.LLM_BUDGET_ALERT_USD = 80


@pytest.fixture
def later(monkeypatch):
    """Let so many seconds pass."""

    def pass_by(seconds):
        monkeypatch.setattr(admission, "clock_offset_ms", admission.clock_offset_ms + round(seconds * 1000))

    return pass_by


def redis_now():
    seconds, micros = redis.books().run("TIME")
    return datetime.fromtimestamp(int(seconds) + int(micros) / 1e6, UTC) + timedelta(
        milliseconds=admission.clock_offset_ms
    )


@pytest.fixture
def shortly_before_midnight(later):
    now = redis_now()
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    later((midnight - now).total_seconds() - 60)
    return midnight


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


ONE_USER = {"allowance": "user", "user_id": 17}


# One question


def test_a_question_reserves_the_most_and_pays_what_it_cost():
    ask = admit(ticks=100)
    assert admission.today() == Books(spent=0, reserved=100, in_flight=1)
    settle(ask, 40)
    assert admission.today() == Books(spent=40, reserved=0, in_flight=0)


def test_a_second_attempt_pays_the_first_and_is_the_same_use():
    ask = admit(**ONE_USER, ticks=100)
    admission.again(ask, attempt=2, spent=40, ticks=70, seconds=60)
    assert (admission.today(), used()) == (Books(spent=40, reserved=70, in_flight=1), (1, 1))
    settle(ask, 30, attempt=2)
    assert admission.today() == Books(spent=70, reserved=0, in_flight=0)


def test_a_question_nothing_came_of_is_given_back():
    ask = admit(**ONE_USER)
    settle(ask, 0, use_counts=False)
    assert (admission.today(), used()) == (Books(0, 0, 0), (0, 0))


def test_a_use_is_given_back_after_a_second_attempt_too():
    ask = admit(**ONE_USER)
    admission.again(ask, attempt=2, spent=0, ticks=70, seconds=60)
    settle(ask, 0, attempt=2, use_counts=False)
    assert used() == (0, 0)


def test_whatever_is_said_twice_counts_once():
    ask = admit("a", **ONE_USER)
    admit("a", **ONE_USER)
    for _ in range(2):
        admission.again(ask, attempt=2, spent=40, ticks=70, seconds=60)
    for spent in (30, 30, 5):
        settle(ask, spent, attempt=2)
    settle(ask, 99, attempt=1)
    assert (admission.today(), used()) == (Books(70, 0, 0), (1, 1))


def test_free_calls_cost_nothing():
    ask = admit(ticks=0)
    settle(ask, 0)
    settle(admit(ticks=0, seconds=60), 0)
    assert admission.today() == Books(0, 0, 0)


# Limits


def test_the_hour_slides(later):
    began = redis_now()
    for _ in range(3):
        use(**ONE_USER)
        later(600)
    with pytest.raises(LimitReached, match="hour") as refusal:
        admit(**ONE_USER)
    assert refusal.value.lifts_at - began < timedelta(hours=1, seconds=5)
    later((refusal.value.lifts_at - redis_now()).total_seconds() - 5)
    with pytest.raises(LimitReached):
        admit(**ONE_USER)
    later(5)
    admit(**ONE_USER)


def test_the_day_slides(later):
    began = redis_now()
    for _ in range(5):
        use(**ONE_USER)
        later(2 * HOUR)
    with pytest.raises(LimitReached, match="day") as refusal:
        admit(**ONE_USER)
    assert refusal.value.lifts_at - began < timedelta(days=1, seconds=5)
    later((refusal.value.lifts_at - redis_now()).total_seconds())
    admit(**ONE_USER)


def test_the_limit_that_lifts_last_is_told(later):
    use(**ONE_USER)
    use(**ONE_USER)
    later(DAY - 600)
    for _ in range(3):
        use(**ONE_USER)
    with pytest.raises(LimitReached, match="hour"):
        admit(**ONE_USER)


def test_holders_do_not_share():
    for _ in range(3):
        use(**ONE_USER)
    for other in ({"allowance": "user", "user_id": 1}, {"allowance": "staff", "user_id": 17}, {}):
        use(**other)
    assert (used(), used("user", 1), used("staff", 17), used("system", None)) == (
        (3, 3),
        (1, 1),
        (1, 1),
        (1, 1),
    )


def test_usage_says_what_is_left_without_taking_it():
    use(**ONE_USER)
    assert admission.usage("user", 17) == admission.Uses(1, 3, 1, 5, None)
    for _ in range(2):
        use(**ONE_USER)
    uses = admission.usage("user", 17)
    assert uses.hour_used == 3
    assert timedelta(minutes=59) < uses.lifts_at - redis_now() <= timedelta(hours=1)


def test_a_busy_site_says_when_a_slot_is_free_at_the_latest():
    for seconds in (90, 30, *[60] * 8):
        admit(seconds=seconds)
    with pytest.raises(LimitReached, match="Too many") as refusal:
        admit()
    assert timedelta(seconds=20) < refusal.value.lifts_at - redis_now() <= timedelta(seconds=30)


def test_the_budget_is_never_passed():
    ask = admit(ticks=60 * TICKS)
    with pytest.raises(BudgetSpent):
        admit(ticks=40 * TICKS + 1)
    admit(ticks=40 * TICKS)
    settle(ask, 59 * TICKS)
    admit(ticks=1 * TICKS)
    with pytest.raises(BudgetSpent):
        admit(ticks=1)


def test_an_attempt_over_the_budget_is_not_taken_but_the_last_is_paid():
    ask = admit(**ONE_USER, ticks=60 * TICKS)
    with pytest.raises(BudgetSpent):
        admission.again(ask, attempt=2, spent=30 * TICKS, ticks=71 * TICKS, seconds=60)
    settle(ask, 30 * TICKS)
    assert (admission.today(), used()) == (Books(30 * TICKS, 0, 0), (1, 1))


@pytest.mark.parametrize("reason", ["hour", "busy", "budget"])
def test_refused_for_one_reason_nothing_is_taken_for_any(reason, settings):
    use(**ONE_USER)
    settings.LLM_ALLOWANCES = {"user": (1 if reason == "hour" else 9, 9)}
    settings.LLM_IN_FLIGHT = 0 if reason == "busy" else 9
    settings.LLM_BUDGET_USD = 0 if reason == "budget" else 9
    before = admission.today(), used()
    assert outcome(lambda: admit(**ONE_USER)) != "admitted"
    assert (admission.today(), used()) == before


# Many at once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("limits", "slots", "ticks", "admitted"),
    [
        ((20, 100), 1000, 1, 20),
        ((100, 30), 1000, 1, 30),
        ((1000, 1000), 50, 1, 50),
        ((1000, 1000), 1000, 3 * TICKS, 33),
    ],
    ids=["hour", "day", "in flight", "budget"],
)
def test_two_hundred_threads_are_let_in_exactly_as_allowed(settings, limits, slots, ticks, admitted):
    settings.LLM_ALLOWANCES, settings.LLM_IN_FLIGHT = {"user": limits}, slots
    told = at_once(lambda: outcome(lambda: admit(**ONE_USER, ticks=ticks)), times=200)
    assert Counter(told)["admitted"] == admitted
    assert admission.today() == Books(0, admitted * ticks, admitted)
    assert used() == (admitted, admitted)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("limits", "slots", "admitted"), [((20, 100), 1000, 20), ((1000, 1000), 50, 50)])
def test_processes_share_the_limits(settings, limits, slots, admitted):
    settings.LLM_ALLOWANCES, settings.LLM_IN_FLIGHT = {"user": limits}, slots
    admission.today()  # a connection that forks must not share
    told = in_processes(lambda: at_once(lambda: outcome(lambda: admit(**ONE_USER)), times=20), times=4)
    assert Counter(chain.from_iterable(told))["admitted"] == admitted


# Dead workers


def test_a_killed_worker_frees_its_slot_and_costs_the_most(later, settings):
    settings.LLM_IN_FLIGHT = 1

    def take_and_die():
        admit(ticks=100)
        os.kill(os.getpid(), signal.SIGKILL)

    worker = FORK.Process(target=take_and_die)
    admission.today()
    worker.start()
    worker.join()
    assert outcome(admit) != "admitted"
    later(60)
    admit(ticks=7)
    assert admission.today() == Books(spent=100, reserved=7, in_flight=1)


def test_a_slow_worker_still_says_what_it_cost(later):
    slow = admit(**ONE_USER, ticks=100, seconds=60)
    later(61)
    assert admission.today() == Books(100, 0, 0)
    settle(slow, 40, use_counts=False)
    settle(slow, 40, use_counts=False)
    assert (admission.today(), used()) == (Books(40, 0, 0), (0, 0))


def test_a_slow_worker_gets_its_slot_back_only_if_one_is_free(later, settings):
    settings.LLM_IN_FLIGHT = 1
    slow = admit(ticks=100)
    later(61)
    other = admit(ticks=7)
    with pytest.raises(LimitReached):
        admission.again(slow, attempt=2, spent=40, ticks=100, seconds=60)
    assert admission.today() == Books(40, 7, 1)
    settle(other, 7)
    admission.again(slow, attempt=2, spent=40, ticks=100, seconds=60)
    assert admission.today() == Books(47, 100, 1)


def test_a_further_attempt_renews_the_lease(later):
    ask = admit(seconds=60)
    later(50)
    admission.again(ask, attempt=2, spent=0, ticks=100, seconds=60)
    later(50)
    assert admission.today() == Books(0, 100, 1)


# Midnight


def test_a_call_over_midnight_is_paid_on_the_day_it_was_admitted(shortly_before_midnight, later):
    ask = admit(ticks=60 * TICKS, seconds=300)
    later(120)
    assert admission.today() == Books(0, 0, 1)
    admission.again(ask, attempt=2, spent=50 * TICKS, ticks=9, seconds=300)
    assert admission.today() == Books(0, 9, 1)
    settle(ask, 4, attempt=2)
    assert admission.today() == Books(4, 0, 0)
    later(-120)
    assert admission.today() == Books(50 * TICKS, 0, 0)


def test_a_new_day_has_a_new_budget(shortly_before_midnight, later):
    settle(admit(ticks=100 * TICKS), 100 * TICKS)
    assert outcome(admit) == "Today's budget for language models is used up. It starts anew at midnight UTC."
    later(60)
    assert outcome(admit) == "admitted"


def test_days_long_past_take_no_room(later):
    for _ in range(6):
        use()
        later(DAY)
    fields = redis.books().run("HKEYS", admission.KEYS[0])
    days = {field.split(b":")[0] for field in fields if b":" in field}
    assert len(days) == 3


def test_settled_calls_take_no_room(later):
    for _ in range(5):
        use()
    later(HOUR)
    admission.today()
    assert redis.books().run("EXISTS", *admission.KEYS[1:4]) == 0


# The alert


def test_the_alert_is_raised_once_a_day(shortly_before_midnight, later):
    with capture_logs() as logs:
        for _ in range(4):
            settle(admit(ticks=25 * TICKS), 20 * TICKS)
        later(60)
        admit(ticks=90 * TICKS)
    raised = [log["usd"] for log in logs if log["event"] == "llm_budget_alert"]
    assert raised == [85.0, 90.0]
    rows = BudgetAlert.objects.order_by("day").values_list("day", "ticks")
    tomorrow = shortly_before_midnight.date()
    assert list(rows) == [(tomorrow - timedelta(days=1), 85 * TICKS), (tomorrow, 90 * TICKS)]


@pytest.mark.django_db(transaction=True)
def test_the_alert_is_raised_once_by_many():
    with capture_logs() as logs:
        at_once(lambda: admit(ticks=9 * TICKS), times=10)
    assert [log["event"] for log in logs] == ["llm_budget_alert"]
    assert BudgetAlert.objects.count() == 1


def test_the_alert_is_not_repeated_after_redis_lost_its_books():
    ask = uuid.uuid4()
    row(ask, charged_ticks=85 * TICKS)
    admit(str(ask), ticks=85 * TICKS)
    wipe()
    with capture_logs() as logs:
        admit(ticks=1)
    assert (logs, BudgetAlert.objects.count()) == ([], 1)


# Redis forgets


def wipe():
    redis.books().run("FLUSHALL")


def row(ask, *, attempt=1, user=None, **fields):
    """The ledger's row of an attempt, as the gateway writes it: before the call."""
    lease = redis_now() + timedelta(seconds=60)
    fields = {
        "started_at": redis_now(),
        "lease_expires_at": lease,
        "allowance": "user" if user else "system",
    } | fields
    return Call.objects.create(
        ask_id=ask, attempt=attempt, user=user, purpose="matching", prompt="p", prompt_version=1, **fields
    )


def complete(call, spent, state=Call.State.ANSWERED, **fields):
    outcome = "timeout" if state == Call.State.FAILED else ""
    fields = {"finished_at": redis_now()} | fields
    Call.objects.filter(pk=call.pk).update(state=state, charged_ticks=spent, outcome=outcome, **fields)


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
    later(12 * HOUR if redis_now().hour < 12 else 0)
    for hours, spent in ((3, 1), (5, 10), (30, 100)):
        began = redis_now() - timedelta(hours=hours)
        call = row(uuid.uuid4(), started_at=began)
        complete(call, spent, finished_at=began + timedelta(seconds=9))
    row(uuid.uuid4(), source="cache", state="answered", finished_at=redis_now(), lease_expires_at=None)
    row(uuid.uuid4(), charged_ticks=1000, started_at=redis_now() - timedelta(hours=2))
    complete(row(uuid.uuid4()), 10_000, Call.State.ABANDONED, finished_at=redis_now() - timedelta(hours=1))
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
        monkeypatch.undo()
        admission.today()
        complete(row(ask), 40)
        settle(str(ask), 40)
        wipe()
        return fill(call)

    monkeypatch.setattr(admission, "_told", slow)
    assert admission.today() == Books(40, 1, 1)


def test_lost_uses_come_back_from_the_ledger(later):
    ada = make_user()
    later(HOUR - 600)
    began = redis_now()
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
    stop = threading.Event()

    def wipe_often():
        while not stop.wait(0.2):
            wipe()

    def work():
        for number in range(15):
            ask = uuid.uuid4()
            admit(str(ask), ticks=100)
            complete(row(ask, charged_ticks=100), number)
            admission.again(str(ask), attempt=2, spent=number, ticks=100, seconds=60)
            complete(row(ask, attempt=2, charged_ticks=100), 7)
            settle(str(ask), 7, attempt=2)

    wiper = threading.Thread(target=wipe_often)
    wiper.start()
    try:
        at_once(work, times=8)
    finally:
        stop.set()
        wiper.join()
    spent = Call.objects.aggregate(sum=Sum("charged_ticks"))["sum"]
    assert (spent, admission.today()) == (8 * 15 * (7 + 7), Books(spent, 0, 0))


# Redis is away


def test_without_redis_nothing_is_admitted(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/4"
    for act in (admit, lambda: settle("a"), admission.today, lambda: admission.usage("user", 17)):
        with pytest.raises(Unavailable):
            act()
    redis._server.cache_clear()

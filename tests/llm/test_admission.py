import os
import signal
from collections import Counter
from datetime import timedelta
from itertools import chain

import pytest

from llm import admission, redis
from llm.admission import Books, Unavailable
from llm.errors import BudgetSpent, LimitReached
from llm.models import BudgetAlert
from llm.wire import TICKS
from tests import logs
from tests.llm import asks
from tests.llm.asks import DAY, HOUR, NOON, ONE_USER, admit, outcome, settle, use, used
from tests.processes import FORK, in_processes
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def later(monkeypatch, settings):
    """Let so many seconds pass."""
    return asks.begin(monkeypatch, settings)


@pytest.fixture
def shortly_before_midnight(later):
    later(12 * HOUR - 60)


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
    began = asks.now()
    for _ in range(3):
        use(**ONE_USER)
        later(600)
    with pytest.raises(LimitReached, match="hour") as refusal:
        admit(**ONE_USER)
    assert refusal.value.lifts_at - began < timedelta(hours=1, seconds=5)
    later((refusal.value.lifts_at - asks.now()).total_seconds() - 5)
    with pytest.raises(LimitReached):
        admit(**ONE_USER)
    later(5)
    admit(**ONE_USER)


def test_the_day_slides(later):
    began = asks.now()
    for _ in range(5):
        use(**ONE_USER)
        later(2 * HOUR)
    with pytest.raises(LimitReached, match="day") as refusal:
        admit(**ONE_USER)
    assert refusal.value.lifts_at - began < timedelta(days=1, seconds=5)
    later((refusal.value.lifts_at - asks.now()).total_seconds())
    admit(**ONE_USER)


def test_the_limit_that_lifts_last_is_told(later):
    use(**ONE_USER)
    use(**ONE_USER)
    later(DAY - 600)
    for _ in range(3):
        use(**ONE_USER)
    with pytest.raises(LimitReached, match="hour"):
        admit(**ONE_USER)


def test_a_lowered_limit_lifts_once_enough_uses_are_old(later, settings):
    for _ in range(3):
        use(**ONE_USER)
        later(600)
    settings.LLM_ALLOWANCES = {"user": (1, 5)}
    wait = admission.usage("user", 17).lifts_at - asks.now()
    assert timedelta(minutes=49) < wait <= timedelta(minutes=50)


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
    assert timedelta(minutes=59) < uses.lifts_at - asks.now() <= timedelta(hours=1)


def test_a_busy_site_says_when_a_slot_is_free_at_the_latest():
    for seconds in (90, 30, *[60] * 8):
        admit(seconds=seconds)
    with pytest.raises(LimitReached, match="Too many") as refusal:
        admit()
    assert timedelta(seconds=20) < refusal.value.lifts_at - asks.now() <= timedelta(seconds=30)


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
    used()  # the books are there: 200 threads need no ledger
    told = at_once(lambda: outcome(lambda: admit(**ONE_USER, ticks=ticks)), times=200)
    assert Counter(told)["admitted"] == admitted
    assert admission.today() == Books(0, admitted * ticks, admitted)
    assert used() == (admitted, admitted)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("limits", "slots", "admitted"), [((20, 100), 1000, 20), ((1000, 1000), 50, 50)])
def test_processes_share_the_limits(settings, limits, slots, admitted):
    settings.LLM_ALLOWANCES, settings.LLM_IN_FLIGHT = {"user": limits}, slots
    used()  # a connection that forks must not share
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


def test_the_alert_is_raised_once_a_day(shortly_before_midnight, later, caplog):
    for _ in range(4):
        settle(admit(ticks=25 * TICKS), 20 * TICKS)
    later(60)
    admit(ticks=90 * TICKS)
    raised = [event["usd"] for event in logs.events(caplog) if event["event"] == "llm_budget_alert"]
    assert raised == [85.0, 90.0]
    rows = BudgetAlert.objects.order_by("day").values_list("day", "ticks")
    tomorrow = NOON.date() + timedelta(days=1)
    assert list(rows) == [(NOON.date(), 85 * TICKS), (tomorrow, 90 * TICKS)]


@pytest.mark.django_db(transaction=True)
def test_the_alert_is_raised_once_by_many(caplog):
    at_once(lambda: admit(ticks=9 * TICKS), times=10)
    assert logs.names(caplog) == ["llm_budget_alert"]
    assert BudgetAlert.objects.count() == 1


# Redis is away


def test_without_redis_nothing_is_admitted(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/4"
    for act in (admit, lambda: settle("a"), admission.today, lambda: admission.usage("user", 17)):
        with pytest.raises(Unavailable):
            act()
    redis._server.cache_clear()

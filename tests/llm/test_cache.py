import os
import signal
import time
from datetime import date, datetime

import pytest

from llm import cache, redis
from llm.wire import CodeExecution, Message, WebSearch
from tests.processes import FORK, in_processes
from tests.threads import at_once

ANSWER = b'{"answer": 42}'


@pytest.fixture(autouse=True)
def purposes(settings):
    settings.LLM_PURPOSES = {"matching": 60, "drafting": 0, "trends": 60}


def asked(answer=ANSWER, *, purpose="matching", key="k", takes=0.0, lease=10, patience=10):
    """What is answered, and whether it had to be made."""
    with cache.flight(purpose, key, lease=lease, patience=patience) as flight:
        if flight.value is not None:
            return flight.value, "kept"
        time.sleep(takes)
        flight.publish(answer)
        return answer, "made"


def test_an_answer_is_made_once_and_then_kept():
    assert [asked(b"1"), asked(b"2"), asked(b"3", key="other")] == [
        (b"1", "made"),
        (b"1", "kept"),
        (b"3", "made"),
    ]


def test_a_purpose_without_time_keeps_nothing_and_waits_for_nobody():
    assert asked(b"1", purpose="drafting") == (b"1", "made")
    assert asked(b"2", purpose="drafting") == (b"2", "made")


def test_an_answer_lasts_as_long_as_its_purpose_says():
    asked()
    lasts = redis.cache().run("PTTL", "traveloure:{llm-matching}:k")
    assert 50_000 < lasts <= 60_000


@pytest.mark.parametrize(
    "answer", [b"", b"-", b"z", os.urandom(5000), b"long " * 1000, "Zürich 東京".encode()]
)
def test_what_is_published_comes_back_byte_for_byte(answer):
    asked(answer)
    assert asked() == (answer, "kept")


def test_long_answers_take_less_room():
    asked(b"Walk along the river. " * 1000)
    assert redis.cache().run("STRLEN", "traveloure:{llm-matching}:k") < 1000


def test_a_hit_is_one_round_trip(monkeypatch):
    asked()
    sent = []
    exchange = redis.Server._exchange

    def counted(*args):
        sent.append(args)
        return exchange(*args)

    monkeypatch.setattr(redis.Server, "_exchange", counted)
    assert (asked()[1], len(sent)) == ("kept", 1)


def test_many_threads_make_one_answer():
    results = at_once(lambda: asked(takes=0.1), times=30)
    assert sorted(results) == [(ANSWER, "kept")] * 29 + [(ANSWER, "made")]


def test_many_processes_make_one_answer():
    results = in_processes(lambda: asked(takes=0.1), times=6)
    assert sorted(results) == [(ANSWER, "kept")] * 5 + [(ANSWER, "made")]


def test_a_failure_is_not_kept_and_the_next_tries():
    def failing_once():
        with cache.flight("matching", "k", lease=10, patience=10) as flight:
            if flight.value is not None:
                return "kept"
            if redis.cache().run("INCR", "tries") == 1:
                time.sleep(0.1)
                raise ZeroDivisionError
            flight.publish(ANSWER)
            return "made"

    def outcome():
        try:
            return failing_once()
        except ZeroDivisionError:
            return "failed"

    assert sorted(at_once(outcome, times=10)) == ["failed", *["kept"] * 8, "made"]


def test_whoever_publishes_nothing_leaves_the_making_to_the_next():
    with cache.flight("matching", "k", lease=10, patience=10):
        pass
    assert asked() == (ANSWER, "made")


def test_a_killed_leader_is_followed_when_its_lease_ends():
    def lead_and_die():
        with cache.flight("matching", "k", lease=0.3, patience=10):
            os.kill(os.getpid(), signal.SIGKILL)

    leader = FORK.Process(target=lead_and_die)
    leader.start()
    leader.join()
    results = at_once(lambda: asked(patience=30), times=5)
    assert sorted(results) == [(ANSWER, "kept")] * 4 + [(ANSWER, "made")]


def test_the_impatient_make_their_own_and_leave_the_flight_alone():
    with cache.flight("matching", "k", lease=10, patience=10) as flight:
        assert asked(b"mine", patience=0) == (b"mine", "made")
        flight.publish(ANSWER)
    assert asked() == (ANSWER, "kept")


def test_a_forgotten_purpose_is_asked_anew_and_others_are_not():
    for purpose in ("matching", "trends"):
        asked(b"old", purpose=purpose)
    assert cache.forget("matching") is True
    assert asked(b"new", purpose="matching") == (b"new", "made")
    assert asked(b"new", purpose="trends") == (b"old", "kept")


def test_what_was_begun_before_forgetting_is_not_seen_after():
    with cache.flight("matching", "k", lease=10, patience=10) as flight:
        cache.forget("matching")
        assert asked(b"new") == (b"new", "made")
        flight.publish(b"old")
    assert asked() == (b"new", "kept")


def test_a_lost_generation_hides_what_it_may_have_hidden():
    asked(b"old")
    cache.forget("matching")
    redis.cache().run("DEL", "traveloure:{llm-matching}:generation")  # evicted
    assert asked(b"new") == (b"new", "made")


def test_a_wiped_redis_ends_no_flight_badly():
    with cache.flight("matching", "k", lease=10, patience=10) as flight:
        redis.cache().run("FLUSHALL")
        flight.publish(b"old")
    assert asked(b"new")[1] == "made"


def test_without_redis_everybody_makes_their_own(settings):
    settings.CACHE_URL = "redis://127.0.0.1:1/1"
    assert [asked(b"1"), asked(b"2")] == [(b"1", "made"), (b"2", "made")]
    assert cache.forget("matching") is False
    redis._server.cache_clear()


def test_equal_parts_have_equal_digests_whatever_their_order():
    assert cache.digest({"a": 1, "b": (1, 2)}) == cache.digest({"b": [1, 2], "a": 1})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a", "b"], ["ab"]),
        ([1], ["1"]),
        ([True], [1]),
        ([None], [""]),
        ([WebSearch()], [CodeExecution()]),
        ([WebSearch(("a.com",))], [WebSearch((), ("a.com",))]),
        ([Message("user", "a")], [Message("assistant", "a")]),
        ([date(2026, 5, 1)], ["2026-05-01"]),
        ([date(2026, 5, 1)], [datetime(2026, 5, 1)]),
    ],
)
def test_different_parts_have_different_digests(one, other):
    assert cache.digest(*one) != cache.digest(*other)


@pytest.mark.parametrize("part", [object(), float("nan"), {1, 2}])
def test_what_has_no_stable_form_is_refused(part):
    with pytest.raises((TypeError, ValueError)):
        cache.digest(part)

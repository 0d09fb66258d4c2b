from math import ceil

import pytest

from llm import circuit, redis
from llm.circuit import FAULTS, LONGEST_REST_SECONDS, PROBE_SECONDS, REST_SECONDS, WITHIN_SECONDS, Position
from llm.errors import FailureKind
from tests import logs
from tests.threads import at_once

TIMEOUT = FailureKind.TIMEOUT


@pytest.fixture
def later(monkeypatch):
    """Let so many seconds pass."""

    def pass_by(seconds):
        monkeypatch.setattr(circuit, "clock_offset_ms", circuit.clock_offset_ms + round(seconds * 1000))

    return pass_by


def fail(name="a", times=FAULTS, kind=TIMEOUT):
    for _ in range(times):
        circuit.failed(name, kind)


def rests(*names):
    return {name: ceil(seconds) for name, seconds in circuit.resting(names or ["a"]).items()}


def test_a_route_rests_after_so_many_faults_in_a_row():
    fail(times=FAULTS - 1)
    assert rests("a", "b") == {}
    fail(times=1)
    assert rests("a", "b") == {"a": REST_SECONDS}


def test_a_success_starts_the_count_anew():
    fail(times=FAULTS - 1)
    circuit.succeeded("a")
    fail(times=FAULTS - 1)
    assert rests() == {}


def test_a_success_of_another_process_counts_too(monkeypatch):
    fail(times=FAULTS - 1)
    monkeypatch.setattr(circuit, "_blemished", set())  # another process knows nothing
    circuit.resting(["a"])
    circuit.succeeded("a")
    fail(times=FAULTS - 1)
    assert rests() == {}


def test_old_faults_are_forgotten(later):
    fail(times=FAULTS - 1)
    later(WITHIN_SECONDS + 1)
    fail(times=1)
    assert rests() == {}


def test_exactly_one_probe_gets_through(later):
    fail()
    later(REST_SECONDS)
    assert at_once(lambda: bool(circuit.resting(["a"])), times=20).count(False) == 1


def test_the_probe_goes_to_whoever_will_try_the_route_first(later):
    fail("b")
    later(REST_SECONDS)
    assert list(rests("a", "b")) == ["b"]
    assert rests("b") == {}


def test_a_probe_nobody_reports_of_is_given_to_the_next(later):
    fail()
    later(REST_SECONDS)
    assert rests() == {}
    later(PROBE_SECONDS - 10)
    assert list(rests()) == ["a"]
    later(10)
    assert rests() == {}


def test_rests_double_up_to_a_cap(later):
    fail()
    seen = []
    for _ in range(8):
        seen += rests().values()
        later(seen[-1])
        assert rests() == {}
        fail(times=1)
    assert seen == [REST_SECONDS * 2**n for n in range(6)] + [LONGEST_REST_SECONDS] * 2


def test_after_a_successful_probe_all_may_ask_and_the_next_rest_is_short(later):
    fail()
    later(REST_SECONDS)
    circuit.resting(["a"])
    circuit.succeeded("a")
    assert (rests(), rests(), circuit.states()) == ({}, {}, [])
    fail()
    assert rests() == {"a": REST_SECONDS}


def test_an_answer_begun_before_the_rest_does_not_end_it():
    fail()
    circuit.succeeded("a")
    assert rests() == {"a": REST_SECONDS}


def test_a_refusing_model_shows_that_its_route_works(later):
    fail(times=FAULTS - 1)
    circuit.failed("a", FailureKind.REFUSED)
    assert circuit.states() == []


def test_a_question_given_up_passes_the_probe_on(later):
    fail()
    later(REST_SECONDS)
    assert (rests(), rests()) == ({}, {"a": PROBE_SECONDS})
    circuit.failed("a", FailureKind.CANCELLED)
    assert rests() == {}


def test_staff_see_what_routes_do_and_may_reset_them(later):
    fail("a", kind=FailureKind.BAD_KEY)
    later(REST_SECONDS)
    fail("b")
    fail("c", times=1)
    seen = [(state.name, state.position, state.faults, state.kind) for state in circuit.states()]
    assert seen == [
        ("a", Position.HALF_OPEN, FAULTS, FailureKind.BAD_KEY),
        ("b", Position.OPEN, FAULTS, TIMEOUT),
        ("c", Position.CLOSED, 1, TIMEOUT),
    ]
    circuit.reset("b")
    assert rests("b") == {}


def test_opening_and_closing_are_logged_once(later, caplog):
    caplog.set_level("INFO")
    fail(times=FAULTS + 2)
    later(REST_SECONDS)
    circuit.resting(["a"])
    circuit.succeeded("a")
    circuit.succeeded("a")
    assert logs.names(caplog) == ["llm_route_rests", "llm_route_back"]


def test_without_redis_every_route_may_be_tried(settings):
    fail()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    fail()
    circuit.succeeded("a")
    circuit.reset("a")
    assert (rests(), circuit.states()) == ({}, [])
    redis._server.cache_clear()

"""How runs end badly: in the body, in what follows it, or because somebody ends the worker."""

import pytest
import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import Group
from django.db import DatabaseError
from structlog.testing import capture_logs

from jobs.errors import LeaseLost, Permanent, Retryable
from jobs.models import Job
from tests.jobs.samples import call, fragile, store, stubborn
from tests.jobs.test_durable import expire_lease, names, raise_
from tests.worker import work

pytestmark = pytest.mark.django_db
State = Job.State


def overtaken(job, then):
    """A body that comes back after another run has begun, and then ends in its own way."""

    def deed(task):
        expire_lease(job)
        Job.objects.claim(job.pk)
        then(task)

    return deed


def test_an_error_after_the_outcome_is_stored_takes_nothing_back(body):
    def stumble(task):
        with task.finishing():
            Group.objects.create(name="a")
        raise ValueError("while tidying up")

    body("a", stumble)
    job = call.enqueue(name="a")
    with pytest.raises(ValueError, match="tidying"):
        work(job)
    job.refresh_from_db()
    assert (names(), job.state, job.last_error) == (["a"], State.DONE, "")


def test_there_is_one_outcome(body):
    def twice(task):
        for name in ("first", "second"):
            with task.finishing():
                Group.objects.create(name=name)

    body("a", twice)
    work(call.enqueue(name="a"))
    assert names() == ["first"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_a_worker_that_is_told_to_stop_leaves_the_job_to_the_next(body, end):
    body("a", raise_(end()))
    job = call.enqueue(name="a")
    with pytest.raises(end):
        work(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == (State.RUNNING, 1, "")


def test_a_run_that_takes_too_long_is_a_failed_attempt(body):
    body("a", raise_(SoftTimeLimitExceeded()))
    job = call.enqueue(name="a")
    with pytest.raises(SoftTimeLimitExceeded):
        work(job)
    job.refresh_from_db()
    assert (job.state, job.last_error) == (State.QUEUED, "SoftTimeLimitExceeded: SoftTimeLimitExceeded()")


@pytest.mark.parametrize(
    ("message", "stored"),
    [
        ("caf\udce9", "ValueError: caf?"),  # as the names of files and answers of servers come
        ("x" * 5000, "ValueError: " + "x" * 1988),
        ("", "ValueError: "),
    ],
)
def test_whatever_an_error_says_can_be_stored(body, message, stored):
    body("a", raise_(ValueError(message)))
    job = call.enqueue(name="a")
    with pytest.raises(ValueError):
        work(job)
    job.refresh_from_db()
    assert (job.state, job.last_error) == (State.QUEUED, stored)


def test_being_busy_uses_attempts_up_as_well(body):
    body("a", raise_(Retryable("busy", delay=0)))
    job = fragile.enqueue(name="a")
    with pytest.raises(Retryable):
        work(job)
    job.refresh_from_db()
    assert (job.state, names()) == (State.DEAD, ["a failed"])


def test_work_that_may_be_tried_at_once_is(body):
    body("a", raise_(Retryable("busy", delay=0)))
    job = call.enqueue(name="a")
    with pytest.raises(Retryable):
        work(job)
    body("a", lambda task: None)
    work(job)
    assert (job.state, job.attempts) == (State.DONE, 2)


@pytest.mark.parametrize("error", [Permanent("never"), ValueError("odd")])
def test_a_run_that_lost_its_lease_kills_nothing(body, error):
    job = fragile.enqueue(name="a")
    Job.objects.update(max_attempts=2)
    body("a", overtaken(job, raise_(error)))
    with pytest.raises(type(error)):
        work(job)
    job.refresh_from_db()
    assert (job.state, job.fence, job.last_error, names()) == (State.RUNNING, 2, "", [])


def test_a_lost_lease_is_no_error(body):
    job = call.enqueue(name="a")
    body("a", overtaken(job, raise_(LeaseLost("mine no more"))))
    with capture_logs() as logs:
        work(job)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("job_lease_lost", "info")]


def test_when_the_domain_cannot_say_so_either_both_errors_are_told():
    with pytest.raises(LookupError) as raised:
        work(stubborn.enqueue(name="a"))
    assert isinstance(raised.value.__context__, ValueError)


def test_a_failure_that_cannot_be_stored_is_logged_and_left_to_the_sweeper(body, monkeypatch):
    monkeypatch.setattr(Job, "retry_later", lambda *_, **__: raise_(DatabaseError("disk full"))(None))
    body("a", raise_(ValueError("odd")))
    job = call.enqueue(name="a")
    with capture_logs() as logs, pytest.raises(ValueError, match="odd"):
        work(job)
    job.refresh_from_db()
    assert (job.state, logs[-1]["event"], logs[-1]["error"]) == (
        State.RUNNING,
        "job_failure_not_stored",
        "disk full",
    )


def test_a_message_of_a_job_that_is_gone_does_nothing():
    job = store.enqueue(name="a")
    Job.objects.all().delete()
    store(job.pk)
    assert names() == []


def test_what_a_run_logged_under_does_not_stick_to_the_next(body):
    body("a", raise_(ValueError("odd")))
    with pytest.raises(ValueError):
        work(call.enqueue(name="a"))
    assert structlog.contextvars.get_contextvars().keys().isdisjoint({"job", "attempt", "request_id"})

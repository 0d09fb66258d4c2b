import json
import os
from datetime import timedelta

import pytest
import redis
import structlog
from celery import current_app
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from jobs.durable import DurableTask, _back_off
from jobs.errors import LeaseLost, Permanent, Retryable
from jobs.models import Job
from tests.jobs.samples import call, fragile, store, stubborn
from tests.worker import run_jobs, work

pytestmark = pytest.mark.django_db
State = Job.State


def messages(queue="default"):
    """The arguments of the messages that wait."""
    waiting = redis.Redis.from_url(os.environ["REDIS_URL"]).lrange(queue, 0, -1)
    headers = [json.loads(message)["headers"] for message in waiting]
    return [(header["task"], header["argsrepr"], header["kwargsrepr"]) for header in headers]


def expire_lease(job):
    Job.objects.filter(pk=job.pk).update(lease_expires_at=Now(), publish_after=Now())


def names():
    """Of the samples' groups: roles are groups too, but may do something."""
    return sorted(Group.objects.filter(permissions=None).values_list("name", flat=True))


# Asking


def test_a_message_goes_out_on_commit_and_carries_the_id_alone(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = store.enqueue(name="a")
        assert messages() == []
    assert messages() == [("tests.jobs.samples.store", f"[{job.pk}]", "{}")]


@pytest.mark.django_db(transaction=True)
def test_a_request_that_rolls_back_leaves_neither_job_nor_message():
    with transaction.atomic():
        store.enqueue(name="a")
        transaction.set_rollback(True)
    assert (Job.objects.count(), messages()) == (0, [])


def test_asking_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        store.enqueue(name="a")


def test_a_job_goes_to_the_queue_of_its_task(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        stubborn.enqueue(name="a")
    assert (len(messages("mail")), len(messages("default"))) == (1, 0)


def test_the_same_unique_key_is_the_same_job_until_it_is_done():
    first = store.enqueue(name="a", unique_key="1")
    assert store.enqueue(name="b", unique_key="1") == first
    work(first)
    again = store.enqueue(name="c", unique_key="1")
    assert (again == first, again.args) == (False, {"name": "c"})


def test_two_kinds_of_work_may_use_the_same_key():
    assert store.enqueue(name="a", unique_key="1") != call.enqueue(name="a", unique_key="1")


@pytest.mark.parametrize("arguments", [{}, {"name": "a", "other": 1}, {"self": 1, "name": "a"}])
def test_wrong_arguments_are_refused_where_they_are_written(arguments):
    with pytest.raises(TypeError):
        store.enqueue(**arguments)
    assert Job.objects.count() == 0


def test_celerys_own_ways_to_call_are_closed():
    with pytest.raises(TypeError, match="enqueue"):
        store.delay("a")


def test_a_delayed_job_has_no_message_and_does_not_run_yet(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = store.enqueue(name="a", delay=60)
    work(job)
    assert (messages(), job.state, job.publish_after) == ([], State.QUEUED, job.run_after)


# Running


def test_a_run_stores_its_outcome_and_its_end():
    job = store.enqueue(name="a")
    work(job)
    assert (names(), job.state, job.attempts, job.last_error) == (["a"], State.DONE, 1, "")


def test_claim_and_finish_cost_one_statement_each(django_assert_num_queries):
    job = store.enqueue(name="a")
    with django_assert_num_queries(5):  # claim, savepoint, finish, the group, release
        current_app.tasks[job.kind](job.pk)


def test_a_body_that_stores_nothing_is_finished_for_it(body):
    body("a", lambda task: None)
    job = call.enqueue(name="a")
    work(job)
    assert job.state == State.DONE


def test_a_second_message_finds_nothing_to_do():
    job = store.enqueue(name="a")
    work(job)
    work(job)
    assert (names(), job.attempts) == (["a"], 1)


def test_a_running_job_is_nobody_elses_until_its_lease_expires():
    job = store.enqueue(name="a")
    assert Job.objects.claim(job.pk) is not None
    assert Job.objects.claim(job.pk) is None
    expire_lease(job)
    assert Job.objects.claim(job.pk) is not None
    job.refresh_from_db()
    assert (job.fence, job.attempts) == (2, 2)


def test_a_job_without_attempts_left_is_never_claimed():
    job = fragile.enqueue(name="a")
    Job.objects.claim(job.pk)
    expire_lease(job)
    assert Job.objects.claim(job.pk) is None


def test_a_run_that_lost_its_lease_stores_nothing(body):
    job = call.enqueue(name="a")

    def overtaken(task):
        expire_lease(job)
        Job.objects.claim(job.pk)
        with task.finishing():
            Group.objects.create(name="a")

    body("a", overtaken)
    work(job)
    assert (names(), job.state, job.fence) == ([], State.RUNNING, 2)


def test_an_expired_lease_that_nobody_took_still_finishes(body):
    job = call.enqueue(name="a")
    body("a", lambda task: expire_lease(job))
    work(job)
    assert job.state == State.DONE


def test_an_error_while_finishing_stores_neither_outcome_nor_end(body):
    def half(task):
        with task.finishing():
            Group.objects.create(name="a")
            raise ValueError("half way")

    body("a", half)
    job = call.enqueue(name="a")
    with pytest.raises(ValueError, match="half way"):
        work(job)
    job.refresh_from_db()
    assert (names(), job.state, job.last_error) == ([], State.QUEUED, "ValueError: half way")


def test_long_work_gets_a_whole_lease_more(body):
    job = call.enqueue(name="a")

    def extend(task):
        Job.objects.filter(pk=job.pk).update(lease_expires_at=Now())
        task.extend_lease()
        assert Job.objects.claim(job.pk) is None

    body("a", extend)
    work(job)
    assert job.state == State.DONE


def test_a_lease_that_is_lost_is_not_extended(body):
    job = call.enqueue(name="a")

    def overtaken(task):
        expire_lease(job)
        Job.objects.claim(job.pk)
        with pytest.raises(LeaseLost):
            task.extend_lease()

    body("a", overtaken)
    work(job)
    assert job.state == State.RUNNING


def test_the_request_id_follows_the_work(body):
    seen = []
    body("a", lambda task: seen.append(structlog.contextvars.get_contextvars()["request_id"]))
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        call.enqueue(name="a")
    run_jobs()
    assert seen == ["r-1"]


# Failing


def raise_(error):
    def deed(task):
        raise error

    return deed


def failed(task, error, body):
    """A job of this task after one attempt that ended with this error."""
    body("a", raise_(error))
    job = task.enqueue(name="a")
    with pytest.raises(type(error)):
        work(job)
    job.refresh_from_db()
    return job


def test_an_error_is_kept_and_the_work_tried_again_later(body):
    job = failed(call, ValueError("odd"), body)
    assert (job.state, job.attempts, job.last_error) == (State.QUEUED, 1, "ValueError: odd")
    assert job.publish_after == job.run_after > job.started_at


def test_a_retryable_error_says_when(body):
    job = failed(call, Retryable("busy", delay=3600), body)
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXTRACT(hour FROM run_after - started_at) FROM jobs_job")
        assert cursor.fetchone() == (1,)
    assert job.state == State.QUEUED


def test_a_permanent_error_is_a_dead_letter_at_once(body):
    job = failed(call, Permanent("no such trip"), body)
    assert (job.state, job.attempts, job.last_error) == (State.DEAD, 1, "Permanent: no such trip")


def test_the_last_attempt_ends_as_a_dead_letter_and_the_domain_says_so(body):
    job = failed(fragile, ValueError("odd"), body)
    assert (job.state, names()) == (State.DEAD, ["a failed"])


def test_a_job_is_not_dead_while_its_domain_does_not_say_so():
    job = stubborn.enqueue(name="a")
    with pytest.raises(LookupError):
        work(job)
    job.refresh_from_db()
    assert job.state == State.RUNNING


def test_an_error_with_a_null_byte_can_be_stored(body):
    assert failed(call, ValueError("a\0b"), body).last_error == "ValueError: ab"


@pytest.mark.parametrize(("attempts", "low", "high"), [(1, 2.5, 7.5), (3, 10, 30), (60, 300, 900)])
def test_each_failure_waits_longer_and_no_two_alike(attempts, low, high):
    waits = [_back_off(Job(attempts=attempts), ValueError()).total_seconds() for _ in range(50)]
    assert low <= min(waits) < max(waits) <= high


def test_trouble_of_the_database_is_not_held_against_the_job():
    assert _back_off(Job(attempts=4), OperationalError()) < timedelta(seconds=8)


def test_a_worker_without_a_database_pauses_and_leaves_the_job_alone(monkeypatch):
    def away(jobs, pk):
        raise OperationalError("the server is starting up")

    pauses: list[float] = []
    monkeypatch.setattr("jobs.models.JobQuerySet.claim", away)
    monkeypatch.setattr("jobs.durable.time.sleep", pauses.append)
    job = store.enqueue(name="a")
    work(job)
    assert (pauses, job.state, job.attempts) == ([1.0], State.QUEUED, 0)


@pytest.mark.django_db(transaction=True)
def test_an_outcome_is_not_stored_inside_another_transaction(body):
    """It would say that it is done before it is."""

    def nested(task):
        with transaction.atomic(), task.finishing():
            pass

    body("a", nested)
    job = call.enqueue(name="a")
    with pytest.raises(RuntimeError, match="durable"):
        work(job)
    job.refresh_from_db()
    assert job.state == State.QUEUED


# Declaring


def declared(**options) -> type[DurableTask]:
    """What `shared_task` makes of these options."""
    return type("slow", (DurableTask,), options)


@pytest.mark.parametrize(
    "limits",
    [
        {"lease": 10, "time_limit": 10},
        {"lease": 60, "time_limit": 30, "soft_time_limit": 30},
        {"lease": 10, "time_limit": 60, "soft_time_limit": 70, "extends_lease": True},
    ],
)
def test_a_time_limit_that_outlives_the_lease_is_refused(limits):
    with pytest.raises(ImproperlyConfigured, match="lease"):
        declared(**limits)


def test_limits_follow_the_lease():
    task = declared(lease=100)
    assert (task.soft_time_limit, task.time_limit, task.lease) == (80, 90, 100)


def test_work_that_extends_its_lease_may_take_longer_than_one():
    assert declared(lease=30, time_limit=300, soft_time_limit=280, extends_lease=True).time_limit == 300

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.db.models.functions import Now
from structlog.testing import capture_logs

from jobs import tasks
from jobs.models import Job
from tests.jobs.samples import call, fragile, store, stubborn
from tests.jobs.test_durable import expire_lease, messages
from tests.worker import work

pytestmark = pytest.mark.django_db
State = Job.State


def make_due(*jobs):
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(publish_after=Now())


def lost_run(task, name="a"):
    """A job whose worker died in the middle of a run, a lease ago."""
    job = task.enqueue(name=name)
    Job.objects.claim(job.pk)
    expire_lease(job)
    return job


def sent_ids(queue="default"):
    return [int(arguments.strip("[]")) for _, arguments, _ in reversed(messages(queue))]


def test_what_was_published_a_moment_ago_is_left_alone():
    store.enqueue(name="a")
    tasks.sweep()
    assert messages() == []


def test_a_lost_message_is_sent_again_a_lease_later_and_once():
    job = store.enqueue(name="a")
    make_due(job)
    tasks.sweep()
    tasks.sweep()
    assert sent_ids() == [job.pk]


def test_an_interrupted_run_is_taken_up_again():
    job = lost_run(store)
    tasks.sweep()
    assert sent_ids() == [job.pk]
    work(job)
    assert (job.state, job.attempts, job.fence) == (State.DONE, 2, 2)


def test_a_failed_attempt_is_sent_when_its_back_off_is_over():
    job = call.enqueue(name="nothing is there")
    with pytest.raises(KeyError):
        work(job)
    tasks.sweep()
    assert sent_ids() == []
    Job.objects.update(run_after=Now(), publish_after=Now())
    tasks.sweep()
    assert sent_ids() == [job.pk]


def test_the_oldest_jobs_go_first_and_only_until_the_queue_is_full(monkeypatch):
    monkeypatch.setattr(tasks, "QUEUE_FULL", 3)
    jobs = [store.enqueue(name=str(number)) for number in range(5)]
    make_due(*jobs)
    tasks.sweep()
    assert sent_ids() == [job.pk for job in jobs[:3]]
    make_due(*jobs)
    tasks.sweep()
    assert len(sent_ids()) == 3


def test_a_full_queue_does_not_stop_another(monkeypatch):
    monkeypatch.setattr(tasks, "QUEUE_FULL", 1)
    jobs = [store.enqueue(name="a"), store.enqueue(name="b"), stubborn.enqueue(name="c")]
    make_due(*jobs)
    tasks.sweep()
    assert (len(sent_ids("default")), len(sent_ids("mail"))) == (1, 1)


def test_finished_work_is_never_sent():
    job = store.enqueue(name="a")
    work(job)
    make_due(job)
    tasks.sweep()
    assert messages() == []


def test_a_last_attempt_that_was_lost_is_a_dead_letter_and_the_domain_says_so():
    job = lost_run(fragile)
    tasks.sweep()
    job.refresh_from_db()
    assert (job.state, messages(), Group.objects.filter(name="a failed").count()) == (State.DEAD, [], 1)
    assert "1 attempts" in job.last_error


def test_one_domain_that_cannot_say_so_does_not_keep_the_others():
    stuck, job = lost_run(stubborn), lost_run(fragile)
    tasks.sweep()
    states = dict(Job.objects.values_list("pk", "state"))
    assert states == {stuck.pk: State.RUNNING, job.pk: State.DEAD}


def test_those_that_cannot_die_do_not_stand_before_the_others(monkeypatch):
    monkeypatch.setattr(tasks, "DEATHS_AT_ONCE", 1)
    lost_run(stubborn)
    job = lost_run(fragile)
    tasks.sweep()
    tasks.sweep()
    job.refresh_from_db()
    assert job.state == State.DEAD


def test_what_could_not_die_is_logged_with_its_reason_and_tried_again_a_lease_later():
    stuck = lost_run(stubborn)
    with capture_logs() as logs:
        tasks.sweep()
        tasks.sweep()
    [line] = [entry for entry in logs if entry["event"] == "job_not_buried"]
    assert (line["job"], repr(line["exc_info"])) == (stuck.pk, "LookupError('a')")
    assert not Job.objects.due().exists()


def test_a_dead_letter_is_told_to_the_log_once():
    job = lost_run(fragile)
    with capture_logs() as logs:
        tasks.sweep()
        tasks.sweep()
    assert [(line["event"], line["job"]) for line in logs] == [("job_dead", job.pk)]


def test_a_job_of_a_task_that_is_gone_can_die():
    job = lost_run(fragile)
    Job.objects.update(kind="removed.long.ago")
    tasks.sweep()
    job.refresh_from_db()
    assert job.state == State.DEAD


@pytest.mark.django_db(transaction=True)
def test_a_second_sweeper_finds_nothing_to_do():
    make_due(store.enqueue(name="a"))
    before = len(messages())
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [tasks.SWEEPER_LOCK])
        tasks.sweep()
    other.close()
    assert len(messages()) == before


@pytest.mark.parametrize("count", [1, 3])
def test_a_sweep_costs_the_same_queries_however_much_is_due(count, django_assert_num_queries):
    make_due(*[store.enqueue(name=str(number)) for number in range(count)])
    with django_assert_num_queries(10):
        tasks.sweep()
    assert len(messages()) == count


def test_done_work_is_deleted_after_two_weeks_and_dead_letters_stay():
    done, fresh, dead = (store.enqueue(name=name) for name in "abc")
    work(done)
    work(fresh)
    old = {"finished_at": Now() - timedelta(days=15)}
    Job.objects.filter(pk=done.pk).update(**old)
    Job.objects.filter(pk=dead.pk).update(state=State.DEAD, **old)
    tasks.delete_done()
    assert sorted(Job.objects.values_list("pk", flat=True)) == [fresh.pk, dead.pk]


def test_old_work_is_deleted_in_portions(monkeypatch):
    monkeypatch.setattr(tasks, "DELETE_AT_ONCE", 2)
    for name in "abc":
        work(store.enqueue(name=name))
    Job.objects.update(finished_at=Now() - timedelta(days=15))
    tasks.delete_done()
    assert Job.objects.count() == 1

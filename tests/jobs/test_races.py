"""Two at once, each with a connection of its own: who wins, who waits, and what is left."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.functions import Now

from accounts import audit
from accounts.errors import DomainError
from config.local.paths import within
from jobs import effects, services, tasks
from jobs.errors import OutcomeUnknown
from jobs.models import Effect, Job
from tests.factories import make_user
from tests.jobs.samples import call, fragile, store
from tests.jobs.test_durable import expire_lease
from tests.jobs.test_sweep import lost_run, make_due, sent_ids
from tests.threads import another_thread, at_once, somebody_waits
from tests.worker import work

pytestmark = pytest.mark.django_db(transaction=True)
State = Job.State


@pytest.fixture
def elsewhere():
    with another_thread() as start:
        yield start


def refused(act):
    try:
        act()
    except DomainError:
        return True
    return False


def test_a_run_that_is_just_storing_its_outcome_keeps_the_job_although_its_lease_is_over(body, elsewhere):
    job = call.enqueue(name="a")
    others = []

    def store_slowly(task):
        expire_lease(job)
        with task.finishing():
            others.append(elsewhere(lambda: Job.objects.claim(job.pk)))
            assert within(30, somebody_waits)
            Group.objects.create(name="a")

    body("a", store_slowly)
    work(job)
    assert (others[0].result(), job.state, job.fence) == (None, State.DONE, 1)


def test_if_it_fails_there_the_other_one_takes_over(body, elsewhere):
    job = call.enqueue(name="a")
    others = []

    def fail_while_storing(task):
        expire_lease(job)
        try:
            with task.finishing():
                others.append(elsewhere(lambda: Job.objects.claim(job.pk)))
                assert within(30, somebody_waits)
                raise ValueError("half way")
        finally:
            # Or this run may be first to note its failure, and the other one finds a job that is not due yet.
            others[0].result(5)

    body("a", fail_while_storing)
    with pytest.raises(ValueError):
        work(job)
    job.refresh_from_db()
    assert (others[0].result().fence, job.state, job.last_error) == (2, State.RUNNING, "")


def test_of_many_workers_one_takes_over_an_interrupted_run():
    job = lost_run(store)
    claimed = [claim.fence for claim in at_once(lambda: Job.objects.claim(job.pk)) if claim]
    assert claimed == [2]


def test_of_many_workers_none_gets_one_attempt_more_than_allowed():
    job = store.enqueue(name="a")
    Job.objects.update(max_attempts=1)
    at_once(lambda: Job.objects.claim(job.pk))
    expire_lease(job)
    assert at_once(lambda: Job.objects.claim(job.pk)) == [None] * 5


def test_a_sweep_passes_by_what_is_being_moved(elsewhere):
    """It neither waits for it nor sends it."""
    held, free = store.enqueue(name="a"), store.enqueue(name="b")
    before = len(sent_ids())
    make_due(held, free)
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=held.pk)
        elsewhere(tasks.sweep).result(10)
    assert sent_ids()[before:] == [free.pk]


def test_many_sweepers_at_once_send_each_job_once():
    jobs = [store.enqueue(name=str(number)) for number in range(4)]
    before = len(sent_ids())
    make_due(*jobs)
    at_once(tasks.sweep)
    assert sent_ids()[before:] == [job.pk for job in jobs]


def test_a_last_run_that_finishes_while_the_sweeper_buries_it_lives(body, elsewhere):
    job = fragile.enqueue(name="a")
    funerals = []

    def finish_late(task):
        expire_lease(job)
        lost = Job.objects.get(pk=job.pk)
        with task.finishing():
            funerals.append(elsewhere(lambda: tasks._bury(lost)))
            assert within(30, somebody_waits)

    body("a", finish_late)
    work(job)
    funerals[0].result()
    job.refresh_from_db()
    assert (job.state, Group.objects.filter(name="a failed").exists()) == (State.DONE, False)


def test_a_dead_letter_that_two_people_replay_starts_again_once():
    job = lost_run(fragile)
    tasks.sweep()
    staff = make_user()
    answers = at_once(lambda: refused(lambda: services.replay(Job.objects.get(pk=job.pk), by=staff)))
    assert (answers.count(False), audit.history(job).count()) == (1, 1)


def test_a_mail_that_two_runs_want_goes_out_once_and_the_dead_letter_can_be_replayed(body):
    """The first run is so slow that its lease ends while it sends."""
    sent, job = [], call.enqueue(name="a")

    def send_slowly():
        expire_lease(job)
        with pytest.raises(OutcomeUnknown):
            call(job.pk)  # the second run
        sent.append("mail")

    body("a", lambda task: effects.once("mail:1", send_slowly))
    work(job)
    assert (job.state, Effect.objects.get().state) == (State.DEAD, Effect.State.DONE)
    services.replay(job, by=make_user())
    work(job)
    assert (job.state, sent) == (State.DONE, ["mail"])


def test_an_effect_that_two_people_set_free_is_tried_once_more():
    effect, staff = Effect.objects.create(key="mail:1", state="unknown"), make_user()
    answers = at_once(lambda: refused(lambda: effects.allow_another_try(effect, by=staff)))
    assert (answers.count(False), audit.history(effect).count()) == (1, 1)


def test_a_replay_and_new_work_of_the_same_key_never_run_side_by_side():
    job = fragile.enqueue(name="a", unique_key="1")
    Job.objects.update(state=State.DEAD, finished_at=Now())
    staff = make_user()
    deeds = [lambda: services.replay(job, by=staff), lambda: fragile.enqueue(name="a", unique_key="1")]
    at_once(lambda: refused(deeds.pop()), times=2)
    assert Job.objects.unfinished().filter(unique_key="1").count() == 1

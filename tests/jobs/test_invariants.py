"""Rules that hold whoever writes to the tables, and settings that must agree with the code."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.schedules import crontab
from django.conf import settings
from django.db import IntegrityError
from django.db.models.functions import Now

from jobs.models import Effect, Job
from tests.jobs.samples import store
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("job_finished_at_the_end", {"state": "lost", "finished_at": Now()}),
        ("job_attempts", {"attempts": 5}),
        ("job_attempts", {"max_attempts": 0}),
        ("job_lease", {"lease": timedelta(0)}),
        ("job_lease_only_while_running", {"state": "running"}),
        ("job_lease_only_while_running", {"lease_expires_at": Now()}),
        ("job_finished_at_the_end", {"state": "done"}),
        ("job_finished_at_the_end", {"finished_at": Now()}),
    ],
)
def test_a_job_cannot_contradict_itself(constraint, values):
    store.enqueue(name="a")
    with pytest.raises(IntegrityError, match=constraint):
        Job.objects.update(**values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("effect_state", {"state": "lost"}),
        ("effect_done_at", {"state": "done"}),
        ("effect_done_at", {"done_at": Now()}),
    ],
)
def test_an_effect_cannot_contradict_itself(constraint, values):
    Effect.objects.create(key="mail:1")
    with pytest.raises(IntegrityError, match=constraint):
        Effect.objects.update(**values)


def test_an_effect_key_exists_once():
    Effect.objects.create(key="mail:1")
    with pytest.raises(IntegrityError, match="unique"):
        Effect.objects.create(key="mail:1")


def test_the_same_unique_key_cannot_be_queued_twice():
    store.enqueue(name="a", unique_key="1")
    other = store.enqueue(name="b", unique_key="2")
    with pytest.raises(IntegrityError, match="job_unique_while_unfinished"):
        Job.objects.filter(pk=other.pk).update(unique_key="1")


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_with_the_same_message_one_gets_the_job():
    job = store.enqueue(name="a")
    claimed = at_once(lambda: Job.objects.claim(job.pk))
    assert sorted(job is None for job in claimed) == [False, True, True, True, True]


@pytest.mark.django_db(transaction=True)
def test_many_requests_for_the_same_work_share_one_job():
    jobs = at_once(lambda: store.enqueue(name="a", unique_key="1"))
    assert {job.pk for job in jobs} == {Job.objects.get().pk}


BEAT: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE


@pytest.mark.parametrize("entry", BEAT.values(), ids=list(BEAT))
def test_what_beat_starts_exists_and_its_queue_is_read(entry):
    current_app.loader.import_default_modules()  # as a worker does at its start
    assert entry["task"] in current_app.tasks
    assert entry["options"]["queue"] in {queue.name for queue in settings.CELERY_TASK_QUEUES}


@pytest.mark.parametrize("entry", BEAT.values(), ids=list(BEAT))
def test_messages_of_beat_do_not_pile_up_while_no_worker_lives(entry):
    nightly = isinstance(entry["schedule"], crontab)
    assert entry["options"]["expire_seconds"] < 5 * (24 * 3600 if nightly else entry["schedule"])

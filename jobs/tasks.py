"""The sweeper and the broom. Beat starts them (config/settings.py); a message of theirs that is lost is no matter."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.db import connection, transaction
from django.db.models.functions import Now

from jobs import broker, services
from jobs.errors import BrokerDown, LeaseLost, failure_of
from jobs.models import Job, JobQuerySet

log = structlog.get_logger(__name__)

SWEEPER_LOCK = 0x6A6F6273  # "jobs"
# The sweeper fills a queue up to this many messages: enough to keep every worker busy until it comes again, and
# whatever piles up in Postgres, it can never flood the broker.
QUEUE_FULL = 500
DEATHS_AT_ONCE = 100
KEEP_DONE = timedelta(days=14)
DELETE_AT_ONCE = 10_000


@shared_task
def sweep() -> None:
    """Give up what used its attempts, and send a new message for what has none on its way any more."""
    for job in _take(Job.objects.due().exhausted(), DEATHS_AT_ONCE):
        _bury(job)
    for queue in Job.objects.due().values_list("queue", flat=True).distinct():
        due = Job.objects.due().with_attempts_left().filter(queue=queue)
        if (room := _room(queue)) and (jobs := _take(due, room)):
            log.info("jobs_sent_again", queue=queue, jobs=len(jobs))
            services.publish(jobs)


@shared_task
def delete_done() -> None:
    old = Job.objects.filter(state=Job.State.DONE, finished_at__lt=Now() - KEEP_DONE)
    Job.objects.filter(pk__in=old.order_by("finished_at").values("pk")[:DELETE_AT_ONCE]).delete()


@transaction.atomic
def _take(jobs: JobQuerySet, limit: int) -> list[Job]:
    """One sweeper at a time takes jobs; another one finds nothing to do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEPER_LOCK])
        (alone,) = cursor.fetchone()
    return jobs.take(limit) if alone else []


def _bury(job: Job) -> None:
    """One broken `on_dead` must not keep the others alive; its job is tried again in a lease."""
    error = f"No outcome after {job.attempts} attempts: the last run was lost with its worker."
    failure = failure_of(lambda: services.bury(job, error))
    if failure and not isinstance(failure, LeaseLost):  # lost: its last run finished after all
        log.error("job_not_buried", job=job.pk, kind=job.kind, exc_info=failure)


def _room(queue: str) -> int:
    try:
        with broker.connected() as producer:
            return max(QUEUE_FULL - broker.depth(producer, queue), 0)
    except BrokerDown:
        return 0

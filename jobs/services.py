"""What a job moves beside its own row: messages, the domain's row, the audit trail."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from jobs import broker
from jobs.errors import BrokerDown
from jobs.models import Job

log = structlog.get_logger(__name__)


def enqueue(
    *,
    kind: str,
    args: dict[str, Any],
    queue: str,
    lease: timedelta,
    max_attempts: int,
    unique_key: str = "",
    delay: timedelta = timedelta(0),
) -> Job:
    """Store a job with the caller's transaction. Its message follows on commit, or by the sweeper when delayed.

    While a job of this kind with the same unique key is unfinished, that one is returned instead.
    """
    fields = _fields(args, queue, lease, max_attempts, delay)
    if unique_key:
        unfinished = Job.objects.unfinished()
        job, created = unfinished.get_or_create(kind=kind, unique_key=unique_key, defaults=fields)
    else:
        job, created = Job.objects.create(kind=kind, **fields), True
    if created and not delay:
        transaction.on_commit(partial(publish, [job]))
    return job


def enqueue_new(
    *,
    kind: str,
    queue: str,
    lease: timedelta,
    max_attempts: int,
    jobs: Sequence[tuple[str, timedelta, dict[str, Any]]],
) -> list[Job]:
    """The same for many in one statement: unique key, delay and arguments of each.

    For keys that nobody can have used yet, such as numbers of rows that this transaction makes; IntegrityError.
    """
    made = Job.objects.bulk_create(
        Job(kind=kind, unique_key=key, **_fields(args, queue, lease, max_attempts, delay))
        for key, delay, args in jobs
    )
    if at_once := [job for job, (_key, delay, _args) in zip(made, jobs, strict=True) if not delay]:
        transaction.on_commit(partial(publish, at_once))
    return made


def _fields(
    args: dict[str, Any], queue: str, lease: timedelta, max_attempts: int, delay: timedelta
) -> dict[str, Any]:
    return {
        "args": args,
        "queue": queue,
        "lease": lease,
        "max_attempts": max_attempts,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
        "run_after": Now() + delay,
        "publish_after": Now() + (delay or lease),
    }


def publish(jobs: Sequence[Job]) -> None:
    """Send a message for each job as long as the broker takes them; the next sweep sends the rest."""
    sent = 0
    try:
        with broker.connected() as producer:
            for job in jobs:
                broker.send(producer, job)
                sent += 1
    except BrokerDown:
        Job.objects.publish_now(jobs[sent:])


@transaction.atomic
def bury(job: Job, error: str) -> None:
    """Make it a dead letter, and let its task's `on_dead` tell the domain's row: both or neither."""
    job.give_up(error)
    log.error("job_dead", job=job.pk, kind=job.kind, error=error)
    task = current_app.tasks.get(job.kind)
    if on_dead := getattr(type(task), "on_dead", None):
        on_dead(**job.args)


@transaction.atomic
def replay(job: Job, *, by: User) -> None:
    """Give a dead letter a fresh set of attempts. DomainError: it isn't dead, or the same work is under way."""
    try:
        with transaction.atomic():
            job.revive()
    except IntegrityError as error:
        raise DomainError(_("The same work is already under way in another job.")) from error
    audit.record(action="job.replay", target=job, by=by, kind=job.kind, error=job.last_error)
    transaction.on_commit(partial(publish, [job]))

"""Tasks that survive: what `jobs/__init__.py` shows from the outside."""

import inspect
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, ClassVar, NoReturn

import structlog
from celery import Task
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from jobs import services
from jobs.errors import LeaseLost, Permanent, Retryable, failure_of, text_of
from jobs.models import Job

log = structlog.get_logger(__name__)

FIRST_BACK_OFF = 5.0
LONGEST_BACK_OFF = 600.0
DATABASE_TROUBLE = (OperationalError, InterfaceError)
DATABASE_PAUSE = 1.0

_running: ContextVar[Job] = ContextVar("running_job")


class DurableTask(Task):
    """A Celery task whose every call is a Job row.

    `lease` seconds without a finish or an extension, and another worker starts over. The time limits stay below it,
    so that a hanging run is dead before its work begins anew; a task that calls `extend_lease` in time may set
    `extends_lease=True` and higher limits. `on_dead(**args)` runs in the transaction that gives a job up.
    """

    abstract = True
    typing = False  # the message carries the job's id, whatever the body takes
    throws = (Retryable, Permanent)
    queue: str | None = None
    job_queue: ClassVar[str | None] = None
    lease: ClassVar[int] = 20
    max_attempts: ClassVar[int] = 5
    extends_lease: ClassVar[bool] = False
    on_dead: ClassVar[Callable[..., None] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if (
            "queue" in cls.__dict__
        ):  # the job row routes; Celery deprecates the attribute and warns at every start
            cls.job_queue = cls.queue
            del cls.queue
        cls.time_limit = cls.time_limit or cls.lease * 9 // 10
        cls.soft_time_limit = cls.soft_time_limit or cls.lease * 8 // 10
        if not (cls.soft_time_limit < cls.time_limit and (cls.time_limit < cls.lease or cls.extends_lease)):
            raise ImproperlyConfigured(
                f"{cls.__name__}: soft_time_limit={cls.soft_time_limit} < time_limit={cls.time_limit}"
                f" < lease={cls.lease} must hold. Raise the lease, or extend it and say extends_lease=True."
            )

    def enqueue(self, *, unique_key: str = "", delay: float = 0, **args: Any) -> Job:
        """Ask for the work, in `delay` seconds, within the caller's transaction. TypeError: not the body's arguments.

        A unique key that is still queued or running answers with that job. What the running one has read already
        it will not read again, so a key names the version of its work.
        """
        inspect.signature(self.run).bind(**args)
        return services.enqueue(
            args=args, unique_key=unique_key, delay=timedelta(seconds=delay), **self._standing()
        )

    def enqueue_new(self, jobs: Sequence[tuple[str, float, dict[str, Any]]]) -> list[Job]:
        """Ask for many at once: unique key, delay and arguments of each. No key may have been used before."""
        for _key, _delay, args in jobs:
            inspect.signature(self.run).bind(**args)
        given = [(key, timedelta(seconds=delay), args) for key, delay, args in jobs]
        return services.enqueue_new(jobs=given, **self._standing())

    def _standing(self) -> dict[str, Any]:
        """What all jobs of the task have in common."""
        return {
            "kind": self.name,
            "queue": self.job_queue or self.app.conf.task_default_queue,
            "lease": timedelta(seconds=self.lease),
            "max_attempts": self.max_attempts,
        }

    def apply_async(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.name} is durable: call its enqueue().")

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """The one transaction in which the job is done and the block stores its outcome. LeaseLost: neither is."""
        job = _running.get()
        with transaction.atomic(durable=True):
            job.finish()  # before the block: this locks the row, so no other run starts meanwhile
            yield
        job.state = Job.State.DONE

    def extend_lease(self) -> None:
        """A whole lease from now on. LeaseLost: too late, stop here."""
        _running.get().extend_lease()

    def __call__(self, job_id: int) -> None:
        """What a worker does with a message: a second message for the same run finds nothing to claim."""
        job = _claim(job_id)
        if not job:
            return
        running = _running.set(job)
        try:
            with structlog.contextvars.bound_contextvars(
                request_id=job.request_id, job=job.pk, attempt=job.attempts
            ):
                self._perform(job)
        finally:
            _running.reset(running)

    def _perform(self, job: Job) -> None:
        began = time.monotonic()
        error = failure_of(lambda: self._run_to_the_end(job))
        if isinstance(error, LeaseLost):
            log.info("job_lease_lost", kind=self.name)
        elif error:
            try:
                raise error  # for the worker's log
            finally:
                self._record(job, error)  # if this fails as well, the log shows both
        else:
            log.info("job_done", kind=self.name, seconds=round(time.monotonic() - began, 3))

    def _run_to_the_end(self, job: Job) -> None:
        self.run(**job.args)
        if job.state == Job.State.RUNNING:
            with self.finishing():
                pass

    def _record(self, job: Job, error: Exception) -> None:
        if isinstance(error, DATABASE_TROUBLE):
            close_old_connections()  # this one may be dead
        try:
            self._move_on(job, error)
        except LeaseLost:
            log.info("job_lease_lost", kind=self.name)
        except DatabaseError as storing:  # the lease runs out and the sweeper goes on from there
            log.warning("job_failure_not_stored", kind=self.name, error=str(storing))

    def _move_on(self, job: Job, error: Exception) -> None:
        if isinstance(error, Permanent) or job.attempts >= job.max_attempts:
            services.bury(job, text_of(error))
        else:
            delay = _back_off(job, error)
            job.retry_later(text_of(error), delay=delay)
            log.warning(
                "job_retried_later", kind=self.name, delay=delay.total_seconds(), error=text_of(error)
            )


def _claim(job_id: int) -> Job | None:
    try:
        return Job.objects.claim(job_id)
    except DATABASE_TROUBLE as error:  # the sweeper sends another message
        log.warning("database_away", error=str(error))
        time.sleep(DATABASE_PAUSE)  # or all messages of the queue were used up in a moment
        return None


def _back_off(job: Job, error: Exception) -> timedelta:
    """What the error asks for, or twice as long after each attempt, spread so that jobs don't return in step."""
    if isinstance(error, Retryable) and error.delay is not None:
        return timedelta(seconds=error.delay)
    failures = 1 if isinstance(error, DATABASE_TROUBLE) else job.attempts  # not the job's fault
    seconds = min(FIRST_BACK_OFF * 2 ** (failures - 1), LONGEST_BACK_OFF)
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311

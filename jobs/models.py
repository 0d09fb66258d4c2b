from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.errors import IllegalMove
from jobs.errors import LeaseLost

# One statement decides who runs a job: two workers may hold its message, one gets the row.
CLAIM = """
UPDATE jobs_job
SET state = 'running', attempts = attempts + 1, fence = fence + 1, started_at = STATEMENT_TIMESTAMP(),
    lease_expires_at = STATEMENT_TIMESTAMP() + lease, publish_after = STATEMENT_TIMESTAMP() + lease
WHERE id = %s AND attempts < max_attempts
  AND (state = 'queued' AND run_after <= STATEMENT_TIMESTAMP()
       OR state = 'running' AND lease_expires_at <= STATEMENT_TIMESTAMP())
RETURNING *
"""


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=Job.UNFINISHED)

    def due(self) -> "JobQuerySet":
        """What the sweeper must look at: nobody works on it, and no recent message is on its way."""
        return self.unfinished().filter(publish_after__lte=Now())

    def exhausted(self) -> "JobQuerySet":
        return self.filter(attempts__gte=F("max_attempts"))

    def with_attempts_left(self) -> "JobQuerySet":
        return self.filter(attempts__lt=F("max_attempts"))

    def claim(self, pk: int) -> "Job | None":
        """Start a run under a new fencing number, or None: it is over, not due yet, or another run holds it."""
        return next(iter(self.raw(CLAIM, [pk])), None)

    def take(self, limit: int) -> "list[Job]":
        """Up to `limit` of these jobs, oldest first, out of the sweeper's sight for one lease. In a transaction."""
        jobs: list[Job] = list(self.select_for_update(skip_locked=True).order_by("pk")[:limit])
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(publish_after=Now() + F("lease"))
        return jobs

    def publish_now(self, jobs: "Iterable[Job]") -> None:
        """Let the next sweep send these."""
        self.unfinished().filter(pk__in=[job.pk for job in jobs]).update(publish_after=Now())


class Job(models.Model):
    """A piece of work that survives whatever dies: one call of one task.

    Every time in it is the database's own, so that the clocks of the workers do not matter.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DEAD = "dead", _("dead letter")

    UNFINISHED: ClassVar[list[str]] = [State.QUEUED, State.RUNNING]

    kind = models.CharField(_("task"), max_length=200)
    args = models.JSONField(_("arguments"), default=dict)
    queue = models.CharField(_("queue"), max_length=32)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    unique_key = models.CharField(_("unique key"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("attempts allowed"))
    fence = models.PositiveBigIntegerField(_("fencing number"), default=0)
    lease = models.DurationField(_("lease"))
    lease_expires_at = models.DateTimeField(_("lease expires"), null=True, blank=True)
    run_after = models.DateTimeField(_("not before"), db_default=Now())
    publish_after = models.DateTimeField(_("next publish"), db_default=Now())
    last_error = models.TextField(_("last error"), blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("asked"), db_default=Now())
    started_at = models.DateTimeField(_("last started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        permissions = [("replay_job", _("Can replay dead letters"))]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "unique_key"],
                condition=Q(state__in=["queued", "running"]) & ~Q(unique_key=""),
                name="job_unique_while_unfinished",
            ),
            models.CheckConstraint(
                condition=Q(attempts__lte=F("max_attempts"), max_attempts__gt=0)
                & (~Q(state="queued") | Q(attempts__lt=F("max_attempts"))),
                name="job_attempts",
            ),
            models.CheckConstraint(condition=Q(lease__gt=timedelta(0)), name="job_lease"),
            models.CheckConstraint(
                condition=Q(state="running", lease_expires_at__isnull=False)
                | (~Q(state="running") & Q(lease_expires_at__isnull=True)),
                name="job_lease_only_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "dead"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at__isnull=True),
                name="job_finished_at_the_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["publish_after"], condition=Q(state__in=["queued", "running"]), name="job_due"
            ),
            models.Index(fields=["finished_at"], condition=Q(state="done"), name="job_done"),
            models.Index(fields=["state", "-id"], name="job_state_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def extend_lease(self) -> None:
        self._move(lease_expires_at=Now() + F("lease"), publish_after=Now() + F("lease"))

    def finish(self) -> None:
        self._leave(state=self.State.DONE, finished_at=Now(), last_error="")

    def retry_later(self, error: str, *, delay: timedelta) -> None:
        due = Now() + delay
        self._leave(state=self.State.QUEUED, run_after=due, publish_after=due, last_error=error)

    def give_up(self, error: str) -> None:
        self._leave(state=self.State.DEAD, finished_at=Now(), last_error=error)

    def revive(self) -> None:
        dead = Job.objects.filter(pk=self.pk, state=self.State.DEAD)
        again = {"state": self.State.QUEUED, "attempts": 0, "finished_at": None}
        if not dead.update(**again, run_after=Now(), publish_after=Now() + F("lease")):
            self.refresh_from_db(fields=["state"])
            raise IllegalMove(now=self.get_state_display(), asked=str(self.State.QUEUED.label), allowed=[])

    def _leave(self, **fields: Any) -> None:
        self._move(lease_expires_at=None, **fields)

    def _move(self, **fields: Any) -> None:
        """Only the run that holds the newest fencing number moves a running job."""
        mine = Job.objects.filter(pk=self.pk, fence=self.fence, state=self.State.RUNNING)
        if not mine.update(**fields):
            raise LeaseLost(f"{self}, run {self.fence}")


class Effect(models.Model):
    """Something that leaves the system (a mail, a message, a paid call), noted before it is tried.

    Rows are kept: an old dead letter may be replayed and must still find what it sent.
    """

    class State(models.TextChoices):
        TRIED = "tried", _("under way")
        DONE = "done", _("done")
        UNKNOWN = "unknown", _("outcome unknown")

    key = models.CharField(_("key"), max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.TRIED)
    error = models.TextField(_("error"), blank=True)
    tried_at = models.DateTimeField(_("tried"), db_default=Now())
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        permissions = [("retry_effect", _("Can allow another try of an effect"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["tried", "done", "unknown"]), name="effect_state"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
                name="effect_done_at",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="effect_state_newest")]

    def __str__(self) -> str:
        return self.key

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from accounts.errors import DomainError
from accounts.staff import ReadOnlyAdmin, acting
from jobs import effects, services
from jobs.models import Effect, Job

JOB_COLOURS = {
    Job.State.QUEUED: "info",
    Job.State.RUNNING: "warning",
    Job.State.DONE: "success",
    Job.State.DEAD: "danger",
}
EFFECT_COLOURS = {
    Effect.State.TRIED: "warning",
    Effect.State.DONE: "success",
    Effect.State.UNKNOWN: "danger",
}


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "coloured_state", "age", "tries", "arguments", "last_error", "queue")
    list_filter = ("state", "queue", "kind")
    search_fields = ("kind", "unique_key", "request_id", "last_error")
    show_full_result_count = False
    ordering = ("-pk",)
    actions = ("replay",)

    @display(description=gettext_lazy("state"), ordering="state", label=JOB_COLOURS)
    def coloured_state(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=gettext_lazy("age"), ordering="created_at")
    def age(self, job: Job) -> str:
        return timesince(job.created_at, depth=1)

    @display(description=gettext_lazy("attempts"), ordering="attempts")
    def tries(self, job: Job) -> str:
        return f"{job.attempts} / {job.max_attempts}"

    @display(description=gettext_lazy("arguments"))
    def arguments(self, job: Job) -> str:
        return ", ".join(f"{name}={value}" for name, value in job.args.items())

    @action(description=gettext_lazy("Replay dead letters"), permissions=["replay"])
    def replay(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        done = _each(request, jobs, services.replay)
        message = ngettext("%d job starts again.", "%d jobs start again.", done)
        messages.success(request, message % done)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.replay_job")


@admin.register(Effect)
class EffectAdmin(ReadOnlyAdmin):
    list_display = ("key", "coloured_state", "tried_at", "done_at", "error")
    list_filter = ("state",)
    search_fields = ("key",)
    show_full_result_count = False
    ordering = ("-pk",)
    actions = ("allow_another_try",)

    @display(description=gettext_lazy("state"), ordering="state", label=EFFECT_COLOURS)
    def coloured_state(self, effect: Effect) -> tuple[str, str]:
        return effect.state, effect.get_state_display()

    @action(description=gettext_lazy("Allow another try: it did not happen"), permissions=["retry"])
    def allow_another_try(self, request: HttpRequest, effects_: QuerySet[Effect]) -> None:
        done = _each(request, effects_, effects.allow_another_try)
        message = ngettext("%d effect may be tried again.", "%d effects may be tried again.", done)
        messages.success(request, message % done)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.retry_effect")


def _each(request: HttpRequest, rows: Iterable[Any], act: Callable[..., None]) -> int:
    """Do it row by row; a row that may not is named with the reason. Returns how many it was done to."""
    done = 0
    for row in rows:
        try:
            act(row, by=acting(request))
            done += 1
        except DomainError as error:
            messages.warning(request, f"{row}: {error}")
    return done

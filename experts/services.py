"""An expert's way from draft to active and back: one function makes every move, whoever asks for it."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, DateTimeField, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import AuditEvent, User
from experts import notices
from experts.models import Expert

Status = Expert.Status


@dataclass(frozen=True)
class Step:
    """One named move. `Expert.MOVES` says where it may start, `start` where the target alone is ambiguous."""

    name: str
    to: str
    start: str | None = None
    by_expert: bool = False  # experts take it themselves; all other steps are a reviewer's
    needs_reason: bool = False  # somebody is told no, and hears why

    def is_open(self, expert: Expert) -> bool:
        return self.start in {None, expert.status} and expert.can_become(self.to)

    def is_allowed(self, expert: Expert, user: User) -> bool:
        """Nobody decides about themselves, reviewers included."""
        if user.pk == expert.user_id:
            return self.by_expert
        return user.has_perm("experts.review_expert")


SUBMIT = Step("submit", Status.SUBMITTED, by_expert=True)
APPROVE = Step("approve", Status.ACTIVE, start=Status.SUBMITTED)
RETURN = Step("return", Status.DRAFT, needs_reason=True)
PAUSE = Step("pause", Status.PAUSED, by_expert=True)
RESUME = Step("resume", Status.ACTIVE, start=Status.PAUSED, by_expert=True)
SUSPEND = Step("suspend", Status.SUSPENDED, needs_reason=True)
REINSTATE = Step("reinstate", Status.ACTIVE, start=Status.SUSPENDED)
STEPS = (SUBMIT, APPROVE, RETURN, PAUSE, RESUME, SUSPEND, REINSTATE)


def with_waiting(experts: QuerySet[Expert]) -> QuerySet[Expert]:
    """With `waiting_since`: when the application was last handed in; None where none waits."""
    handed_in = AuditEvent.objects.filter(
        target_type=Expert._meta.label_lower, target_id=OuterRef("pk"), action=f"expert.{SUBMIT.name}"
    )
    since = Coalesce(Subquery(handed_in.order_by("-id").values("at")[:1]), F("created_at"))
    return experts.annotate(
        waiting_since=Case(When(status=Status.SUBMITTED, then=since), output_field=DateTimeField())
    )


@transaction.atomic
def move(*, expert: Expert, step: Step, by: User, reason: str = "") -> Expert:
    """Take the step on the row as it is now; returns that row.

    Raises IllegalMove where the status does not lead there, DomainError without a needed reason, PermissionDenied
    for whoever may not.
    """
    expert = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
    _check(expert, step, by, reason)
    before, expert.status, expert.status_reason = expert.status, step.to, reason
    if step.to == Status.ACTIVE and expert.active_since is None:
        expert.active_since = timezone.localdate()
    expert.save(update_fields=["status", "status_reason", "active_since"])
    event = audit.record(
        action=f"expert.{step.name}", target=expert, by=by, before=before, after=step.to, reason=reason
    )
    if by.pk != expert.user_id:
        notices.of_move(expert, event)
    return expert


def _check(expert: Expert, step: Step, by: User, reason: str) -> None:
    if not step.is_allowed(expert, by):
        raise PermissionDenied
    if not step.is_open(expert):
        raise IllegalMove(
            now=expert.get_status_display(),
            asked=str(Status(step.to).label),
            allowed=sorted(str(Status(status).label) for status in Expert.MOVES[expert.status]),
        )
    if step.needs_reason and not reason.strip():
        raise DomainError(_("Say why: the expert reads your reason."))


def submit(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=SUBMIT, by=by)


def approve(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=APPROVE, by=by)


def return_with_reason(*, expert: Expert, by: User, reason: str) -> Expert:
    return move(expert=expert, step=RETURN, by=by, reason=reason)


def pause(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=PAUSE, by=by)


def resume(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=RESUME, by=by)


def suspend(*, expert: Expert, by: User, reason: str) -> Expert:
    return move(expert=expert, step=SUSPEND, by=by, reason=reason)


def reinstate(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=REINSTATE, by=by)

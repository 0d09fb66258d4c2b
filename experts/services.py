"""An expert's way from draft to active and back: one function makes every move, whoever asks for it."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, DateTimeField, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import AuditEvent, User
from experts import completeness, notices, signals
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
    by_system: bool = (
        False  # follows from something else, as a day that was named: nobody can ask for it alone
    )
    needs_whole: bool = False  # the application has to be complete

    def is_open(self, expert: Expert) -> bool:
        return self.start in {None, expert.status} and expert.can_become(self.to)

    def is_allowed(self, expert: Expert, user: User | None) -> bool:
        """Nobody decides about themselves, reviewers included."""
        if user is None or self.by_system:
            return user is None and self.by_system
        if user.pk == expert.user_id:
            return self.by_expert
        return user.has_perm("experts.review_expert")


SUBMIT = Step("submit", Status.SUBMITTED, by_expert=True, needs_whole=True)
APPROVE = Step("approve", Status.ACTIVE, start=Status.SUBMITTED)
RETURN = Step("return", Status.DRAFT, needs_reason=True)
PAUSE = Step("pause", Status.PAUSED, by_expert=True)
RESUME = Step("resume", Status.ACTIVE, start=Status.PAUSED, by_expert=True)
SUSPEND = Step("suspend", Status.SUSPENDED, needs_reason=True)
REINSTATE = Step("reinstate", Status.ACTIVE, start=Status.SUSPENDED)
CLOSE = Step("close", Status.CLOSED, by_system=True)
REOPEN = Step("reopen", Status.ACTIVE, start=Status.PAUSED, by_system=True)
STEPS = (SUBMIT, APPROVE, RETURN, PAUSE, RESUME, SUSPEND, REINSTATE, REOPEN, CLOSE)
LONGEST_PAUSE = timedelta(days=366)


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
def move(
    *, expert: Expert, step: Step, by: User | None, reason: str = "", until: date | None = None
) -> Expert:
    """Take the step on the row as it is now; returns that row. `until`: when a pause ends by itself.

    Raises IllegalMove where the status does not lead there, DomainError without a needed reason or for a day that
    makes no sense, IncompleteApplication, PermissionDenied for whoever may not. `by=None` is time itself.
    """
    locked = Expert.objects.select_for_update(of=("self",)).select_related("user", "market")
    expert = locked.get(pk=expert.pk)
    _check(expert, step, by, reason, until)
    before, expert.status, expert.status_reason = expert.status, step.to, reason
    expert.paused_until = until
    if step.to == Status.ACTIVE and expert.active_since is None:
        expert.active_since = timezone.localdate()
    expert.save(update_fields=["status", "status_reason", "active_since", "paused_until"])
    detail = {"before": before, "after": step.to, "reason": reason}
    if until:
        detail["until"] = until.isoformat()
    event = audit.record(action=f"expert.{step.name}", target=expert, by=by, **detail)
    if step is not CLOSE and (by is None or by.pk != expert.user_id):
        notices.of_move(expert, event)
    if step in {SUSPEND, REINSTATE}:
        signals.suspension_moved.send(None, expert=expert, event=event)
    return expert


def today_of(expert: Expert) -> date:
    """The day by the clock of the expert's city."""
    return timezone.localdate(timezone=ZoneInfo(expert.time_zone))


def _check(expert: Expert, step: Step, by: User | None, reason: str, until: date | None) -> None:
    if not step.is_allowed(expert, by):
        raise PermissionDenied
    if not step.is_open(expert):
        raise IllegalMove(
            now=expert.get_status_display(),
            asked=str(Status(step.to).label),
            allowed=sorted(str(Status(status).label) for status in _askable(expert, by)),
        )
    if step.needs_reason and not reason.strip():
        raise DomainError(_("Say why: the expert reads your reason."))
    if step.needs_whole and (missing := completeness.missing(expert)):
        raise completeness.IncompleteApplication(missing)
    if until is not None:
        _check_return(expert, until)


def _check_return(expert: Expert, until: date) -> None:
    today = today_of(expert)
    if until <= today:
        raise DomainError(_("The day of your return must be after today."))
    if until > today + LONGEST_PAUSE:
        raise DomainError(_("A pause with a date lasts a year at most. Leave the date out for a longer one."))


def _askable(expert: Expert, by: User | None) -> frozenset[str]:
    """Where the status leads, as far as somebody can ask for it."""
    return Expert.MOVES[expert.status] - (frozenset() if by is None else {Status.CLOSED})


def submit(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=SUBMIT, by=by)


def approve(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=APPROVE, by=by)


def return_with_reason(*, expert: Expert, by: User, reason: str) -> Expert:
    return move(expert=expert, step=RETURN, by=by, reason=reason)


def pause(*, expert: Expert, by: User, until: date | None = None) -> Expert:
    return move(expert=expert, step=PAUSE, by=by, until=until)


@transaction.atomic
def change_return(*, expert: Expert, by: User, until: date | None) -> None:
    """Name another day on which the pause ends, or none. To open and pause anew would do that too, but tell everybody
    who waits for the city of an expert who is not there. Raises as `move` does.
    """
    locked = Expert.objects.select_for_update(of=("self",)).select_related("market").get(pk=expert.pk)
    if not PAUSE.is_allowed(locked, by):
        raise PermissionDenied
    if locked.status != Status.PAUSED:
        raise DomainError(_("Your profile is not paused any more."))
    if until is not None:
        _check_return(locked, until)
    locked.paused_until = until
    locked.save(update_fields=["paused_until"])
    audit.record(action="expert.pause_end", target=locked, by=by, until=until.isoformat() if until else None)


def resume(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=RESUME, by=by)


def suspend(*, expert: Expert, by: User, reason: str) -> Expert:
    return move(expert=expert, step=SUSPEND, by=by, reason=reason)


def reinstate(*, expert: Expert, by: User) -> Expert:
    return move(expert=expert, step=REINSTATE, by=by)


def close(*, expert: Expert) -> Expert:
    """For good, because the account is erased."""
    return move(expert=expert, step=CLOSE, by=None)


def reopen_due() -> int:
    """Reopen whoever named a day that has come where they live. Returns how many there were."""
    done = 0
    # Somewhere it is tomorrow already; the city's own day decides.
    latest = (timezone.now() + timedelta(hours=14)).date()
    due = Expert.objects.filter(status=Status.PAUSED, paused_until__lte=latest).select_related("market")
    for expert in due.order_by("pk"):
        if expert.paused_until and expert.paused_until <= today_of(expert):
            done += _reopen(expert)
    return done


def _reopen(expert: Expert) -> bool:
    try:
        move(expert=expert, step=REOPEN, by=None)
    except IllegalMove:  # somebody resumed or suspended them this very moment
        return False
    return True

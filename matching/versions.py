"""How algorithm versions come into use and go out of it: one function makes every move, whoever asks for it."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from matching.learning import interleaving
from matching.learning.gates import Code
from matching.models import AlgorithmVersion

Status = AlgorithmVersion.Status
# What was measured so long ago says little about today.
FIT_IS_FRESH = timedelta(days=14)
GATES = {
    Code.BOOKINGS: gettext_lazy("enough bookings"),
    Code.EXPERTS: gettext_lazy("enough experts booked"),
    Code.EXPERT_SHARE: gettext_lazy("no expert with too many of the bookings"),
    Code.LOG_LOSS: gettext_lazy("better on the latest lists, for sure"),
    Code.CALIBRATION: gettext_lazy("well calibrated"),
    Code.MOVE: gettext_lazy("no weight moves too far"),
    Code.FLOOR: gettext_lazy("no weight too small"),
}


def takes_part(trip_id: int, challenger: AlgorithmVersion) -> bool:
    """Whether a trip's list is mixed with the challenger's: the same answer for a trip as long as the share stands."""
    return interleaving.takes_part(challenger.name, trip_id, challenger.share / 100)


@transaction.atomic
def move(
    *, version: AlgorithmVersion, to: str, by: User, reason: str, share: int | None = None
) -> AlgorithmVersion:
    """Take the version to another status on the row as it is now; returns that row. `share`: percent, in the shadow.

    Activating retires the version that was active, in the same transaction. Raises PermissionDenied, IllegalMove,
    or DomainError where a reason is missing, a gate does not hold or another version shares the traffic already.
    """
    check_decider(by, reason)
    rows = {row.pk: row for row in AlgorithmVersion.objects.select_for_update().order_by("pk")}
    version = rows[version.pk]
    _check_move(version, to, share)
    if to == Status.ACTIVE:
        active = next(row for row in rows.values() if row.status == Status.ACTIVE)
        _check_gates(version, active)
        _write(active, Status.RETIRED, by=by, reason=reason)
        version.activated_at = timezone.now()
    if share and any(row.share and row.pk != version.pk for row in rows.values()):
        raise DomainError(_("Another version shares the traffic already. Take it out first."))
    _write(version, to, by=by, reason=reason, share=share or 0)
    return version


def activate(*, version: AlgorithmVersion, by: User, reason: str) -> AlgorithmVersion:
    return move(version=version, to=Status.ACTIVE, by=by, reason=reason)


def roll_back(*, by: User, reason: str, to: str | None = None) -> AlgorithmVersion:
    """Bring back the version that was active last. `to`: its name, where it was agreed to be this one."""
    last = previous()
    if last is None:
        raise DomainError(_("No other version was active before."))
    if to not in {None, last.name}:
        raise DomainError(
            _("Somebody was faster: going back would lead to %(name)s now.") % {"name": last.name}
        )
    return activate(version=last, by=by, reason=reason)


def previous() -> AlgorithmVersion | None:
    """The one that was active last, other than the active."""
    earlier = AlgorithmVersion.objects.filter(status=Status.RETIRED, activated_at__isnull=False)
    return earlier.order_by("-activated_at").first() or _first_ever()


def moves(version: AlgorithmVersion) -> frozenset[str]:
    """What it may become now. The active one goes only when another takes its place."""
    return frozenset() if version.status == Status.ACTIVE else version.MOVES[version.status]


def _first_ever() -> AlgorithmVersion | None:
    """The one that the marketplace began with was never activated by anybody."""
    return AlgorithmVersion.objects.filter(status=Status.RETIRED, fit__isnull=True).order_by("pk").first()


def check_decider(by: User, reason: str) -> None:
    if not by.has_perm("matching.decide_algorithm"):
        raise PermissionDenied
    if not reason.strip():
        raise DomainError(_("Say why: the reason stays with the version."))


def _check_move(version: AlgorithmVersion, to: str, share: int | None) -> None:
    same_with_another_share = version.status == to == Status.SHADOW and share is not None
    if to not in moves(version) and not same_with_another_share:
        raise IllegalMove(
            now=version.get_status_display(),
            asked=str(Status(to).label),
            allowed=sorted(str(Status(status).label) for status in moves(version)),
        )
    if share is not None and (to != Status.SHADOW or not 0 <= share <= 100):
        raise DomainError(_("A version in the shadow shares from 0 to 100 percent of the trips."))


def _check_gates(version: AlgorithmVersion, active: AlgorithmVersion) -> None:
    """What was active before passed once, or began it all."""
    if version.status == Status.RETIRED and (version.activated_at or version.fit is None):
        return
    fit = version.fit or {}
    if not fit.get("gates"):
        raise DomainError(_("This version was not fitted: nothing shows that it is better."))
    if failed := [gate for gate in fit["gates"] if not gate["passed"]]:
        codes = ", ".join(str(GATES[Code(gate["code"])]) for gate in failed)
        raise DomainError(_("These gates do not hold: %(gates)s.") % {"gates": codes})
    if fit["base"] != active.name:
        raise DomainError(
            _("It was held against %(base)s, and %(active)s is active now: fit again.")
            % {"base": fit["base"], "active": active.name}
        )
    if timezone.now() - datetime.fromisoformat(fit["at"]) > FIT_IS_FRESH:
        raise DomainError(_("It was fitted more than two weeks ago: fit again."))


def _write(version: AlgorithmVersion, to: str, *, by: User, reason: str, share: int = 0) -> None:
    before, version.status, version.share = version.status, to, share
    version.save(update_fields=["status", "share", "activated_at"])
    audit.record(
        action=f"algorithm.{to}", target=version, by=by, before=before, after=to, reason=reason, share=share
    )

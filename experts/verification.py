"""What staff have checked about an expert. `Expert.verified` says whether the identity is among it, no more."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from experts import notices
from experts.models import Expert, Verification

Kind = Verification.Kind


@transaction.atomic
def mark(*, expert: Expert, kind: str, by: User, note: str) -> Verification:
    """Note a check. DomainError: it is marked already, or nobody says how it was checked."""
    _lock(expert, by)
    if not note.strip():
        raise DomainError(_("Say how it was checked: your colleagues read it."))
    if Verification.objects.standing().filter(expert=expert, kind=kind).exists():
        raise DomainError(_("This is marked as checked already. Withdraw that mark first."))
    found = Verification.objects.create(expert=expert, kind=kind, checked_by=by, note=note.strip())
    notices.of_check(
        expert, audit.record(action="expert.verify", target=expert, by=by, kind=kind, note=found.note)
    )
    sync(expert)
    return found


@transaction.atomic
def withdraw(*, verification: Verification, by: User, reason: str) -> None:
    """Take a mark back; the row stays. DomainError: it was withdrawn already, or no reason is given."""
    expert = verification.expert
    _lock(expert, by)
    if not reason.strip():
        raise DomainError(_("Say why the mark is withdrawn."))
    found = Verification.objects.standing().filter(pk=verification.pk)
    if not found.update(withdrawn_at=timezone.now(), withdrawn_by=by):
        raise DomainError(_("This mark was withdrawn already."))
    event = audit.record(
        action="expert.unverify", target=expert, by=by, kind=verification.kind, reason=reason
    )
    notices.of_check(expert, event)
    sync(expert)


def sync(expert: Expert) -> None:
    """Make the flag equal to the rows: the only place that writes it."""
    standing = Verification.objects.standing().filter(expert=expert, kind=Kind.IDENTITY)
    expert.verified = standing.exists()
    Expert.objects.filter(pk=expert.pk).update(verified=expert.verified)


def _lock(expert: Expert, by: User) -> None:
    """One decision after the other; nobody decides about themselves, reviewers included."""
    if by.pk == expert.user_id or not by.has_perm("experts.review_expert"):
        raise PermissionDenied
    Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)

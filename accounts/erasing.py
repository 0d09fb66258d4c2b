"""Erasing an account: what is the person's goes, what the books need stays and belongs to nobody."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import audit, personal
from accounts.errors import DomainError
from accounts.models import User

# One erasure at a time: each touches the rows of many others, in an order that nobody else keeps.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('accounts.erasing'))"


class Blocked(DomainError):
    """The account can't be erased at present; the sentence says why."""


def obstacles(user: User) -> list[str]:
    """Why this account can't be erased at present: a sentence each, none where it can."""
    if not user.is_active and not user.has_usable_password():
        return [_("This account was erased or closed already.")]
    staff = [_("This account belongs to staff: its access has to be taken away first.")]
    return (staff if user.is_staff or user.is_superuser else []) + personal.obstacles(user)


@transaction.atomic
def erase(*, user: User, by: User) -> dict[str, int]:
    """Take away what is held about this person; returns how many rows of each kind there were.

    Raises PermissionDenied for whoever is neither this person nor staff who may, Blocked with the reason.
    """
    if by.pk != user.pk and not by.has_perm("accounts.erase_user"):
        raise PermissionDenied
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    user = User.objects.select_for_update().get(pk=user.pk)
    if why := obstacles(user):
        raise Blocked(" ".join(why))
    counts = _erase_rows(user)
    # The person's own act too: the trail knows them by the number that stays.
    audit.record(action="personal.erase", target=user, by=by, rows=counts)
    return counts


def _erase_rows(user: User) -> dict[str, int]:
    then = personal.followers(user)
    counts: dict[str, int] = {}
    for one in personal.held_to_erase():
        rows: Any = one.rows(user)
        if count := rows.count():
            counts[one.name] = count
            one.erase(rows)
    for follow in then:
        follow()
    return counts

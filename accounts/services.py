from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User


@transaction.atomic
def set_access(*, user: User, by: User, roles: Iterable[Group], is_staff: bool, is_active: bool) -> User:
    """Who may sign in, who may enter the admin, and in which roles. Returns the row as it is now."""
    _only_superusers(by)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == by.pk and not (is_staff and is_active):
        raise DomainError(_("You would lock yourself out."))
    before = _access(user)
    user.is_staff, user.is_active = is_staff, is_active
    user.save(update_fields=["is_staff", "is_active"])
    user.groups.set(roles)
    after = _access(user)
    if before != after:
        audit.record(action="user.access", target=user, by=by, before=before, after=after)
    return user


@transaction.atomic
def remove_second_factor(*, user: User, by: User) -> None:
    """For staff who lost their device: they set up a new one at the next visit of the admin."""
    _only_superusers(by)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise DomainError(_("This account has no second factor."))
    audit.record(action="user.second_factor_removed", target=user, by=by)


def _only_superusers(by: User) -> None:
    """Whoever gives out roles could give themselves any."""
    if not (by.is_active and by.is_superuser):
        raise PermissionDenied


def _access(user: User) -> dict[str, object]:
    return {
        "staff": user.is_staff,
        "active": user.is_active,
        "roles": sorted(user.groups.values_list("name", flat=True)),
    }

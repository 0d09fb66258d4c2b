"""Whether the two people of a booking are both there for it."""

from django.db.models import Exists
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import User
from bookings.models import Block, Booking
from experts.models import Expert

Status = Expert.Status


def is_there(expert: Expert) -> bool:
    """As they were loaded: neither suspended nor closed."""
    return expert.user.is_active and expert.is_public


def refusal(traveler: User, expert: Expert) -> str:
    """Why one of them, as they were loaded, can agree to nothing; empty where both can."""
    return _refusal(traveler, expert, expert.status, traveler.is_active, expert.user.is_active)


def check(traveler: User, expert: Expert) -> None:
    """DomainError: one of them, as they were loaded, can agree to nothing."""
    if why := refusal(traveler, expert):
        raise DomainError(why)


def check_now(traveler: User, expert: Expert) -> None:
    """The same as things are now."""
    traveler_is_here = Exists(User.objects.filter(pk=traveler.pk, is_active=True))
    rows = Expert.objects.filter(pk=expert.pk)
    status, expert_is_here, is_here = rows.values_list("status", "user__is_active", traveler_is_here).get()
    if why := _refusal(traveler, expert, status, is_here, expert_is_here):
        raise DomainError(why)


def check_new(traveler: User, expert: Expert) -> None:
    """DomainError: these two can begin nothing with each other."""
    if expert.user_id == traveler.pk:
        raise DomainError(_("You can't book yourself."))
    check_unblocked(traveler, expert)


def check_unblocked(traveler: User, expert: Expert) -> None:
    if Block.objects.between(traveler, expert.user).exists():
        raise DomainError(_("You and %(name)s can’t write to each other.") % {"name": expert.name})


def acquainted(traveler_id: int, expert_id: int) -> bool:
    """Whether the two may see each other's contact details."""
    return Booking.objects.acquainting(traveler_id, expert_id).exists()


def _refusal(
    traveler: User, expert: Expert, status: str, traveler_is_here: bool, expert_is_here: bool
) -> str:
    if not traveler_is_here:
        return _("The account of %(name)s is closed: nothing can be booked.") % {"name": traveler.name}
    if status == Status.SUSPENDED:
        return _("The profile of %(name)s is suspended: nothing can be booked at present.") % {
            "name": expert.name
        }
    if not expert_is_here or status not in Expert.PUBLIC:
        return _("The profile of %(name)s is closed: nothing can be booked.") % {"name": expert.name}
    return ""

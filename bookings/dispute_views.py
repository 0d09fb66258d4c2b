"""The page where one side of a booking asks staff to decide, and where both read what was decided."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import drafts
from accounts.errors import DomainError
from accounts.models import User
from bookings import disputes, worded
from bookings.booking_forms import DisputeForm
from bookings.members import members
from bookings.models import Booking, Dispute

FIELDS = ("reason", "text")


@dataclass(frozen=True)
class Listed:
    """A dispute as one of the two reads it."""

    dispute: Dispute
    is_own: bool
    opened: str
    decided: str


def listed(filed: list[Dispute], booking: Booking, reader: User) -> list[Listed]:
    side, zone = disputes.side_of(booking, reader), reader.time_zone
    return [
        Listed(
            one,
            one.side == side,
            worded.moment(one.opened_at, zone),
            worded.moment(one.decided_at, zone) if one.decided_at else "",
        )
        for one in filed
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@members(*FIELDS)
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # members
    booking = get_object_or_404(_bookings(user), pk=pk)
    form = DisputeForm(request.POST or None, initial=drafts.of(request))
    if request.method == "POST" and form.is_valid():
        try:
            disputes.open_dispute(booking=booking, by=user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            drafts.drop(request)
            messages.success(
                request, _("Your dispute is open. The other side is told, and our team decides.")
            )
            return redirect("bookings:dispute", pk)
    status = 422 if form.errors else 200
    return render(request, "bookings/dispute.html", _page(booking, user, form), status=status)


def _bookings(user: User) -> QuerySet[Booking]:
    return Booking.objects.visible_to(user).with_people()


def _page(booking: Booking, user: User, form: DisputeForm) -> dict[str, object]:
    side, filed = disputes.side_of(booking, user), disputes.of(booking)
    return {
        "booking": booking,
        "other": booking.expert.user if side == "traveler" else booking.traveler,
        "disputes": listed(filed, booking, user),
        "closed": disputes.closed_because(booking, side, filed),
        "until": worded.moment(disputes.closes_at(booking), user.time_zone),
        "when": worded.when(booking.period, booking.time_zone),
        "form": form,
    }

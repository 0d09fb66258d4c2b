from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings import dashboard, worded
from bookings.models import Booking
from experts import completeness, services
from experts.models import Expert
from experts.owning import for_experts

APPLYING = {Expert.Status.DRAFT, Expert.Status.SUBMITTED}


@require_safe
@for_experts
def home(request: HttpRequest, expert: Expert) -> HttpResponse:
    """Where an expert begins the day. Whoever is still applying goes on with that."""
    if expert.status in APPLYING:
        return redirect("experts:apply")
    return render(request, "experts/own/dashboard.html", {"expert": expert, **_context(expert)})


def _context(expert: Expert) -> dict[str, Any]:
    numbers, counts = dashboard.numbers(expert)
    parts = completeness.strength(expert, counts)
    return {
        "waiting": dashboard.waiting(expert),
        **_booked(expert),
        "numbers": numbers,
        "months": dashboard.earnings(expert, services.today_of(expert)),
        "sections": [section(expert) for section in dashboard.sections],
        "strength": completeness.points(parts),
        "next": completeness.next_step(parts),
    }


@dataclass(frozen=True)
class Line:
    """A booking on the expert's own clock. `until`: when a request runs out."""

    booking: Booking
    when: str
    until: str


def _booked(expert: Expert) -> dict[str, list[Line]]:
    lines = [_line(booking) for booking in dashboard.bookings(expert, timezone.now())]
    return {
        "requests": [one for one in lines if one.booking.state == Booking.State.REQUESTED],
        "upcoming": [one for one in lines if one.booking.state == Booking.State.CONFIRMED],
    }


def _line(booking: Booking) -> Line:
    zone = booking.time_zone
    until = worded.moment(booking.expires_at, zone) if booking.expires_at else ""
    return Line(booking, worded.when(booking.period, zone), until)

from typing import Any

from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from bookings import dashboard
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
    today = services.today_of(expert)
    waiting = _first(
        dashboard.waiting(expert).select_related("traveler", "trip__destination", "last_message")
    )
    upcoming = _first(dashboard.upcoming(expert, today).select_related("traveler", "service"))
    done, ended = dashboard.completion(expert)
    parts = completeness.strength(expert, completeness.Counts.of(expert))
    return {
        "waiting": waiting,
        "waiting_count": waiting[0].of_all if waiting else 0,
        "upcoming": upcoming,
        "upcoming_count": upcoming[0].of_all if upcoming else 0,
        "done": done,
        "ended": ended,
        "completion": round(100 * done / ended) if ended else None,
        "months": dashboard.earnings(expert, today),
        "strength": completeness.points(parts),
        "next": completeness.next_step(parts),
    }


def _first(rows: QuerySet[Any]) -> list[Any]:
    """The first few, each with `of_all`: how many there are. One query instead of two."""
    return list(rows.annotate(of_all=Window(Count("pk")))[: dashboard.LATEST])

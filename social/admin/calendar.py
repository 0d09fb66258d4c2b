"""A month with what is published in it: campaigns on each of their days, texts on the day they are planned for."""

from calendar import Calendar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.staff import StaffAdmin, may_see
from social.models import Campaign, PostDraft

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 1)


@dataclass
class Day:
    day: date
    inside: bool  # of the month, not of the weeks around it
    is_today: bool
    campaigns: list[Campaign] = field(default_factory=list)
    drafts: list[PostDraft] = field(default_factory=list)


def page(screen: StaffAdmin, request: HttpRequest) -> HttpResponse:
    if not screen.has_view_permission(request):
        raise PermissionDenied
    month = _month(request.GET.get("month", ""))
    weeks = month_of(month)
    context = {
        **screen.admin_site.each_context(request),
        "title": _("Calendar"),
        "content_title": _("Calendar"),
        "month": date_format(month, "YEAR_MONTH_FORMAT"),
        "before": _name(month - timedelta(days=1)),
        "after": _name(month + timedelta(days=31)),
        "weeks": weeks,
        "weekdays": [date_format(one.day, "D") for one in weeks[0]],
        "may_see_drafts": may_see(request, PostDraft),
        "may_add": request.user.has_perm("social.add_campaign"),
    }
    request.current_app = screen.admin_site.name
    return render(request, "social/admin/calendar.html", context)


def month_of(month: date) -> list[list[Day]]:
    """Whole weeks from Monday; days are those of UTC. Two queries."""
    today = timezone.now().date()
    weeks = [
        [Day(day, day.month == month.month, day == today) for day in week]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]
    days = {one.day: one for week in weeks for one in week}
    first, last = min(days), max(days)
    _put_campaigns(days, first, last)
    drafts = PostDraft.objects.filter(
        planned_for__gte=_midnight(first), planned_for__lt=_midnight(last + timedelta(days=1))
    ).select_related("idea__market")
    for draft in drafts.order_by("planned_for", "pk"):
        assert draft.planned_for
        days[draft.planned_for.astimezone(UTC).date()].drafts.append(draft)
    return weeks


def _put_campaigns(days: dict[date, Day], first: date, last: date) -> None:
    found = Campaign.objects.filter(starts_on__lte=last, ends_on__gte=first)
    for campaign in found.select_related("market").order_by("starts_on", "pk"):
        day = max(campaign.starts_on, first)
        while day <= min(campaign.ends_on, last):
            days[day].campaigns.append(campaign)
            day += timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _month(text: str) -> date:
    """This month where the text is none that there is."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return timezone.now().date().replace(day=1)
    return min(max(month, FIRST), LAST)


def _name(day: date) -> str:
    return f"{day:%Y-%m}"

"""The calendar's pages: the expert's own below /expert/calendar/, the traveler's below the public profile."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import fragments
from accounts.errors import DomainError
from accounts.params import row_number
from experts.calendar import editing, feed, months, sources
from experts.calendar.availability import appointments, departures_in, slots_in
from experts.calendar.clock import day_of, instant, whole_day, zone_of
from experts.calendar.forms import ExceptionForm, ImportForm, WeeklyHoursForm
from experts.calendar.hours import write
from experts.calendar.models import CalendarException, CalendarFeed, CalendarSource
from experts.calendar.readers import zone_for, zone_named
from experts.calendar.troubles import WORDS, Trouble
from experts.models import PUBLIC_EXPERT, Expert, Service, UnavailablePeriod
from experts.owning import own_expert
from markets.formats import day_range

# What everybody reads.


@require_safe
def public_month(request: HttpRequest, slug: str) -> HttpResponse:
    expert = PUBLIC_EXPERT.one_or_404(slug=slug)
    address = reverse("experts:calendar", args=[slug])
    return render(request, "experts/calendar/public_month.html", _month_context(request, expert, address))


@require_safe
def public_day(request: HttpRequest, slug: str, day: str) -> HttpResponse:
    expert = PUBLIC_EXPERT.one_or_404(slug=slug)
    context = _day_context(request, expert, day)
    zone, name = context["zone"], expert.name
    context["segments"] = [
        _said(segment, zone, segment.reason.for_traveler(name, zone) if segment.reason else "")
        for segment in context["segments"]
    ]
    context |= _starts(request, expert, context)
    return render(request, "experts/calendar/public_day.html", context)


# What the expert sees and changes.


def _own(request: HttpRequest) -> Expert:
    """Nobody else's can be found."""
    expert = own_expert(request)
    if expert is None:
        raise Http404
    return expert


@require_safe
@login_required
@never_cache
def month(request: HttpRequest) -> HttpResponse:
    expert = _own(request)
    context = _month_context(request, expert, reverse("experts:calendar_month"))
    first, zone = context["asked_first"], zone_of(expert.time_zone)
    between = instant(first, 0, zone), instant(months.next_month(first), 0, zone)
    context["booked"] = [one for provider in appointments for one in provider(expert.pk, *between)]
    return render(request, "experts/calendar/month.html", context)


@require_safe
@login_required
@never_cache
def day(request: HttpRequest, day: str) -> HttpResponse:
    expert = _own(request)
    context = _day_context(request, expert, day)
    zone = context["zone"]
    context["segments"] = [
        _said(segment, zone, segment.reason.for_expert(zone) if segment.reason else "")
        for segment in context["segments"]
    ]
    context["form"] = ExceptionForm(initial={"first": context["day"]})
    return render(request, "experts/calendar/day.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def weekly_hours(request: HttpRequest) -> HttpResponse:
    expert = _own(request)
    plan = list(expert.weekly_hours.values_list("weekday", "opens", "closes"))
    form = WeeklyHoursForm(request.POST or None, initial=WeeklyHoursForm.first_answers(plan))
    if request.method == "POST" and form.is_valid():
        editing.set_weekly_hours(expert=expert, by=_user(request), hours=form.hours)
        messages.success(request, _("Your weekly plan is saved."))
        return redirect("experts:calendar_month")
    return render(request, "experts/calendar/hours.html", {"expert": expert, "form": form, "has_plan": plan})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def exceptions(request: HttpRequest) -> HttpResponse:
    expert = _own(request)
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            editing.add_exception(expert=expert, by=_user(request), **said)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your calendar is changed."))
            return redirect("experts:calendar_exceptions")
    today = day_of(timezone.now(), zone_of(expert.time_zone))
    context = {
        "expert": expert,
        "form": form,
        "exceptions": _exceptions(expert, today),
        "away": expert.unavailable.filter(days__endswith__gt=today).order_by("days"),
    }
    return render(request, "experts/calendar/exceptions.html", context)


@require_POST
@login_required
def remove_exception(request: HttpRequest, pk: int) -> HttpResponse:
    return _remove(request, CalendarException, pk)


@require_POST
@login_required
def remove_away(request: HttpRequest, pk: int) -> HttpResponse:
    return _remove(request, UnavailablePeriod, pk)


def _remove(
    request: HttpRequest, model: type[CalendarException] | type[UnavailablePeriod], pk: int
) -> HttpResponse:
    expert = _own(request)
    row: Any = get_object_or_404(model, pk=pk, expert=expert)
    editing.remove(expert=expert, by=_user(request), row=row)
    messages.success(request, _("Your calendar is changed."))
    return redirect("experts:calendar_exceptions")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def imports(request: HttpRequest) -> HttpResponse:
    """Calendars that come in, and the feed that goes out."""
    expert = _own(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            sources.add(
                expert=expert, by=_user(request), name=said["name"], url=said["url"], content=said["file"]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("We are reading the calendar. Its busy times show in a moment."))
            return redirect("experts:calendar_import")
    found = CalendarFeed.objects.filter(expert=expert).first()
    context = {
        "expert": expert,
        "form": form,
        "sources": [(one, _trouble(one)) for one in expert.calendar_sources.defer("content")],
        "feed": found,
        "feed_url": settings.SITE_URL + reverse("experts:calendar_feed", args=[found.address])
        if found
        else "",
    }
    return render(request, "experts/calendar/imports.html", context)


@require_POST
@login_required
def source(request: HttpRequest, pk: int) -> HttpResponse:
    expert = _own(request)
    found = get_object_or_404(CalendarSource.objects.defer("content"), pk=pk, expert=expert)
    if request.POST.get("act") == "remove":
        sources.remove(expert=expert, by=_user(request), source=found)
        messages.success(request, _("The calendar and its busy times are removed."))
    elif request.POST.get("act") == "read":
        sources.read_now(source=found)
        messages.success(request, _("We are reading the calendar again."))
    return redirect("experts:calendar_import")


@require_POST
@login_required
def own_feed(request: HttpRequest) -> HttpResponse:
    expert, by, act = _own(request), _user(request), request.POST.get("act")
    if act == "open":
        feed.open_feed(expert=expert, by=by)
        messages.success(request, _("Your calendar has an address now."))
    elif act == "renew":
        feed.renew_feed(expert=expert, by=by, address=request.POST.get("address", ""))
        messages.success(request, _("Your calendar has another address. The old one shows nothing any more."))
    elif act == "close":
        feed.close_feed(expert=expert, by=by)
        messages.success(request, _("The address of your calendar shows nothing any more."))
    return redirect("experts:calendar_import")


# What the pages have in common.


def _user(request: HttpRequest) -> Any:
    return request.user


def _month_context(request: HttpRequest, expert: Expert, address: str) -> dict[str, Any]:
    now, zone = timezone.now(), zone_for(request, expert)
    first = months.month_from(request.GET.get("month", ""), now, zone)
    shown, calendar = months.month_of(expert, first, zone, now)
    query = _zone_query(request)
    key = (address, query, shown)
    context = {"month": shown, "address": address, "query": query}
    return {
        "expert": expert,
        "has_plan": bool(calendar.plan.weekly),
        "grid": fragments.page_kept_an_hour(
            "calendar month", key, lambda: render_to_string("experts/calendar/_month.html", context)
        ),
        "asked_first": first,
        "asked_month": f"{first:%Y-%m}",
        **_zones(request, expert, zone, now),
    }


def _day_context(request: HttpRequest, expert: Expert, text: str) -> dict[str, Any]:
    now, zone = timezone.now(), zone_for(request, expert)
    asked = _day_named(text, now, zone)
    calendar = months.read_for(expert, asked, asked + months.DAY, zone)
    return {
        "expert": expert,
        "calendar": calendar,
        "day": asked,
        "heading": months.heading(asked),
        "asked_month": f"{asked:%Y-%m}",
        "segments": months.segments_of(calendar, asked, zone, now),
        "has_plan": bool(calendar.plan.weekly),
        "now": now,
        "query": _zone_query(request),
        **_zones(request, expert, zone, now),
    }


def _day_named(text: str, now: datetime, zone: ZoneInfo) -> date:
    """Of the months there are pages for; a 404 for all else."""
    try:
        asked = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    first, last = months.bounds(now, zone)
    if not first <= asked < months.next_month(last):
        raise Http404
    return asked


def _zones(request: HttpRequest, expert: Expert, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    own, typed = zone_of(expert.time_zone), request.GET.get("zone", "")
    return {
        "zone": zone,
        "zone_words": months.zone_words(zone, now),
        "own_zone_words": months.zone_words(own, now),
        "same_zone": zone.key == own.key,
        "unknown_zone": typed[:64] if typed and zone_named(typed) is None else "",
    }


def _zone_query(request: HttpRequest) -> str:
    asked = zone_named(request.GET.get("zone", ""))
    return f"?{urlencode({'zone': asked.key})}" if asked else ""


def _said(segment: months.Segment, zone: ZoneInfo, why: str) -> dict[str, Any]:
    return {"span": months.span(segment.start, segment.end, zone), "open": segment.reason is None, "why": why}


def _starts(request: HttpRequest, expert: Expert, context: dict[str, Any]) -> dict[str, Any]:
    """The possible starts of one service on the reader's day, whose parts may be two days of the expert's."""
    offered = list(expert.services.filter(is_active=True).order_by("price", "pk"))
    if not offered:
        return {"services": [], "service": None, "starts": []}
    asked = row_number(request.GET.get("service", ""))
    chosen = next((one for one in offered if one.pk == asked), offered[0])
    return {"services": offered, "service": chosen, "starts": _starts_of(chosen, context)}


def _starts_of(service: Service, context: dict[str, Any]) -> list[str]:
    calendar, zone = context["calendar"], context["zone"]
    start, end = whole_day(context["day"], zone)
    if service.duration_days:  # reaches further than one day's calendar
        calendar = months.read_for(
            calendar.expert, context["day"], context["day"] + (service.duration_days + 1) * months.DAY, zone
        )
    found = [
        slot
        for number in range(3)
        for slot in slots_in(
            calendar,
            service,
            day_of(start, calendar.zone) + number * months.DAY,
            now=context["now"],
        )
    ]
    groups = {
        one.start: months.said(one, zone)
        for one in departures_in(calendar, service)
        if one.start > context["now"]
    }
    words = {slot[0]: months.span(*slot, zone) for slot in found} | groups
    return [words[begins] for begins in sorted(words) if start <= begins < end]


def _exceptions(expert: Expert, today: date) -> list[dict[str, Any]]:
    rows = expert.calendar_exceptions.filter(days__endswith__gt=today)
    return [
        {
            "row": one,
            "days": day_range(one.days.lower, one.days.upper - months.DAY),
            "hours": write([(one.opens, one.closes)])
            if one.opens is not None and one.closes is not None
            else "",
        }
        for one in rows
    ]


def _trouble(one: CalendarSource) -> Any:
    return WORDS[Trouble(one.trouble)] if one.trouble else ""

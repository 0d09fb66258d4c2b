"""What the admin shows around its lists: the sidebar, presets over a list, and the first page. settings.UNFOLD names
these functions. Everybody sees only what they may open.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Avg, Count, Min, Q, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

from accounts.models import AuditEvent, NoticeMail, User
from bookings.models import (
    Attachment,
    Booking,
    Departure,
    Dispute,
    Inquiry,
    Offer,
    Posting,
    Proposal,
    Report,
    Review,
    TravelerReview,
    WaitlistEntry,
)
from experts import services
from experts.models import Expert, Service, Specialty
from jobs.models import Effect, Job
from llm.models import Call, Disclosure
from markets.models import ExchangeRate, Market
from matching.models import AlgorithmVersion, Exposure, Feedback, MatchRun, MatchScore
from social import moves
from social.models import (
    Contact,
    Lead,
    Monitor,
    Outreach,
    Run,
    SlackPress,
    SlackUser,
    SocialSettings,
    Trend,
    ViralMoment,
)
from travelers.models import TravelerProfile, Trip

Model = type[models.Model]
Item = dict[str, Any]

# Names of Material Symbols, the font that unfold ships.
ICONS: dict[Model, str] = {
    AlgorithmVersion: "tune",
    Attachment: "attach_file",
    AuditEvent: "history",
    Booking: "event_available",
    Call: "neurology",
    Departure: "groups",
    Disclosure: "privacy_tip",
    Dispute: "gavel",
    Effect: "outbound",
    ExchangeRate: "currency_exchange",
    Expert: "badge",
    Exposure: "visibility",
    Feedback: "feedback",
    Group: "shield_person",
    Inquiry: "chat",
    Job: "work_history",
    Market: "location_city",
    MatchRun: "conversion_path",
    MatchScore: "receipt_long",
    Offer: "request_quote",
    NoticeMail: "mail",
    PeriodicTask: "schedule",
    Posting: "account_balance",
    Proposal: "event_repeat",
    Report: "flag",
    Review: "reviews",
    Service: "sell",
    Specialty: "category",
    TravelerProfile: "person_pin_circle",
    TravelerReview: "rate_review",
    Trip: "luggage",
    Contact: "contact_mail",
    Lead: "person_search",
    Outreach: "outgoing_mail",
    SlackPress: "touch_app",
    SlackUser: "tag",
    Monitor: "radar",
    Run: "sync",
    SocialSettings: "do_not_disturb_on",
    Trend: "trending_up",
    ViralMoment: "bolt",
    User: "group",
    WaitlistEntry: "hourglass_top",
}
ANALYTICS = "admin:matching_matchrun_analytics"
LATEST = 8
LONGEST_WAITLISTS = 6


def navigation(request: HttpRequest) -> list[Item]:
    """The sidebar, grouped by task."""
    overview = [{"title": _("Overview"), "icon": "space_dashboard", "link": reverse("admin:index")}]
    groups: list[tuple[str, list[Model]]] = [
        (_("Review"), [Expert, Service, Review, TravelerReview]),
        (_("Matching"), [Trip, MatchRun, MatchScore, Exposure, Feedback, AlgorithmVersion]),
        (_("Clients"), [Inquiry, Offer, Attachment, Report, TravelerProfile]),
        (_("Bookings"), [Booking, Dispute, Proposal, Departure, Posting]),
        (_("Markets"), [Market, WaitlistEntry, Specialty, ExchangeRate]),
        (_("Social commerce"), [Trend, ViralMoment, Lead, Outreach, Contact, Run, Monitor, SocialSettings]),
        (_("Slack"), [SlackUser, SlackPress]),
        (_("Language models"), [Call, Disclosure]),
        (_("Operations"), [Job, NoticeMail, Effect, PeriodicTask]),
        (_("Access"), [User, Group, AuditEvent]),
    ]
    waiting = _waiting(request)
    shown = [{"title": title, "items": list(_items(request, models, waiting))} for title, models in groups]
    return [{"items": overview}, *(group for group in shown if group["items"])]


def _items(request: HttpRequest, listed: list[Model], waiting: dict[Model, int]) -> Iterator[Item]:
    for model in listed:
        if may_see(request, model):
            title = capfirst(str(model._meta.verbose_name_plural))
            item = {"title": title, "icon": ICONS[model], "link": list_url(model)}
            if count := waiting.get(model):
                item |= {"badge": str(count), "badge_variant": "warning"}
            # The address of analytics begins as that of the runs does, and only one can be the open page.
            yield item | ({"active": False} if request.path == reverse(ANALYTICS) else {})
        if model is MatchRun and may_see(request, model):
            yield {"title": _("Analytics"), "icon": "monitoring", "link": reverse(ANALYTICS)}


def _waiting(request: HttpRequest) -> dict[Model, int]:
    """How many rows of each list wait for a person, in one query."""
    waiting: dict[Model, Q] = {
        Expert: Q(status=Expert.Status.SUBMITTED),
        Job: Q(state=Job.State.DEAD),
        Report: Q(state=Report.State.OPEN),
        Dispute: Q(state=Dispute.State.OPEN),
        NoticeMail: Q(state=NoticeMail.State.FAILED),
        Outreach: Q(state__in=moves.TO_DECIDE),
        Trend: Q(state=Trend.State.FOUND, merged_into=None, valid_until__gt=timezone.now()),
    }
    shown = [model for model in waiting if may_see(request, model)]
    counts = [
        model._default_manager.filter(waiting[model])
        .order_by()
        .annotate(list=Value(place))
        .values("list")
        .annotate(count=Count("*"))
        .values_list("list", "count")
        for place, model in enumerate(shown)
    ]
    if not counts:
        return {}
    return {shown[place]: count for place, count in counts[0].union(*counts[1:], all=True)}


def tabs(request: HttpRequest) -> list[Item]:
    """Presets over the list of experts."""
    presets: list[tuple[str, dict[str, object]]] = [
        (_("To review"), {"status__exact": Expert.Status.SUBMITTED}),
        (_("Active"), {"status__exact": Expert.Status.ACTIVE}),
        (_("Unverified"), {"status__exact": Expert.Status.ACTIVE, "verified__exact": "0"}),
        (_("Paused"), {"status__exact": Expert.Status.PAUSED}),
        (_("Suspended"), {"status__exact": Expert.Status.SUSPENDED}),
        (_("Drafts"), {"status__exact": Expert.Status.DRAFT}),
        (_("All"), {}),
    ]
    chosen = {name: request.GET[name] for name in ("status__exact", "verified__exact") if name in request.GET}
    items = [
        {"title": title, "link": list_url(Expert, **query), "active": chosen == query}
        for title, query in presets
    ]
    return [{"models": [Expert._meta.label_lower], "items": items}]


def context(request: HttpRequest) -> dict[str, Any]:
    # Colours come from static/css/admin.css: unfold would write them into a style element, which our policy forbids.
    return {"colors": None}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The first page: what waits for a person, and how the day goes."""
    parts = {
        "applications": (Expert, _applications),
        "jobs": (Job, _jobs),
        "runs": (MatchRun, _runs),
        "inquiries": (Inquiry, _inquiries),
        "waitlists": (WaitlistEntry, _waitlists),
        "events": (AuditEvent, _events),
    }
    allowed = {name: part() for name, (model, part) in parts.items() if may_see(request, model)}
    return context | {"title": _("Overview"), "parts": allowed}


def _applications() -> Item:
    waiting = services.with_waiting(Expert.objects.filter(status=Expert.Status.SUBMITTED))
    numbers = waiting.aggregate(count=Count("pk"), oldest=Min("waiting_since"))
    return numbers | {"url": list_url(Expert, status__exact=Expert.Status.SUBMITTED)}


def _jobs() -> Item:
    states = dict(Job.objects.unfinished().order_by().values_list("state").annotate(Count("pk")))
    dead = Job.objects.filter(state=Job.State.DEAD).count()
    url = list_url(Job, state__exact=Job.State.DEAD)
    return {"dead": dead, "queued": states.get("queued", 0), "running": states.get("running", 0), "url": url}


def _runs() -> Item:
    failed = Q(state=MatchRun.State.FAILED)
    today = MatchRun.objects.filter(created_at__gte=_midnight())
    numbers = today.aggregate(count=Count("pk"), failed=Count("pk", filter=failed), mean=Avg("compute_ms"))
    return numbers | {"url": list_url(MatchRun)}


def _inquiries() -> Item:
    count = Inquiry.objects.filter(created_at__gte=_midnight()).count()
    return {"count": count, "url": list_url(Inquiry)}


def _waitlists() -> Item:
    longest = (
        Market.objects.filter(waitlist__isnull=False)
        .annotate(waiting=Count("waitlist"), since=Min("waitlist__created_at"))
        .order_by("-waiting", "name")[:LONGEST_WAITLISTS]
    )
    return {"markets": [(market, list_url(WaitlistEntry, market__id__exact=market.pk)) for market in longest]}


def _events() -> Item:
    return {"latest": AuditEvent.objects.select_related("actor")[:LATEST], "url": list_url(AuditEvent)}


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def may_see(request: HttpRequest, model: Model) -> bool:
    try:
        return bool(admin.site.get_model_admin(model).has_view_permission(request))
    except NotRegistered:
        return False


def list_url(model: Model, **filters: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=filters)

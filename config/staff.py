"""What the admin shows around its lists: the sidebar, presets over a list, and the first page. settings.UNFOLD names
these functions. Everybody sees only what they may open.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Avg, Count, Min, Q, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.models import PeriodicTask

from accounts.models import AuditEvent, NoticeMail, User
from accounts.staff import acting, may_see
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
from content_assistant.models import Ruling
from experts import services
from experts.models import Expert, Service, Specialty
from jobs.models import Effect, Job
from llm.models import Call, Disclosure
from markets.models import ExchangeRate, Market
from matching.models import AlgorithmVersion, Exposure, Feedback, MatchRun, MatchScore
from social import alerting, moves
from social.models import (
    Alert,
    Campaign,
    Contact,
    Idea,
    IdeaRound,
    Lead,
    Monitor,
    Outreach,
    PostDraft,
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
    Alert: "inbox",
    AlgorithmVersion: "tune",
    Attachment: "attach_file",
    AuditEvent: "history",
    Booking: "event_available",
    Call: "neurology",
    Campaign: "campaign",
    Contact: "contact_mail",
    Departure: "groups",
    Disclosure: "privacy_tip",
    Dispute: "gavel",
    Effect: "outbound",
    ExchangeRate: "currency_exchange",
    Expert: "badge",
    Exposure: "visibility",
    Feedback: "feedback",
    Group: "shield_person",
    Idea: "lightbulb",
    IdeaRound: "tips_and_updates",
    Inquiry: "chat",
    Job: "work_history",
    Lead: "person_search",
    Market: "location_city",
    MatchRun: "conversion_path",
    MatchScore: "receipt_long",
    Monitor: "radar",
    NoticeMail: "mail",
    Offer: "request_quote",
    Outreach: "outgoing_mail",
    PeriodicTask: "schedule",
    PostDraft: "edit_note",
    Posting: "account_balance",
    Proposal: "event_repeat",
    Report: "flag",
    Review: "reviews",
    Ruling: "pan_tool",
    Run: "sync",
    Service: "sell",
    SlackPress: "touch_app",
    SlackUser: "tag",
    SocialSettings: "do_not_disturb_on",
    Specialty: "category",
    TravelerProfile: "person_pin_circle",
    TravelerReview: "rate_review",
    Trend: "trending_up",
    Trip: "luggage",
    User: "group",
    ViralMoment: "bolt",
    WaitlistEntry: "hourglass_top",
}
# Pages about all rows of a model, shown behind its list.
PAGES: dict[Model, tuple[str, Any, str]] = {
    MatchRun: ("admin:matching_matchrun_analytics", gettext_lazy("Analytics"), "monitoring"),
    Ruling: ("admin:content_assistant_ruling_analytics", gettext_lazy("How drafts are used"), "monitoring"),
    Trend: ("admin:social_trend_overview", gettext_lazy("Social overview"), "insights"),
    Campaign: ("admin:social_campaign_calendar", gettext_lazy("Calendar"), "calendar_month"),
}
LATEST = 8
LONGEST_WAITLISTS = 6


def navigation(request: HttpRequest) -> list[Item]:
    """The sidebar, grouped by task."""
    overview = [{"title": _("Overview"), "icon": "space_dashboard", "link": reverse("admin:index")}]
    groups: list[tuple[str, list[Model]]] = [
        (_("Review"), [Expert, Service, Review, TravelerReview, Ruling]),
        (_("Matching"), [Trip, MatchRun, MatchScore, Exposure, Feedback, AlgorithmVersion]),
        (_("Clients"), [Inquiry, Offer, Attachment, Report, TravelerProfile]),
        (_("Bookings"), [Booking, Dispute, Proposal, Departure, Posting]),
        (_("Markets"), [Market, WaitlistEntry, Specialty, ExchangeRate]),
        (
            _("Social commerce"),
            [Alert, Trend, ViralMoment, Lead, Outreach, Contact, Run, Monitor, SocialSettings],
        ),
        (_("Content"), [Idea, PostDraft, Campaign, IdeaRound]),
        (_("Slack"), [SlackUser, SlackPress]),
        (_("Language models"), [Call, Disclosure]),
        (_("Operations"), [Job, NoticeMail, Effect, PeriodicTask]),
        (_("Access"), [User, Group, AuditEvent]),
    ]
    seen = [(title, [model for model in models if may_see(request, model)]) for title, models in groups]
    waiting = _waiting(request, [model for _title, models in seen for model in models])
    shown = [{"title": title, "items": list(_items(request, models, waiting))} for title, models in seen]
    return [{"items": overview}, *(group for group in shown if group["items"])]


def _items(request: HttpRequest, listed: list[Model], waiting: dict[str, int]) -> Iterator[Item]:
    for model in listed:
        title = capfirst(str(model._meta.verbose_name_plural))
        item = {"title": title, "icon": ICONS[model], "link": list_url(model)}
        yield from _with_page(request, model, item | _number(waiting.get(model._meta.label, 0)))


def _with_page(request: HttpRequest, model: Model, item: Item) -> Iterator[Item]:
    if model not in PAGES:
        yield item
        return
    name, title, icon = PAGES[model]
    # Its address begins as that of the list does, and only one can be the open page.
    yield item | ({"active": False} if request.path == reverse(name) else {})
    yield {"title": title, "icon": icon, "link": reverse(name)}


def _number(count: int) -> Item:
    return {"badge": str(count), "badge_variant": "warning"} if count else {}


def _for_a_person() -> dict[Model, Q]:
    """What of these waits for one."""
    return {
        Expert: Q(status=Expert.Status.SUBMITTED),
        Job: Q(state=Job.State.DEAD),
        Report: Q(state=Report.State.OPEN),
        Dispute: Q(state=Dispute.State.OPEN),
        NoticeMail: Q(state=NoticeMail.State.FAILED),
        Ruling: Q(decision=""),
        Outreach: Q(state__in=moves.TO_DECIDE) | moves.BY_HAND,
        Trend: Q(state=Trend.State.FOUND, merged_into=None, valid_until__gt=timezone.now()),
    }


def _waiting(request: HttpRequest, listed: list[Model]) -> dict[str, int]:
    """How many rows of each wait, by the model's label; nothing of those with none."""
    wanted = _for_a_person()
    counts = [
        model._default_manager.filter(wanted[model])
        .order_by()
        .values(label=Value(model._meta.label))
        .annotate(count=Count("pk"))
        .values_list("label", "count")
        for model in listed
        if model in wanted
    ]
    found = dict(counts[0].union(*counts[1:], all=True)) if counts else {}
    if Alert in listed:  # of alerts, for this reader
        found[Alert._meta.label] = sum(alerting.unread(acting(request), timezone.now()).values())
    return found


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
    parts: dict[str, tuple[Model, Callable[[], Item]]] = {
        "applications": (Expert, _applications),
        "disputes": (Dispute, partial(_in_state, Dispute, Dispute.State.OPEN, since="opened_at")),
        "reports": (Report, partial(_in_state, Report, Report.State.OPEN, since="created_at")),
        "mails": (NoticeMail, partial(_in_state, NoticeMail, NoticeMail.State.FAILED, since="created_at")),
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


def _in_state(model: Model, state: str, *, since: str) -> Item:
    numbers = model._default_manager.filter(state=state).aggregate(count=Count("pk"), oldest=Min(since))
    return numbers | {"url": list_url(model, state__exact=state)}


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


def list_url(model: Model, **filters: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=filters)

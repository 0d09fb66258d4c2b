"""Leads with their evidence. What is written to them is decided elsewhere."""

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts.errors import DomainError
from accounts.staff import Listed, ReadOnlyAdmin, acting, confirm, link_to
from social import erasing, moves, outreach
from social.admin import shown
from social.models import Lead, LeadSample
from social.tasks import draft_messages


class LeadSampleInline(Listed):
    model = LeadSample
    fields = readonly_fields = ("day", "followers", "engagement", "posts_counted")
    ordering = ("-day",)
    hide_title = True


@admin.register(Lead)
class LeadAdmin(ReadOnlyAdmin):
    list_display = (
        "profile",
        "market_link",
        "followers_known",
        "engagement_known",
        "posts_counted",
        "coloured_fit",
        "high_potential",
        "seen_at",
    )
    list_filter = ("high_potential", "fit", "origin", ("market", AutocompleteSelectFilter))
    list_filter_submit = True
    list_select_related = ("market", "author")
    search_fields = ("author__handle", "author__name", "market__name", "style", "why")
    ordering = ("-high_potential", "-seen_at", "-pk")
    fields = (
        ("profile", "market_link", "expert_link"),
        "writing",
        ("followers_known", "engagement_known"),
        ("posts_counted", "days_counted"),
        ("fit", "high_potential", "origin"),
        "style",
        "why",
        "bio",
        ("found_at", "seen_at", "judged_at", "opted_out_at"),
        "proof",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    inlines = (LeadSampleInline,)
    actions_detail = ("write", "opt_out", "erase")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only what can still be done about this person."""
        lead = self.get_object(request, object_id)
        if lead is None:
            return []
        closed = {"write"} if outreach.why_not(lead, timezone.now()) else set()
        if lead.opted_out_at:
            closed.add("opt-out")
        return [one for one in super().get_actions_detail(request, object_id) if one.path not in closed]

    def has_write_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(moves.PERMISSION)

    @action(
        description=gettext_lazy("Write to this person"),
        url_path="write",
        icon="outgoing_mail",
        variant=ActionVariant.PRIMARY,
        permissions=["write"],
    )
    def write(self, request: HttpRequest, object_id: str) -> HttpResponse:
        lead = self.row(request, object_id, lambda _row: self.has_write_permission(request))
        if request.method != "POST":
            question = _("Messages are drafted from their posts. Nothing is sent before you approve one.")
            return confirm(self, request, lead, title=_("Write to this person"), question=question)
        try:
            with transaction.atomic():
                row = outreach.begin_by_hand(lead, by=acting(request))
                draft_messages.enqueue(outreach_id=row.pk, unique_key=str(row.pk))
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("admin:social_lead_change", lead.pk)
        return redirect("admin:social_outreach_change", row.pk)

    def has_erase_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("social.erase_lead")

    @action(
        description=gettext_lazy("Erase this person"),
        url_path="erase",
        icon="person_remove",
        variant=ActionVariant.DANGER,
        permissions=["erase"],
    )
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        lead = self.row(request, object_id, lambda _row: self.has_erase_permission(request))
        if request.method != "POST":
            question = _(
                "Their posts, figures and messages are deleted. They are never read or written to again."
            )
            return confirm(self, request, lead, title=_("Erase this person"), question=question)
        erasing.forget_handle(lead.handle, by=acting(request))
        messages.success(request, _("This person is erased."))
        return redirect("admin:social_lead_changelist")

    @action(
        description=gettext_lazy("Opt out"),
        url_path="opt-out",
        icon="do_not_disturb_on",
        variant=ActionVariant.WARNING,
        permissions=["write"],
    )
    def opt_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        lead = self.row(request, object_id, lambda _row: self.has_write_permission(request))
        if request.method != "POST":
            question = _("None of us will ever write to this person again, in any market.")
            return confirm(self, request, lead, title=_("Opt out"), question=question)
        try:
            moves.opt_out(lead, by=acting(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Nobody writes to this person any more."))
        return redirect("admin:social_lead_change", lead.pk)

    @display(description=gettext_lazy("handle"), ordering="author__handle")
    def profile(self, lead: Lead) -> SafeString | str:
        return str(lead.author)

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, lead: Lead) -> str:
        return link_to(lead.market)

    @display(description=gettext_lazy("expert"))
    def expert_link(self, lead: Lead) -> str:
        return link_to(lead.expert)

    @display(description=gettext_lazy("outreach"))
    def writing(self, lead: Lead) -> str:
        """What is open, or why nobody writes to them."""
        found = lead.outreaches.filter(state__in=moves.OPEN).select_related("lead__author").first()
        return link_to(found) if found else outreach.why_not(lead, timezone.now()) or "–"

    @display(description=gettext_lazy("followers"), ordering="followers")
    def followers_known(self, lead: Lead) -> str:
        return shown.known(lead.followers)

    @display(description=gettext_lazy("engagement in %"), ordering="engagement")
    def engagement_known(self, lead: Lead) -> str:
        return shown.known(lead.engagement)

    @display(description=gettext_lazy("fit"), ordering="fit", label=shown.BAND_COLOURS)
    def coloured_fit(self, lead: Lead) -> tuple[str, str]:
        return lead.fit, lead.get_fit_display()

    @display(description=gettext_lazy("about themselves"))
    def bio(self, lead: Lead) -> str:
        return lead.author.bio or "–"

    @display(description=gettext_lazy("evidence"))
    def proof(self, lead: Lead) -> SafeString:
        return shown.posts(lead.evidence.select_related("author").order_by("-posted_at", "pk"))

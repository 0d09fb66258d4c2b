"""Ideas, the texts made of them, and campaigns with their calendar."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from accounts.errors import DomainError
from accounts.models import User
from accounts.params import row_number
from accounts.staff import ReadOnlyAdmin, acting, link_to, list_of
from markets.formats import day_range, money
from social import campaigns, ideas, publishing
from social.admin import calendar, shown
from social.admin.steps import ReasonForm, StepsAdmin, button
from social.campaigns import Basis
from social.models import Campaign, Idea, IdeaRound, PostDraft, Trend, ViralMoment
from social.models.content import Channel

IDEA_COLOURS = {"open": "info", "used": "success", "rejected": "default"}
CAMPAIGN_COLOURS = {"planned": "info", "running": "success", "done": "default", "cancelled": "danger"}
DRAFT_COLOURS = {"draft": "warning", "ready": "info", "published": "success"}
ROUND_COLOURS = {"waiting": "info", "done": "success", "failed": "danger"}


class ChannelForm(forms.Form):
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=Channel.choices, widget=UnfoldAdminSelectWidget
    )


@admin.register(Idea)
class IdeaAdmin(StepsAdmin, ReadOnlyAdmin):
    decides = "social.decide_idea"
    list_display = ("title", "market_link", "on", "trend_link", "coloured_state", "origin", "made_on")
    list_filter = ("state", "channel", "origin", ("market", AutocompleteSelectFilter))
    list_filter_submit = True
    list_select_related = ("market", "trend")
    search_fields = ("title", "hook", "market__name", "trend__topic")
    ordering = ("-made_on", "-pk")
    fields = (
        ("title", "channel", "state"),
        "market_link",
        "hook",
        "points",
        "trend_link",
        "made_of_it",
        "campaign_link",
        ("origin", "made_on", "rests_until"),
        "evidence",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    actions_detail = ("draft", "reject", "reopen")
    draft = button("draft", gettext_lazy("Make a post draft"), "edit_note", ActionVariant.PRIMARY)
    reject = button("reject", gettext_lazy("Reject"), "block", ActionVariant.DANGER)
    reopen = button("reopen", gettext_lazy("Take up again"), "undo", ActionVariant.DEFAULT)
    MOVES = {"reject": Idea.State.REJECTED, "reopen": Idea.State.OPEN}

    def open_steps(self, row: Idea) -> set[str]:
        able = {step for step, to in self.MOVES.items() if to in Idea.MOVES[row.state]}
        return able if row.state == Idea.State.REJECTED else able | {"draft"}

    def form_of(self, row: Idea, path: str, data: Any) -> forms.Form:
        if path == "draft":
            return ChannelForm(data, initial={"channel": row.channel})
        return ReasonForm(data) if path == "reject" else super().form_of(row, path, data)

    def take(self, row: Idea, path: str, data: dict[str, Any], by: User) -> Model:
        if path == "draft":
            return publishing.draft(row, data["channel"], by=by)
        return ideas.move(row, self.MOVES[path], by=by, reason=data.get("reason", ""))

    def about(self, row: Idea) -> Iterable[tuple[str, object]]:
        yield _("market"), row.market
        yield _("hook"), row.hook
        yield _("outline"), "\n".join(row.outline)

    def says(self, row: Idea, path: str) -> str:
        if path != "draft":
            return ""
        return _(
            "The idea’s own lines become a first text. A text that is there for the channel already stays."
        )

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, idea: Idea) -> str:
        return link_to(idea.market)

    @display(description=gettext_lazy("channel"), ordering="channel")
    def on(self, idea: Idea) -> str:
        return idea.get_channel_display()

    @display(description=gettext_lazy("trend"), ordering="trend__topic")
    def trend_link(self, idea: Idea) -> str:
        return link_to(idea.trend)

    @display(description=gettext_lazy("state"), ordering="state", label=IDEA_COLOURS)
    def coloured_state(self, idea: Idea) -> tuple[str, str]:
        return idea.state, idea.get_state_display()

    @display(description=gettext_lazy("outline"))
    def points(self, idea: Idea) -> SafeString | str:
        return shown.paragraphs("{}", ((point,) for point in idea.outline)) or "–"

    @display(description=gettext_lazy("post drafts"))
    def made_of_it(self, idea: Idea) -> SafeString | str:
        return format_html_join(", ", "{}", ((link_to(row),) for row in idea.drafts.order_by("pk"))) or "–"

    @display(description=gettext_lazy("campaign"))
    def campaign_link(self, idea: Idea) -> SafeString | str:
        return (
            "–"
            if idea.state == Idea.State.REJECTED
            else shown.made_of(idea.campaigns.order_by("pk"), idea=idea.pk)
        )

    @display(description=gettext_lazy("based on"))
    def evidence(self, idea: Idea) -> SafeString:
        return shown.posts(idea.posts.select_related("author").order_by("-likes", "pk"))


@admin.register(IdeaRound)
class IdeaRoundAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "market_link", "coloured_state", "made", "dropped", "cost", "asked_by")
    list_filter = ("state", ("market", AutocompleteSelectFilter))
    list_filter_submit = True
    list_select_related = ("market", "asked_by")
    search_fields = ("market__name", "note")
    ordering = ("-asked_at", "-pk")
    fields = (
        ("asked_at", "market_link", "state"),
        ("asked_by", "finished_at"),
        ("made", "cost", "all_ideas"),
        "note",
        ("dropped", "what_was_dropped"),
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, row: IdeaRound) -> str:
        return link_to(row.market)

    @display(description=gettext_lazy("state"), ordering="state", label=ROUND_COLOURS)
    def coloured_state(self, row: IdeaRound) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("ideas"))
    def all_ideas(self, row: IdeaRound) -> str:
        return list_of(Idea, _("ideas of this market"), market__id__exact=row.market_id)

    @display(description=gettext_lazy("what was dropped, and why"))
    def what_was_dropped(self, row: IdeaRound) -> SafeString | str:
        lines = ((one["what"], one["why"], one["text"]) for one in row.drops)
        return shown.paragraphs("<b>{}</b>: {}<br>{}", lines) or "–"


class ResultsForm(forms.Form):
    """What nobody knows stays empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "views": _("Views"),
            "clicks": _("Clicks to our pages"),
            "inquiries": _("Inquiries"),
            "bookings": _("Bookings"),
        }
        for name in campaigns.RESULTS:
            self.fields[name] = forms.IntegerField(
                label=labels[name],
                required=False,
                min_value=0,
                max_value=2**53,
                widget=UnfoldAdminIntegerFieldWidget,
            )
        self.fields["spent"] = forms.DecimalField(
            label=_("Spent"),
            required=False,
            min_value=0,
            max_digits=12,
            decimal_places=2,
            widget=UnfoldAdminDecimalFieldWidget,
        )
        self.fields["note"] = forms.CharField(
            label=_("What was learned"),
            required=False,
            max_length=1000,
            widget=UnfoldAdminTextareaWidget({"rows": 4}),
        )


class CheckedForm(forms.ModelForm[Any]):
    """What a rule says no to is told beside what was typed."""

    def check(self, row: Any) -> None:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.check(self._meta.model(pk=self.instance.pk, **data))
            except DomainError as error:
                self.add_error(None, str(error))
        return data


class CampaignForm(CheckedForm):
    class Meta:
        model = Campaign
        fields = (
            *("market", "name", "brief", "audience", "channel", "starts_on", "ends_on"),
            *("budget", "currency", "owner", "idea", "trend", "viral"),
        )

    def clean_budget(self) -> Any:
        budget = self.cleaned_data["budget"]
        if budget < 0:
            raise forms.ValidationError(_("A budget is zero or more."))
        return budget

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).strip().upper()
        if not campaigns.is_known_currency(currency):
            raise forms.ValidationError(_("This currency is not known here: write it as USD or EUR."))
        return currency

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        return super().clean()

    def check(self, row: Campaign) -> None:
        campaigns.check(row)


@admin.register(Campaign)
class CampaignAdmin(StepsAdmin):
    decides = "social.change_campaign"
    form = CampaignForm
    list_display = ("name", "market_link", "on", "days", "amount", "owner", "coloured_state")
    list_filter = ("state", "channel", ("market", AutocompleteSelectFilter), ("starts_on", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("market", "owner")
    search_fields = ("name", "brief", "market__name", "owner__name")
    ordering = ("-starts_on", "-pk")
    autocomplete_fields = ("market", "idea", "trend", "viral")
    fields = (
        ("name", "market"),
        "brief",
        ("audience", "channel"),
        ("starts_on", "ends_on"),
        ("budget", "currency", "owner"),
        ("idea", "trend", "viral"),
        ("state", "recorded"),
        "texts",
    )
    readonly_fields = ("state", "recorded", "texts")
    list_before_template = "social/admin/campaign_list.html"
    actions_detail = ("start", "finish", "cancel", "results")
    start = button("start", gettext_lazy("Start"), "play_arrow", ActionVariant.SUCCESS)
    finish = button("finish", gettext_lazy("Finish"), "flag", ActionVariant.PRIMARY)
    cancel = button("cancel", gettext_lazy("Cancel campaign"), "block", ActionVariant.DANGER)
    results = button("results", gettext_lazy("Record results"), "query_stats", ActionVariant.DEFAULT)
    State = Campaign.State
    MOVES = {"start": State.RUNNING, "finish": State.DONE, "cancel": State.CANCELLED}

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.calendar)
        return [path("calendar/", page, name="social_campaign_calendar"), *super().get_urls()]

    def calendar(self, request: HttpRequest) -> HttpResponse:
        return calendar.page(self, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("social.add_campaign")

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        over = obj is not None and obj.state in {Campaign.State.DONE, Campaign.State.CANCELLED}
        return not over and super().has_change_permission(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From what the button stood at."""
        basis = Basis(
            idea=_named(Idea.objects.exclude(state=Idea.State.REJECTED), request, "idea"),
            trend=_named(Trend.objects.all(), request, "trend"),
            viral=_named(ViralMoment.objects.all(), request, "viral"),
        )
        return campaigns.proposal(basis, owner=acting(request))

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.filter(is_staff=True, is_active=True).order_by("name", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        act = campaigns.change if change else campaigns.plan
        act(obj, by=acting(request))

    def open_steps(self, row: Campaign) -> set[str]:
        able = {step for step, to in self.MOVES.items() if to in Campaign.MOVES[row.state]}
        return able if row.state == Campaign.State.PLANNED else able | {"results"}

    def form_of(self, row: Campaign, path: str, data: Any) -> forms.Form:
        if path == "results":
            return ResultsForm(data, initial=row.results)
        return ReasonForm(data) if path == "cancel" else super().form_of(row, path, data)

    def take(self, row: Campaign, path: str, data: dict[str, Any], by: User) -> Model:
        if path == "results":
            return campaigns.record(row, data, by=by)
        return campaigns.move(row, self.MOVES[path], by=by, reason=data.get("reason", ""))

    def about(self, row: Campaign) -> Iterable[tuple[str, object]]:
        yield _("market"), row.market
        yield _("days"), day_range(row.starts_on, row.ends_on)
        yield _("brief"), row.brief

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, campaign: Campaign) -> str:
        return link_to(campaign.market)

    @display(description=gettext_lazy("channel"), ordering="channel")
    def on(self, campaign: Campaign) -> str:
        return campaign.get_channel_display()

    @display(description=gettext_lazy("days"), ordering="starts_on")
    def days(self, campaign: Campaign) -> str:
        return day_range(campaign.starts_on, campaign.ends_on)

    @display(description=gettext_lazy("budget"), ordering="budget")
    def amount(self, campaign: Campaign) -> str:
        return money(campaign.budget, campaign.currency)

    @display(description=gettext_lazy("state"), ordering="state", label=CAMPAIGN_COLOURS)
    def coloured_state(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.state, campaign.get_state_display()

    @display(description=gettext_lazy("results"))
    def recorded(self, campaign: Campaign) -> SafeString | str:
        lines = ((name, value) for name, value in campaign.results.items())
        return format_html_join(" · ", "{}: {}", lines) or _("no data")

    @display(description=gettext_lazy("post drafts"))
    def texts(self, campaign: Campaign) -> SafeString | str:
        rows = campaign.drafts.select_related("idea").order_by("pk") if campaign.pk else []
        return format_html_join(", ", "{}", ((link_to(row),) for row in rows)) or "–"


def _named(rows: QuerySet[Any], request: HttpRequest, name: str) -> Any:
    number = row_number(request.GET.get(name, ""))
    related = {"viral": ("market", "post__author"), "trend": ("market",), "idea": ("market",)}[name]
    return rows.select_related(*related).filter(pk=number).first() if number else None


class PostDraftForm(CheckedForm):
    class Meta:
        model = PostDraft
        fields = ("text", "campaign", "planned_for")

    def check(self, row: PostDraft) -> None:
        publishing.check(row)


@admin.register(PostDraft)
class PostDraftAdmin(StepsAdmin):
    decides = "social.change_postdraft"
    form = PostDraftForm
    list_display = ("idea_title", "market_link", "on", "coloured_state", "planned_for", "edited_by")
    list_filter = ("state", "channel", ("planned_for", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("idea__market", "edited_by")
    search_fields = ("idea__title", "text", "idea__market__name")
    ordering = ("-created_at", "-pk")
    autocomplete_fields = ("campaign",)
    fields = (
        ("idea_link", "on", "state"),
        "text",
        ("takes", "in_the_way"),
        ("planned_for", "campaign"),
        ("published_at", "edited_by"),
    )
    readonly_fields = (
        "idea_link",
        "on",
        "state",
        "takes",
        "in_the_way",
        "published_at",
        "edited_by",
    )
    actions_detail = ("ready", "back", "published")
    ready = button("ready", gettext_lazy("Ready"), "check", ActionVariant.SUCCESS)
    back = button("back", gettext_lazy("Back to a draft"), "undo", ActionVariant.DEFAULT)
    published = button("published", gettext_lazy("Mark as published"), "campaign", ActionVariant.PRIMARY)
    State = PostDraft.State
    MOVES = {"ready": State.READY, "back": State.DRAFT, "published": State.PUBLISHED}

    def has_change_permission(self, request: HttpRequest, obj: PostDraft | None = None) -> bool:
        over = obj is not None and obj.state == PostDraft.State.PUBLISHED
        return not over and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: PostDraft, form: Any, change: bool) -> None:
        publishing.edit(obj, by=acting(request))
        for problem in publishing.problems(obj.channel, obj.text):
            messages.warning(request, problem)

    def open_steps(self, row: PostDraft) -> set[str]:
        return {step for step, to in self.MOVES.items() if to in PostDraft.MOVES[row.state]}

    def take(self, row: PostDraft, path: str, data: dict[str, Any], by: User) -> Model:
        return publishing.move(row, self.MOVES[path], by=by)

    def about(self, row: PostDraft) -> Iterable[tuple[str, object]]:
        yield _("channel"), row.get_channel_display()
        yield _("text"), row.text

    def says(self, row: PostDraft, path: str) -> str:
        return _("Nothing is published by this: note it once you have.") if path == "published" else ""

    @display(description=gettext_lazy("idea"), ordering="idea__title")
    def idea_title(self, post: PostDraft) -> str:
        return post.idea.title

    @display(description=gettext_lazy("idea"))
    def idea_link(self, post: PostDraft) -> str:
        return link_to(post.idea)

    @display(description=gettext_lazy("market"), ordering="idea__market__name")
    def market_link(self, post: PostDraft) -> str:
        return link_to(post.idea.market)

    @display(description=gettext_lazy("channel"), ordering="channel")
    def on(self, post: PostDraft) -> str:
        return post.get_channel_display()

    @display(description=gettext_lazy("state"), ordering="state", label=DRAFT_COLOURS)
    def coloured_state(self, post: PostDraft) -> tuple[str, str]:
        return post.state, post.get_state_display()

    @display(description=gettext_lazy("channel limits"))
    def takes(self, post: PostDraft) -> str:
        return publishing.room(post.channel)

    @display(description=gettext_lazy("what prevents publishing"))
    def in_the_way(self, post: PostDraft) -> SafeString | str:
        found = publishing.problems(post.channel, post.text)
        return shown.paragraphs("{}", ((one,) for one in found)) or _("nothing")

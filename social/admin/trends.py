"""Trends as staff read and decide on them: approve, reject, merge, split."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.errors import DomainError
from accounts.staff import ReadOnlyAdmin, acting, case, confirm, link_to
from markets import formats
from social import deciding
from social.admin import overview, shown
from social.models import Trend

State = Trend.State
STATE_COLOURS = {State.FOUND: "warning", State.APPROVED: "success", State.REJECTED: "danger"}
SENTIMENT_COLOURS = {"positive": "success", "neutral": "default", "negative": "danger"}
EXAMPLES = 12
CHART_DAYS, CHART_HEIGHT = 30, 40
MOST_CHOICES = 200


class MergeForm(forms.Form):
    into = forms.ChoiceField(label=gettext_lazy("The same as"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, others: QuerySet[Trend], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = [("", "–"), *((str(one.pk), one.topic) for one in others)]  # type: ignore[attr-defined]  # of a choice field


def _button(path: str, label: Any, icon: str, variant: ActionVariant) -> Callable[..., HttpResponse]:
    """A button of the change page, and the URL of its confirmation page."""

    @action(description=label, url_path=path, icon=icon, variant=variant, permissions=["decide"])
    def decide(self: "TrendAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, path, label)

    button: Callable[..., HttpResponse] = decide
    return button


@admin.register(Trend)
class TrendAdmin(ReadOnlyAdmin):
    list_display = (
        *("topic", "market_link", "coloured_state", "mentions", "strength", "feeling", "band", "kind"),
        *("last_seen", "part_of"),
    )
    list_filter = (
        "state",
        "opportunity",
        "sentiment",
        "kind",
        "origin",
        ("market", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    list_select_related = ("market", "merged_into")
    search_fields = ("topic", "market__name", "opportunity_reason")
    ordering = ("-last_seen", "-mentions", "-pk")
    fields = (
        ("topic", "market_link", "kind"),
        ("state", "part_of", "decided_by", "decided_at"),
        ("mentions", "model_estimate", "strength"),
        ("sentiment", "sentiment_score"),
        ("opportunity", "opportunity_reason"),
        "complaints",
        "seasonal",
        ("first_seen", "last_seen", "valid_until"),
        ("origin", "counted_by"),
        "in_other_words",
        "campaign_link",
        "examples",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    change_form_outer_after_template = "social/admin/trend.html"
    actions = ("approve_chosen", "reject_chosen")
    actions_detail = ("approve", "reject", "merge", "split")
    approve = _button("approve", gettext_lazy("Approve"), "check", ActionVariant.SUCCESS)
    reject = _button("reject", gettext_lazy("Reject"), "block", ActionVariant.DANGER)
    merge = _button("merge", gettext_lazy("Merge into another"), "merge", ActionVariant.DEFAULT)
    split = _button("split", gettext_lazy("Split off"), "call_split", ActionVariant.WARNING)
    MOVES = {"approve": State.APPROVED, "reject": State.REJECTED}

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.overview)
        return [path("overview/", page, name="social_trend_overview"), *super().get_urls()]

    def overview(self, request: HttpRequest) -> HttpResponse:
        return overview.page(self, request)

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("social.decide_trend")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only what can be decided about it now."""
        trend = self.get_object(request, object_id)
        able = _open_paths(trend) if trend else set()
        return [one for one in super().get_actions_detail(request, object_id) if one.path in able]

    @action(description=gettext_lazy("Approve"), permissions=["decide"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[Trend]) -> None:
        self._move_chosen(request, queryset, State.APPROVED)

    @action(description=gettext_lazy("Reject"), permissions=["decide"])
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[Trend]) -> None:
        self._move_chosen(request, queryset, State.REJECTED)

    def _move_chosen(self, request: HttpRequest, queryset: QuerySet[Trend], to: State) -> None:
        """By the same function as the button; one that cannot be moved holds up no other."""
        moved = 0
        for trend in queryset.order_by("pk"):
            try:
                deciding.move(trend, to, by=acting(request))
            except DomainError as error:
                messages.warning(request, f"{trend}: {error}")
            else:
                moved += 1
        said = ngettext("%(count)s trend is decided.", "%(count)s trends are decided.", moved)
        messages.success(request, said % {"count": moved})

    def decide(self, request: HttpRequest, object_id: str, step: str, label: str) -> HttpResponse:
        """Ask, and do it on POST."""
        trend = self.get_object(request, object_id)
        if trend is None:
            raise Http404
        if not (self.has_view_permission(request, trend) and self.has_decide_permission(request)):
            raise PermissionDenied
        if step == "merge":
            return self._merge(request, trend, label)
        if request.method != "POST":
            return confirm(self, request, trend, title=label, question=_question(trend, step))
        try:
            if step == "split":
                deciding.split(trend, by=acting(request))
            else:
                deciding.move(trend, self.MOVES[step], by=acting(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("“%(trend)s” is decided.") % {"trend": trend})
        return redirect("admin:social_trend_change", trend.pk)

    def _merge(self, request: HttpRequest, trend: Trend, label: str) -> HttpResponse:
        others = Trend.objects.standing().filter(market=trend.market_id).exclude(pk=trend.pk)
        others = others.order_by("-last_seen", "-mentions", "pk")[:MOST_CHOICES]
        form = MergeForm(request.POST or None, others=others)
        if request.method == "POST" and form.is_valid():
            into = next(one for one in others if str(one.pk) == form.cleaned_data["into"])
            try:
                deciding.merge(trend, into, by=acting(request))
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("It is part of “%(trend)s” now.") % {"trend": into})
                return redirect("admin:social_trend_change", into.pk)
        return case(
            self,
            request,
            trend,
            "social/admin/merge.html",
            title=label,
            label=label,
            form=form,
            trend=trend,
            open="merge" in _open_paths(trend),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        trend, context = self.get_object(request, object_id), extra_context or {}
        if trend:
            context = {"chart": chart(trend)} | context
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, trend: Trend) -> str:
        return link_to(trend.market)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, trend: Trend) -> tuple[str, str]:
        return trend.state, trend.get_state_display()

    @display(description=gettext_lazy("strength"))
    def strength(self, trend: Trend) -> str:
        """The mentions, faded by age."""
        return f"{trend.strength(timezone.now()):.1f}"

    @display(description=gettext_lazy("sentiment"), ordering="sentiment_score", label=SENTIMENT_COLOURS)
    def feeling(self, trend: Trend) -> tuple[str, str]:
        return trend.sentiment, f"{trend.get_sentiment_display()} ({trend.sentiment_score})"

    @display(description=gettext_lazy("opportunity"), ordering="opportunity", label=shown.BAND_COLOURS)
    def band(self, trend: Trend) -> tuple[str, str]:
        return trend.opportunity, trend.get_opportunity_display()

    @display(description=gettext_lazy("part of"), ordering="merged_into")
    def part_of(self, trend: Trend) -> str:
        return link_to(trend.merged_into)

    @display(description=gettext_lazy("the model’s own estimate"))
    def model_estimate(self, trend: Trend) -> str:
        return shown.known(trend.estimate)

    @display(description=gettext_lazy("pain points"))
    def complaints(self, trend: Trend) -> SafeString | str:
        lines = ((pain["text"], pain["posts"], pain["help"]) for pain in trend.pain_points)
        return format_html_join("", "<p><b>{}</b> ({})<br>{}</p>", lines) or "–"

    @display(description=gettext_lazy("counted by"))
    def counted_by(self, trend: Trend) -> str:
        return ", ".join(trend.words) or "–"

    @display(description=gettext_lazy("in other words"))
    def in_other_words(self, trend: Trend) -> SafeString | str:
        rows = trend.merged.order_by("topic")
        return format_html_join(", ", "{}", ((link_to(one),) for one in rows)) or "–"

    @display(description=gettext_lazy("campaign"))
    def campaign_link(self, trend: Trend) -> SafeString:
        return shown.made_of(trend.campaigns.order_by("pk"), trend=trend.pk)

    @display(description=gettext_lazy("example posts"))
    def examples(self, trend: Trend) -> SafeString:
        """Those that were cited first, then those that many people saw."""
        rows = trend.mentioned.select_related("post__author").order_by("-example", "-post__likes", "post")
        return format_html("{}", shown.posts(row.post for row in rows[:EXAMPLES]))


def _open_paths(trend: Trend) -> set[str]:
    if trend.merged_into_id:
        return {"split"}
    moves = {path for path, to in TrendAdmin.MOVES.items() if to in Trend.MOVES[trend.state]}
    return moves | {"merge"}


def _question(trend: Trend, path: str) -> str:
    return {
        "approve": _("Travelers may see this trend, with its sources and dates, while it is valid."),
        "reject": _("Travelers do not see this trend, and nothing is offered for it."),
        "split": _("It stands for itself again, and no round merges it once more."),
    }[path]


def chart(trend: Trend) -> dict[str, Any]:
    """Mentions by day, of the last thirty."""
    today = timezone.now().date()
    first = today - timedelta(days=CHART_DAYS - 1)
    counts = dict(trend.samples.filter(day__gte=first).values_list("day", "mentions"))
    most = max(counts.values(), default=0)
    columns = []
    for place in range(CHART_DAYS):
        day = first + timedelta(days=place)
        height = CHART_HEIGHT * counts.get(day, 0) / (most or 1)
        columns.append(
            {
                "label": formats.day(day),
                "count": counts.get(day),
                "x": str(place),
                "y": f"{CHART_HEIGHT - height:.1f}",
                "height": f"{height:.1f}",
            }
        )
    return {"columns": columns, "most": most, "days": str(CHART_DAYS)}

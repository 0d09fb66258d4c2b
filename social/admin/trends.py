"""Trends as staff read and decide on them: approve, reject, merge, split."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Field, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.errors import DomainError
from accounts.models import User
from accounts.staff import ReadOnlyAdmin, acting, link_to
from markets import formats
from social import trend_moves
from social.admin import overview, shown
from social.admin.steps import StepsAdmin, button
from social.models import Trend

State = Trend.State
STATE_COLOURS = {State.FOUND: "warning", State.APPROVED: "success", State.REJECTED: "danger"}
SENTIMENT_COLOURS = {"positive": "success", "neutral": "default", "negative": "danger"}
EXAMPLES = 12
CHART_DAYS, CHART_HEIGHT = 30, 40
MOST_CHOICES = 200


class MergeForm(forms.Form):
    into = forms.ChoiceField(label=gettext_lazy("The same as"), widget=UnfoldAdminSelectWidget)

    def __init__(self, data: Any, others: QuerySet[Trend]) -> None:
        super().__init__(data)
        self.others = {str(one.pk): one for one in others}
        self.fields["into"].choices = [  # type: ignore[attr-defined]  # of a choice field
            ("", "–"),
            *((key, one.topic) for key, one in self.others.items()),
        ]

    def clean_into(self) -> Trend:
        return self.others[self.cleaned_data["into"]]


@admin.register(Trend)
class TrendAdmin(StepsAdmin, ReadOnlyAdmin):
    decides = "social.decide_trend"
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
        "newer_words",
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
    approve = button("approve", gettext_lazy("Approve"), "check", ActionVariant.SUCCESS)
    reject = button("reject", gettext_lazy("Reject"), "block", ActionVariant.DANGER)
    merge = button("merge", gettext_lazy("Merge into another"), "merge", ActionVariant.DEFAULT)
    split = button("split", gettext_lazy("Split off"), "call_split", ActionVariant.WARNING)
    MOVES = {"approve": State.APPROVED, "reject": State.REJECTED}

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.overview)
        return [path("overview/", page, name="social_trend_overview"), *super().get_urls()]

    def overview(self, request: HttpRequest) -> HttpResponse:
        return overview.page(self, request)

    def open_steps(self, row: Trend) -> set[str]:
        if row.merged_into_id:
            return {"split"}
        moves = {path for path, to in self.MOVES.items() if to in Trend.MOVES[row.state]}
        return moves | {"merge"} | ({"approve"} if row.newer else set())

    def form_of(self, row: Trend, path: str, data: Any) -> forms.Form:
        if path != "merge":
            return super().form_of(row, path, data)
        others = Trend.objects.standing().filter(market=row.market_id).exclude(pk=row.pk)
        return MergeForm(data, others.order_by("-last_seen", "-mentions", "pk")[:MOST_CHOICES])

    def take(self, row: Trend, path: str, data: dict[str, Any], by: User) -> Trend:
        if path == "merge":
            return trend_moves.merge(row, data["into"], by=by)
        if path == "split":
            return trend_moves.split(row, by=by)
        return trend_moves.move(row, self.MOVES[path], by=by)

    def about(self, row: Trend) -> Iterable[tuple[str, object]]:
        yield _("market"), row.market
        yield _("mentions"), row.mentions
        yield _("why"), row.opportunity_reason
        yield from _said(row.newer)

    def says(self, row: Trend, path: str) -> str:
        return {
            "approve": _("Travelers may see this trend, with its sources and dates, while it is valid."),
            "reject": _("Travelers do not see this trend, and nothing is offered for it."),
            "merge": _("Both become one trend that counts the posts of either. You can split them again."),
            "split": _("It stands for itself again, and no round merges it once more."),
        }[path]

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
                trend_moves.move(trend, to, by=acting(request))
            except DomainError as error:
                messages.warning(request, f"{trend}: {error}")
            else:
                moved += 1
        said = ngettext("%(count)s trend is decided.", "%(count)s trends are decided.", moved)
        messages.success(request, said % {"count": moved})

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
        said = trend.get_state_display()
        return trend.state, _("%(state)s, newer words") % {"state": said} if trend.newer else said

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
        return shown.paragraphs("<b>{}</b> ({})<br>{}", lines) or "–"

    @display(description=gettext_lazy("newer words, to approve"))
    def newer_words(self, trend: Trend) -> SafeString | str:
        return shown.paragraphs("<b>{}</b><br>{}", _said(trend.newer)) or "–"

    @display(description=gettext_lazy("counted by"))
    def counted_by(self, trend: Trend) -> str:
        return ", ".join(trend.words) or "–"

    @display(description=gettext_lazy("in other words"))
    def in_other_words(self, trend: Trend) -> SafeString | str:
        rows = trend.merged.order_by("topic")
        return format_html_join(", ", "{}", ((link_to(one),) for one in rows)) or "–"

    @display(description=gettext_lazy("campaign"))
    def campaign_link(self, trend: Trend) -> SafeString | str:
        return shown.made_of(trend.campaigns.order_by("pk"), trend=trend.pk)

    @display(description=gettext_lazy("example posts"))
    def examples(self, trend: Trend) -> SafeString:
        """Those that were cited first, then those that many people saw."""
        rows = trend.mentioned.select_related("post__author").order_by("-example", "-post__likes", "post")
        return format_html("{}", shown.posts(row.post for row in rows[:EXAMPLES]))


def _said(words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field by its name, as a person reads it."""
    for name, said in words.items():
        field = Trend._meta.get_field(name)
        assert isinstance(field, Field)
        if name == "pain_points":
            said = "\n".join(f"{pain['text']} ({pain['posts']}): {pain['help']}" for pain in said)
        yield str(field.verbose_name), str(dict(field.flatchoices).get(said, said)) or "–"


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

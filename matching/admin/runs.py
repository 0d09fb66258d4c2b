from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from accounts.staff import ReadOnlyAdmin, link_to, list_of
from matching import analytics_page, wording
from matching.admin.review import changes, reviewed
from matching.models import (
    DETAILED,
    Band,
    Exposure,
    Factor,
    MatchReceipt,
    MatchRun,
    MatchScore,
)

State, Review = MatchRun.State, MatchRun.Review
STATE_COLOURS = {State.QUEUED: "info", State.DONE: "success", State.FAILED: "danger", State.STALE: "default"}
REVIEW_COLOURS = {
    Review.NONE: "default",
    Review.PENDING: "info",
    Review.DONE: "success",
    Review.OFFLINE: "default",
    Review.FAILED: "danger",
}
BAND_COLOURS = {
    Band.HIGHLY_RECOMMENDED: "success",
    Band.RECOMMENDED: "info",
    Band.ACCEPTABLE: "warning",
    Band.NOT_RECOMMENDED: "default",
}


@dataclass(frozen=True)
class FactorLine:
    """One factor of a score, as a line of its receipt."""

    label: str
    weight: Decimal  # percent
    value: Decimal  # 0 to 100
    points: Decimal
    found: list[str]


def receipt_lines(score: MatchScore, receipt: MatchReceipt | None) -> list[FactorLine]:
    found = {str(label): facts for label, facts in wording.evidence(receipt.evidence)} if receipt else {}
    parts = zip(Factor, score.run.version.percents, score.values, score.points, strict=True)
    return [
        FactorLine(str(factor.label), weight, value, points, found.get(str(factor.label), []))
        for factor, weight, value, points in parts
    ]


@admin.register(MatchRun)
class MatchRunAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "trip_link",
        "coloured_state",
        "candidates",
        "shown",
        "compute_ms",
        "coloured_review",
        "cost",
        "dropped",
        "version_link",
    )
    list_filter = ("state", "review", "version", "algorithm", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("trip__destination", "version", "challenger")
    search_fields = ("trip__destination__name", "trip__traveler__email")
    ordering = ("-pk",)
    fields = (
        ("trip_link", "state", "algorithm"),
        ("version_link", "challenger_link", "seed"),
        ("candidates", "shown", "all_scores", "all_exposures"),
        ("created_at", "finished_at", "compute_ms"),
        ("review", "reviewed_at", "review_note"),
        ("cost", "dropped", "review_prompt", "review_seed"),
    )
    readonly_fields = tuple(name for row in fields for name in row)
    change_list_template = "matching/admin/run_list.html"
    change_form_outer_after_template = "matching/admin/ranking.html"

    def get_urls(self) -> list[URLPattern]:
        views = {
            "analytics/": (analytics_page.page, "matching_matchrun_analytics"),
            "analytics.json": (analytics_page.as_json, "matching_matchrun_analytics_json"),
        }
        own = [
            path(url, self.admin_site.admin_view(partial(view, self)), name=name)
            for url, (view, name) in views.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With the top of the ranking; the rest is a list of its own."""
        scores = (
            MatchScore.objects.filter(run=int(object_id))
            if object_id.isdecimal()
            else MatchScore.objects.none()
        )
        top = scores.select_related("expert__user").order_by("rank")[:DETAILED]
        context = {"scores": top, "factors": Factor} | (extra_context or {})
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @display(description=gettext_lazy("trip"), ordering="trip__destination__name")
    def trip_link(self, run: MatchRun) -> str:
        return link_to(run.trip)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, run: MatchRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=pgettext_lazy("of a list", "review"), ordering="review", label=REVIEW_COLOURS)
    def coloured_review(self, run: MatchRun) -> tuple[str, str]:
        return run.review, run.get_review_display()

    @display(description=gettext_lazy("cost, USD"), ordering="review_cost")
    def cost(self, run: MatchRun) -> str:
        return number_format(run.review_cost, 4)

    @display(description=gettext_lazy("version"), ordering="version")
    def version_link(self, run: MatchRun) -> str:
        return link_to(run.version)

    @display(description=gettext_lazy("compared with"))
    def challenger_link(self, run: MatchRun) -> str:
        return link_to(run.challenger)

    @display(description=gettext_lazy("exposures"))
    def all_exposures(self, run: MatchRun) -> str:
        return list_of(Exposure, _("who stood where"), run__id__exact=run.pk)

    @display(description=gettext_lazy("scores"))
    def all_scores(self, run: MatchRun) -> str:
        return list_of(MatchScore, str(run.candidates), run__id__exact=run.pk)


@admin.register(MatchScore)
class MatchScoreAdmin(ReadOnlyAdmin):
    """There are as many scores as candidates times runs, so nothing here counts them."""

    list_display = (
        "rank",
        "expert_link",
        "total",
        "coloured_band",
        "position",
        "shifts",
        "reason",
        "run_link",
    )
    list_filter = ("hidden",)
    paginator = InfinitePaginator
    show_full_result_count = False
    list_select_related = ("expert__user", "run__trip__destination", "run__version")
    fields = (
        ("expert_link", "run_link"),
        ("rank", "total", "band_name", "reason"),
        ("position", "shifts"),
    )
    readonly_fields = tuple(name for row in fields for name in row)
    change_form_outer_after_template = "matching/admin/receipt.html"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The order of an index, both for one run and for all."""
        return ("-run", "rank") if "run__id__exact" in request.GET else ("-pk",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatchScore]:
        return MatchScore.objects.select_related(*self.list_select_related)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        score = self.get_object(request, object_id)
        context = extra_context or {}
        if score:
            receipt = MatchReceipt.objects.filter(pk=score.pk).first()
            context = {
                "score": score,
                "lines": receipt_lines(score, receipt),
                "receipt": receipt,
                "strengths": wording.remarks(receipt.strengths) if receipt else [],
                "considerations": wording.remarks(receipt.considerations) if receipt else [],
                "review": reviewed(receipt.review) if receipt else None,
                "changes": changes(receipt.changes) if receipt else [],
                "feedback": score.feedback.order_by("pk"),
            } | context
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @display(description=gettext_lazy("expert"))
    def expert_link(self, score: MatchScore) -> str:
        return link_to(score.expert)

    @display(description=gettext_lazy("run"))
    def run_link(self, score: MatchScore) -> str:
        return link_to(score.run, f"{score.run.trip.destination} · {score.run_id}")

    @display(description=gettext_lazy("score"))
    def total(self, score: MatchScore) -> Decimal:
        return score.score

    @display(description=gettext_lazy("band"), label=BAND_COLOURS)
    def coloured_band(self, score: MatchScore) -> tuple[str, str]:
        return score.band, str(score.band.label)

    @display(description=gettext_lazy("band"))
    def band_name(self, score: MatchScore) -> str:
        return str(score.band.label)

    @display(description=gettext_lazy("on the page"))
    def reason(self, score: MatchScore) -> str:
        return score.get_hidden_display()

    @display(description=gettext_lazy("moved by the review"))
    def shifts(self, score: MatchScore) -> str:
        moved = {Factor.EXPERTISE: score.expertise_shift, Factor.COMMUNICATION: score.communication_shift}
        said = [f"{factor.label} {Decimal(shift) / 10:+}" for factor, shift in moved.items() if shift]
        return ", ".join(said) or "–"

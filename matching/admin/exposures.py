from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from accounts.staff import ReadOnlyAdmin, link_to
from matching.models import Exposure, Feedback


class OfScore:
    """Columns of rows that belong to a score. `list_select_related` brings its expert."""

    @display(description=gettext_lazy("expert"))
    def expert_link(self, row: Exposure | Feedback) -> str:
        return link_to(row.score.expert)

    @display(description=gettext_lazy("score"), ordering="score__score_tenths")
    def score_link(self, row: Exposure | Feedback) -> str:
        return link_to(row.score, str(row.score.score))


@admin.register(Exposure)
class ExposureAdmin(OfScore, ReadOnlyAdmin):
    list_display = (
        "seen_at",
        "expert_link",
        "score_link",
        "position",
        "base_position",
        "propensity",
        "reviewed",
        "opened_at",
        "run_link",
    )
    list_filter = ("reviewed", "team", "position", ("seen_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("run__trip__destination", "score__expert__user")
    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ("-pk",)
    fields = (
        ("expert_link", "score_link", "run_link"),
        ("position", "base_position", "propensity"),
        ("reviewed", "team"),
        ("seen_at", "opened_at"),
    )
    readonly_fields = tuple(name for row in fields for name in row)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description=gettext_lazy("run"), ordering="run")
    def run_link(self, exposure: Exposure) -> str:
        return link_to(exposure.run, f"{exposure.run.trip.destination} · {exposure.run_id}")


@admin.register(Feedback)
class FeedbackAdmin(OfScore, ReadOnlyAdmin):
    list_display = ("created_at", "side", "factor", "beginning", "expert_link", "score_link", "author_link")
    list_filter = ("side", "factor", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("score__expert__user", "author")
    search_fields = ("text", "author__email", "score__expert__user__name")
    ordering = ("-pk",)
    fields = (("side", "factor"), ("expert_link", "score_link"), ("author_link", "created_at"), "text")
    readonly_fields = ("side", "factor", "expert_link", "score_link", "author_link", "created_at", "text")

    @display(description=gettext_lazy("what is wrong"))
    def beginning(self, feedback: Feedback) -> str:
        return Truncator(feedback.text).chars(80)

    @display(description=gettext_lazy("author"))
    def author_link(self, feedback: Feedback) -> str:
        return link_to(feedback.author)

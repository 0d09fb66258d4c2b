"""The viral feed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display

from accounts.staff import ReadOnlyAdmin, link_to
from markets import moments
from social.admin import shown
from social.models import ViralMoment

REASON_COLOURS = {"likes": "success", "reposts": "info", "growth": "warning"}


@admin.register(ViralMoment)
class ViralMomentAdmin(ReadOnlyAdmin):
    list_display = (
        "found_at",
        "market_link",
        "author",
        "opening",
        "coloured_reason",
        "likes",
        "reposts",
        "views_known",
    )
    list_filter = ("reason", ("market", AutocompleteSelectFilter), ("found_at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("post__text", "post__author__handle", "market__name")
    ordering = ("-found_at", "-pk")
    fields = (
        ("found_at", "market_link", "reason"),
        ("likes", "reposts", "views_known"),
        "campaign_link",
        "whole",
        "measured",
    )
    readonly_fields = (
        "found_at",
        "market_link",
        "reason",
        "likes",
        "reposts",
        "views_known",
        "campaign_link",
        "whole",
        "measured",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ViralMoment]:
        """Its name says whose post it is, where it is chosen too."""
        rows: QuerySet[ViralMoment] = super().get_queryset(request)
        return rows.select_related("market", "post__author")

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, moment: ViralMoment) -> str:
        return link_to(moment.market)

    @display(description=gettext_lazy("author"), ordering="post__author__handle")
    def author(self, moment: ViralMoment) -> SafeString:
        return shown.profile(moment.post.author)

    @display(description=gettext_lazy("text"))
    def opening(self, moment: ViralMoment) -> str:
        return Truncator(moment.post.text).chars(80)

    @display(description=gettext_lazy("why"), ordering="reason", label=REASON_COLOURS)
    def coloured_reason(self, moment: ViralMoment) -> tuple[str, str]:
        return moment.reason, moment.get_reason_display()

    @display(description=gettext_lazy("views"), ordering="views")
    def views_known(self, moment: ViralMoment) -> str:
        return shown.known(moment.views)

    @display(description=gettext_lazy("campaign"))
    def campaign_link(self, moment: ViralMoment) -> SafeString | str:
        return shown.made_of(moment.campaigns.order_by("pk"), viral=moment.pk)

    @display(description=gettext_lazy("post as it is now"))
    def whole(self, moment: ViralMoment) -> SafeString:
        return shown.posts([moment.post])

    @display(description=gettext_lazy("likes over time"))
    def measured(self, moment: ViralMoment) -> str:
        samples = moment.post.samples.order_by("-at").values_list("at", "likes")[:20]
        lines = [
            f"{moments.moment(at, 'UTC')} (UTC): {shown.known(likes)}" for at, likes in reversed(samples)
        ]
        return " · ".join(lines) or "–"

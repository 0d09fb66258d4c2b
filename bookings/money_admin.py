"""The ledger as staff read it: postings with their entries, and whether they balance."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from accounts.staff import Listed, ReadOnlyAdmin, link_to
from bookings.models import Entry, Posting
from markets.formats import money


def checked(postings: QuerySet[Posting]) -> QuerySet[Posting]:
    """`unbalanced`: in some currency its entries do not add up to nothing. The database refuses such; this looks."""
    sums = Entry.objects.filter(posting=OuterRef("pk")).order_by().values("posting", "currency")
    off = sums.annotate(total=Sum("amount")).filter(~Q(total=0))
    none = ~Exists(Entry.objects.filter(posting=OuterRef("pk")))
    return postings.annotate(unbalanced=Exists(off) | none)


class PostingColumns:
    """What is said of a posting, in the list of all and on its booking's page."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        rows = Posting.objects.select_related("booking__traveler", "dispute").prefetch_related("entries")
        return checked(rows)

    @display(description=gettext_lazy("entries"))
    def entries_said(self, posting: Posting) -> SafeString:
        lines = (
            (entry.get_account_display(), money(entry.amount, entry.currency))
            for entry in sorted(posting.entries.all(), key=lambda entry: entry.pk)
        )
        return format_html_join(" · ", "{} {}", lines)

    @display(description=gettext_lazy("balances"), boolean=True)
    def balanced(self, posting: Posting) -> bool:
        return not posting.unbalanced  # type: ignore[attr-defined]  # annotated

    @display(description=gettext_lazy("dispute"))
    def dispute_link(self, posting: Posting) -> str:
        return link_to(posting.dispute)


class BalanceFilter(admin.SimpleListFilter):
    title = gettext_lazy("balance")
    parameter_name = "balances"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("balances")), ("no", gettext_lazy("does not balance"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Posting]) -> QuerySet[Posting]:
        wanted = {"yes": False, "no": True}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(Q(unbalanced=wanted))


class EntryInline(Listed):
    model = Entry
    fields = readonly_fields = ("account", "amount", "currency")
    hide_title = True
    ordering = ("pk",)


@admin.register(Posting)
class PostingAdmin(PostingColumns, ReadOnlyAdmin):
    list_display = ("at", "booking_link", "kind", "entries_said", "balanced")
    list_filter = (BalanceFilter, "kind", ("at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = (
        "booking__traveler__email",
        "booking__traveler__name",
        "booking__expert__user__name",
        "booking__expert__user__email",
    )
    ordering = ("-pk",)
    fields = (("booking_link", "dispute_link"), ("kind", "at", "balanced"))
    readonly_fields = tuple(name for row in fields for name in row)
    inlines = (EntryInline,)

    @display(description=gettext_lazy("booking"), ordering="booking")
    def booking_link(self, posting: Posting) -> str:
        return link_to(posting.booking)

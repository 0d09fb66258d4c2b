from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display

from accounts.staff import ReadOnlyAdmin, link_to
from bookings import booking_admin, dispute_admin, inquiry_admin, money_admin, review_admin
from bookings.models import WaitlistEntry

# Django looks for screens in this module alone.
__all__ = ["booking_admin", "dispute_admin", "inquiry_admin", "money_admin", "review_admin"]


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(ReadOnlyAdmin):
    list_display = ("market", "email", "trip_link", "created_at", "told_at")
    list_filter = (("market", AutocompleteSelectFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("market", "trip__destination")
    search_fields = ("email", "market__name")
    ordering = ("-pk",)
    fields = ("market", "email", "trip_link", "created_at", "told_at")
    readonly_fields = fields

    @display(description=gettext_lazy("trip"))
    def trip_link(self, entry: WaitlistEntry) -> str:
        return link_to(entry.trip)

from collections.abc import Iterator

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter, RangeDateTimeFilter
from unfold.decorators import display

from accounts.staff import Line, ReadOnlyAdmin, link_to
from bookings import inquiry_admin, review_admin, worded
from bookings.models import Booking, WaitlistEntry
from markets.formats import money

# Django looks for screens in this module alone.
__all__ = ["inquiry_admin", "review_admin"]

State = Booking.State
STATE_COLOURS = {State.CONFIRMED: "info", State.COMPLETED: "success", State.CANCELLED: "danger"}


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = ("when", "traveler_link", "expert_link", "coloured_state", "agreed", "service")
    list_filter = ("state", ("start", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("traveler", "expert__user", "service")
    search_fields = ("traveler__email", "traveler__name", "expert__user__name")
    ordering = ("-start", "-pk")
    fields = (
        ("traveler_link", "expert_link"),
        ("when", "coloured_state", "agreed"),
        ("service", "trip_link"),
    )
    readonly_fields = tuple(name for row in fields for name in row)

    def history_lines(self, object_id: str) -> Iterator[Line]:
        """With the rows the database itself wrote at every change."""
        yield from super().history_lines(object_id)
        rows = Booking.pgh_event_model.objects.filter(pgh_obj=object_id).order_by("-pgh_id")  # type: ignore[attr-defined]  # pghistory's
        for row in rows:
            detail = {
                "state": row.state,
                "price": f"{row.price} {row.currency}",
                "when": worded.when(row.period, row.time_zone),
            }
            yield Line(row.pgh_created_at, None, row.pgh_label, detail)

    @display(description=gettext_lazy("traveler"), ordering="traveler__email")
    def traveler_link(self, booking: Booking) -> str:
        return link_to(booking.traveler)

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, booking: Booking) -> str:
        return link_to(booking.expert)

    @display(description=gettext_lazy("trip"))
    def trip_link(self, booking: Booking) -> str:
        return link_to(booking.trip)

    @display(description=gettext_lazy("when"), ordering="start")
    def when(self, booking: Booking) -> str:
        return worded.when(booking.period, booking.time_zone)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, booking: Booking) -> tuple[str, str]:
        return booking.state, booking.get_state_display()

    @display(description=gettext_lazy("agreed price"), ordering="price")
    def agreed(self, booking: Booking) -> str:
        return money(booking.price, booking.currency)


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

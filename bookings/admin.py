from collections.abc import Iterator

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter, RangeDateTimeFilter
from unfold.decorators import display

from accounts.staff import Line, ReadOnlyAdmin, link_to
from bookings.models import Booking, Inquiry, Review, WaitlistEntry
from markets.formats import day_range, money

State = Booking.State
STATE_COLOURS = {State.CONFIRMED: "info", State.COMPLETED: "success", State.CANCELLED: "danger"}


@admin.register(Inquiry)
class InquiryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "traveler_link", "expert_link", "trip_link", "opening")
    list_filter = (("created_at", RangeDateTimeFilter),)
    list_filter_submit = True
    list_select_related = ("traveler", "expert__user", "trip__destination")
    search_fields = ("traveler__email", "traveler__name", "expert__user__name")
    ordering = ("-pk",)
    fields = ("created_at", "traveler_link", "expert_link", "trip_link", "message")
    readonly_fields = fields

    @display(description=gettext_lazy("traveler"), ordering="traveler__email")
    def traveler_link(self, inquiry: Inquiry) -> str:
        return link_to(inquiry.traveler)

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, inquiry: Inquiry) -> str:
        return link_to(inquiry.expert)

    @display(description=gettext_lazy("trip"), ordering="trip")
    def trip_link(self, inquiry: Inquiry) -> str:
        return link_to(inquiry.trip)

    @display(description=gettext_lazy("message"))
    def opening(self, inquiry: Inquiry) -> str:
        return Truncator(inquiry.message).chars(60)


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
                "days": f"{row.start} – {row.end}",
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

    @display(description=gettext_lazy("days"), ordering="start")
    def when(self, booking: Booking) -> str:
        return day_range(booking.start, booking.end)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, booking: Booking) -> tuple[str, str]:
        return booking.state, booking.get_state_display()

    @display(description=gettext_lazy("agreed price"), ordering="price")
    def agreed(self, booking: Booking) -> str:
        return money(booking.price, booking.currency)


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("published_at", "expert_link", "traveler_link", "rating", "opening")
    list_filter = ("rating", ("published_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("expert__user", "booking__traveler")
    search_fields = ("expert__user__name", "booking__traveler__email", "text")
    ordering = ("-published_at", "-pk")
    fields = (
        ("expert_link", "traveler_link", "booking_link", "published_at"),
        ("rating", "communication", "knowledge", "value", "flexibility", "responsiveness"),
        "text",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, review: Review) -> str:
        return link_to(review.expert)

    @display(description=gettext_lazy("traveler"), ordering="booking__traveler__email")
    def traveler_link(self, review: Review) -> str:
        return link_to(review.booking.traveler)

    @display(description=gettext_lazy("booking"))
    def booking_link(self, review: Review) -> str:
        return link_to(review.booking, day_range(review.booking.start, review.booking.end))

    @display(description=gettext_lazy("text"))
    def opening(self, review: Review) -> str:
        return Truncator(review.text).chars(80)


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

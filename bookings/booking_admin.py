"""Bookings as staff read and move them: by the same function as the two people, with a reason."""

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter, RangeDateTimeFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from accounts import audit
from accounts.errors import DomainError
from accounts.staff import Line, Listed, ReadOnlyAdmin, acting, case, link_to
from bookings import booking, ledger, moves, worded
from bookings.models import Booking, Departure, Dispute, Posting, Proposal
from bookings.money_admin import PostingColumns
from bookings.moves import Side
from markets import moments
from markets.formats import money

State = Booking.State
STATE_COLOURS = {
    State.REQUESTED: "warning",
    State.HELD: "warning",
    State.CONFIRMED: "info",
    State.COMPLETED: "success",
    State.CANCELLED: "danger",
    State.NO_SHOW: "danger",
}


class MoveForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Traveler and expert read this, and that our team did it."),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
    )
    # What this page promised. The move is refused where it has changed since.
    refund = forms.DecimalField(max_digits=12, decimal_places=2, required=False, widget=forms.HiddenInput)


class NoShowForm(MoveForm):
    missing = forms.ChoiceField(
        label=gettext_lazy("Who did not come"),
        choices=[
            (Booking.Missing.TRAVELER.value, gettext_lazy("The traveler")),
            (Booking.Missing.EXPERT.value, gettext_lazy("The expert")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
    )
    field_order = ("missing", "reason")


def _button(to: str, path: str, label: Any, icon: str, variant: ActionVariant) -> Callable[..., HttpResponse]:
    """A button of the change page, and the URL of its confirmation page."""

    @action(description=label, url_path=path, icon=icon, variant=variant, permissions=["move"])
    def decide(self: "BookingAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, to, label)

    button: Callable[..., HttpResponse] = decide
    return button


class PostingInline(PostingColumns, Listed):
    model = Posting
    verbose_name_plural = gettext_lazy("ledger")
    fields = readonly_fields = ("kind", "at", "entries_said", "balanced", "dispute_link")
    show_change_link = True
    ordering = ("pk",)


class ProposalInline(Listed):
    model = Proposal
    fields = readonly_fields = ("by", "time", "reason", "state", "expires_at", "decided_at")
    hide_title = True
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        return Proposal.objects.select_related("by", "booking")

    @display(description=gettext_lazy("proposed time"))
    def time(self, row: Proposal) -> str:
        return worded.when(row.period, row.booking.time_zone)


class DisputeInline(Listed):
    model = Dispute
    view_on_site = False  # its page is there for the two people alone
    fields = readonly_fields = ("side", "reason", "state", "opened_at", "refund", "outcome")
    show_change_link = True
    ordering = ("-pk",)


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = ("when", "traveler_link", "expert_link", "coloured_state", "agreed", "title")
    list_filter = (
        "state",
        ("expert", AutocompleteSelectFilter),
        "cancelled_by_expert",
        "missing",
        ("start", RangeDateFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    view_on_site = False  # its page is there for the two people alone
    list_select_related = ("traveler", "expert__user")
    search_fields = (
        "traveler__email",
        "traveler__name",
        "expert__user__name",
        "expert__user__email",
        "title",
    )
    ordering = ("-start", "-pk")
    fields = (
        ("traveler_link", "expert_link"),
        ("when", "people", "state", "missing"),
        ("title", "departure_link", "trip_link"),
        ("agreed", "our_share", "came_back"),
        ("created_at", "expires_at"),
        "terms",
        "balances",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    inlines = (PostingInline, ProposalInline, DisputeInline)
    actions_detail = ("accept", "decline", "confirm", "complete", "cancel", "no_show")

    accept = _button(State.HELD, "accept", gettext_lazy("Accept"), "check", ActionVariant.SUCCESS)
    decline = _button(State.DECLINED, "decline", gettext_lazy("Decline"), "block", ActionVariant.DANGER)
    confirm = _button(State.CONFIRMED, "confirm", gettext_lazy("Confirm"), "verified", ActionVariant.SUCCESS)
    complete = _button(
        State.COMPLETED, "complete", gettext_lazy("Mark as completed"), "done_all", ActionVariant.SUCCESS
    )
    cancel = _button(
        State.CANCELLED, "cancel", gettext_lazy("Cancel the booking"), "cancel", ActionVariant.DANGER
    )
    no_show = _button(
        State.NO_SHOW, "no-show", gettext_lazy("Note a no-show"), "person_off", ActionVariant.WARNING
    )
    PATHS = {
        State.HELD: "accept",
        State.DECLINED: "decline",
        State.CONFIRMED: "confirm",
        State.COMPLETED: "complete",
        State.CANCELLED: "cancel",
        State.NO_SHOW: "no-show",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        return Booking.objects.select_related(
            "traveler", "expert__user", "expert__market", "departure__expert", "trip__destination"
        )

    def history_lines(self, object_id: str) -> Iterator[Line]:
        """With the rows the database itself wrote at every change, and what was done about its disputes."""
        yield from super().history_lines(object_id)
        rows = Booking.pgh_event_model.objects.filter(pgh_obj=object_id).order_by("-pgh_id")  # type: ignore[attr-defined]  # pghistory's
        for row in rows:
            detail = {
                "state": row.state,
                "price": f"{row.price} {row.currency}",
                "days": f"{row.start} – {row.end}",
                "refund": "" if row.refund is None else f"{row.refund} {row.currency}",
            }
            yield Line(row.pgh_created_at, None, _("booking as stored"), detail)
        for event in audit.about(Dispute.objects.filter(booking=int(object_id))):
            yield Line(event.at, event.actor, event.said, event.detail)

    def has_move_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("bookings.move_booking")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only the moves that lead on from where the booking is now, for whoever may make them."""
        row = self.get_object(request, object_id)
        if row is None or not moves.may_as_staff(row, acting(request)):
            return []
        open_now = {self.PATHS[State(to)] for to in moves.possible(row, Side.STAFF, timezone.now())}
        return [one for one in super().get_actions_detail(request, object_id) if one.path in open_now]

    def decide(self, request: HttpRequest, object_id: str, to: str, label: str) -> HttpResponse:
        """The booking once more, what the move will do, and the move on POST."""
        row = self.row(request, object_id, lambda row: moves.may_as_staff(row, acting(request)))
        now = timezone.now()
        refund = moves.refund(row, Side.STAFF, now) if to == State.CANCELLED else None
        asks = NoShowForm if to == State.NO_SHOW else MoveForm
        form = asks(request.POST or None, initial={"refund": refund})
        if request.method == "POST" and form.is_valid() and self._moved(request, row, to, form):
            return redirect("admin:bookings_booking_change", row.pk)
        is_open = to in moves.possible(row, Side.STAFF, now)
        return case(
            self,
            request,
            row,
            "bookings/admin/move_booking.html",
            title=label,
            label=label,
            form=form,
            booking=row,
            open=is_open,
            when=worded.when(row.period, row.time_zone),
            consequence=worded.consequence(row, to, Side.STAFF, "UTC", now) if is_open else "",
            refund=refund if row.state == State.CONFIRMED else None,
            terms=worded.terms(row, row.time_zone),
            danger=to in worded.DANGEROUS,
        )

    def _moved(self, request: HttpRequest, row: Booking, to: str, form: MoveForm) -> bool:
        answers = form.cleaned_data
        try:
            moved = booking.move(
                row,
                to,
                by=acting(request),
                reason=answers["reason"],
                seen_refund=answers["refund"],
                missing=answers.get("missing", ""),
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        said = _("The booking is now “%(state)s”. Traveler and expert are told.")
        messages.success(request, said % {"state": moved.state_said})
        return True

    @display(description=gettext_lazy("traveler"), ordering="traveler__email")
    def traveler_link(self, booking: Booking) -> str:
        return link_to(booking.traveler)

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, booking: Booking) -> str:
        return link_to(booking.expert)

    @display(description=gettext_lazy("trip"))
    def trip_link(self, booking: Booking) -> str:
        return link_to(booking.trip)

    @display(description=gettext_lazy("departure"))
    def departure_link(self, booking: Booking) -> str:
        return link_to(booking.departure)

    @display(description=gettext_lazy("when"), ordering="start")
    def when(self, booking: Booking) -> str:
        return worded.when(booking.period, booking.time_zone)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, booking: Booking) -> tuple[str, str]:
        return booking.state, booking.state_said

    @display(description=gettext_lazy("agreed price"), ordering="price")
    def agreed(self, booking: Booking) -> str:
        return money(booking.price, booking.currency)

    @display(description=gettext_lazy("of it our commission"))
    def our_share(self, booking: Booking) -> str:
        return money(booking.commission, booking.currency)

    @display(description=gettext_lazy("refund"))
    def came_back(self, booking: Booking) -> str:
        return "–" if booking.refund is None else money(booking.refund, booking.currency)

    @display(description=gettext_lazy("cancellation terms"))
    def terms(self, booking: Booking) -> SafeString:
        return format_html_join(
            "", "<p>{}</p>", ((line,) for line in worded.terms(booking, booking.time_zone))
        )

    @display(description=gettext_lazy("still owed"))
    def balances(self, booking: Booking) -> SafeString | str:
        """By account, as the ledger has it: what is owed, and, negative, what is to be had."""
        names = dict(ledger.Account.choices)
        owed = ledger.balances(booking).items()
        lines = [(names[account], money(amount, booking.currency)) for account, amount in owed]
        return format_html_join(" · ", "{}: {}", lines) or "–"


class BookingInline(Listed):
    model = Booking
    view_on_site = False  # its page is there for the two people alone
    fields = readonly_fields = ("traveler", "people", "state", "created_at")
    show_change_link = True
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        return Booking.objects.select_related("traveler")


@admin.register(Departure)
class DepartureAdmin(ReadOnlyAdmin):
    list_display = ("when", "expert_link", "service", "seats", "seats_taken")
    list_filter = (("expert", AutocompleteSelectFilter),)
    list_filter_submit = True
    list_select_related = ("expert__user", "expert__market", "service")
    search_fields = ("expert__user__name", "expert__user__email", "service__title")
    ordering = ("-period", "-pk")
    fields = (("expert_link", "service"), ("when", "with_buffers"), ("seats", "seats_taken"))
    readonly_fields = tuple(name for row in fields for name in row)
    inlines = (BookingInline,)

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, departure: Departure) -> str:
        return link_to(departure.expert)

    @display(description=gettext_lazy("when"), ordering="period")
    def when(self, departure: Departure) -> str:
        return worded.when(departure.period, departure.expert.time_zone)

    @display(description=gettext_lazy("occupied, with buffers"))
    def with_buffers(self, departure: Departure) -> str:
        occupied, zone = departure.occupied, departure.expert.time_zone
        return moments.span(occupied.lower, occupied.upper, zone)


PROPOSAL_COLOURS = {
    Proposal.State.OPEN: "warning",
    Proposal.State.ACCEPTED: "success",
    Proposal.State.DECLINED: "danger",
}


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "booking_link", "by", "proposed", "coloured_state", "expires_at")
    list_filter = ("state", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("by", "booking__traveler")
    search_fields = ("by__email", "by__name", "booking__traveler__email", "booking__expert__user__name")
    ordering = ("-pk",)
    fields = (
        ("booking_link", "by", "state"),
        ("agreed", "proposed"),
        "reason",
        ("created_at", "expires_at", "decided_at"),
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))

    @display(description=gettext_lazy("booking"), ordering="booking")
    def booking_link(self, proposal: Proposal) -> str:
        return link_to(proposal.booking)

    @display(description=gettext_lazy("as it stands"))
    def agreed(self, proposal: Proposal) -> str:
        return worded.when(proposal.booking.period, proposal.booking.time_zone)

    @display(description=gettext_lazy("proposed time"), ordering="period")
    def proposed(self, proposal: Proposal) -> str:
        return worded.when(proposal.period, proposal.booking.time_zone)

    @display(description=gettext_lazy("state"), ordering="state", label=PROPOSAL_COLOURS)
    def coloured_state(self, proposal: Proposal) -> tuple[str, str]:
        return proposal.state, proposal.get_state_display()

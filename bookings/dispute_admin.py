"""Disputes as staff read and decide them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from accounts import audit
from accounts.errors import DomainError
from accounts.staff import ReadOnlyAdmin, acting, case, link_to
from bookings import disputes, ledger, worded
from bookings.decision_forms import DisputeDecisionForm
from bookings.models import Dispute, Inquiry
from markets.formats import money

COLOURS = {
    Dispute.State.OPEN: "warning",
    Dispute.State.UPHELD: "success",
    Dispute.State.DISMISSED: "info",
}


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "reason", "coloured_state", "opener_link", "booking_link", "opening")
    list_filter = ("state", "reason", "side", ("opened_at", RangeDateTimeFilter))
    list_filter_submit = True
    view_on_site = False  # its page is there for the two people alone
    search_fields = (
        "booking__traveler__email",
        "booking__traveler__name",
        "booking__expert__user__email",
        "booking__expert__user__name",
        "text",
    )
    ordering = ("-pk",)
    fields = (
        ("reason", "state", "opened_at"),
        ("side", "opener_link", "booking_link"),
        "text",
        ("decided_by", "decided_at", "given_back"),
        "outcome",
        "conversations",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    actions_detail = ("decide",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        return Dispute.objects.select_related(
            "booking__traveler", "booking__expert__user", "booking__service", "decided_by"
        )

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("bookings.decide_dispute")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """One that is open, for whoever may decide it."""
        dispute = self.get_object(request, object_id)
        if dispute is None or not (dispute.is_open and disputes.may_decide(dispute, acting(request))):
            return []
        found: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return found

    @action(description=gettext_lazy("Decide"), url_path="decide", icon="gavel", permissions=["decide"])
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was said, agreed and paid, and the decision on POST."""
        dispute = self.row(request, object_id, lambda dispute: disputes.may_decide(dispute, acting(request)))
        booking, most = dispute.booking, disputes.refundable(dispute.booking)
        form = DisputeDecisionForm(
            request.POST or None,
            most=most,
            currency=booking.currency,
            cancels=disputes.has_begun(booking),
        )
        if request.method == "POST" and form.is_valid() and self._decided(request, dispute, form):
            return redirect("admin:bookings_dispute_change", dispute.pk)
        return case(
            self,
            request,
            dispute,
            "bookings/admin/decide_dispute.html",
            title=_("Decide the dispute"),
            label=_("Decide"),
            open=dispute.is_open,
            form=form,
            dispute=dispute,
            booking=booking,
            when=worded.when(booking.period, booking.time_zone),
            others=booking.disputes.exclude(pk=dispute.pk).order_by("pk"),
            owed=_owed(dispute),
            of_booking=audit.history(booking)[:20],
            conversations=_conversations(dispute),
        )

    def _decided(self, request: HttpRequest, dispute: Dispute, form: DisputeDecisionForm) -> bool:
        try:
            decided = disputes.decide(dispute=dispute, by=acting(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        said = _("The dispute is now “%(state)s”. Traveler and expert are told.")
        messages.success(request, said % {"state": decided.get_state_display()})
        return True

    @display(description=gettext_lazy("booking"), ordering="booking")
    def booking_link(self, dispute: Dispute) -> str:
        return link_to(dispute.booking)

    @display(description=gettext_lazy("opened by"), ordering="side")
    def opener_link(self, dispute: Dispute) -> str:
        return link_to(dispute.opener)

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def coloured_state(self, dispute: Dispute) -> tuple[str, str]:
        return dispute.state, dispute.get_state_display()

    @display(description=gettext_lazy("further refund"), ordering="refund")
    def given_back(self, dispute: Dispute) -> str:
        return money(dispute.refund, dispute.booking.currency)

    @display(description=gettext_lazy("what happened"))
    def opening(self, dispute: Dispute) -> str:
        return Truncator(dispute.text).chars(60)

    @display(description=gettext_lazy("conversations"))
    def conversations(self, dispute: Dispute) -> SafeString | str:
        return _conversations(dispute)


def _conversations(dispute: Dispute) -> SafeString | str:
    booking = dispute.booking
    threads = Inquiry.objects.filter(traveler=booking.traveler_id, expert=booking.expert_id)
    found = threads.select_related("traveler").order_by("-pk")
    return format_html_join(" · ", "{}", ((link_to(one),) for one in found)) or "–"


def _owed(dispute: Dispute) -> list[tuple[str, str]]:
    names, currency = dict(ledger.Account.choices), dispute.booking.currency
    owed = ledger.balances(dispute.booking).items()
    return [(str(names[account]), money(amount, currency)) for account, amount in owed]

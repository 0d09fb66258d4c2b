"""Threads as staff read them: everything as it was written, contact details too."""

from collections.abc import Iterator

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from accounts import audit
from accounts.errors import DomainError
from accounts.staff import Line, ReadOnlyAdmin, acting, case, link_to, reader_may
from bookings import attachments, threads
from bookings.decision_forms import ReportDecisionForm
from bookings.models import Attachment, Inquiry, Message, Offer, Report
from markets import moments
from markets.formats import money

OFFER_COLOURS = {
    Offer.State.OFFERED: "info",
    Offer.State.ACCEPTED: "success",
    Offer.State.COUNTERED: "warning",
    Offer.State.WITHDRAWN: "danger",
    Offer.State.EXPIRED: "danger",
}
REPORT_COLOURS = {
    Report.State.OPEN: "warning",
    Report.State.UPHELD: "success",
    Report.State.DISMISSED: "info",
}
LONGEST_THREAD = 200


@admin.register(Inquiry)
class InquiryAdmin(ReadOnlyAdmin):
    view_on_site = False  # its page is there for the two people alone
    list_display = ("created_at", "traveler_link", "expert_link", "trip_link", "opening")
    list_filter = (("created_at", RangeDateTimeFilter),)
    list_filter_submit = True
    list_select_related = ("traveler", "expert__user", "trip__destination", "last_message")
    search_fields = ("traveler__email", "traveler__name", "expert__user__name")
    ordering = ("-pk",)
    fields = (
        "created_at",
        "traveler_link",
        "expert_link",
        "trip_link",
        ("traveler_unread", "expert_unread"),
        "conversation",
    )
    readonly_fields = (*fields[:4], "traveler_unread", "expert_unread", "conversation")

    def history_lines(self, object_id: str) -> Iterator[Line]:
        """With the moves of the thread's offers."""
        yield from super().history_lines(object_id)
        for offer in Offer.objects.filter(inquiry_id=int(object_id)):
            for event in audit.history(offer):
                yield Line(event.at, event.actor, event.said, {"offer": offer.title} | event.detail)

    @display(description=gettext_lazy("traveler"), ordering="traveler__email")
    def traveler_link(self, inquiry: Inquiry) -> str:
        return link_to(inquiry.traveler)

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, inquiry: Inquiry) -> str:
        return link_to(inquiry.expert)

    @display(description=gettext_lazy("trip"), ordering="trip")
    def trip_link(self, inquiry: Inquiry) -> str:
        return link_to(inquiry.trip)

    @display(description=gettext_lazy("last message"))
    def opening(self, inquiry: Inquiry) -> str:
        return Truncator(inquiry.last_message.body if inquiry.last_message else "").chars(60)

    @display(description=gettext_lazy("conversation"))
    def conversation(self, inquiry: Inquiry) -> SafeString:
        """The newest entries, in the order of reading."""
        found = inquiry.messages.select_related("offer").prefetch_related("attachments").order_by("-pk")
        lines = ((_entry(message),) for message in list(found[:LONGEST_THREAD])[::-1])
        return format_html_join("", "<p>{}</p>", lines)


def _entry(message: Message) -> SafeString:
    at = f"{moments.moment(message.created_at, 'UTC')} (UTC)"
    what = message.get_kind_display() if message.kind != Message.Kind.TEXT else ""
    offer = link_to(message.offer) if message.offer else ""
    files = format_html_join(" ", "{}", ((_file(one),) for one in message.attachments.all()))
    return format_html(
        "<b>{}</b>, {} {} {}<br>{} {}", message.get_side_display(), at, what, offer, message.body, files
    )


def _file(attachment: Attachment) -> SafeString | str:
    if not reader_may("bookings.read_attachment"):
        return attachment.name
    url = reverse("admin:bookings_attachment_download", args=[attachment.pk])
    return format_html('<a href="{}" class="staff-link">{}</a>', url, attachment.name)


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "size", "thread_link")
    list_filter = ("kind",)
    list_filter_submit = True
    list_select_related = ("message__inquiry__traveler",)
    search_fields = ("name", "message__inquiry__traveler__email")
    ordering = ("-message", "pk")
    fields = ("name", "kind", "size", "thread_link", "download_link")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(self.download)
        return [
            path("<uuid:pk>/download/", download, name="bookings_attachment_download"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, pk: object) -> HttpResponseBase:
        """Noted: whoever reads what two people sent each other leaves a trace at their thread."""
        if not request.user.has_perm("bookings.read_attachment"):
            raise PermissionDenied
        attachment = get_object_or_404(Attachment.objects.select_related("message__inquiry"), pk=pk)
        audit.record(
            action="attachment.read",
            target=attachment.message.inquiry,
            by=acting(request),
            attachment=str(attachment.pk),
        )
        try:
            return attachments.answer(attachment, attachment.name)
        except FileNotFoundError:
            raise Http404 from None

    @display(description=gettext_lazy("inquiry"))
    def thread_link(self, attachment: Attachment) -> str:
        return link_to(attachment.message.inquiry)

    @display(description=gettext_lazy("file"))
    def download_link(self, attachment: Attachment) -> SafeString | str:
        return _file(attachment)


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("title", "thread_link", "side", "coloured_state", "amount", "when", "expires_at")
    list_filter = ("state", "side", ("start", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("inquiry__traveler", "service")
    search_fields = ("title", "inquiry__traveler__email", "inquiry__expert__user__name")
    ordering = ("-pk",)
    fields = (
        ("title", "service"),
        ("thread_link", "side", "state"),
        ("when", "people", "amount"),
        ("created_at", "expires_at", "moved_at"),
        "counters",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))

    @display(description=gettext_lazy("inquiry"), ordering="inquiry")
    def thread_link(self, offer: Offer) -> str:
        return link_to(offer.inquiry)

    @display(description=gettext_lazy("state"), ordering="state", label=OFFER_COLOURS)
    def coloured_state(self, offer: Offer) -> tuple[str, str]:
        return offer.state, offer.get_state_display()

    @display(description=gettext_lazy("price in all"), ordering="price")
    def amount(self, offer: Offer) -> str:
        return money(offer.price, offer.currency)

    @display(description=gettext_lazy("when"), ordering="start")
    def when(self, offer: Offer) -> str:
        return (
            f"{moments.span(offer.start, offer.end, offer.time_zone)} ({moments.zone_name(offer.time_zone)})"
        )


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "reason", "coloured_state", "by", "thread_link", "opening")
    list_filter = ("state", "reason", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("by", "inquiry__traveler", "inquiry__expert__user", "message", "decided_by")
    search_fields = ("by__email", "inquiry__traveler__email", "inquiry__expert__user__name", "text")
    ordering = ("-pk",)
    fields = (
        ("reason", "state", "created_at"),
        ("by", "thread_link"),
        "words",
        "text",
        ("decided_by", "decided_at"),
        "outcome",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    actions_detail = ("decide",)

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("bookings.decide_report")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """One that is open, for whoever may decide it."""
        report = self.get_object(request, object_id)
        if report is None or not (report.MOVES[report.state] and threads.may_decide(report, acting(request))):
            return []
        found: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return found

    @action(description=gettext_lazy("Decide"), url_path="decide", icon="gavel", permissions=["decide"])
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was reported, and the decision on POST."""
        report = self.row(request, object_id, lambda report: threads.may_decide(report, acting(request)))
        form = ReportDecisionForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and self._decided(request, report, form):
            return redirect("admin:bookings_report_change", report.pk)
        return case(
            self,
            request,
            report,
            "bookings/admin/decide_report.html",
            title=_("Decide the report"),
            label=_("Decide"),
            open=bool(report.MOVES[report.state]),
            form=form,
            report=report,
            thread=self.thread_link(report),
        )

    def _decided(self, request: HttpRequest, report: Report, form: ReportDecisionForm) -> bool:
        try:
            decided = threads.decide(report=report, by=acting(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        said = _("The report is now “%(state)s”. Whoever reported is told.")
        messages.success(request, said % {"state": decided.get_state_display()})
        return True

    @display(description=gettext_lazy("inquiry"), ordering="inquiry")
    def thread_link(self, report: Report) -> str:
        return link_to(report.inquiry)

    @display(description=gettext_lazy("state"), ordering="state", label=REPORT_COLOURS)
    def coloured_state(self, report: Report) -> tuple[str, str]:
        return report.state, report.get_state_display()

    @display(description=gettext_lazy("message"))
    def words(self, report: Report) -> str:
        return report.message.body if report.message else _("The whole conversation")

    @display(description=gettext_lazy("what happened"))
    def opening(self, report: Report) -> str:
        return Truncator(report.text).chars(60)

"""The inbox: what staff should hear of, what they have not read, and what did not reach Slack."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts.models import User
from accounts.notices.telling import seen
from accounts.staff import ReadOnlyAdmin, acting, link_to, reader_may_follow
from social import alerting
from social.admin import shown
from social.admin.steps import StepsAdmin, button
from social.models import Alert, AlertRead
from social.tasks import send_again

STATE_COLOURS = {"waiting": "info", "delivered": "success", "failed": "danger"}


class UnreadFilter(admin.SimpleListFilter):
    title = gettext_lazy("read")
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", _("not yet")), ("yes", _("yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        if self.value() in {"no", "yes"}:
            read = Exists(AlertRead.objects.filter(alert=OuterRef("pk"), user=acting(request)))
            return queryset.filter(read if self.value() == "yes" else ~read)
        return queryset


@admin.register(Alert)
class AlertAdmin(StepsAdmin, ReadOnlyAdmin):
    decides = "social.retry_alert"
    list_display = ("said", "kind", "market_link", "created_at", "coloured_state", "channel", "was_read")
    list_filter = (UnreadFilter, "kind", "state", "channel", ("market", AutocompleteSelectFilter))
    list_filter_submit = True
    list_select_related = ("market",)
    search_fields = ("key", "market__name", "facts")
    ordering = ("-created_at", "-pk")
    fields = (
        ("said", "kind", "market_link"),
        "more",
        "leads_to",
        ("created_at", "channel", "state"),
        ("attempts", "delivered_at", "message_id"),
        "error",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    list_before_template = "social/admin/alert_list.html"
    actions = ("mark_read",)
    actions_detail = ("retry",)
    retry = button("retry", gettext_lazy("Send again"), "replay", ActionVariant.WARNING)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        read = AlertRead.objects.filter(alert=OuterRef("pk"), user=acting(request))
        found: QuerySet[Alert] = super().get_queryset(request).annotate(is_read=Exists(read))
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        counts = alerting.unread(acting(request), timezone.now())
        kinds = [(str(kind.label), kind.value, counts.get(kind.value, 0)) for kind in Alert.Kind]
        seen(request.user, request.path)
        response: HttpResponse = super().changelist_view(request, {"unread": kinds} | (extra_context or {}))
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Whoever opens it has read it."""
        alert = self.get_object(request, object_id)
        if alert and self.has_view_permission(request, alert):
            alerting.mark_read([alert], acting(request))
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response

    @action(description=gettext_lazy("Mark as read"), permissions=["view"])
    def mark_read(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        chosen = list(queryset)
        alerting.mark_read(chosen, acting(request))
        said = ngettext("%(count)s alert is read.", "%(count)s alerts are read.", len(chosen))
        messages.success(request, said % {"count": len(chosen)})

    def open_steps(self, row: Alert) -> set[str]:
        return {"retry"} if row.state == Alert.State.FAILED else set()

    def take(self, row: Alert, path: str, data: dict[str, Any], by: User) -> Model:
        send_again(row, by=by)
        return row

    def about(self, row: Alert) -> Iterable[tuple[str, object]]:
        yield _("error"), row.error

    def says(self, row: Alert, path: str) -> str:
        return _("Look into the channel first: where nobody knows whether it arrived, it may be there twice.")

    @display(description=gettext_lazy("alert"), ordering="event")
    def said(self, alert: Alert) -> str:
        return alerting.title(alert)

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, alert: Alert) -> str:
        return link_to(alert.market)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, alert: Alert) -> tuple[str, str]:
        return alert.state, alert.get_state_display()

    @display(description=gettext_lazy("read"), boolean=True)
    def was_read(self, alert: Any) -> bool:
        return bool(alert.is_read)

    @display(description=gettext_lazy("what is known"))
    def more(self, alert: Alert) -> SafeString | str:
        return shown.paragraphs("{}", ((one,) for one in alerting.lines(alert))) or "–"

    @display(description=gettext_lazy("leads to"))
    def leads_to(self, alert: Alert) -> SafeString | str:
        if not alert.url or not reader_may_follow(alert.url):
            return "–"
        return format_html('<a href="{}" class="staff-link">{}</a>', alert.url, _("Open"))

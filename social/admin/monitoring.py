"""What is watched and how the rounds went; and the rules of sending."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.forms import SimpleArrayField
from django.core.validators import RegexValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.errors import DomainError
from accounts.staff import ReadOnlyAdmin, StaffAdmin, acting, confirm, link_to, list_of
from social import rounds
from social.admin import shown
from social.models import Monitor, Run, SocialSettings
from social.models.monitoring import is_handle, is_hashtag
from social.tasks import ask_ideas, read_posts

STATE_COLOURS = {
    Run.State.QUEUED: "default",
    Run.State.READ: "info",
    Run.State.DONE: "success",
    Run.State.SKIPPED: "warning",
    Run.State.FAILED: "danger",
}


class ItemsField(SimpleArrayField):
    """Written with commas, and spaces as one likes."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # as its base does
        items = value if isinstance(value, list) else (value or "").split(self.delimiter)
        return [item.strip() for item in items if item.strip()]


def _checked(items: list[str], check: RegexValidator) -> list[str]:
    wrong = []
    for item in items:
        try:
            check(item)
        except forms.ValidationError as error:
            wrong.append(f"“{item}”: {' '.join(error.messages)}")
    if wrong:
        raise forms.ValidationError(wrong)
    return items


class MonitorForm(forms.ModelForm[Monitor]):
    class Meta:
        model = Monitor
        fields = ("hashtags", "accounts", "interval", "cost_cap", "paused")

    def clean_hashtags(self) -> list[str]:
        """What is wrong with an item is told with the item."""
        return _checked(self.cleaned_data["hashtags"], is_hashtag)

    def clean_accounts(self) -> list[str]:
        return _checked(self.cleaned_data["accounts"], is_handle)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not (data["hashtags"] or data["accounts"]):
            self.add_error("hashtags", _("Name a hashtag or an account: nothing is read without one."))
        return data


@admin.register(Monitor)
class MonitorAdmin(StaffAdmin):
    list_display = ("market", "is_on", "terms", "interval", "cost_cap", "last_run_at")
    list_filter = ("paused",)
    list_select_related = ("market",)
    search_fields = ("market__name", "market__country_code")
    ordering = ("market__name", "pk")
    fields = (
        "market_link",
        "hashtags",
        "accounts",
        ("interval", "cost_cap", "paused"),
        "last_run_at",
        "all_rounds",
    )
    readonly_fields = ("market_link", "last_run_at", "all_rounds")
    form = MonitorForm
    formfield_overrides = {ArrayField: {"form_class": ItemsField, "widget": UnfoldAdminTextInputWidget}}
    actions_detail = ("start", "ideas")

    def has_start_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("social.start_run")

    @action(
        description=gettext_lazy("Look now"),
        url_path="start",
        icon="radar",
        variant=ActionVariant.PRIMARY,
        permissions=["start"],
    )
    def start(self, request: HttpRequest, object_id: str) -> HttpResponse:
        monitor = self.row(request, object_id, lambda _row: self.has_start_permission(request))
        if request.method != "POST":
            question = _("A round of this market begins at once. It costs what every round costs.")
            return confirm(self, request, monitor, title=_("Look now"), question=question)
        try:
            with transaction.atomic():
                run = rounds.begin_now(monitor, by=acting(request))
                read_posts.enqueue(run_id=run.pk, unique_key=str(run.pk))
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("admin:social_monitor_change", monitor.pk)
        messages.success(request, _("The round has begun."))
        return redirect("admin:social_run_change", run.pk)

    def has_ideas_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("social.decide_idea")

    @action(
        description=gettext_lazy("Write ideas"),
        url_path="ideas",
        icon="lightbulb",
        variant=ActionVariant.DEFAULT,
        permissions=["ideas"],
    )
    def ideas(self, request: HttpRequest, object_id: str) -> HttpResponse:
        monitor = self.row(request, object_id, lambda _row: self.has_ideas_permission(request))
        if request.method != "POST":
            question = _("Ten ideas are written from the strongest trends of this market.")
            return confirm(self, request, monitor, title=_("Write ideas"), question=question)
        with transaction.atomic():
            round_ = ask_ideas(monitor.market, by=acting(request))
        if round_ is None:
            messages.error(request, _("Ideas for this market are being written already."))
            return redirect("admin:social_monitor_change", monitor.pk)
        messages.success(request, _("The ideas are being written."))
        return redirect("admin:social_idearound_change", round_.pk)

    @display(description=gettext_lazy("market"))
    def market_link(self, monitor: Monitor) -> str:
        return link_to(monitor.market)

    @display(
        description=gettext_lazy("watched"), ordering="paused", label={"on": "success", "off": "warning"}
    )
    def is_on(self, monitor: Monitor) -> tuple[str, str]:
        return ("off", _("paused")) if monitor.paused else ("on", _("yes"))

    @display(description=gettext_lazy("hashtags and accounts"))
    def terms(self, monitor: Monitor) -> str:
        return ", ".join([*monitor.hashtags, *(f"@{account}" for account in monitor.accounts)]) or "–"

    @display(description=gettext_lazy("rounds"))
    def all_rounds(self, monitor: Monitor) -> str:
        return list_of(Run, _("rounds of this market"), market__id__exact=monitor.market_id)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        *("slot", "market_link", "coloured_state", "source", "posts_seen", "posts_new", "viral", "trends"),
        *("leads", "dropped", "cost"),
    )
    list_filter = ("state", "source", ("market", AutocompleteSelectFilter), ("slot", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("market",)
    search_fields = ("market__name", "note")
    ordering = ("-slot", "-pk")
    fields = (
        ("slot", "market_link", "state"),
        ("since", "until", "complete"),
        ("source", "posts_seen", "posts_new"),
        ("viral", "trends", "leads"),
        "cost",
        ("started_at", "finished_at"),
        "note",
        ("dropped", "what_was_dropped"),
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))

    @display(description=gettext_lazy("market"), ordering="market__name")
    def market_link(self, run: Run) -> str:
        return link_to(run.market)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, run: Run) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=gettext_lazy("what was dropped, and why"))
    def what_was_dropped(self, run: Run) -> SafeString | str:
        lines = ((one["what"], one["why"], one["text"]) for one in run.drops)
        return shown.paragraphs("<b>{}</b>: {}<br>{}", lines) or "–"


@admin.register(SocialSettings)
class SocialSettingsAdmin(StaffAdmin):
    list_display = ("__str__", "sends", "daily_cap", "quiet_from", "quiet_until")
    search_fields = ("id",)
    ordering = ("id",)
    fields = ("stopped", "daily_cap", ("quiet_from", "quiet_until"))

    @display(
        description=gettext_lazy("sending"), ordering="stopped", label={"on": "success", "off": "danger"}
    )
    def sends(self, row: SocialSettings) -> tuple[str, str]:
        return ("off", _("stopped")) if row.stopped else ("on", _("on"))

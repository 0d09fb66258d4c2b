"""Who of the staff somebody in Slack is, and what was pressed there."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import UnfoldAction
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.staff import ReadOnlyAdmin, link_to
from social import moves
from social.admin.steps import StepsAdmin, button
from social.models import SlackPress, SlackUser
from social.slack import presses


class MemberForm(forms.Form):
    slack_id = forms.CharField(
        label=gettext_lazy("Your id in Slack"),
        help_text=gettext_lazy("In Slack: your profile, the three dots, “Copy member ID”."),
        max_length=30,
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(SlackUser)
class SlackUserAdmin(StepsAdmin):
    list_display = ("slack_id", "user", "confirmed_at")
    list_select_related = ("user",)
    search_fields = ("slack_id", "user__email", "user__name")
    ordering = ("slack_id",)
    fields = ("slack_id", "user", "confirmed_at")
    readonly_fields = ("confirmed_at",)
    autocomplete_fields = ("user",)
    decides = moves.PERMISSION  # nobody else presses anything in Slack
    actions_detail = ("confirm",)
    confirm = button("confirm", gettext_lazy("This is me"), "verified_user", ActionVariant.PRIMARY)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("social.add_slackuser")

    def save_model(self, request: HttpRequest, obj: SlackUser, form: Any, change: bool) -> None:
        """Whatever changes has to be confirmed anew."""
        if form.changed_data:
            obj.confirmed_at = None
        super().save_model(request, obj, form, change)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        row = self.get_object(request, object_id)
        is_mine = row is not None and row.user == request.user
        return super().get_actions_detail(request, object_id) if is_mine else []

    def open_steps(self, row: SlackUser) -> set[str]:
        return set() if row.confirmed_at else {"confirm"}

    def form_of(self, row: SlackUser, path: str, data: Any) -> forms.Form:
        return MemberForm(data)

    def take(self, row: SlackUser, path: str, data: dict[str, Any], by: User) -> Model:
        return presses.confirm(row, data["slack_id"], by=by)

    def says(self, row: SlackUser, path: str) -> str:
        return _("From then on whatever is pressed in Slack under this id is decided in your name.")


@admin.register(SlackPress)
class SlackPressAdmin(ReadOnlyAdmin):
    list_display = ("at", "slack_id", "act", "outreach_link", "answered_at", "outcome")
    list_filter = ("act",)
    list_filter_submit = True
    list_select_related = ("outreach__lead__author",)
    search_fields = ("slack_id", "outreach__lead__author__handle")
    ordering = ("-at", "-pk")
    fields = ("at", "slack_id", "act", "outreach_link", "answered_at", "outcome")
    readonly_fields = fields

    @display(description=gettext_lazy("outreach"))
    def outreach_link(self, press: SlackPress) -> str:
        return link_to(press.outreach)

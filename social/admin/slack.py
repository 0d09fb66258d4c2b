"""Who of the staff somebody in Slack is, and what was pressed there."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.staff import ReadOnlyAdmin, StaffAdmin, link_to
from social.models import SlackPress, SlackUser


@admin.register(SlackUser)
class SlackUserAdmin(StaffAdmin):
    list_display = ("slack_id", "user")
    list_select_related = ("user",)
    search_fields = ("slack_id", "user__email", "user__name")
    ordering = ("slack_id",)
    fields = ("slack_id", "user")
    autocomplete_fields = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("social.add_slackuser")


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

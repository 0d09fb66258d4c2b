from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts.staff import ReadOnlyAdmin, link_to, list_of
from matching.admin import fitted, moves
from matching.models import AlgorithmVersion, MatchRun

Status = AlgorithmVersion.Status
STATUS_COLOURS = {
    Status.DRAFT: "default",
    Status.SHADOW: "info",
    Status.ACTIVE: "success",
    Status.RETIRED: "warning",
}


@admin.register(AlgorithmVersion)
class AlgorithmVersionAdmin(ReadOnlyAdmin):
    """Versions are read here. What moves one is a button of its own: see `matching.admin.moves`."""

    list_display = (
        "name",
        "coloured_status",
        "weights",
        "share",
        "author",
        "created_at",
        "activated_at",
        "beginning",
    )
    list_filter = ("status",)
    list_select_related = ("created_by",)
    ordering = ("-pk",)
    fields = (
        ("name", "status", "share"),
        ("author", "created_at", "activated_at"),
        ("review_prompt", "all_runs"),
        "reason",
    )
    readonly_fields = (*fields[0], *fields[1], *fields[2], "reason")
    change_form_outer_after_template = "matching/admin/version.html"
    actions_list = ("fit", "roll_back")
    actions_detail = ("into_shadow", "activate", "change_share", "to_draft", "retire")
    into_shadow = moves.button(moves.INTO_SHADOW)
    change_share = moves.button(moves.CHANGE_SHARE)
    activate = moves.button(moves.ACTIVATE)
    to_draft = moves.button(moves.TO_DRAFT)
    retire = moves.button(moves.RETIRE)

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("matching.decide_algorithm")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only the moves that lead on from where the version is."""
        version = self.get_object(request, object_id)
        buttons = super().get_actions_detail(request, object_id)
        return [each for each in buttons if version and moves.STEPS[each.path].is_open(version)]

    @action(
        description=gettext_lazy("Fit new weights"),
        url_path="fit",
        icon="model_training",
        variant=ActionVariant.PRIMARY,
        permissions=["decide"],
    )
    def fit(self, request: HttpRequest) -> HttpResponse:
        return moves.fit_new_weights(self, request)

    @action(
        description=gettext_lazy("Roll back"),
        url_path="roll-back",
        icon="undo",
        variant=ActionVariant.WARNING,
        permissions=["decide"],
    )
    def roll_back(self, request: HttpRequest) -> HttpResponse:
        return moves.roll_back(self, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version, context = self.get_object(request, object_id), extra_context or {}
        if version:
            context = fitted.page(version) | context
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @display(description=gettext_lazy("status"), ordering="status", label=STATUS_COLOURS)
    def coloured_status(self, version: AlgorithmVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description=gettext_lazy("weights in percent"))
    def weights(self, version: AlgorithmVersion) -> str:
        """In the order of the factors."""
        return " · ".join(number_format(share.normalize()) for share in version.percents)

    @display(description=gettext_lazy("made by"), ordering="created_by")
    def author(self, version: AlgorithmVersion) -> str:
        return link_to(version.created_by)

    @display(description=gettext_lazy("why"))
    def beginning(self, version: AlgorithmVersion) -> str:
        return Truncator(version.reason).chars(80)

    @display(description=gettext_lazy("match runs"))
    def all_runs(self, version: AlgorithmVersion) -> str:
        return list_of(MatchRun, _("runs of this version"), version__id__exact=version.pk)

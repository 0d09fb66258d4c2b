import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.staff import ReadOnlyAdmin, link_to, list_of
from matching.models import AlgorithmVersion, Factor, MatchRun

Status = AlgorithmVersion.Status
STATUS_COLOURS = {
    Status.DRAFT: "default",
    Status.SHADOW: "info",
    Status.ACTIVE: "success",
    Status.RETIRED: "warning",
}


@admin.register(AlgorithmVersion)
class AlgorithmVersionAdmin(ReadOnlyAdmin):
    """Versions are read here. What moves one is a button of its own."""

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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version, context = self.get_object(request, object_id), extra_context or {}
        if version:
            fit = version.fit and json.dumps(version.fit, indent=2, ensure_ascii=False)
            context = {"weights": list(zip(Factor, version.percents, strict=True)), "fit": fit} | context
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

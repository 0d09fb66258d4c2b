"""Analytics as staff see them: which days and market, and the figures as lines of charts or as JSON."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from accounts.staff import StaffAdmin
from markets import formats
from markets.models import Market
from matching import analytics
from matching.analytics import Report, Scope
from matching.analytics_charts import charts
from travelers.models import Trip

DAYS, MOST_DAYS = 30, 366


class ScopeForm(forms.Form):
    """Which runs. What is left out is the last thirty days, in all markets."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        # Not declared, because a class can have no attribute of the name `from`.
        self.fields["from"] = _day(gettext_lazy("From"))
        self.fields["to"] = _day(gettext_lazy("To"))
        self.fields["market"] = forms.ChoiceField(
            label=gettext_lazy("Market"),
            required=False,
            choices=_markets(),
            error_messages={"invalid_choice": gettext_lazy("There is no such market.")},
        )
        self.fields["market"].widget.attrs["class"] = "staff-input"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if not {"from", "to"} <= data.keys():
            return data
        last = data["to"] or timezone.now().date()
        first = data["from"] or date.fromordinal(max(last.toordinal() - DAYS + 1, 1))
        if first > last:
            raise forms.ValidationError(_("The first day is after the last."))
        if (last - first).days >= MOST_DAYS:
            raise forms.ValidationError(_("At most %(days)s days at once, please.") % {"days": MOST_DAYS})
        # The fields show what was chosen, also by default.
        self.data = {"from": first.isoformat(), "to": last.isoformat(), "market": data.get("market", "")}
        return {"scope": Scope(first, last, self.data["market"])}

    @property
    def scope(self) -> Scope | None:
        return self.cleaned_data["scope"] if self.is_valid() else None


def _day(label: StrOrPromise) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "staff-input"})
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=widget,
        error_messages={"invalid": gettext_lazy("Write a day as 2026-11-30.")},
    )


def _markets() -> list[tuple[str, StrOrPromise]]:
    """Those that are open, and those that were."""
    known = Market.objects.filter(
        Q(status=Market.Status.ACTIVE) | Q(pk__in=Trip.objects.values("destination"))
    )
    every = [(market.slug, str(market)) for market in known.order_by("name", "pk")]
    return [("", _("All markets")), *every]


def page(screen: StaffAdmin, request: HttpRequest) -> HttpResponse:
    form = _form(screen, request)
    context = {
        **screen.admin_site.each_context(request),
        "title": _("Analytics"),
        "content_title": _("Analytics"),
        "form": form,
        "query": request.GET.urlencode(),
    }
    if form.scope:
        context |= {"scope": _said(form.scope)} | charts(_report(form.scope))
    request.current_app = screen.admin_site.name
    return render(request, "matching/admin/analytics.html", context, status=200 if form.scope else 400)


def as_json(screen: StaffAdmin, request: HttpRequest) -> HttpResponse:
    form = _form(screen, request)
    if not form.scope:
        return JsonResponse({"errors": form.errors.get_json_data()}, status=400)
    answer = asdict(_report(form.scope))
    days = answer["working"].pop("days")
    answer["working"]["days"] = [{"day": day, "runs": count} for day, count in days.items()]
    return JsonResponse({"scope": asdict(form.scope), **answer})


def _form(screen: StaffAdmin, request: HttpRequest) -> ScopeForm:
    if not screen.has_view_permission(request):
        raise PermissionDenied
    return ScopeForm(request.GET)


def _report(scope: Scope) -> Report:
    return analytics.report(scope, settings.MATCHING_EXPLORATION)


def _said(scope: Scope) -> str:
    return formats.day_range(scope.first, scope.last)

"""The dashboards of social commerce as staff see them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.staff import StaffAdmin
from markets import moments
from markets.formats import money
from markets.models import Market
from social import figures
from social.admin import shown
from social.figures import Column, Cost, Performance, Rate, Report, Scope, Talked
from social.models import Outreach, ViralMoment

HEIGHT = 20
PERIODS = [("7", gettext_lazy("7 days")), ("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days"))]


class ScopeForm(forms.Form):
    """What is left out is the last thirty days, in all markets."""

    days = forms.ChoiceField(label=gettext_lazy("Period"), choices=PERIODS, required=False)
    market = forms.ChoiceField(label=gettext_lazy("Market"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__({"days": data.get("days") or "30", "market": data.get("market", "")})
        known = Market.objects.filter(
            Q(monitor__isnull=False) | Q(trends__isnull=False) | Q(leads__isnull=False)
        )
        rows = known.distinct().order_by("name", "pk")
        choices = [("", _("All markets")), *((str(one.pk), str(one)) for one in rows)]
        self.fields["market"].choices = choices  # type: ignore[attr-defined]  # of a choice field
        for one in self.fields.values():
            one.widget.attrs["class"] = "staff-input"

    @property
    def scope(self) -> Scope | None:
        if not self.is_valid():
            return None
        now = timezone.now()
        market = self.cleaned_data["market"]
        return Scope(
            now - timedelta(days=int(self.cleaned_data["days"])), now, int(market) if market else None
        )


def page(screen: StaffAdmin, request: HttpRequest) -> HttpResponse:
    if not screen.has_view_permission(request):
        raise PermissionDenied
    form = ScopeForm(request.GET)
    scope = form.scope
    context = {
        **screen.admin_site.each_context(request),
        "title": _("Social commerce"),
        "content_title": _("Social commerce"),
        "form": form,
    }
    if scope:
        context |= charts(figures.report(scope))
    request.current_app = screen.admin_site.name
    return render(request, "social/admin/overview.html", context, status=200 if scope else 400)


@dataclass(frozen=True)
class Line:
    """A trend with its sparkline: bars as strings, because a locale would write an SVG's numbers its own way."""

    talked: Talked
    bars: list[tuple[str, str, str]]
    said: str  # the same for whoever sees no picture
    age: str


def charts(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "trends": [(market, [_line(one) for one in talked]) for market, talked in report.trends],
        "spark_days": str(figures.SPARK_DAYS),
        "moments": [_moment(one) for one in report.moments],
        "columns": [_column(one) for one in report.columns],
        "has_outreach": any(one.count for one in report.columns),
        "rates": _rates(report.performance),
        "costs": [_cost(one) for one in report.costs],
        "cost_total": _usd(sum((one.total for one in report.costs), Decimal(0))),
    }


def _line(talked: Talked) -> Line:
    known = [count for count in talked.counts if count is not None]
    most = max(known, default=0) or 1
    bars = [
        (str(place), f"{HEIGHT - HEIGHT * count / most:.1f}", f"{HEIGHT * count / most:.1f}")
        for place, count in enumerate(talked.counts)
        if count is not None
    ]
    said = _("no data")
    if known:
        said = _("%(first)s to %(last)s mentions over %(days)s days, %(most)s at most") % {
            "first": known[0],
            "last": known[-1],
            "days": len(known),
            "most": max(known),
        }
    age = ngettext("%(days)s day", "%(days)s days", talked.age) % {"days": talked.age}
    return Line(talked, bars, said, age)


def _moment(moment: ViralMoment) -> dict[str, Any]:
    known = {"likes": moment.likes, "reposts": moment.reposts, "views": moment.views}
    said = _("%(likes)s likes, %(reposts)s reposts, %(views)s views") % {
        name: shown.known(value) for name, value in known.items()
    }
    found = f"{moments.moment(moment.found_at, 'UTC')} (UTC)"
    return {"moment": moment, "figures": said, "found": found}


def _column(column: Column) -> dict[str, Any]:
    unknown = ""
    if column.unknown:
        unknown = ngettext("%(count)s of unknown value", "%(count)s of unknown value", column.unknown) % {
            "count": column.unknown
        }
    known = column.count > column.unknown
    return {
        "label": str(Outreach.State(column.state).label),
        "count": column.count,
        "value": money(Decimal(column.value), "USD") if known else _("no data"),
        "unknown": unknown,
    }


def _rates(performance: Performance) -> list[tuple[str, str, str]]:
    """Title, rate, and what it was counted of."""
    return [
        (_("Approved"), _percent(performance.approved), _of(performance.approved, _("decided on"))),
        (_("Edited by a person"), _percent(performance.edited), _of(performance.edited, _("approved"))),
        (_("Replied"), _percent(performance.replied), _of(performance.replied, _("sent"))),
        (_("Became experts"), _percent(performance.converted), _of(performance.converted, _("sent"))),
    ]


def _percent(rate: Rate) -> str:
    return _("no data") if rate.share is None else f"{number_format(round(100 * rate.share, 1), 1)} %"


def _of(rate: Rate, what: str) -> str:
    return _("%(happened)s of %(count)s %(what)s") % {
        "happened": rate.happened,
        "count": rate.count,
        "what": what,
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "market": cost.market,
        "rounds": _usd(cost.rounds),
        "ideas": _usd(cost.ideas),
        "messages": _usd(cost.messages),
        "total": _usd(cost.total),
        "leads": cost.leads,
        "per_lead": _("no data") if cost.per_lead is None else _usd(cost.per_lead),
    }


def _usd(amount: Decimal) -> str:
    return money(amount.quantize(Decimal("0.01")), "USD")

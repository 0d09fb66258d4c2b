"""Analytics of drafts as staff see them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff import StaffAdmin
from content_assistant import analytics, tools
from content_assistant.analytics import Row
from content_assistant.models import Draft, Version

DAYS = 30
PERIODS = [
    ("7", gettext_lazy("the last 7 days")),
    ("30", gettext_lazy("the last 30 days")),
    ("90", gettext_lazy("the last 90 days")),
    ("365", gettext_lazy("the last 365 days")),
]


class PeriodForm(forms.Form):
    days = forms.ChoiceField(
        label=gettext_lazy("Drafts asked for in"),
        choices=PERIODS,
        widget=forms.Select(attrs={"class": "staff-input"}),
        error_messages={"invalid_choice": gettext_lazy("Choose one of these periods.")},
    )


@dataclass(frozen=True)
class Line:
    """A row as it is read."""

    tool: str
    wrote: str
    count: int
    shares: list[tuple[str, int]]  # as it was, edited, discarded: what is said, and how many
    changed: str
    saved: str
    baseline: str
    cost: str


def page(screen: StaffAdmin, request: HttpRequest) -> HttpResponse:
    if not screen.has_view_permission(request):
        raise PermissionDenied
    form = PeriodForm(request.GET if "days" in request.GET else {"days": str(DAYS)})
    context = {
        **screen.admin_site.each_context(request),
        "title": _("How drafts are used"),
        "content_title": _("How drafts are used"),
        "opts": screen.opts,
        "form": form,
    }
    if form.is_valid():
        found = analytics.rows(timezone.now() - timedelta(days=int(form.cleaned_data["days"])))
        context |= {"lines": [_line(row) for row in found], "tiles": list(_tiles(analytics.total(found)))}
    request.current_app = screen.admin_site.name
    status = 200 if form.is_valid() else 400
    return render(request, "content_assistant/admin/analytics.html", context, status=status)


def _line(row: Row) -> Line:
    return Line(
        tool=capfirst(str(Draft.Tool(row.tool).label)),
        wrote=_wrote(row),
        count=row.count,
        shares=[(_percent(row.share(many)), many) for many in (row.as_is, row.edited, row.discarded)],
        changed=_changed(row),
        saved=_minutes(row.minutes_per_kept),
        baseline=_minutes(tools.of(row.tool).minutes if row.tool in tools.TOOLS else None),
        cost=_dollars(row.cost_per_kept),
    )


def _wrote(row: Row) -> str:
    """Which prompt, and whether a model answered it or our template."""
    who = str(Version.Origin(row.origin).label) if row.origin in Version.Origin.values else ""
    which = "" if row.prompt_version is None else _("prompt %(number)s") % {"number": row.prompt_version}
    return ", ".join(filter(None, [which, who])) or _("nothing was written")


def _changed(row: Row) -> str:
    if row.distance is None:
        return _("no data")
    return _("%(words)s words, %(share)s of the sentences kept") % {
        "words": _figure(row.distance, 1),
        "share": _percent(row.sentences_kept),
    }


def _tiles(total: Row) -> Iterator[tuple[str, str, str]]:
    """Title, figure, and what it was computed from."""
    of = _("of %(count)s drafts that were used or discarded") % {"count": total.count}
    yield _("Used as they were"), _percent(total.share(total.as_is)), of
    yield _("Edited, then used"), _percent(total.share(total.edited)), of
    yield _("Discarded"), _percent(total.share(total.discarded)), of
    kept = _("%(count)s drafts that were used") % {"count": total.kept}
    yield _("Time saved, hours"), _figure(total.minutes / 60 if total.kept else None, 1), kept
    yield _("Cost of models per draft used"), _dollars(total.cost_per_kept), kept


def _percent(share: float | None) -> str:
    return _("no data") if share is None else f"{_figure(100 * share, 0)} %"


def _minutes(value: float | None) -> str:
    return _("no data") if value is None else _("%(minutes)s min") % {"minutes": _figure(value, 0)}


def _dollars(value: Decimal | None) -> str:
    """To a hundredth of a cent: most drafts cost less than one."""
    return _("no data") if value is None else f"{number_format(round(value, 4), 4)} USD"


def _figure(value: float | None, digits: int) -> str:
    return _("no data") if value is None else number_format(round(value, digits), digits)

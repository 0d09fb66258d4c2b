"""The figures of analytics as the lines of charts and tables: words, and lengths to draw."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from markets import formats
from matching import analytics
from matching.analytics import Report
from matching.analytics_math import Foretold, Mean, Rate
from matching.models import Factor, MatchRun

# Of the plots, in their own units.
SIDE, HEIGHT = 100, 40
FEW = 10
# That no line breaks at.
DASH = "\u2060–\u2060"


@dataclass(frozen=True)
class Bar:
    """A rate as a line of a chart. Lengths are shares of the chart's width, 0 to 100."""

    label: str
    rate: Rate
    length: int
    low: int
    span: int

    @property
    def said(self) -> str:
        return percent(self.rate.value)

    @property
    def interval(self) -> str:
        low, high = self.rate.interval or (None, None)
        return "–" if low is None else f"{percent(low)} – {percent(high)}"


@dataclass(frozen=True)
class RateChart:
    title: str
    note: str
    bars: list[Bar]

    @property
    def has_data(self) -> bool:
        return any(bar.rate.count for bar in self.bars)


@dataclass(frozen=True)
class Effect:
    """A factor's difference as a bar to the left or the right of the middle, at 50."""

    label: str
    booked: str
    others: str
    difference: str
    correlation: str
    left: int
    length: int


@dataclass(frozen=True)
class Point:
    """A bin in the reliability plot, whose vertical axis points up."""

    bin: Foretold
    x: str
    y: str
    low: str
    high: str
    radius: str

    @property
    def forecast(self) -> str:
        return percent(self.bin.forecast)

    @property
    def happened(self) -> str:
        return percent(self.bin.rate.value)

    @property
    def interval(self) -> str:
        low, high = self.bin.rate.interval or (None, None)
        return f"{percent(low)} – {percent(high)}"


@dataclass(frozen=True)
class Column:
    """A day of the chart of runs. Strings, because a locale would write the numbers of an SVG its own way."""

    label: str
    runs: int
    x: str
    y: str
    height: str


def percent(share: float | None) -> str:
    return _("no data") if share is None else f"{figure(100 * share, 1)} %"


def figure(value: float | None, digits: int) -> str:
    # Django cuts the digits of a float off instead of rounding it.
    return _("no data") if value is None else number_format(round(value, digits), digits)


def charts(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "tiles": list(_tiles(report)),
        "rates": list(_rate_charts(report)),
        "effects": _effects(report),
        "calibration": report.calibration,
        **plot(report.calibration.bins if report.calibration else []),
        "calibration_figures": _calibration_figures(report),
        "columns": _columns(report),
        "busiest": max(report.working.days.values(), default=0),
    }


def plot(bins: list[Foretold]) -> dict[str, Any]:
    """What templates/matching/admin/_plot.html draws."""
    return {"points": _points(bins), "axis": percent(_axis(bins))}


def _tiles(report: Report) -> Iterable[tuple[str, str, str]]:
    """Title, figure, and what it was computed from."""
    working, (booked, others) = report.working, report.averages
    yield (
        _("Booked of the shown"),
        percent(report.overall.value),
        _among_shown(report),
    )
    yield _("Mean score of the booked"), figure(booked.value, 1), _among(booked)
    yield _("Mean score of the others"), figure(others.value, 1), _among(others)
    yield (
        _("Time to the first ranking"),
        _seconds(working.p50),
        ngettext("95 %% within %(p95)s; %(count)s run", "95 %% within %(p95)s; %(count)s runs", working.timed)
        % {"p95": _seconds(working.p95), "count": working.timed},
    )
    yield _("Cost of models per run, USD"), figure(working.cost.value, 4), _runs(working.cost.count)
    yield _("Claims dropped per review"), figure(working.dropped.value, 2), _reviews(working.dropped.count)


def _among_shown(report: Report) -> str:
    """Two counts with a plural each: gettext chooses by one, so they are said apart."""
    experts = ngettext(
        "%(booked)s of %(shown)s expert", "%(booked)s of %(shown)s experts", report.overall.count
    ) % {"booked": report.overall.happened, "shown": report.overall.count}
    return ngettext(
        "%(experts)s on %(lists)s list that was seen",
        "%(experts)s on %(lists)s lists that were seen",
        report.lists,
    ) % {"experts": experts, "lists": report.lists}


def _among(mean: Mean) -> str:
    return ngettext("%(count)s exposure", "%(count)s exposures", mean.count) % {"count": mean.count}


def _runs(count: int) -> str:
    return ngettext("%(count)s run", "%(count)s runs", count) % {"count": count}


def _reviews(count: int) -> str:
    """By the model, of a list."""
    return ngettext("%(count)s review", "%(count)s reviews", count) % {"count": count}


def _seconds(value: float | None) -> str:
    return _("no data") if value is None else _("%(seconds)s s") % {"seconds": figure(value, 2)}


def _rate_charts(report: Report) -> Iterable[RateChart]:
    places = report.positions
    yield _chart(
        _("Booking rate by score"),
        _("Of the experts shown with such a score. A score of 100 belongs to the last band."),
        [(group.key.replace("-", DASH), group.rate) for group in report.bands],
    )
    for title, rates in (
        (_("Booking rate by position"), [place.booked for place in places]),
        (_("Inquiry rate by position"), [place.inquired for place in places]),
        (_("Profiles opened by position"), [place.opened for place in places]),
    ):
        lines = [(str(place.position), rate) for place, rate in zip(places, rates, strict=True)]
        yield _chart(title, _("Of the experts shown at that position."), lines)
    yield _chart(
        _("New experts"),
        _(
            "An expert counts as new with fewer than %(reviews)s reviews or fewer than %(days)s days since joining, "
            "as of today: how it was on the day of a run is not kept."
        )
        % {"reviews": analytics.REVIEWS, "days": analytics.DAYS},
        [
            (_("of the shown"), report.newness.exposures),
            (_("of the candidates"), report.newness.candidates),
        ],
    )
    yield _chart(
        _("Exploration"),
        _(
            "Neighbours closer than three points take turns with a chance of %(share)s (MATCHING_EXPLORATION_PERCENT)."
        )
        % {"share": percent(report.exploration.setting)},
        [(_("moved by chance"), report.exploration.moved)],
    )
    yield _chart(
        _("Reviews by outcome"),
        _("Of all runs."),
        [(str(MatchRun.Review(group.key).label), group.rate) for group in report.working.reviews],
    )


def _chart(title: str, note: str, lines: list[tuple[str, Rate]]) -> RateChart:
    """The widest interval ends where the chart does, but those of a few are so wide that nothing else would be seen."""
    ends = [(rate.count >= FEW, rate.interval.high) for _, rate in lines if rate.interval]
    _, whole = max(ends, default=(False, 1.0))
    return RateChart(title, note, [_bar(label, rate, 100 / whole) for label, rate in lines])


def _bar(label: str, rate: Rate, scale: float) -> Bar:
    low, high = rate.interval or (0, 0)
    low, length, high = (min(round(share * scale), 100) for share in (low, rate.value or 0, high))
    return Bar(label, rate, length, low, high - low)


def _effects(report: Report) -> list[Effect]:
    widest = max((abs(each.difference or 0) for each in report.importance), default=0) or 1
    return [_effect(each, widest) for each in report.importance]


def _effect(each: analytics.Importance, widest: float) -> Effect:
    length = round(50 * abs(each.difference or 0) / widest)
    return Effect(
        label=str(Factor(each.factor).label),
        booked=figure(each.booked.value, 1),
        others=figure(each.others.value, 1),
        difference=figure(each.difference, 2),
        correlation=figure(each.correlation, 2),
        left=50 - length if (each.difference or 0) < 0 else 50,
        length=length,
    )


def _calibration_figures(report: Report) -> list[tuple[str, str]]:
    found = report.calibration
    if not found:
        return []
    return [(_("Brier score"), figure(found.brier, 4)), (_("ECE"), figure(found.ece, 4))]


def _points(bins: list[Foretold]) -> list[Point]:
    """Both axes end at the highest forecast or interval."""
    whole = _axis(bins)
    most = max((each.rate.count for each in bins), default=1)
    return [_point(each, whole, most) for each in bins]


def _axis(bins: list[Foretold]) -> float:
    return max((max(each.forecast, *(each.rate.interval or (0, 0))) for each in bins), default=1.0)


def _point(each: Foretold, whole: float, most: int) -> Point:
    def at(share: float, *, up: bool) -> str:
        return f"{SIDE * (1 - share / whole if up else share / whole):.1f}"

    low, high = each.rate.interval or (0, 0)
    return Point(
        bin=each,
        x=at(each.forecast, up=False),
        y=at(each.rate.value or 0, up=True),
        low=at(low, up=True),
        high=at(high, up=True),
        radius=f"{1.2 + 1.8 * (each.rate.count / most) ** 0.5:.1f}",
    )


def _columns(report: Report) -> list[Column]:
    days = report.working.days
    busiest = max(days.values(), default=0) or 1
    return [
        Column(
            formats.day(day),
            count,
            str(place),
            f"{HEIGHT - HEIGHT * count / busiest:.1f}",
            f"{HEIGHT * count / busiest:.1f}",
        )
        for place, (day, count) in enumerate(days.items())
    ]

"""How a version was fitted and how it does beside the active one, as the lines of its page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from matching import fitting, history, versions
from matching.analytics_charts import figure, percent, plot
from matching.analytics_math import Foretold, Rate
from matching.learning.baselines import Problem
from matching.learning.gates import Code
from matching.learning.interleaving import Team
from matching.models import AlgorithmVersion, Factor, MatchRun

Status = AlgorithmVersion.Status
COUNTS = {Code.BOOKINGS, Code.EXPERTS}
SHARES = {Code.EXPERT_SHARE, Code.MOVE, Code.FLOOR}
AT_MOST = {Code.EXPERT_SHARE, Code.CALIBRATION, Code.MOVE}
PROBLEMS: dict[Problem, StrOrPromise] = {
    Problem.NOTHING_TO_COMPARE: gettext_lazy("Nobody was booked, or everybody: there is nothing to compare."),
    Problem.DIVISION_BY_ZERO: gettext_lazy("The differences sum to zero, and one cannot divide by that."),
    Problem.NEGATIVE_WEIGHT: gettext_lazy("A weight is negative: being better would cost an expert points."),
}
VERDICTS: dict[Team | None, StrOrPromise] = {
    Team.A: gettext_lazy("The active version wins more often."),
    Team.B: gettext_lazy("This version wins more often."),
    None: gettext_lazy("Not decided: so far chance may explain the difference."),
}


@dataclass(frozen=True)
class Weight:
    label: str
    before: str
    after: str
    change: str
    percent: str  # as a length, written for a drawing


@dataclass(frozen=True)
class GateLine:
    name: str
    value: str
    bound: str
    passed: bool
    off: str


@dataclass(frozen=True)
class Comparison:
    """By the lists that travelers saw mixed. `interval`: of this version's part of all wins."""

    own: int
    active: int
    ties: int
    p_value: str
    interval: str
    verdict: StrOrPromise


def weights(version: AlgorithmVersion, active: AlgorithmVersion) -> list[Weight]:
    """Beside those that are in use."""
    pairs = zip(Factor, active.percents, version.percents, strict=True)
    return [
        Weight(
            str(factor.label),
            f"{number_format(before.normalize())} %",
            f"{number_format(after.normalize())} %",
            f"{'+' if after > before else ''}{number_format((after - before).normalize())}",
            str(after),
        )
        for factor, before, after in pairs
    ]


def gates(version: AlgorithmVersion) -> list[GateLine]:
    return [_gate(gate) for gate in (version.fit or {}).get("gates", [])]


def _gate(gate: dict[str, Any]) -> GateLine:
    code, off = Code(gate["code"]), gate["off"]
    bound = _("at most %(bound)s") if code in AT_MOST else _("at least %(bound)s")
    if code == Code.LOG_LOSS:
        bound = _("above %(bound)s")
    missed = _("cannot be measured yet") if off is None else _("off by %(off)s") % {"off": _said(code, off)}
    return GateLine(
        name=str(versions.GATES[code]),
        value=_said(code, gate["value"]),
        bound=bound % {"bound": _said(code, gate["bound"])},
        passed=gate["passed"],
        off="" if gate["passed"] else missed,
    )


def _said(code: Code, value: float | None) -> str:
    if code in SHARES:
        return percent(value)
    return figure(value, 0 if code in COUNTS else 4)


def page(version: AlgorithmVersion) -> dict[str, Any]:
    """What the page of a version shows below its fields."""
    fit = version.fit or {}
    return {
        "weights": weights(version, AlgorithmVersion.objects.active()),
        "fit": fit,
        "state": _state(version, fit),
        "gates": gates(version),
        "figures": list(_figures(version, fit)) if fit.get("at") else [],
        **plot([Foretold(forecast, Rate.of(hits, count)) for forecast, hits, count in fit.get("bins", [])]),
        "baseline": _baseline(fit),
        "compared": comparison(version),
    }


def _state(version: AlgorithmVersion, fit: dict[str, Any]) -> str:
    """Only a draft is still filled: see `fitting.store`."""
    if fit.get("state") != "running":
        return fit.get("state", "")
    return "running" if version.status == Status.DRAFT else "moved"


def _figures(version: AlgorithmVersion, fit: dict[str, Any]) -> Iterator[tuple[str, str]]:
    at = timezone.localtime(datetime.fromisoformat(fit["at"]))
    yield _("Held against"), str(fit.get("base", "–"))
    yield _("Fitted"), date_format(at, "DATETIME_FORMAT")
    yield _("Lists that were seen"), figure(fit.get("slates"), 0)
    yield _("Bookings from them"), figure(fit.get("bookings"), 0)
    yield _("Better by, in log-loss per list"), _gain(fit.get("gain"))
    yield _("Brier score"), figure(fit.get("brier"), 4)
    yield _("ECE"), figure(fit.get("ece"), 4)
    told = fitting.tells_probabilities(version)
    yield _("Booking probabilities"), _told() if told else _("not told to travelers: they are not calibrated")


def _told() -> str:
    return _("told to travelers while it is active: they came true on lists that it had not seen")


def _gain(gain: dict[str, Any] | None) -> str:
    if not gain:
        return _("no data")
    low, high = (figure(end, 4) for end in gain["interval"])
    return _("%(mean)s, 95 %% interval %(low)s to %(high)s") % {
        "mean": figure(gain["mean"], 4),
        "low": low,
        "high": high,
    }


def _baseline(fit: dict[str, Any]) -> dict[str, Any]:
    """The obvious rule, named, beside what was learned: see `matching.learning.baselines`."""
    found = fit.get("difference_of_means") or {}
    shares, problem = found.get("weights") or [], found.get("problem")
    lines = [(str(factor.label), percent(share)) for factor, share in zip(Factor, shares, strict=False)]
    return {"weights": lines, "problem": PROBLEMS[Problem(problem)] if problem else ""}


def comparison(version: AlgorithmVersion) -> Comparison | None:
    """None for a version that never shared traffic."""
    from matching.learning import sequential  # noqa: PLC0415  # it needs scipy, which web processes start without

    if not version.share and not MatchRun.objects.filter(challenger=version).exists():
        return None
    outcomes = history.outcomes(version.pk)
    found = sequential.judge(outcomes)
    won, low, high = found.a + found.b, percent(1 - found.share.high), percent(1 - found.share.low)
    return Comparison(
        own=found.b,
        active=found.a,
        ties=len(outcomes) - won,
        p_value=figure(found.p_value, 4) if won else _("no data"),
        interval=f"{low} – {high}" if won else _("no data"),
        verdict=VERDICTS[found.winner] if won else _("no data: nobody booked from a mixed list yet"),
    )

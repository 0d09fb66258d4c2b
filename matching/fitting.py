"""Weights fitted to what travelers booked, held against every gate, and what a fitted version knows of bookings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from matching import history
from matching.learning import gates
from matching.learning.baselines import difference_of_means
from matching.learning.calibration import brier, calibration_error
from matching.learning.logit import Fit
from matching.learning.slates import Floats, Slates
from matching.models import AlgorithmVersion


def examine(base: AlgorithmVersion) -> tuple[list[int], dict[str, Any]]:
    """Fitted weights in thousandths, and the report that is kept with them. Takes seconds; writes nothing."""
    slates = history.slates()
    report = gates.examine(slates, np.array(base.weights) / 1000)
    return in_thousandths(report.fit.weights), _stored(slates, report, base)


def in_thousandths(weights: Floats) -> list[int]:
    """Whole thousandths that sum to 1000: the largest remainders are rounded up."""
    exact = np.asarray(weights) * 1000
    whole = np.floor(exact + 1e-9).astype(int)
    first = np.argsort(whole - exact, kind="stable")[: 1000 - int(whole.sum())]
    whole[first] += 1
    return [int(weight) for weight in whole]


def _stored(slates: Slates, report: gates.Report, base: AlgorithmVersion) -> dict[str, Any]:
    naive = difference_of_means(slates)
    latest = slates.split_latest(gates.LATEST)[1]
    forecasts = report.trained.without_appeals().probabilities(latest)
    return {
        "state": "done",
        "at": timezone.now().isoformat(),
        "base": base.name,
        "slates": len(slates),
        "bookings": slates.bookings,
        "gates": [
            {
                "code": gate.code.value,
                "value": gate.value,
                "bound": gate.bound,
                "passed": gate.passed,
                "off": gate.off,
            }
            for gate in report.gates
        ],
        "gain": report.gain and {"mean": report.gain.mean, "interval": list(report.gain.interval)},
        "bins": [[one.forecast, one.happened, one.count] for one in report.bins],
        "brier": brier(forecasts, latest.booked),
        "ece": calibration_error(report.bins),
        "model": _model(report.fit),
        "difference_of_means": {
            "weights": None if naive.weights is None else naive.weights.round(3).tolist(),
            "problem": naive.problem and naive.problem.value,
        },
    }


def _model(fit: Fit) -> dict[str, Any]:
    return {
        "weights": fit.weights.tolist(),
        "scale": fit.scale,
        "positions": fit.positions.tolist(),
        "outside": fit.outside,
    }


def fitted(version: AlgorithmVersion) -> Fit | None:
    """What foretells bookings; None of a version whose weights a person chose or that is still being fitted."""
    model = (version.fit or {}).get("model")
    if model is None:
        return None
    return Fit(np.array(model["weights"]), model["scale"], np.array(model["positions"]), model["outside"])


def tells_probabilities(version: AlgorithmVersion) -> bool:
    """Only what was calibrated on lists that it had not seen is told to travelers."""
    found = (version.fit or {}).get("gates", [])
    return any(gate["code"] == gates.Code.CALIBRATION and gate["passed"] for gate in found)


def probabilities(version: AlgorithmVersion, values: Sequence[Sequence[int]]) -> list[float] | None:
    """The chance of each expert of one list to be booked; `values` in tenths, in the order of the page."""
    fit, count = fitted(version), len(values)
    if not fit or not count or not tells_probabilities(version):
        return None
    one_list = Slates(
        values=np.array(values) / 1000,
        positions=np.arange(count),
        slate=np.zeros(count, dtype=np.int64),
        expert=np.arange(count),
        chosen=np.array([-1]),
        traveler=np.array([0]),
    )
    return [float(chance) for chance in fit.probabilities(one_list)]


@transaction.atomic
def ask_for_fit(*, by: User, reason: str, name: str | None = None) -> AlgorithmVersion:
    """A draft whose weights are fitted by a worker. Until then it has those of the active version.

    `name`: from `next_name`, so that asking twice makes one. Raises PermissionDenied or DomainError as `versions.move`
    does.
    """
    from matching.tasks import fit_weights  # noqa: PLC0415  # the task calls this module
    from matching.versions import check_decider  # noqa: PLC0415

    check_decider(by, reason)
    active = AlgorithmVersion.objects.select_for_update().get(status=AlgorithmVersion.Status.ACTIVE)
    if name not in {None, next_name()}:
        raise DomainError(_("The fit %(name)s was asked for already.") % {"name": name})
    draft = AlgorithmVersion.objects.create(
        name=next_name(),
        reason=reason,
        created_by=by,
        review_prompt=active.review_prompt,
        fit={"state": "running", "base": active.name},
        **dict(zip(AlgorithmVersion.WEIGHTS, active.weights, strict=True)),
    )
    audit.record(action="algorithm.fit", target=draft, by=by, reason=reason, base=active.name)
    fit_weights.enqueue(version_id=draft.pk, unique_key=str(draft.pk))
    return draft


def next_name() -> str:
    """Such as 2026.11-3: the month, and the how-manieth of it."""
    month = timezone.now().strftime("%Y.%m")
    return f"{month}-{AlgorithmVersion.objects.filter(name__startswith=month).count() + 1}"


def store(version: AlgorithmVersion, weights: Sequence[int], report: dict[str, Any]) -> None:
    """Into the draft, unless somebody moved it meanwhile. In the caller's transaction."""
    draft = AlgorithmVersion.objects.filter(pk=version.pk, status=AlgorithmVersion.Status.DRAFT)
    draft.update(fit=report, **dict(zip(AlgorithmVersion.WEIGHTS, weights, strict=True)))


def fail(version: AlgorithmVersion) -> None:
    """The job was given up: the draft says so, and keeps the weights that it was made with."""
    draft = AlgorithmVersion.objects.filter(pk=version.pk, status=AlgorithmVersion.Status.DRAFT)
    draft.update(fit=(version.fit or {}) | {"state": "failed"})

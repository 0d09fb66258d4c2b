"""The expert's own page: how they score, and what would move them up."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from experts.models import Expert
from matching import feedback, fit, fit_wording, services
from matching.forms import FeedbackForm
from matching.models import ExpertFit, Factor, Feedback, MatchScore
from travelers.models import Trip

FRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Listed:
    """A list that the expert stood in: of the traveler there is nothing but what the trip was like."""

    score: MatchScore
    points: list[tuple[str, Decimal, Decimal, Decimal]]  # factor, value of 100, points, weight

    @property
    def trip(self) -> Trip:
        return self.score.run.trip

    @classmethod
    def of(cls, score: MatchScore) -> "Listed":
        names = [str(factor.label) for factor in Factor]
        rows = zip(names, score.values, score.points, score.run.version.percents, strict=True)
        return cls(score, list(rows))


@require_safe
@login_required
@never_cache
def fit_page(request: HttpRequest) -> HttpResponse:
    found = _fit_of(request.user)
    if found is None:
        return render(request, "matching/no_expert.html", status=404)
    if _is_old(found):
        services.request_fit(found.expert)
    return render(request, "matching/fit.html", _context(found))


@require_safe
@login_required
@never_cache
def fit_report(request: HttpRequest) -> HttpResponse:
    """The report alone, once it is another than the page has."""
    found = _fit_of(request.user)
    if found is None:
        raise Http404
    if request.GET.get("since", "") == _version(found):
        return HttpResponse(status=204)
    return render(request, "matching/_fit.html", _context(found))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def fit_feedback(request: HttpRequest, pk: int) -> HttpResponse:
    score = get_object_or_404(fit.scores_of(request.user).select_related("run__trip", "run__version"), pk=pk)
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        feedback.say(by=request.user, score=score, side=Feedback.Side.EXPERT, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("Thank you. Our staff will read it."))
        return redirect("matching:fit")
    said = score.feedback.filter(side=Feedback.Side.EXPERT).order_by("created_at")
    return render(
        request, "matching/fit_feedback.html", {"listed": Listed.of(score), "form": form, "said": said}
    )


def _fit_of(user: Any) -> ExpertFit | None:
    """With the expert and their market. One that was never worked out is empty; None: this is no expert."""
    found = ExpertFit.objects.filter(expert__user=user).select_related("expert__market").first()
    if found:
        return found
    expert = Expert.objects.filter(user=user).select_related("market").first()
    return ExpertFit(expert=expert) if expert else None


def _is_old(found: ExpertFit) -> bool:
    return found.computed_at is None or timezone.now() - found.computed_at > FRESH


def _version(found: ExpertFit) -> str:
    return str(found.computed_at.timestamp()) if found.computed_at else ""


def _age(found: ExpertFit) -> str:
    """Empty for less than a minute."""
    worked_out = found.computed_at
    return timesince(worked_out) if worked_out and timezone.now() - worked_out > timedelta(minutes=1) else ""


def _context(found: ExpertFit) -> dict[str, Any]:
    context = {
        "expert": found.expert,
        "standing": fit_wording.standing(found.expert),
        "working": _is_old(found),
        "version": _version(found),
        "report": found.report,
        "age": _age(found),
    }
    return context | _words(found) if found.report.get("runs") else context


def _words(found: ExpertFit) -> dict[str, Any]:
    report = found.report
    return {
        "score": Decimal(report["score"]) / 10,
        "averages": fit_wording.averages(report),
        "reasons": fit_wording.reasons(report),
        "kinds": fit_wording.kinds(report),
        "changes": fit_wording.changes(report),
        "listed": _listed(found),
    }


def _listed(found: ExpertFit) -> list[Listed]:
    # By expert as well, whatever the report says.
    own = fit.scores_of(found.expert.user_id).filter(pk__in=found.report["latest"])
    scores = own.select_related("run__trip", "run__version").order_by("-run")
    return [Listed.of(score) for score in scores]

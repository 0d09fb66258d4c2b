"""The pages that belong to no single app."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from experts.models import Expert
from markets.models import Market
from matching.engine import WEIGHTS
from matching.models import Factor

FACTOR_HINTS = {
    Factor.EXPERTISE: _("What they really did and wrote, against what you want."),
    Factor.COMMUNICATION: _("Shared languages, style, and how fast they answer."),
    Factor.BUDGET: _("Their prices against your budget per person and day."),
    Factor.AVAILABILITY: _("Free days, group size and clocks."),
    Factor.TRUST: _("Ratings, returning clients and verification."),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    here = Q(experts__status=Expert.Status.ACTIVE, experts__accepting_clients=True)
    markets = (
        Market.objects.active()
        .annotate(expert_count=Count("experts", filter=here))
        .order_by("-expert_count", "-population", "pk")
    )
    # Featured by what anyone can check: verified, and the most reviews with a high mean.
    featured = (
        Expert.objects.for_card()
        .open_to_inquiries()
        .filter(market__status=Market.Status.ACTIVE, verified=True, review_count__gt=0)
        .order_by("-rating_sum", "pk")[:4]
    )
    factors = [(factor.label, WEIGHTS[factor], FACTOR_HINTS[factor]) for factor in Factor]
    return render(
        request, "pages/home.html", {"markets": markets[:12], "experts": featured, "factors": factors}
    )

"""The pages that belong to no single app."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import fragments
from accounts.compiled import CompiledQuery
from accounts.fragments import RowVersion
from accounts.meta import Meta, absolute
from experts import structured
from experts.models import Expert
from markets.models import Market
from matching.models import AlgorithmVersion, Factor
from social import trending

HINTS = {
    Factor.EXPERTISE: gettext_lazy("What they really did and wrote, against what you want."),
    Factor.COMMUNICATION: gettext_lazy("Shared languages, style, and how fast they answer."),
    Factor.BUDGET: gettext_lazy("Their prices against your budget per person and day."),
    Factor.AVAILABILITY: gettext_lazy("Free days, group size and clocks."),
    Factor.TRUST: gettext_lazy("Ratings, returning clients and verification."),
}
# What components/expert_card.html reads of an expert.
CARD = ["slug", "photo", "headline", "review_count", "rating_sum", "verified", "price_min", "currency"]
CARD += ["user__name", "market__name", "market__country_code"]
PRIVATE = [
    "/admin/",
    "/accounts/",
    "/trips/",
    "/favourites/",
    "/experts/compare/",
    "/waitlist/",
    "/cities/search/",
]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    # Who is featured is asked each time, so that nobody who was suspended or has raised a price stands there.
    talked = trending.on_home()
    content = fragments.kept("home", (FEATURED.rows(), talked), lambda: _content(talked))
    meta = Meta(
        title=_("Travel with someone who lives there"),
        description=_("Describe your trip and meet the local experts who fit it, with an explained score."),
        path=reverse("home"),
        data=structured.site(),
    )
    return render(request, "pages/home.html", {"content": content, "meta": meta})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Pages that are nobody else's business say so themselves; here is what is not worth the visit."""
    lines = ["User-agent: *", *[f"Disallow: {path}" for path in PRIVATE]]
    lines += ["", f"Sitemap: {absolute(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _featured() -> QuerySet[Expert]:
    """By what anyone can check: verified, and the most reviews with a high mean."""
    shown = Expert.objects.open_to_inquiries().filter(verified=True, review_count__gt=0)
    return shown.filter(market__status=Market.Status.ACTIVE).order_by("-rating_sum", "pk")[:4]


FEATURED = CompiledQuery(lambda: _featured().values_list("pk", RowVersion("slug"), RowVersion("user__name")))


def _content(talked: list[Any]) -> str:
    weights = AlgorithmVersion.objects.active().percents
    factors = tuple(
        (factor.label, weight, HINTS[factor]) for factor, weight in zip(Factor, weights, strict=True)
    )
    context = {"markets": MARKETS.objects(), "experts": CARDS.objects(), "trends": trending.shown(talked)}
    return fragments.page_kept_an_hour(
        "home",
        (fragments.said(context), weights),
        lambda: render_to_string("pages/_home.html", context | {"factors": factors}),
    )


def _markets() -> QuerySet[Market]:
    here = Q(experts__status=Expert.Status.ACTIVE, experts__accepting_clients=True)
    markets = Market.objects.active().only("name", "country_code", "latitude")
    counted = markets.annotate(expert_count=Count("experts", filter=here))
    return counted.order_by("-expert_count", "-population", "pk")[:12]


MARKETS = CompiledQuery(_markets)
CARDS = CompiledQuery(lambda: _featured().select_related("user", "market").only(*CARD))

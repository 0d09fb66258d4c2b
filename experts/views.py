from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pagination import newest_first
from accounts.params import row_number
from experts.models import SUB_RATINGS, Expert, Level

REVIEWS_A_PAGE = 8


@require_safe
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    experts = Expert.objects.public().for_page(today=timezone.localdate())
    expert: Any = get_object_or_404(experts, slug=slug)
    page = newest_first(expert.reviews.select_related("booking__traveler"), request, size=REVIEWS_A_PAGE)
    context = {
        "expert": expert,
        "languages": [(item["language"], Level(item["level"]).label) for item in expert.spoken],
        "reviews": page.items,
        "newer_url": page.newer_url,
        "older_url": page.older_url,
        "sub_ratings": _sub_ratings(expert),
        "trip_id": row_number(request.GET.get("trip", "")),
    }
    return render(request, "experts/profile.html", context)


def _sub_ratings(expert: Any) -> list[tuple[str, float]]:
    if not expert.review_count:
        return []
    labels = [_("Communication"), _("Knowledge"), _("Value"), _("Flexibility"), _("Responsiveness")]
    return [(label, getattr(expert, f"mean_{name}")) for label, name in zip(labels, SUB_RATINGS, strict=True)]

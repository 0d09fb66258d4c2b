from typing import Any

from django.db.models import Avg
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pagination import newest_first
from experts.models import Expert

SUB_RATINGS = ["communication", "knowledge", "value", "flexibility", "responsiveness"]
REVIEWS_A_PAGE = 8


@require_safe
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    expert = get_object_or_404(Expert.objects.public().for_profile(), slug=slug)
    page = newest_first(
        expert.reviews.select_related("booking__traveler"),
        request,
        size=REVIEWS_A_PAGE,
    )
    away = expert.unavailable.filter(days__endswith__gt=timezone.localdate()).order_by("days")[:6]
    context = {
        "expert": expert,
        "reviews": page.items,
        "newer_url": page.newer_url,
        "older_url": page.older_url,
        "sub_ratings": _sub_ratings(expert),
        "unavailable": away,
        "trip_id": trip if (trip := request.GET.get("trip", "")).isdecimal() else "",
    }
    return render(request, "experts/profile.html", context)


def _sub_ratings(expert: Expert) -> list[tuple[str, float]]:
    if not expert.review_count:
        return []
    labels = [_("Communication"), _("Knowledge"), _("Value"), _("Flexibility"), _("Responsiveness")]
    means: dict[str, Any] = expert.reviews.aggregate(**{name: Avg(name) for name in SUB_RATINGS})
    return [(label, means[name]) for label, name in zip(labels, SUB_RATINGS, strict=True)]

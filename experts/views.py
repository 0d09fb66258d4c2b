from typing import Any

from django.apps import apps
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import fragments
from accounts.compiled import CompiledQuery, Parameter
from accounts.fragments import RowVersion
from accounts.meta import Meta
from accounts.pagination import NewestFirst
from accounts.params import row_number
from experts import details, favourites, hearts, photos, structured
from experts.models import Expert, Level
from experts.signals import profile_opened
from experts.themes import labels

REVIEWS_A_PAGE = 8
OF_REVIEW = ["expert", "rating", "text", "published_at", "reply", "replied_at", "booking__traveler__name"]


OF_HEAD = ["pk", "user__name", "market__name", "headline", "search_description", "search_words"]
HEAD = CompiledQuery(
    lambda: (
        Expert.objects.public()
        .filter(slug=Parameter("slug"))
        .values_list(*OF_HEAD, *map(RowVersion, ["slug", "user__name"]))
    )
)
# By name, because reviews are part of bookings, which stand above experts.
REVIEWS: NewestFirst[Any] = NewestFirst(
    lambda: (
        apps.get_model("bookings", "Review")
        .objects.published()
        .filter(expert=Parameter("expert"))
        .select_related("booking__traveler")
        .only(*OF_REVIEW)
    ),
    size=REVIEWS_A_PAGE,
)
EXPERT = CompiledQuery(lambda: Expert.objects.filter(pk=Parameter("pk")).select_related("user", "market"))


@require_safe
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    heads = HEAD.rows(slug=slug)
    if not heads:
        raise Http404
    pk, name, city, headline, description, words, *versions = heads[0]
    # The query says which reviews are shown, and which trip the links lead on with.
    key = (pk, versions, request.GET.urlencode())
    content, data = fragments.kept("profile", key, lambda: _content(request, pk))
    if trip := row_number(request.GET.get("trip", "")):
        profile_opened.send(None, request=request, expert=pk, trip=trip)
    meta = Meta(
        title=f"{name}, {city}",
        description=description or headline,
        path=reverse("experts:profile", args=[slug]),
        kind="profile",
        indexed=not {"after", "before"} & set(request.GET),
        data=data,
    )
    on = pk in favourites.among(request.user, [pk])
    heart = hearts.draw(request, slug=slug, name=name, on=on, here=request.get_full_path())
    context = {
        "name": name,
        "city": city,
        "description": description or headline,
        "words": words,
        "content": content,
        "meta": meta,
        "heart": heart,
    }
    return render(request, "experts/profile.html", context)


def _content(request: HttpRequest, pk: int) -> tuple[str, dict[str, Any]]:
    """What everybody sees of the page, and the same for machines."""
    experts: list[Any] = EXPERT.objects(pk=pk)
    if not experts:  # deleted this very moment
        raise Http404
    expert = experts[0]
    found = details.of(pk, today=timezone.localdate())
    page = REVIEWS.page(request, expert=pk)
    context = {
        "expert": expert,
        "specialties": found.specialties,
        "services": found.services,
        "languages": [(language, Level(level).label) for language, level in found.languages],
        "away": found.away,
        "checked": found.checked,
        "photos": found.photos,
        "sub_ratings": _sub_ratings(found.means) if expert.review_count else [],
        "themes": found.themes,
        "reviews": page.items,
        "newer_url": page.newer_url,
        "older_url": page.older_url,
        "trip_id": row_number(request.GET.get("trip", "")),
    }
    return fragments.page_kept_an_hour(
        "profile",
        fragments.said(context),
        lambda: (render_to_string("experts/_profile.html", context), structured.profile(expert, found)),
    )


@require_safe
def photo(request: HttpRequest, token: str, size: str) -> FileResponse:
    """One of our own WebP files. Its name says nothing and is never used again, so it may be kept for ever."""
    if size not in photos.SIZES:
        raise Http404
    try:
        file = default_storage.open(photos.path(token, size))
    except (FileNotFoundError, SuspiciousFileOperation):
        raise Http404 from None
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Disposition": 'inline; filename="photo.webp"',
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(file, content_type="image/webp", headers=headers)


def _sub_ratings(means: list[Any]) -> list[tuple[str, Any]]:
    return list(zip(labels().values(), means, strict=True))

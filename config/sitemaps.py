"""The public addresses for search engines: an index, and parts of at most PART addresses."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as served
from django.contrib.sitemaps.views import SitemapIndexItem
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.meta import absolute
from experts.models import Expert, Listing
from markets.models import Market

# A tenth of what the protocol allows: a part is made at once, in memory.
PART = 5000


class _Addresses(Sitemap[Any]):
    limit = PART

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.SITE_URL.partition("://")[0]

    def get_domain(self, site: Any = None) -> str:
        """Not the request's host, which may be one of several."""
        return settings.SITE_URL.partition("://")[2]


class Pages(_Addresses):
    def items(self) -> list[str]:
        return ["home", "experts:browse", "travelers:trip_create"]

    def location(self, item: str) -> str:
        return reverse(item)


class Cities(_Addresses):
    """Where somebody can be written to."""

    def items(self) -> QuerySet[Market]:
        inhabited = Listing.objects.values("market").distinct()
        return Market.objects.filter(pk__in=inhabited).only("slug").order_by("pk")

    def location(self, item: Market) -> str:
        return reverse("experts:city", args=[item.slug])


class Experts(_Addresses):
    def items(self) -> QuerySet[Expert, Any]:
        listed = Listing.objects.order_by("expert_id")
        return listed.values_list("expert__slug", "changed_at")  # type: ignore[return-value]

    def location(self, item: tuple[str, datetime]) -> str:
        return reverse("experts:profile", args=[item[0]])

    def lastmod(self, item: tuple[str, datetime]) -> datetime:
        return item[1]


SECTIONS: dict[str, type[Sitemap[Any]]] = {"pages": Pages, "cities": Cities, "experts": Experts}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    changed = Listing.objects.aggregate(at=Max("changed_at"))["at"]
    items = [
        SitemapIndexItem(_part_url(name, number), changed if name == "experts" else None)
        for name, make in SECTIONS.items()
        for number in make().paginator.page_range
    ]
    return render(request, "sitemap_index.xml", {"sitemaps": items}, content_type="application/xml")


def _part_url(name: str, number: int) -> str:
    query = f"?{urlencode({'p': number})}" if number > 1 else ""
    return absolute(reverse("sitemap_section", args=[name])) + query


@require_safe
def section(request: HttpRequest, section: str) -> HttpResponse:
    """A part that is not there, or the name of none, is a 404."""
    return served.sitemap(request, sitemaps={**SECTIONS}, section=section)

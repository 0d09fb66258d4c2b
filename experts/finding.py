"""The pages for finding experts without a brief."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import fragments
from accounts.meta import Meta
from accounts.pagination import Place
from experts import browse as finding
from experts import hearts, panel, structured
from experts.browse import Asked, Counts, Found
from experts.filters import Filters
from markets.formats import country
from markets.models import Market
from markets.search import resolve

PLACE_PARTS = 3
# What higher parts add to a city's page: a key of all that shapes the section, and what writes it as safe HTML.
Section = tuple[object, Callable[[], str]]
sections: list[Callable[[Market], Section]] = []


@dataclass(frozen=True)
class Whereabouts:
    """What a typed place turned out to be."""

    market: Market | None = None
    choices: tuple[Market, ...] = ()
    problem: str = ""

    def named(self) -> tuple[object, ...]:
        """All that a page says of it."""
        found = (self.market, *self.choices) if self.market else self.choices
        return self.problem, [(one.pk, one.slug, one.name, one.country_code) for one in found]


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    filters = Filters.of(request.GET)
    return _page(request, filters, _whereabouts(filters))


@require_safe
def city(request: HttpRequest, slug: str) -> HttpResponse:
    market = get_object_or_404(Market, slug=slug)
    filters = Filters.of(request.GET).but(destination=market.name, destination_id=market.pk)
    return _page(request, filters, Whereabouts(market))


def _whereabouts(filters: Filters) -> Whereabouts:
    if not filters.destination:
        return Whereabouts()
    found = resolve(filters.destination, filters.destination_id)
    if isinstance(found, Market):
        return Whereabouts(found)
    problem = _("Several places have this name. Which one?") if found else _("We know no city of this name.")
    return Whereabouts(choices=tuple(found), problem=problem)


def _page(request: HttpRequest, filters: Filters, where: Whereabouts) -> HttpResponse:
    if where.market:  # from here on it is this place, however it was typed
        filters = filters.but(destination=where.market.name, destination_id=where.market.pk)
    asked = finding.resolve(filters, where.market)
    if where.problem:
        found, counts = Found([], "", ""), finding.NOTHING
    else:
        place = Place.of(request, parts=PLACE_PARTS)
        found, counts = finding.page(asked, place), finding.counts(asked)
    is_fragment = request.headers.get("HX-Target") == "results"
    template = "_answer" if is_fragment else "_content"
    added = _added(asked, found) if not is_fragment else []
    stamp = finding.known().stamp
    key = (template, filters, where.named(), found, counts, [one for one, _write in added], stamp)
    content, data = fragments.page_kept_an_hour(
        "finding", key, lambda: _content(template, asked, where, found, counts, added)
    )
    content = hearts.put_in(content, found.cards, request)
    if is_fragment:
        address = reverse("experts:browse") + filters.url()
        return HttpResponse(content, headers={"HX-Push-Url": address})
    meta = _meta(request, asked, found, counts, data)
    shown = {"title": meta.title, "meta": meta, "content": content, "found": found}
    return render(request, "experts/finding/browse.html", shown)


def _added(asked: Asked, found: Found) -> list[Section]:
    """To a city as it is, on the first page of its experts; whoever narrows it looks for something else."""
    if not asked.market or asked.filters.narrows or found.previous_url:
        return []
    return [section(asked.market) for section in sections]


def _content(
    template: str,
    asked: Asked,
    where: Whereabouts,
    found: Found,
    counts: Counts,
    added: list[Section],
) -> tuple[str, Any]:
    """What everybody sees of the page, and the same for machines."""
    filters = asked.filters
    context = {
        "filters": filters,
        "market": asked.market,
        "where": where,
        "choices": [
            (market, filters.but(destination=market.name, destination_id=market.pk).url())
            for market in where.choices
        ],
        "problems": {**filters.problems, **({"destination": where.problem} if where.problem else {})},
        "cards": panel.drawn(found.cards, filters.currency),
        "previous_url": found.previous_url,
        "next_url": found.next_url,
        "title": _title(asked.market),
        "summary": _summary(counts, found),
        "chosen": panel.chosen(asked),
        "panel": panel.of(asked, counts),
        "places": counts.places,
        "at_least": counts.at_least,
        "sections": [mark_safe(write()) for _key, write in added],  # noqa: S308  # rendered templates
        "without_place": filters.without_place().url(),
    }
    content = render_to_string(f"experts/finding/{template}.html", context)
    return content, structured.listing(asked.market, found.cards)


def _title(market: Market | None) -> str:
    if market:
        return _("Local experts in %(city)s") % {"city": market.name}
    return _("Find a local expert")


def _summary(counts: Counts, found: Found) -> str:
    number = max(counts.total, len(found.cards))
    shown = number_format(number, force_grouping=True)
    if counts.at_least:
        return _("At least %(count)s experts") % {"count": shown}
    return ngettext("%(count)s expert", "%(count)s experts", number) % {"count": shown}


def _meta(request: HttpRequest, asked: Asked, found: Found, counts: Counts, data: Any) -> Meta:
    market = asked.market
    if market:
        path = reverse("experts:city", args=[market.slug])
        description = _(
            "%(summary)s in %(city)s, %(country)s: people who live there, with reviews, languages and prices."
        ) % {
            "summary": _summary(counts, found),
            "city": market.name,
            "country": country(market.country_code),
        }
    else:
        path = reverse("experts:browse")
        description = _(
            "Browse local experts by city, language, dates and price, read their reviews and write to them."
        )
    return Meta(
        title=_title(market),
        description=description,
        path=path,
        indexed=bool(found.cards)
        and not asked.filters.narrows
        and not {"after", "before"} & set(request.GET),
        data=data,
    )

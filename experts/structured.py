"""What pages of experts say to machines, in the words of schema.org."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.meta import absolute, breadcrumbs, path_of
from experts.browse import Card
from experts.details import Details
from experts.models import Expert, Service
from markets.models import Market

CONTEXT = "https://schema.org"


def listing(market: Market | None, cards: Sequence[Card]) -> dict[str, Any]:
    """A list of profiles, and the way to it."""
    items = [
        {"@type": "ListItem", "position": place, "name": card.name, "url": _profile(card.slug)}
        for place, card in enumerate(cards, 1)
    ]
    way = [(_("Experts"), reverse("experts:browse"))]
    if market:
        way.append((market.name, reverse("experts:city", args=[market.slug])))
    return _graph(
        {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items}, breadcrumbs(*way)
    )


def profile(expert: Expert, details: Details) -> dict[str, Any]:
    """The person, and the service they give; ratings are the service's, as schema.org has it."""
    address = _profile(expert.slug)
    person = {
        "@type": "Person",
        "@id": f"{address}#person",
        "name": expert.name,
        "description": expert.headline,
        "url": address,
        "knowsLanguage": [code for code, _level in details.languages],
        "knowsAbout": [_(name) for name, _depth in details.specialties],
        "workLocation": _city(expert.market),
    }
    service: dict[str, Any] = {
        "@type": "Service",
        "name": expert.headline,
        "serviceType": _("Local travel expert"),
        "provider": {"@id": person["@id"]},
        "areaServed": _city(expert.market),
        "url": address,
        "offers": list(_offers(details.services)),
    }
    if expert.review_count:
        service["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": float(_rating(expert)),
            "reviewCount": expert.review_count,
            "bestRating": 5,
            "worstRating": 1,
        }
    way = breadcrumbs(
        (_("Experts"), reverse("experts:browse")),
        (expert.market.name, reverse("experts:city", args=[expert.market.slug])),
        (expert.name, reverse("experts:profile", args=[expert.slug])),
    )
    return _graph({"@type": "ProfilePage", "url": address, "mainEntity": person}, service, way)


def _rating(expert: Expert) -> Decimal:
    """To the hundredths that the page shows: rounded half to even, 4.625 would be another number here than there."""
    mean = Decimal(expert.rating_sum) / expert.review_count
    return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)


def site() -> dict[str, Any]:
    """The site itself, with its search."""
    home = absolute(reverse("home"))
    search = {
        "@type": "SearchAction",
        "target": {
            "@type": "EntryPoint",
            "urlTemplate": absolute(reverse("experts:browse")) + "?q={search_term_string}",
        },
        "query-input": "required name=search_term_string",
    }
    return _graph(
        {"@type": "Organization", "name": "Traveloure", "url": home},
        {"@type": "WebSite", "name": "Traveloure", "url": home, "potentialAction": search},
    )


def _graph(*things: dict[str, Any]) -> dict[str, Any]:
    return {"@context": CONTEXT, "@graph": list(things)}


def _profile(slug: str) -> str:
    return absolute(path_of("experts:profile", slug))


def _city(market: Market) -> dict[str, Any]:
    address = {
        "@type": "PostalAddress",
        "addressLocality": market.name,
        "addressCountry": market.country_code,
    }
    return {"@type": "City", "name": market.name, "address": address}


def _offers(services: Iterable[Service]) -> Iterable[dict[str, Any]]:
    for service in services:
        yield {
            "@type": "Offer",
            "name": service.title,
            "price": f"{service.price:f}",
            "priceCurrency": service.currency,
        }

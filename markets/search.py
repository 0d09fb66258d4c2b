"""Finds cities by the beginning of any of their names, the biggest first."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Left

from accounts.compiled import CompiledQuery, Parameter
from markets.folding import fold
from markets.formats import country
from markets.models import Market, MarketName

LONGEST = 120
# Up to this many letters the index of first letters is the shorter way.
SHORT = 2
# A name means a city, not a smaller one of that name, if the city is so many times bigger. A name that is not its own
# weighs as much less: York is not Toronto, which once was called so.
CLEARLY_BIGGER = 10
MOST_CHOICES = 20


@dataclass(frozen=True, slots=True)
class Found:
    market: Market
    alternate: str  # the name that matched, where it is not the market's own


def search(text: str, limit: int = 8) -> list[Found]:
    """Active markets first, then by population. Accents and case do not matter.

    Where there are too many, cities of exactly this name stay and others go.
    """
    prefix = fold(text[:LONGEST])
    if not prefix:
        return []
    names = _beginning_with(prefix)
    active = names.filter(market__in=Market.objects.active().values("pk"))
    chosen: list[MarketName] = []
    for some in (active, names.filter(folded=prefix), names):
        others = some.exclude(market__in=[name.market_id for name in chosen])
        chosen += _one_each(others)[: limit - len(chosen)]
    return _with_markets(chosen)


def resolve(text: str, chosen: int | None = None) -> Market | list[Market]:
    """The market that a typed name means, or those it could mean: for forms that work without a script.

    `chosen` is the pk picked from suggestions; it counts as long as the text still names that market. The text may
    add region and country, as the suggestions do: “Paris, Texas, United States”.
    """
    meant, similar = _understood(_parts(text), _named)
    for name in similar:
        if name.market_id == chosen:
            return name.market
    if meant:
        return meant
    return [name.market for name in similar[:MOST_CHOICES]] or [found.market for found in search(text)]


def resolve_all(texts: Iterable[str]) -> dict[str, Market | list[Market]]:
    """As `resolve`, of many texts in one query. Beginnings of names lead to nothing: whole names alone do."""
    parts = {text: _parts(text) for text in texts}
    spelled = {" ".join(some[:size]) for some in parts.values() for size in range(1, len(some) + 1)}
    names = _named_any(spelled)
    found: dict[str, Market | list[Market]] = {}
    for text, some in parts.items():
        meant, similar = _understood(some, lambda parts: names[" ".join(parts)])
        found[text] = meant or [name.market for name in similar[:MOST_CHOICES]]
    return found


def _parts(text: str) -> list[str]:
    return [part for part in map(fold, text[:LONGEST].split(",", 4)) if part]


Named = Callable[[list[str]], list[MarketName]]


def _understood(parts: list[str], named: Named) -> tuple[Market | None, list[MarketName]]:
    """The one market that these parts name, and the names that they could mean, the weightiest first."""
    meant = _meant(parts, named)
    clear = meant and (len(meant) == 1 or _weight(meant[0]) >= CLEARLY_BIGGER * max(_weight(meant[1]), 1))
    return (meant[0].market if clear else None), meant or named(parts[:1])


def _beginning_with(prefix: str) -> "QuerySet[MarketName]":
    if len(prefix) > SHORT:
        return MarketName.objects.filter(folded__startswith=prefix)
    names = MarketName.objects.alias(first=Left("folded", 1)).filter(first=prefix[0])
    # To say the same twice would make the planner expect a handful of rows.
    return names if len(prefix) == 1 else names.filter(folded__startswith=prefix)


def _one_each(names: "QuerySet[MarketName]") -> "QuerySet[MarketName]":
    """Of each market its own name if it is among these, otherwise the first of them."""
    order = ["-population", "market_id", "-is_primary", "folded"]
    return names.order_by(*order).distinct("population", "market_id")


def _with_markets(names: Iterable[MarketName]) -> list[Found]:
    markets = Market.objects.in_bulk([name.market_id for name in names])
    found = [Found(markets[name.market_id], "" if name.is_primary else name.name) for name in names]
    return sorted(found, key=lambda one: (one.market.status != Market.Status.ACTIVE, -one.market.population))


def _meant(parts: list[str], named: Named) -> list[MarketName]:
    """The names that the parts spell, with as many parts as possible; the others tell where the market lies."""
    for size in range(len(parts), 0, -1):
        if meant := [name for name in named(parts[:size]) if _lies_in(name.market, parts[size:])]:
            return meant
    return []


def _named(parts: list[str]) -> list[MarketName]:
    """Exactly this name, of whatever market, the weightiest first."""
    return _weightiest(NAMED.objects(folded=" ".join(parts)))


def _named_any(spelled: Iterable[str]) -> dict[str, list[MarketName]]:
    found: defaultdict[str, list[MarketName]] = defaultdict(list)
    for name in MarketName.objects.filter(folded__in=spelled).select_related("market"):
        found[name.folded].append(name)
    return defaultdict(list, {folded: _weightiest(names) for folded, names in found.items()})


def _weightiest(names: Iterable[MarketName]) -> list[MarketName]:
    return sorted(names, key=lambda name: (-_weight(name), name.market_id))


NAMED: CompiledQuery[MarketName] = CompiledQuery(
    lambda: MarketName.objects.filter(folded=Parameter("folded")).select_related("market")
)


def _weight(name: MarketName) -> float:
    return name.population if name.is_primary else name.population / CLEARLY_BIGGER


def _lies_in(market: Market, places: Iterable[str]) -> bool:
    known = (market.region, market.country_code, country(market.country_code))
    return {fold(place) for place in known}.issuperset(places)

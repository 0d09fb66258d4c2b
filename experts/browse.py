"""Finds open experts by `Filters`, counts what else could be chosen, and turns pages by keyset.

Words, specialties, languages and the market are one question to the inverted index (`ListingText`), which answers with
at most COUNTED experts. The page is then read from the listings in its order, and the counts are taken over at most
COUNTED of those found. All three stay as fast with a hundred thousand experts: `bench finding`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.functional import cached_property

from accounts import fragments
from accounts.pagination import Place
from experts.filters import RATINGS, Filters
from experts.models import Listing
from markets import currency
from markets.models import Market

SIZE = 12
# Beyond so many experts counts say “at least”, and pages are read in their order until they are full: to gather and
# count all who have a common word would take longer than that.
COUNTED = 2000
MOST_PLACES = 12
# By the sort's name: the column, and whether more comes first.
KEYS = {
    "relevance": ("standing", True),
    "rating": ("by_rating", True),
    "price": ("price", False),
    "newest": ("opened", True),
}
_FIND = """
    SELECT wanted::text, titled::text, coalesce(cardinality(ids), 0) > %(most)s, ids::text,
        coalesce(cardinality(titled_ids), 0) > %(most)s, titled_ids::text
    FROM experts_find(%(q)s, %(marks)s::text[], %(most)s + 1)
"""


@dataclass(frozen=True)
class Hits:
    """Who has all the words and marks of a question to the index. Ids keep Postgres' own spelling, there and back."""

    query: str
    is_common: bool  # the ids are some of those there are
    ids: str

    def condition(self, name: str) -> str:
        if self.is_common:
            return f"experts_has(l.expert_id, %({name})s::tsquery)"
        return f"l.expert_id = ANY(%({name}_ids)s::bigint[])"

    def not_condition(self, name: str) -> str:
        return (
            f"NOT {self.condition(name)}"
            if self.is_common
            else f"l.expert_id <> ALL(%({name}_ids)s::bigint[])"
        )


@dataclass(frozen=True)
class Asked:
    """Filters whose names have become rows. `hits`: of the index, `titled`: of titles alone, None where not asked."""

    filters: Filters
    market: Market | None = None
    hits: Hits | None = None
    titled: Hits | None = None

    @cached_property
    def params(self) -> dict[str, Any]:
        filters = self.filters
        given = {
            "market": self.market and self.market.pk,
            "days": filters.start and filters.end and DateRange(filters.start, filters.end + timedelta(1)),
            "low": self._cents(filters.price_min),
            "high": self._cents(filters.price_max),
            "rating": RATINGS.get(filters.rating, 0),
            "known": Listing.UNKNOWN_PRICE,
        }
        for name, hits in (("hits", self.hits), ("titled", self.titled)):
            if hits:
                given |= {name: hits.query, f"{name}_ids": hits.ids}
        return given

    def _cents(self, amount: Decimal | None) -> int | None:
        """In US cents, as listings hold prices."""
        if amount is None:
            return None
        return round(currency.convert(amount, self.filters.currency, "USD", known().rates) * 100)

    @cached_property
    def limits(self) -> list[str]:
        """Conditions on a listing itself, but for rating and verification: what those leave is counted apart."""
        clauses = {
            "market": "l.market_id = %(market)s",
            "days": "NOT %(days)s::daterange && ANY(l.away)",
            "low": "l.price BETWEEN %(low)s AND %(known)s - 1",
            "high": "l.price <= %(high)s",
        }
        return ["true", *[clause for name, clause in clauses.items() if self.params[name] is not None]]

    @cached_property
    def choices(self) -> list[str]:
        chosen = ["true"]
        if self.filters.rating:
            chosen.append("l.rating >= %(rating)s")
        if self.filters.verified:
            chosen.append("l.verified")
        return chosen

    @cached_property
    def tiers(self) -> list[tuple[int, str]]:
        """Who has the words in what they call themselves and their services comes before who mentions them."""
        if not self.hits:
            return [(0, "true")]
        everybody = self.hits.condition("hits")
        if not self.titled or self.filters.sort != "relevance":
            return [(0, everybody)]
        return [
            (1, self.titled.condition("titled")),
            (0, f"{everybody} AND {self.titled.not_condition('titled')}"),
        ]


def resolve(filters: Filters, market: Market | None) -> Asked:
    asked, marks = Asked(filters, market), [f"#l{code}" for code in filters.languages]
    if filters.specialties:
        named = known().specialties
        marks += [f"#s{named[slug].pk}" for slug in filters.specialties if slug in named]
    if not (filters.q or marks):
        return asked
    if market:
        marks.append(f"#m{market.pk}")
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"q": filters.q, "marks": marks, "most": COUNTED})
        wanted, titled, is_common, ids, is_common_title, titled_ids = cursor.fetchone()
    return replace(
        asked,
        hits=Hits(wanted, is_common, ids) if wanted else None,
        titled=Hits(titled, is_common_title, titled_ids) if titled else None,
    )


@dataclass(frozen=True, slots=True)
class Known:
    pk: int
    slug: str
    name: str
    group: str


@dataclass(frozen=True)
class Basics:
    specialties: dict[str, Known]  # by slug, in their order
    names: dict[int, str]  # of specialties, by key
    rates: dict[str, Decimal]


_BASICS = """
    SELECT id, slug, name, group_name, NULL FROM (SELECT * FROM experts_specialty ORDER BY position) s
    UNION ALL SELECT 0, currency, '', '', per_usd FROM markets_exchangerate
"""


def known() -> Basics:
    """What hardly ever changes: a minute's age is no matter."""
    return fragments.kept("finding", "", _known)


def _known() -> Basics:
    with connection.cursor() as cursor:
        cursor.execute(_BASICS)
        rows = cursor.fetchall()
    specialties = {slug: Known(pk, slug, name, group) for pk, slug, name, group, rate in rows if rate is None}
    return Basics(
        specialties=specialties,
        names={one.pk: one.name for one in specialties.values()},
        rates={code: rate for _pk, code, _name, _group, rate in rows if rate is not None},
    )


@dataclass(slots=True)
class Card:
    """What a list and a comparison say of an expert. It goes for one in templates that say little more."""

    pk: int
    slug: str
    name: str
    headline: str
    verified: bool
    review_count: int
    rating_sum: int
    price_min: Decimal
    price_max: Decimal
    currency: str
    response_hours: Decimal
    market_name: str
    country_code: str
    market_slug: str
    specialties: list[int]
    languages: list[str]
    open: bool
    # Filled in by whoever shows it.
    knows: list[str] = field(default_factory=list)
    about: str = ""

    @property
    def rating(self) -> float | None:
        return self.rating_sum / self.review_count if self.review_count else None


_CARD = """
    x.id, x.slug, u.name, x.headline, x.verified, x.review_count, x.rating_sum, x.price_min, x.price_max, x.currency,
    x.response_hours, m.name, m.country_code, m.slug,
    coalesce(l.specialties, '{}'), coalesce(l.languages, '{}'), l.expert_id IS NOT NULL
"""
_JOINS = "JOIN accounts_user u ON u.id = x.user_id JOIN markets_market m ON m.id = x.market_id"
_PUBLIC = f"""
    SELECT {_CARD} FROM experts_expert x LEFT JOIN experts_listing l ON l.expert_id = x.id {_JOINS}
    WHERE x.id = ANY(%s) AND x.status IN ('active', 'paused')
"""  # noqa: S608  # made of this module's own words


@dataclass(frozen=True)
class Found:
    cards: list[Card]
    previous_url: str
    next_url: str


def page(asked: Asked, place: Place | None, *, size: int = SIZE) -> Found:
    """The experts after or before the place, or the first. A place beyond either end is the beginning."""
    rows = _rows(asked, place, size)
    if place and not rows:
        place = None
        rows = _rows(asked, place, size)
    backwards = bool(place and place.backwards)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    url = asked.filters.url
    first, last = (Place.written(row[:3]) for row in (rows[0], rows[-1])) if rows else ("", "")
    has_previous, has_next = (more, bool(rows)) if backwards else (bool(place and rows), more)
    return Found(
        cards=[Card(*row[3:]) for row in rows],
        previous_url=url(before=first) if has_previous else "",
        next_url=url(after=last) if has_next else "",
    )


def cards(experts: Sequence[int]) -> list[Card]:
    """Of these experts who have a public page, in this order, whether or not they take clients at present."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLIC, [list(experts)])
        found = {row[0]: Card(*row) for row in cursor.fetchall()}
    return [found[pk] for pk in experts if pk in found]


def _rows(asked: Asked, place: Place | None, size: int) -> list[tuple[Any, ...]]:
    column, descending = KEYS[asked.filters.sort]
    forwards = not (place and place.backwards)
    down = descending == forwards
    order = f"tier {'DESC' if forwards else 'ASC'}, key {(way := 'DESC' if down else 'ASC')}, expert_id {way}"
    parts = [_part(asked, column, tier, condition, place, down, size) for tier, condition in asked.tiers]
    statement = f"""
        SELECT f.tier, f.key, f.expert_id, {_CARD} FROM (
            SELECT * FROM ({" UNION ALL ".join(parts)}) every ORDER BY {order} LIMIT {size + 1}
        ) f JOIN experts_listing l ON l.expert_id = f.expert_id
        JOIN experts_expert x ON x.id = f.expert_id {_JOINS}
        ORDER BY {order.replace("expert_id", "f.expert_id")}
    """  # noqa: S608  # made of this module's own words; what people wrote are parameters
    after = {"tier": place.values[0], "key": place.values[1], "pk": place.values[2]} if place else {}
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.params | after)
        return list(cursor.fetchall())


def _part(
    asked: Asked, column: str, tier: int, condition: str, place: Place | None, down: bool, size: int
) -> str:
    conditions = [*asked.limits, *asked.choices, condition]
    if place:
        conditions.append(_beyond(column, tier, place, down))
    way = "DESC" if down else "ASC"
    return f"""(
        SELECT {tier} AS tier, l.{column} AS key, l.expert_id FROM experts_listing l
        WHERE {" AND ".join(conditions)} ORDER BY l.{column} {way}, l.expert_id {way} LIMIT {size + 1}
    )"""  # noqa: S608  # made of this module's own words


def _beyond(column: str, tier: int, place: Place, down: bool) -> str:
    if tier != place.values[0]:
        # Forwards lower tiers follow, backwards higher ones.
        return "true" if (tier < place.values[0]) != place.backwards else "false"
    return f"(l.{column}, l.expert_id) {'<' if down else '>'} (%(key)s, %(pk)s)"


@dataclass(frozen=True)
class Counts:
    """Of the experts found, by what could be chosen besides. Where `at_least`, there are more than that."""

    total: int
    at_least: bool
    specialties: Mapping[int, int]
    languages: Mapping[str, int]
    ratings: Mapping[str, int]
    verified: int
    places: list[tuple[str, str, int]]  # slug, name and count


_COUNTS = """
    WITH matched AS MATERIALIZED (
        SELECT l.market_id, l.specialties, l.languages, l.rating, l.verified FROM experts_listing l
        WHERE {matched} LIMIT {most}
    ), chosen AS MATERIALIZED (SELECT * FROM matched l WHERE {chosen})
    SELECT 'matched', '', '', count(*) FROM matched
    UNION ALL SELECT 'total', '', '', count(*) FROM chosen
    UNION ALL SELECT 'verified', '', '', count(*) FROM matched l WHERE l.verified AND l.rating >= %(rating)s
    UNION ALL SELECT 'rating', least.text, '', (
            SELECT count(*) FROM matched l WHERE l.rating >= least.rating AND (l.verified OR NOT %(verified)s)
        ) FROM unnest(%(ratings)s::text[], %(hundredths)s::int[]) least(text, rating)
    UNION ALL SELECT 'specialty', s::text, '', count(*) FROM chosen, unnest(specialties) s GROUP BY s
    UNION ALL SELECT 'language', s, '', count(*) FROM chosen, unnest(languages) s GROUP BY s
    UNION ALL (SELECT 'place', m.slug, m.name, c.number FROM (
            SELECT market_id, count(*) AS number FROM chosen
            GROUP BY market_id ORDER BY number DESC, market_id LIMIT {places}
        ) c JOIN markets_market m ON m.id = c.market_id)
"""


def counts(asked: Asked) -> Counts:
    statement = _COUNTS.format(
        matched=" AND ".join(
            [*asked.limits, "l.expert_id = ANY(%(hits_ids)s::bigint[])" if asked.hits else "true"]
        ),
        chosen=" AND ".join(asked.choices),
        most=COUNTED,
        places=0 if asked.market else MOST_PLACES,
    )
    ladder = {
        "ratings": list(RATINGS),
        "hundredths": list(RATINGS.values()),
        "verified": asked.filters.verified,
    }
    by_kind: dict[str, dict[Any, int]] = defaultdict(dict)
    places = []
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.params | ladder)
        for kind, key, name, number in cursor.fetchall():
            if kind == "place":
                places.append((key, name, number))
            by_kind[kind][key] = number
    return Counts(
        total=by_kind["total"][""],
        at_least=by_kind["matched"][""] >= COUNTED or bool(asked.hits and asked.hits.is_common),
        specialties={int(key): number for key, number in by_kind["specialty"].items()},
        languages=by_kind["language"],
        ratings=by_kind["rating"],
        verified=by_kind["verified"][""],
        places=sorted(places, key=lambda place: (-place[2], place[1])),
    )


NOTHING = Counts(0, False, {}, {}, {}, 0, [])

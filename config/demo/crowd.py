"""A hundred thousand experts, to measure how they are found: `python -m bench finding`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from config.demo.loading import BATCH, SIZES, Demo, check, experts_of, indexed_at_the_end, open_markets
from experts import search
from experts.models import (
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    ExpertTerm,
    Listing,
    ListingText,
    Specialty,
    UnavailablePeriod,
    Verification,
)
from markets import cities
from markets.models import Market

# So many are people of their own, with services and evidence. Beyond, each copies another one in what a search reads.
ORIGINALS = 10_000
_COPIES = """
    CREATE TEMPORARY TABLE copies ON COMMIT DROP AS
    SELECT id AS old, user_id AS old_user, n, .6 + .8 * random() AS dearer, (120 * random())::int AS days,
        nextval(pg_get_serial_sequence('experts_expert', 'id')) AS new,
        nextval(pg_get_serial_sequence('accounts_user', 'id')) AS new_user
    FROM (SELECT x.id, x.user_id, n FROM experts_expert x CROSS JOIN generate_series(1, %(times)s) n
        ORDER BY n, x.id LIMIT %(count)s) x
"""
_RATE = """
    UPDATE experts_expert x SET review_count = n, rating_sum = round(n * (3.6 + 1.4 * random()))
    FROM (SELECT id, floor(60 * random() ^ 3)::int n FROM unnest(%s::bigint[]) id) r WHERE r.id = x.id
"""
_LIST = "SELECT experts_list(%s, false)"


@transaction.atomic
def load(experts: int, *, seed: int = 1, said: Callable[[str], object] = str) -> None:
    """Active experts all over the demo's cities with texts and ratings but without bookings. `said` hears how it goes.

    Copies have their original's words, specialties and languages, but ratings, prices and days of their own.
    """
    check()
    if not Market.objects.exists():
        cities.load()
    originals = min(experts, ORIGINALS)
    with _without_triggers(), ExitStack() as indexes:
        for model in (ExpertTerm, Listing, ListingText):
            indexes.enter_context(indexed_at_the_end(model))
        _originals(originals, seed, said)
        _copy_all(experts - originals, said)
        said("indexes")


def _originals(count: int, seed: int, said: Callable[[str], object]) -> None:
    sizes = {key: size * count // sum(SIZES.values()) for key, size in SIZES.items()}
    sizes["kyoto"] += count - sum(sizes.values())
    specialties = Specialty.objects.in_bulk(field_name="slug")
    demo, total = Demo(str(seed), timezone.localdate(), open_markets(sizes), specialties), 0
    for number, (key, size) in enumerate(_batches(sizes)):
        others = replace(demo, seed=f"{seed}/{number}")  # than in the batch before
        ids = [made.expert.pk for made in experts_of(others, key, size, all_active=True)]
        _run(_RATE, ids)
        search.reindex(ids)
        total += size
        said(f"{total:,} of {count:,} people")


def _batches(sizes: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for key, size in sizes.items():
        for first in range(0, size, BATCH):
            yield key, min(BATCH, size - first)


def _copy_all(count: int, said: Callable[[str], object]) -> None:
    if not count:
        return
    with connection.cursor() as cursor:
        cursor.execute(_COPIES, {"times": -(-count // ORIGINALS), "count": count})
        cursor.execute("ANALYZE copies")
        cursor.execute("SELECT new FROM copies ORDER BY new")
        ids = [new for (new,) in cursor.fetchall()]
    prices = {name: f"round(t.{name} * c.dearer)" for name in ("price_min", "price_max")}
    copied = {"id": "c.new", "user_id": "c.new_user", "slug": "t.slug || '-copy-' || c.n"}
    _copy(User, "c.old_user = t.id", id="c.new_user", email="c.n || '.' || t.email")
    _copy(Expert, "c.old = t.id", active_since="t.active_since - c.days", **copied, **prices)
    for part in (ExpertSpecialty, ExpertLanguage, Verification):
        _copy(part, "c.old = t.expert_id", expert_id="c.new")
    later = "daterange(lower(t.days) + c.days, upper(t.days) + c.days)"
    _copy(UnavailablePeriod, "c.old = t.expert_id", expert_id="c.new", days=later)
    _copy(ListingText, "c.old = t.expert_id", expert_id="c.new")
    for first in range(0, len(ids), 5 * BATCH):
        batch = ids[first : first + 5 * BATCH]
        _run(_RATE, batch)
        _run(_LIST, batch)
        said(f"{first + len(batch):,} of {count:,} copies")


def _copy(model: type[Model], on: str, **changed: str) -> None:
    """The model's rows once more for each copy, but for what is changed."""
    fields = model._meta.concrete_fields
    columns = [one.column for one in fields if one.column and (one.column != "id" or "id" in changed)]
    values = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t JOIN copies c ON {on}")  # noqa: S608


def _run(statement: str, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(ids)])


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Keys are right as they are made, nobody reads a crowd's history, and each listing is written once, at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")

"""Finished parts of pages, kept in the process, most for a minute: docs/adr/0008-kept-fragments.md."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import lru_cache, wraps
from hashlib import blake2b
from typing import Any, TypeVar

from django.core.cache.backends.locmem import LocMemCache
from django.db.models import F, Func, Model, TextField
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import get_language

Part = TypeVar("Part")

SECONDS = 60
HOUR = 3600
# Some 30 kB each: thirty megabytes a process for both, the least used go first.
_cache = LocMemCache("fragments", {"TIMEOUT": SECONDS, "OPTIONS": {"MAX_ENTRIES": 500}})
_whole = LocMemCache("whole pages of an hour", {"TIMEOUT": HOUR, "OPTIONS": {"MAX_ENTRIES": 500}})
# Some 2 kB each: parts of parts.
_hourly = LocMemCache("fragments of an hour", {"TIMEOUT": HOUR, "OPTIONS": {"MAX_ENTRIES": 5000}})


def kept(name: str, key: object, make: Callable[[], Part]) -> Part:
    """What `make` returns, or returned less than a minute ago for the same key and language.

    The key says whatever else shapes it, by `repr`. Make it of what everyone who has the key may read, and render it
    without the request, so that no visitor and no CSRF token can get into it.
    """
    return _found_or_made(_cache, name, key, make)


def kept_an_hour(name: str, key: object, make: Callable[[], Part]) -> Part:
    """The same of a part that its key says wholly, so that it does not grow old. Not for ever all the same: nobody
    who was erased stays in memory.
    """
    return _found_or_made(_hourly, name, key, make)


def page_kept_an_hour(name: str, key: object, make: Callable[[], Part]) -> Part:
    """The same of what is nearly a page: its data is read each time, and drawn again where it has changed, and for each
    day, which decides how dates are said.
    """
    return _found_or_made(_whole, name, (key, timezone.now().date()), make)


def said(thing: object) -> object:
    """What `repr` of a row leaves out, for a key: its values, and those of the rows that were read with it."""
    if isinstance(thing, Model):
        read_with = thing._state.fields_cache  # one step: the other may lead back
        return _values(thing), {name: row and _values(row) for name, row in read_with.items()}
    if isinstance(thing, Mapping):
        return {name: said(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [said(one) for one in thing]
    if is_dataclass(thing):
        return said(vars(thing))
    return thing


def _found_or_made(cache: LocMemCache, name: str, key: object, make: Callable[[], Part]) -> Part:
    place = blake2b(repr((name, get_language(), key)).encode(), digest_size=16).hexdigest()
    part: Part | None = cache.get(place)
    if part is None:
        part = make()
        cache.set(place, part)
    return part


def by_language(make: Callable[[], Part]) -> Callable[[], Part]:
    """What `make` returns, once a process for each language: for what no row of the database can change."""
    made = lru_cache(lambda _language: make())
    return wraps(make)(lambda: made(get_language()))


def forget_minute() -> None:
    """What is kept for a minute."""
    _cache.clear()


def forget_all() -> None:
    for cache in (_cache, _whole, _hourly):
        cache.clear()


def _values(row: Model) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


class RowVersion(Func):
    """Postgres' own version of a row: where its present tuple lies, and which transaction wrote it.

    Whatever changes the row changes it, bulk updates and plain SQL included. `column` names any column of the row but
    its key, which Django would read from the row that refers to it.
    """

    output_field = TextField()

    def __init__(self, column: str, **extra: Any) -> None:
        super().__init__(F(column), **extra)

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_: Any) -> tuple[str, tuple[()]]:  # type: ignore[override]
        (column,) = self.get_source_expressions()
        table = compiler.quote_name_unless_alias(column.alias)
        return f"({table}.ctid, {table}.xmin)::text", ()

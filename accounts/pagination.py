from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode

from accounts.compiled import CompiledQuery, Parameter
from accounts.params import row_number

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    newer_url: str
    older_url: str


def newest_first(rows: QuerySet[Row], request: HttpRequest, *, size: int = 12, by: str = "pk") -> Page[Row]:
    """A page by primary key: as fast on the last page as on the first, and steady while rows arrive.

    A place beyond either end, where rows may have been when the link was made, is the beginning. `by`: another whole
    number that no two rows share.
    """
    return _page(lambda way, place: list(_cut(rows, way, place, size, by)), request, size, by)


class NewestFirst(Generic[Row]):
    """The same of the queryset that `build` returns, which is written once a process: see CompiledQuery."""

    def __init__(self, build: Callable[[], QuerySet[Row]], *, size: int = 12, by: str = "pk") -> None:
        self.size, self.by = size, by
        self.queries = {
            way: CompiledQuery(partial(self._build, build, way)) for way in ("newest", "older", "newer")
        }

    def _build(self, build: Callable[[], QuerySet[Row]], way: str) -> QuerySet[Row]:
        return _cut(build(), way, Parameter("place"), self.size, self.by)

    def page(self, request: HttpRequest, **values: Any) -> Page[Row]:
        def ask(way: str, place: int | None) -> list[Row]:
            return self.queries[way].objects(place=place, **values)

        return _page(ask, request, self.size, self.by)


def _cut(rows: QuerySet[Row], way: str, place: Any, size: int, by: str) -> QuerySet[Row]:
    """The rows of a page, those nearest to `place` first, and one more if there is one."""
    if way == "newer":
        return rows.filter(**{f"{by}__gt": place}).order_by(by)[: size + 1]
    older = rows.filter(**{f"{by}__lt": place}) if way == "older" else rows
    return older.order_by(f"-{by}")[: size + 1]


Ask = Callable[[str, int | None], list[Row]]


def _page(ask: Ask[Row], request: HttpRequest, size: int, by: str) -> Page[Row]:
    after, before = (row_number(request.GET.get(name, "")) for name in ("after", "before"))
    page = None
    if after is not None:
        page = _newer_page(ask("newer", after), request, size, by)
    elif before is not None:
        page = _older_page(ask("older", before), request, size, by, newer=True)
    return page if page and page.items else _older_page(ask("newest", None), request, size, by, newer=False)


def _newer_page(found: list[Row], request: HttpRequest, size: int, by: str) -> Page[Row]:
    items = found[:size][::-1]
    return Page(
        items,
        _url(request, after=getattr(items[0], by)) if len(found) > size else "",
        _url(request, before=getattr(items[-1], by)) if items else "",
    )


def _older_page(found: list[Row], request: HttpRequest, size: int, by: str, *, newer: bool) -> Page[Row]:
    items = found[:size]
    return Page(
        items,
        _url(request, after=getattr(items[0], by)) if newer and items else "",
        _url(request, before=getattr(items[-1], by)) if len(found) > size else "",
    )


def _url(request: HttpRequest, **place: int) -> str:
    """Of the neighbouring page; whatever else the query says goes along."""
    kept = [(name, str(value)) for name, value in request.GET.items() if name not in {"after", "before"}]
    return f"?{urlencode([*kept, *place.items()])}"


@dataclass(frozen=True)
class Place:
    """Between two rows of a list with an order of its own: the integers by which it sorts, the last of them unique.

    `?after=4-17` goes on behind the row, `?before=4-17` ends ahead of it.
    """

    values: tuple[int, ...]
    backwards: bool

    @classmethod
    def of(cls, request: HttpRequest, *, parts: int) -> "Place | None":
        """None where the address names no place, or none that such a list can have."""
        for name in ("after", "before"):
            numbers = [row_number(part) for part in request.GET.get(name, "").split("-", parts)]
            if len(numbers) == parts and None not in numbers:
                return cls(tuple(number for number in numbers if number is not None), name == "before")
        return None

    @staticmethod
    def written(values: Iterable[int]) -> str:
        return "-".join(map(str, values))

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


class NewestFirst(Generic[Row]):
    """Pages by primary key: as fast on the last one as on the first, and steady while rows arrive.

    A place beyond either end, where rows may have been when the link was made, is the beginning. `by`: another whole
    number that no two rows share. The queryset that `build` returns is written once a process: see CompiledQuery.
    """

    def __init__(self, build: Callable[[], QuerySet[Row]], *, size: int = 12, by: str = "pk") -> None:
        self.size, self.by = size, by
        self.queries = {
            way: CompiledQuery(partial(self._build, build, way)) for way in ("newest", "older", "newer")
        }

    def _build(self, build: Callable[[], QuerySet[Row]], way: str) -> QuerySet[Row]:
        return _cut(build(), way, Parameter("place"), self.size, self.by)

    def page(self, request: HttpRequest, **values: Any) -> Page[Row]:
        after, before = (row_number(request.GET.get(name, "")) for name in ("after", "before"))
        page = None
        if after is not None:
            page = self._newer(self._ask("newer", after, values), request)
        elif before is not None:
            page = self._older(self._ask("older", before, values), request, newer=True)
        if page and page.items:
            return page
        return self._older(self._ask("newest", None, values), request, newer=False)

    def _ask(self, way: str, place: int | None, values: dict[str, Any]) -> list[Row]:
        return self.queries[way].objects(place=place, **values)

    def _newer(self, found: list[Row], request: HttpRequest) -> Page[Row]:
        items = found[: self.size][::-1]
        return Page(
            items,
            _url(request, after=getattr(items[0], self.by)) if len(found) > self.size else "",
            _url(request, before=getattr(items[-1], self.by)) if items else "",
        )

    def _older(self, found: list[Row], request: HttpRequest, *, newer: bool) -> Page[Row]:
        items = found[: self.size]
        return Page(
            items,
            _url(request, after=getattr(items[0], self.by)) if newer and items else "",
            _url(request, before=getattr(items[-1], self.by)) if len(found) > self.size else "",
        )


def _cut(rows: QuerySet[Row], way: str, place: Any, size: int, by: str) -> QuerySet[Row]:
    """The rows of a page, those nearest to `place` first, and one more if there is one."""
    if way == "newer":
        return rows.filter(**{f"{by}__gt": place}).order_by(by)[: size + 1]
    older = rows.filter(**{f"{by}__lt": place}) if way == "older" else rows
    return older.order_by(f"-{by}")[: size + 1]


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

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode

from accounts.params import row_number

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    newer_url: str
    older_url: str


def newest_first(rows: QuerySet[Row], request: HttpRequest, *, size: int = 12) -> Page[Row]:
    """A page by primary key: as fast on the last page as on the first, and steady while rows arrive.

    A place beyond either end, where rows may have been when the link was made, is the beginning.
    """
    after, before = (row_number(request.GET.get(name, "")) for name in ("after", "before"))
    if after is not None:
        page = _newer_than(after, rows, request, size)
    elif before is not None:
        page = _older_than(before, rows, request, size)
    else:
        return _older_than(None, rows, request, size)
    return page if page.items else _older_than(None, rows, request, size)


def _newer_than(after: int, rows: QuerySet[Row], request: HttpRequest, size: int) -> Page[Row]:
    found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
    items = found[:size][::-1]
    return Page(
        items,
        _url(request, after=items[0]) if len(found) > size else "",
        _url(request, before=items[-1]) if items else "",
    )


def _older_than(before: int | None, rows: QuerySet[Row], request: HttpRequest, size: int) -> Page[Row]:
    found = list((rows if before is None else rows.filter(pk__lt=before)).order_by("-pk")[: size + 1])
    items = found[:size]
    return Page(
        items,
        _url(request, after=items[0]) if before is not None and items else "",
        _url(request, before=items[-1]) if len(found) > size else "",
    )


def _url(request: HttpRequest, **place: Model) -> str:
    """Of the neighbouring page; whatever else the query says goes along."""
    others = {name: value for name, value in request.GET.items() if name not in {"after", "before"}}
    return f"?{urlencode(others | {name: row.pk for name, row in place.items()})}"


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

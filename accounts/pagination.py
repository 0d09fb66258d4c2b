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


def newest_first(rows: QuerySet[Row], request: HttpRequest, *, size: int = 12, by: str = "pk") -> Page[Row]:
    """A page by primary key: as fast on the last page as on the first, and steady while rows arrive.

    A place beyond either end, where rows may have been when the link was made, is the beginning. `by`: another whole
    number that no two rows share.
    """
    after, before = (row_number(request.GET.get(name, "")) for name in ("after", "before"))
    if after is not None:
        page = _newer_than(after, rows, request, size, by)
    elif before is not None:
        page = _older_than(before, rows, request, size, by)
    else:
        return _older_than(None, rows, request, size, by)
    return page if page.items else _older_than(None, rows, request, size, by)


def _newer_than(after: int, rows: QuerySet[Row], request: HttpRequest, size: int, by: str) -> Page[Row]:
    found = list(rows.filter(**{f"{by}__gt": after}).order_by(by)[: size + 1])
    items = found[:size][::-1]
    return Page(
        items,
        _url(request, after=getattr(items[0], by)) if len(found) > size else "",
        _url(request, before=getattr(items[-1], by)) if items else "",
    )


def _older_than(
    before: int | None, rows: QuerySet[Row], request: HttpRequest, size: int, by: str
) -> Page[Row]:
    older = rows if before is None else rows.filter(**{f"{by}__lt": before})
    found = list(older.order_by(f"-{by}")[: size + 1])
    items = found[:size]
    return Page(
        items,
        _url(request, after=getattr(items[0], by)) if before is not None and items else "",
        _url(request, before=getattr(items[-1], by)) if len(found) > size else "",
    )


def _url(request: HttpRequest, **place: int) -> str:
    """Of the neighbouring page; whatever else the query says goes along."""
    kept = [(name, str(value)) for name, value in request.GET.items() if name not in {"after", "before"}]
    return f"?{urlencode([*kept, *place.items()])}"

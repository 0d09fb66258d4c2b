"""What staff read about the columns of a table before they send one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export import widgets  # type: ignore[import-untyped]

from experts.completeness import SHORTEST_BIO
from experts.import_cells import Choice, Specialties, Whole, Yes
from experts.importing import Table
from experts.models import Specialty


@dataclass(frozen=True)
class Column:
    name: str
    is_needed: bool
    said: str
    example: str
    values: list[str]  # those that a cell is made of, where they are known and many


EXAMPLES = {
    "email": "mei@example.com",
    "name": "Mei Tanaka",
    "city": "Kyoto, Japan",
    "headline": "Quiet lanes and small workshops",
    "years_experience": "8",
    "communication_style": "friendly",
    "price_min": "80",
    "price_max": "120.50",
    "currency": "USD",
    "group_size_max": "6",
    "languages": "ja: native; en: C1",
    "specialties": "street-food: 12; day-hikes",
    "expert": "mei@example.com",
    "title": "Market at dawn",
    "kind": "tour",
    "duration_hours": "3.5",
    "duration_days": "2",
    "price": "90",
    "price_unit": "group",
    "shared": "no",
    "includes": "Tea; A snack",
    "audience": "Families with children",
    "instant": "yes",
    "notice_hours": "24",
    "cutoff": "18:00",
    "buffer_minutes": "30",
    "daily_cap": "2",
    "cancellation_policy": "moderate",
}
WORDS: dict[str, str | Promise] = {
    "email": _("The expert’s address. An account is made for it; one that exists has to have the same name."),
    "city": _("Where several have the name, add the region or the country."),
    "bio": _("At least %(count)s letters."),
    "price_min": _("Per person and day, above zero."),
    "price_max": _("Per person and day, not below the lowest."),
    "currency": _("Three letters."),
    "languages": _("ISO codes with A1 to C2 or native, parted by semicolons."),
    "specialties": _("With the number of trips, or without one for a single trip; parted by semicolons."),
    "expert": _("The address of an expert who is there already."),
    "duration_hours": _("Up to 24. Either hours or days: one of the two."),
    "duration_days": _("Up to 60. Either hours or days: one of the two."),
    "price": _("Above zero."),
    "includes": _("Parted by semicolons."),
    "cutoff": _("A time of the day before."),
}


def of(table: type[Table]) -> Iterator[Column]:
    """Those that have to be there first."""
    fields = {field.column_name: field for field in table().get_import_fields()}
    for name in [*table.needed, *(name for name in fields if name not in table.needed)]:
        widget = fields[name].widget
        parts = [_kind(widget), _size(table, name), str(WORDS.get(name, "")) % {"count": SHORTEST_BIO}]
        is_long = isinstance(widget, Specialties)
        values = list(Specialty.objects.values_list("slug", flat=True)) if is_long else []
        yield Column(
            name, name in table.needed, " ".join(filter(None, parts)), EXAMPLES.get(name, ""), values
        )


def _kind(widget: Any) -> str:
    match widget:
        case Choice():
            return gettext("One of: %(choices)s.") % {"choices": ", ".join(widget.values)}
        case Yes():
            return gettext("Yes or no.")
        case Whole():
            return gettext("A whole number.")
        case widgets.NumberWidget():
            return gettext("A number.")
    return ""


def _size(table: type[Table], name: str) -> str:
    """The most letters of what is free text."""
    try:
        field = table._meta.model._meta.get_field(name)
    except FieldDoesNotExist:
        return ""
    is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
    most = field.max_length if is_text else 0
    # A code of three letters says so itself.
    return gettext("Text of at most %(count)s letters.") % {"count": most} if most and most > 3 else ""

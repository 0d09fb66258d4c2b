"""What a cell of staff's tables may hold, and how it is read.

Cells that name rows of the database are read a column at a time: `Looked.prepare` gets all of them at once, so that
hundreds of rows ask no more questions than one.
"""

from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import widgets  # type: ignore[import-untyped]

from accounts import contacts
from experts.forms import LANGUAGES
from experts.models import Expert, Level, Specialty
from markets import currency
from markets.formats import country
from markets.models import Market
from markets.search import resolve_all

LEVELS = {str(level.label).lower(): level.value for level in Level} | {
    name.lower(): Level[name].value for name in Level.names
}
MOST_DEPTH = 10_000
# What a spreadsheet takes for the beginning of a formula; some take the wide signs of Japanese keyboards too.
FORMULA_SIGNS = "=+-@＝＋－＠"
ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
MOST_NAMED = 8  # cities in an error


def text_of(value: Any) -> str:
    return str(value if value is not None else "").strip()


def check_text(value: Any) -> None:
    """ValueError: whoever opens one of our lists in a spreadsheet would run this, or it is no text at all."""
    text = text_of(value)
    if text[:1] and text[0] in FORMULA_SIGNS:
        raise ValueError(
            _("This begins with “%(sign)s”, as formulas do. Begin with a letter or a digit.")
            % {"sign": text[0]}
        )
    if text in ERRORS:
        raise ValueError(_("“%(value)s” is a spreadsheet’s error, not a text.") % {"value": text})
    if "\0" in text:  # Postgres would take none of the rows
        raise ValueError(_("This holds characters that belong to no text."))


def check_published(value: Any) -> None:
    """ValueError: it holds a way to reach somebody, which nobody may write into a profile."""
    try:
        contacts.refuse(text_of(value))
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from None


class Choice(widgets.CharWidget):
    """One of the values of a field with choices, whatever its case."""

    def __init__(self, choices: Any) -> None:
        super().__init__()
        self.values = [value for value, _label in choices]

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = text_of(value).lower()
        if text and text not in self.values:
            raise ValueError(
                _("“%(value)s” is none of %(choices)s.") % {"value": value, "choices": ", ".join(self.values)}
            )
        return text


class Yes(widgets.BooleanWidget):
    WORDS = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False, "": False}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        try:
            return self.WORDS[text_of(value).lower()]
        except KeyError:
            raise ValueError(_("“%(value)s” is neither yes nor no.") % {"value": value}) from None


class Whole(widgets.IntegerWidget):
    """Half a person is not silently none."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        found: int | None = super().clean(value, row, **kwargs)
        if found is not None and Decimal(text_of(value)) != found:
            raise ValueError(_("“%(value)s” is no whole number.") % {"value": value})
        return found


class Lines(widgets.Widget):
    """Parts between semicolons."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        return [part.strip() for part in text_of(value).split(";") if part.strip()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(value or [])


class Languages(widgets.Widget):
    """“en: C1; ja: native”."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dict[str, int]:
        found = _pairs(value)
        if not found:
            raise ValueError(_("Name at least one language, such as “en: C1”."))
        for code, level in found.items():
            if code not in LANGUAGES or level not in LEVELS:  # the profile's form knows no others
                raise ValueError(
                    _("“%(text)s” is no language with its level.") % {"text": f"{code}: {level}"}
                )
        return {code: LEVELS[level] for code, level in found.items()}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(f"{code}: {Level(level).label}" for code, level in (value or {}).items())


class Looked(widgets.Widget):
    """A cell that names a row of the database."""

    def prepare(self, cells: Iterable[str]) -> None:
        """Read what any of these name. Called before the first of them is cleaned."""
        raise NotImplementedError


class Currency(Looked):
    def prepare(self, cells: Iterable[str]) -> None:
        self.known = currency.rates()

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        code = text_of(value).upper()
        if code not in self.known:
            raise ValueError(str(currency.UnknownCurrency(code)))
        return code


class City(Looked):
    """As the forms read it: “Paris, Texas, United States”."""

    def prepare(self, cells: Iterable[str]) -> None:
        self.found = resolve_all(cells)
        is_known = all(isinstance(one, Market) or one for one in self.found.values())
        self.others = [] if is_known else list(Market.objects.active().order_by("-population", "pk")[:500])

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Market:
        text = text_of(value)
        found = self.found[text]
        if isinstance(found, Market):
            return found
        names = {"value": text, "names": "; ".join(map(_spelled, found[:MOST_NAMED]))}
        if found:
            raise ValueError(
                _("“%(value)s” could be several places. Write one of them in full: %(names)s.") % names
            )
        raise ValueError(f"{_('We know no city called “%(value)s”.') % names} {self._instead(text)}".strip())

    def _instead(self, text: str) -> str:
        """The cities whose names are like it, else the biggest of those that are open to travelers."""
        by_name = {market.name.casefold(): market for market in reversed(self.others)}
        if alike := get_close_matches(text.partition(",")[0].strip().casefold(), by_name, n=3):
            return _("Do you mean one of these? %(names)s") % {
                "names": "; ".join(_spelled(by_name[name]) for name in alike)
            }
        listed = [market.name for market in self.others[:MOST_NAMED]]
        more = ["…"] if len(self.others) > MOST_NAMED else []
        return _("Open cities: %(names)s") % {"names": ", ".join(listed + more)} if listed else ""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value) if value else ""


class KnownExpert(Looked):
    """By their address."""

    def prepare(self, cells: Iterable[str]) -> None:
        found = Expert.objects.filter(user__email__in={cell.lower() for cell in cells})
        self.found = {expert.user.email: expert for expert in found.select_related("user")}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Expert:
        try:
            return self.found[text_of(value).lower()]
        except KeyError:
            raise ValueError(
                _("There is no expert with the address “%(value)s”.") % {"value": value}
            ) from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.user.email if value else ""


class Specialties(Looked):
    """“street-food: 12; day-hikes”, with one trip where no number stands."""

    def prepare(self, cells: Iterable[str]) -> None:
        slugs = {slug for cell in cells for slug in _pairs(cell)}
        self.known = Specialty.objects.in_bulk(slugs, field_name="slug")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dict[str, int]:
        found = _pairs(value)
        if not found:
            raise ValueError(_("Name at least one specialty, such as “street-food: 12”."))
        for slug, depth in found.items():
            if slug not in self.known:
                raise ValueError(_("We know no specialty “%(slug)s”.") % {"slug": slug})
            if depth and not (depth.isdecimal() and 1 <= int(depth[:6]) <= MOST_DEPTH):
                raise ValueError(_("“%(depth)s” is no number of trips.") % {"depth": depth})
        return {slug: int(depth or 1) for slug, depth in found.items()}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(f"{slug}: {depth}" for slug, depth in (value or {}).items())


def _pairs(cell: Any) -> dict[str, str]:
    """“a: 1; b: 2”, in small letters."""
    parts = [part.partition(":") for part in text_of(cell).lower().split(";") if part.strip()]
    return {name.strip(): value.strip() for name, _colon, value in parts}


def _spelled(market: Market) -> str:
    return ", ".join(filter(None, [market.name, market.region, country(market.country_code)]))

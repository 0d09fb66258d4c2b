"""What somebody looks for among the experts, read from an address and written to one.

`Filters.of(query)` takes whatever stands there: what is no filter is left out, and what a person typed wrongly is named
in `problems`. `pairs()` is the one spelling of the same search, so that one search has one address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property

from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from accounts.params import YEARS

LONGEST_WORDS, LONGEST_PLACE, LONGEST_AMOUNT = 100, 120, 20
MOST_CHOSEN = 8
MOST_MONEY = Decimal(10_000_000)
MOST_DAYS = 366
RATINGS = {"4": 400, "4.5": 450, "4.8": 480}
SORTS = {
    "relevance": pgettext_lazy("sorted by", "Relevance"),
    "rating": gettext_lazy("Rating"),
    "price": gettext_lazy("Lowest price"),
    "newest": gettext_lazy("Newest"),
}
CURRENCIES = "USD EUR GBP JPY AUD CAD CHF CNY INR MXN BRL KRW SEK NZD ZAR".split()
OF_LANGUAGE = {"de": "EUR", "en-gb": "GBP"}


def home_currency() -> str:
    """What somebody who reads this language probably counts in, until they say otherwise."""
    return OF_LANGUAGE.get(get_language() or "", "USD")


@dataclass(frozen=True)
class Filters:
    destination: str = ""
    destination_id: int | None = None
    q: str = ""
    specialties: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    currency: str = "USD"
    rating: str = ""
    verified: bool = False
    sort: str = "relevance"
    # By the name of the field: a sentence for whoever typed it. What is named here does not filter.
    problems: Mapping[str, str] = field(default_factory=dict, compare=False)
    typed: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, query: QueryDict) -> "Filters":
        reading = _Reading(query)
        start, end = reading.days()
        low, high = reading.prices()
        place = _plain(query.get("destination", ""), LONGEST_PLACE)
        return cls(
            destination=place,
            destination_id=_number(query.get("destination_id", "")) if place else None,
            q=_plain(query.get("q", ""), LONGEST_WORDS),
            specialties=_chosen(query.getlist("specialty"), 50),
            languages=_chosen(query.getlist("language"), 3),
            start=start,
            end=end,
            price_min=low,
            price_max=high,
            currency=reading.one_of("currency", CURRENCIES) or home_currency(),
            rating=reading.one_of("rating", RATINGS),
            verified=query.get("verified") == "1",
            sort=reading.one_of("sort", SORTS) or "relevance",
            problems=reading.problems,
            typed={name: query.get(name, "")[:LONGEST_AMOUNT] for name in reading.problems},
        )

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        money = [("price_min", self.price_min), ("price_max", self.price_max)]
        single = [
            ("destination", self.destination),
            ("destination_id", self.destination_id),
            ("q", self.q),
            ("start", self.start),
            ("end", self.end),
            *[(name, f"{amount:f}" if amount is not None else None) for name, amount in money],
            ("currency", self.currency if self.has_own_currency else None),
            ("rating", self.rating),
            ("verified", "1" if self.verified else None),
            ("sort", self.sort if self.sort != "relevance" else None),
        ]
        many = [("specialty", slug) for slug in self.specialties]
        many += [("language", code) for code in self.languages]
        return [(name, str(value)) for name, value in single if value not in {None, ""}] + many

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last."""
        return (self.start, self.end) if self.start and self.end else None

    @property
    def has_price(self) -> bool:
        return self.price_min is not None or self.price_max is not None

    @property
    def has_own_currency(self) -> bool:
        """A price without its currency would mean another one to a reader elsewhere."""
        return self.has_price or self.currency != home_currency()

    @property
    def low(self) -> str:
        return self._written("price_min", self.price_min)

    @property
    def high(self) -> str:
        return self._written("price_max", self.price_max)

    def _written(self, name: str, amount: Decimal | None) -> str:
        """As the form shows it: what could not be read stays there to be mended."""
        return self.typed.get(name, "") if amount is None else f"{amount:f}"

    def url(self, **extra: str) -> str:
        return f"?{urlencode([*self.pairs, *extra.items()])}" if self.pairs or extra else ""

    def but(self, **changes: object) -> "Filters":
        return replace(self, **changes)  # type: ignore[arg-type]  # the names are the fields'

    def without_place(self) -> "Filters":
        return self.but(destination="", destination_id=None)

    @property
    def narrows(self) -> bool:
        """Whether anything but a place is asked for."""
        return bool(self.without_place().but(sort="relevance", currency=home_currency()).pairs)


class _Reading:
    def __init__(self, query: QueryDict) -> None:
        self.query, self.problems = query, dict[str, str]()

    def one_of(self, name: str, choices: object) -> str:
        value = self.query.get(name, "")
        return value if value in choices else ""  # type: ignore[operator]  # a list or a dictionary

    def days(self) -> tuple[date | None, date | None]:
        """Both or none: one day alone is a stay of that day."""
        start, end = (self._day(name) for name in ("start", "end"))
        start, end = start or end, end or start
        if start and end and end < start:
            self.problems["end"] = _("The last day is before the first.")
        elif start and end and (end - start).days >= MOST_DAYS:
            self.problems["end"] = _("Choose at most a year.")
        return (None, None) if {"start", "end"} & set(self.problems) else (start, end)

    def prices(self) -> tuple[Decimal | None, Decimal | None]:
        low, high = (self._money(name) for name in ("price_min", "price_max"))
        if low is not None and high is not None and high < low:
            self.problems["price_max"] = _("The highest price is below the lowest.")
            return low, None
        return low, high

    def _day(self, name: str) -> date | None:
        text = self.query.get(name, "").strip()
        try:
            day = date.fromisoformat(text) if text else None
        except ValueError:
            day = date.min
        if day and day.year not in YEARS:
            self.problems[name] = _("Write a day like 2027-04-30.")
            return None
        if day and day < timezone.localdate():
            self.problems[name] = _("This day is past.")
            return None
        return day

    def _money(self, name: str) -> Decimal | None:
        text = self.query.get(name, "").strip()[:LONGEST_AMOUNT]
        try:
            amount = _amount(text)
        except InvalidOperation:
            self.problems[name] = _("Write a number, such as 120.")
            return None
        return amount


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    amount = Decimal(text.replace(",", ".")) if text.isascii() else Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= MOST_MONEY:
        raise InvalidOperation
    return amount.quantize(Decimal("0.01")).normalize()


def _plain(text: str, longest: int) -> str:
    """On one line. Postgres takes no NUL."""
    return " ".join(text.replace("\0", " ").split())[:longest].strip()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _chosen(values: list[str], longest: int) -> tuple[str, ...]:
    """Sorted, so that the order in which boxes were ticked makes no other address."""
    known = {value for value in values if value.isascii() and 0 < len(value) <= longest and "\0" not in value}
    return tuple(sorted(known)[:MOST_CHOSEN])

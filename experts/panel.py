"""The choices beside a list of experts: how many each would leave, and what is chosen already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import fragments
from experts import browse
from experts.browse import Asked, Card, Counts
from experts.filters import CURRENCIES, RATINGS, SORTS, Filters
from markets import formats

# The likeliest ones stand open; behind “more” are the others.
FIRST = 14
# Of an expert's specialties, those a card names.
KNOWS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    number: str  # how many it would leave
    ticked: bool


@dataclass(frozen=True)
class Panel:
    specialties: list[Choice]
    more_specialties: list[Choice]
    languages: list[Choice]
    more_languages: list[Choice]
    ratings: list[Choice]
    verified: list[Choice]  # one
    sorts: list[Choice]
    currencies: list[Choice]


def of(asked: Asked, counts: Counts) -> Panel:
    filters = asked.filters
    specialties = _likeliest(_specialties(filters, counts))
    languages = _likeliest(_languages(filters, counts))
    return Panel(
        *specialties,
        *languages,
        ratings=_ratings(filters, counts),
        verified=[Choice("1", _("Verified only"), _number(counts.verified, counts), filters.verified)],
        sorts=[Choice(value, str(label), "", value == filters.sort) for value, label in SORTS.items()],
        currencies=[Choice(code, code, "", code == filters.currency) for code in CURRENCIES],
    )


def _number(number: int, counts: Counts) -> str:
    return f"{number}+" if counts.at_least and number else str(number)


def _specialties(filters: Filters, counts: Counts) -> list[tuple[int, Choice]]:
    found = []
    for known in browse.known().specialties.values():
        number, ticked = counts.specialties.get(known.pk, 0), known.slug in filters.specialties
        if number or ticked:
            found.append((number, Choice(known.slug, known.name, _number(number, counts), ticked)))
    return found


def _languages(filters: Filters, counts: Counts) -> list[tuple[int, Choice]]:
    codes = {**dict.fromkeys(filters.languages, 0), **counts.languages}
    return [
        (number, Choice(code, formats.language(code), _number(number, counts), code in filters.languages))
        for code, number in codes.items()
    ]


def _likeliest(choices: Iterable[tuple[int, Choice]]) -> tuple[list[Choice], list[Choice]]:
    """What is ticked and what most have comes first; the rest by name."""
    ordered = sorted(choices, key=lambda pair: (not pair[1].ticked, -pair[0], pair[1].label))
    rest = sorted((choice for _number, choice in ordered[FIRST:]), key=lambda choice: choice.label)
    return [choice for _number, choice in ordered[:FIRST]], rest


def _ratings(filters: Filters, counts: Counts) -> list[Choice]:
    steps = [Choice("", pgettext("rating", "Any"), "", not filters.rating)]
    for value in RATINGS:
        label = _("%(rating)s and more") % {"rating": value}
        number = _number(counts.ratings.get(value, 0), counts)
        steps.append(Choice(value, label, number, value == filters.rating))
    return steps


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter in force, and the address without it."""

    label: str
    url: str


def chosen(asked: Asked) -> list[Chosen]:
    filters = asked.filters
    words: list[tuple[str, Filters]] = []
    if asked.market:
        words.append((asked.market.name, filters.without_place()))
    if filters.q:
        words.append((f"“{filters.q}”", filters.but(q="")))
    words += [
        (known.name, filters.but(specialties=_without(filters.specialties, known.slug)))
        for known in browse.known().specialties.values()
        if known.slug in filters.specialties
    ]
    words += [
        (formats.language(code), filters.but(languages=_without(filters.languages, code)))
        for code in filters.languages
    ]
    words += _chosen_numbers(filters)
    return [Chosen(label, without.url()) for label, without in words]


def _chosen_numbers(filters: Filters) -> list[tuple[str, Filters]]:
    words = []
    if filters.days:
        words.append((formats.day_range(*filters.days), filters.but(start=None, end=None)))
    if filters.price_min is not None or filters.price_max is not None:
        words.append((_prices(filters), filters.but(price_min=None, price_max=None)))
    if filters.rating:
        words.append((_("%(rating)s and more") % {"rating": filters.rating}, filters.but(rating="")))
    if filters.verified:
        words.append((_("Verified only"), filters.but(verified=False)))
    return words


def _prices(filters: Filters) -> str:
    low, high = (formats.money(amount, filters.currency) for amount in (filters.price_min, filters.price_max))
    if low and high:
        return f"{low} – {high}"
    return _("from %(price)s") % {"price": low} if low else _("up to %(price)s") % {"price": high}


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(one for one in values if one != value)


def drawn(cards: list[Card], currency: str) -> list[SafeString]:
    """Each kept by what it says: the same experts stand in many lists."""
    return [
        mark_safe(fragments.kept_an_hour("card", card, partial(_draw, card)))  # noqa: S308  # rendered by a template
        for card in dressed(cards, currency)
    ]


def _draw(card: Card) -> str:
    return render_to_string("experts/finding/_card.html", {"card": card})


def dressed(cards: list[Card], currency: str) -> list[Card]:
    """With what the row does not say: the names of specialties, and the price in the reader's currency."""
    basics = browse.known()
    for card in cards:
        card.knows = [basics.names[pk] for pk in card.specialties[:KNOWS] if pk in basics.names]
        card.about = about(card.price_min, card.currency, currency, basics.rates)
    return cards


def about(amount: Decimal, source: str, target: str, rates: Mapping[str, Decimal]) -> str:
    """The amount in the reader's currency, in words that promise nothing; empty where there is nothing to add."""
    if source == target or not {source, target} <= set(rates):
        return ""
    converted = amount * rates[target] / rates[source]
    return _("about %(price)s") % {"price": formats.money(Decimal(round(converted)), target)}

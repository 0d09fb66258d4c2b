"""Up to four experts side by side."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import capfirst, floatformat
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts import browse, panel
from experts.filters import home_currency
from experts.models import Expert
from markets import formats

MOST = 4
SERVICES = 3
SPECIALTIES = 6


@dataclass(frozen=True)
class Column:
    expert: Expert
    without: str  # the query of the same comparison without them


@dataclass(frozen=True)
class Table:
    columns: list[Column]
    rows: list[
        tuple[str, list[tuple[str, list[str]]]]
    ]  # what, and by expert the name and the lines of the answer


def slugs(values: Iterable[str]) -> list[str]:
    """Each once, in the order given, at most MOST."""
    known = dict.fromkeys(value for value in values if value and len(value) <= 140 and "\0" not in value)
    return list(known)[:MOST]


def table(wanted: list[str]) -> Table:
    """Of those among them who have a public page."""
    found = {expert.slug: expert for expert in _experts(wanted)}
    experts = [found[slug] for slug in wanted if slug in found]
    names = [expert.slug for expert in experts]
    columns = [Column(expert, _query(names, expert.slug)) for expert in experts]
    rows = [
        (str(label), [(expert.name, [line for line in say(expert) if line]) for expert in experts])
        for label, say in _lines()
    ]
    return Table(columns, rows)


def _experts(wanted: list[str]) -> Iterable[Expert]:
    if not wanted:
        return []
    return Expert.objects.public().filter(slug__in=wanted).for_profile().with_languages()


def _query(names: list[str], left_out: str) -> str:
    return urlencode([("e", name) for name in names if name != left_out])


def _lines() -> list[tuple[str, Callable[[Any], list[str]]]]:
    return [
        (_("Rating"), _rating),
        (_("Price per person and day"), _price),
        (_("Services"), _services),
        (_("Knows best"), lambda expert: [_(str(one)) for one in expert.specialties.all()[:SPECIALTIES]]),
        (_("Languages"), _languages),
        (_("Usually answers in"), _answers),
        (_("Largest group"), lambda expert: [str(expert.group_size_max)]),
        (_("Experience"), _experience),
        (_("Style"), lambda expert: [capfirst(expert.get_communication_style_display())]),
        (_("Checked"), lambda expert: [_("Verified") if expert.verified else _("Not verified yet")]),
        (
            _("Takes clients"),
            lambda expert: [_("Yes") if expert.is_open_to_inquiries else _("Not at present")],
        ),
    ]


def _rating(expert: Expert) -> list[str]:
    if not expert.review_count:
        return [_("No reviews yet")]
    reviews = ngettext("%(count)s review", "%(count)s reviews", expert.review_count)
    return [floatformat(expert.rating, 2), reviews % {"count": expert.review_count}]


def _price(expert: Expert) -> list[str]:
    lowest = panel.about(expert.price_min, expert.currency, home_currency(), browse.known().rates)
    return [formats.money_range(expert.price_min, expert.price_max, expert.currency), lowest]


def _services(expert: Expert) -> list[str]:
    return [
        f"{service.title}: {formats.money(service.price, service.currency)} {service.get_price_unit_display()}"
        for service in expert.services.all()[:SERVICES]
    ]


def _languages(expert: Expert) -> list[str]:
    return [
        f"{formats.language(spoken.language)}, {spoken.get_level_display()}"
        for spoken in expert.languages.all()
    ]


def _answers(expert: Expert) -> list[str]:
    return [formats.hours(expert.answers_in)]


def _experience(expert: Expert) -> list[str]:
    years, trips = expert.years_experience, expert.completed_bookings
    return [
        ngettext("%(count)s year", "%(count)s years", years) % {"count": years},
        ngettext("%(count)s trip completed", "%(count)s trips completed", trips) % {"count": trips}
        if trips
        else "",
    ]

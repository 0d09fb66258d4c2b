"""What templates need beyond Django's own filters: the reader's formats, and numbers and names for our drawings."""

from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zlib import crc32

from django import template
from django.db.models import Model
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from accounts.meta import absolute
from accounts.personal import ERASED_NAME
from experts import photos
from markets import formats, moments
from markets.models import Market

register = template.Library()

HUES = 8
EAST_ASIA = {"CN", "HK", "JP", "KP", "KR", "MN", "MO", "TW"}
ARID = {"AE", "BH", "DZ", "EG", "IL", "IQ", "IR", "JO", "KW", "LY", "MA", "OM", "QA", "SA", "SY", "TN", "YE"}
TROPIC = 23.5
NORTHERN = 54

register.filter(formats.money)
register.filter(formats.day)
register.filter(formats.hours)
register.filter(formats.day_range)
register.filter(formats.month)
register.filter(formats.country)
register.filter(formats.language)
register.simple_tag(formats.money_range)


@register.filter
def period(days: Any) -> str:
    """A Postgres range of days, whose upper bound is excluded."""
    return formats.day_range(days.lower, days.upper - timedelta(days=1))


@register.filter
def zone(name: str) -> str:
    """“Tokyo time”."""
    return moments.zone_name(name)


@register.simple_tag
def absolute_static(path: str) -> str:
    return absolute(static(path))


@register.filter
def photo(token: str, size: str) -> str:
    """The address of a picture in one of its sizes, see experts/photos.py."""
    return photos.url(token, size)


@register.filter
def person(name: str) -> str:
    """Somebody's name, or in the reader's language that there is nobody any more."""
    return gettext(ERASED_NAME) if name == ERASED_NAME else name


@register.filter
def in_public(name: str) -> str:
    """“Rosa O.”: what everybody may read of whoever wrote something about a trip of theirs."""
    if name == ERASED_NAME:
        return gettext(ERASED_NAME)
    first, *others = name.split() or [""]
    return f"{first} {others[-1][0]}." if others else first


@register.filter
def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def hue(key: object) -> int:
    """One of the poster palettes of static/css/variables.css, always the same one for the same key."""
    return crc32(str(key).encode()) % HUES + 1


@register.filter
def scene(market: Market) -> str:
    """Which drawing of static/img/posters.svg stands for a city: one its latitude and country make plausible."""
    scenes = ["coast", "skyline", "bridge", "oldtown"]
    if market.country_code in EAST_ASIA:
        scenes = ["pagoda", "skyline"]
    elif market.country_code in ARID:
        scenes = ["dunes", "oldtown"]
    elif abs(market.latitude) < TROPIC:
        scenes = ["palms", "coast", "peaks"]
    elif abs(market.latitude) > NORTHERN:
        scenes = ["peaks", "coast", "bridge"]
    return scenes[crc32(market.name.encode()) // HUES % len(scenes)]


@lru_cache(maxsize=64)
def _labels(model: type[Model], field: str) -> dict[Any, Any]:
    return dict(model._meta.get_field(field).flatchoices)  # type: ignore[union-attr]


@register.filter
def label(row: Model, field: str) -> str:
    """What get_…_display says, which translates the whole list of choices to say one of them."""
    value = getattr(row, field)
    return str(_labels(type(row), field).get(value, value))


@register.filter
def percent(value: float, whole: float = 100) -> int:
    """A whole number for an svg attribute, which must never be written with a locale's comma."""
    return round(100 * value / whole)


@lru_cache(maxsize=128)
def _bar(width: int) -> SafeString:
    return format_html('<svg class="bar" aria-hidden="true"><rect width="{}%" height="100%"/></svg>', width)


@register.filter
def bar(value: float, whole: float = 100) -> SafeString:
    """A bar filled to value of whole. The number stands beside it, so that it is silent to screen readers."""
    return _bar(percent(value, whole))


@lru_cache(maxsize=4096)
def _factor_row(
    name: str, value: Decimal, points: Decimal, weight: Decimal, language: str | None
) -> SafeString:
    # The language is there for the key: the sentence and the decimal sign depend on it.
    shown = format_html("<b>{}</b>", number_format(points, decimal_pos=1))
    of_weight = format_html(gettext("{points} of {weight}"), points=shown, weight=number_format(weight))
    return format_html("<div><dt>{}</dt><dd>{}</dd>{}</div>", name, of_weight, bar(float(value)))


@register.filter
def factor_row(row: tuple[str, Decimal, Decimal, Decimal]) -> SafeString:
    """Of a factor's name, value, points and weight: the name, “31.2 of 35” and a bar of the value.

    Cached, because a page of results writes twenty-five of them.
    """
    return _factor_row(*row, get_language())


class Icon(template.Node):
    def __init__(self, name: str, style: str) -> None:
        self.name, self.style = name, style

    @cached_property
    def drawing(self) -> SafeString:
        drawn = '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>'
        return format_html(drawn, f"icon {self.style}".strip(), static("img/icons.svg"), self.name)

    def render(self, context: template.Context) -> SafeString:
        return self.drawing


@register.tag
def icon(parser: template.base.Parser, token: template.base.Token) -> Icon:
    """{% icon "star" %} or {% icon "star" "icon-solid" %}: one of static/img/icons.svg, silent to screen readers."""
    name, style = ([word.strip("'\"") for word in token.split_contents()[1:]] + [""])[:2]
    return Icon(name, style)


class Constant(template.Node):
    """A part of a page that changes with the language and the named values alone: rendered once a process.

    It sees no other variable, so that nothing of a visitor can get into it.
    """

    def __init__(self, nodelist: template.NodeList, given: dict[str, template.base.FilterExpression]) -> None:
        self.nodelist, self.given = nodelist, given
        self.rendered: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        given = {name: value.resolve(context) for name, value in self.given.items()}
        key = (get_language(), *given.values())
        if key not in self.rendered:
            assert context.template  # it is being rendered
            alone = template.Context(given)
            with alone.bind_template(context.template):
                self.rendered[key] = self.nodelist.render(alone)
        return self.rendered[key]


@register.tag
def constant(parser: template.base.Parser, token: template.base.Token) -> Constant:
    """{% constant name=value … %} … {% endconstant %}, for the few values a flag or a choice can have."""
    words = token.split_contents()[1:]
    given = template.base.token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError(f"constant takes name=value, not {words[0]!r}.")
    nodelist = parser.parse(["endconstant"])
    parser.delete_first_token()
    return Constant(nodelist, given)

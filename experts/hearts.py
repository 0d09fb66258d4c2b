"""The button that marks an expert as a favourite. Lists are kept as they are for everybody, and get it put in last."""

import re
from collections.abc import Callable, Iterable

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.meta import path_of
from experts import favourites
from experts.browse import Card

# In a kept list, where the heart of this expert belongs. What people wrote is escaped there and holds no comment.
PLACE = re.compile(r"<!--heart-(\d+)-->")
_FORM = (
    '<form class="heart" method="post" action="{url}" hx-post="{url}" hx-swap="outerHTML" hx-disinherit="*">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
    '<input type="hidden" name="next" value="{here}"><input type="hidden" name="on" value="{asks}">'
    '<button class="icon-button" id="heart_{slug}" aria-pressed="{pressed}">'
    '<span class="visually-hidden">{label}</span>'
    '<svg class="{icon}" aria-hidden="true"><use href="{icons}#heart"/></svg></button></form>'
)
_LINK = (
    '<a class="icon-button heart" href="{url}"><span class="visually-hidden">{label}</span>'
    '<svg class="icon" aria-hidden="true"><use href="{icons}#heart"/></svg></a>'
)


Draw = Callable[[str, str, bool], SafeString]


def draw(request: HttpRequest, *, slug: str, name: str, on: bool, here: str) -> SafeString:
    """It posts what it asks for, so that two clicks are one; `here` is the page to come back to."""
    return _drawing(request, here)(slug, name, on)


def put_in(content: str, cards: Iterable[Card], request: HttpRequest) -> SafeString:
    by_key = {card.pk: card for card in cards}
    liked = favourites.among(request.user, list(by_key))
    drawing = _drawing(request, request.get_full_path())

    def heart(place: re.Match[str]) -> str:
        card = by_key[int(place[1])]
        return drawing(card.slug, card.name, card.pk in liked)

    # Rendered by a template: what it holds is escaped already.
    return mark_safe(PLACE.sub(heart, content))  # noqa: S308


def _drawing(request: HttpRequest, here: str) -> Draw:
    """Draws hearts of experts by slug, name and whether they are liked. What all of a page share is found once."""
    icons = conditional_escape(static("img/icons.svg"))
    return _form(request, here, icons) if request.user.is_authenticated else _link(here, icons)


def _form(request: HttpRequest, here: str, icons: SafeString) -> Draw:
    shared = {"token": get_token(request), "here": conditional_escape(here), "icons": icons}
    says = _("Favourite: %(name)s")

    def one(slug: str, name: str, on: bool) -> SafeString:
        return format_html(
            _FORM,
            url=path_of("experts:favourite", slug),
            asks="0" if on else "1",
            slug=slug,
            pressed="true" if on else "false",
            label=says % {"name": name},
            icon="icon icon-solid" if on else "icon",
            **shared,
        )

    return one


def _link(here: str, icons: SafeString) -> Draw:
    url = conditional_escape(f"{reverse('account_login')}?{urlencode({'next': here})}")
    says = _("Sign in to keep %(name)s as a favourite")

    def one(_slug: str, name: str, _on: bool) -> SafeString:
        return format_html(_LINK, url=url, label=says % {"name": name}, icons=icons)

    return one

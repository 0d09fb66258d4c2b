"""The button that marks an expert as a favourite. Lists are kept as they are for everybody, and get it put in last."""

import re
from collections.abc import Iterable

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

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


def draw(request: HttpRequest, *, slug: str, name: str, on: bool, here: str) -> SafeString:
    """It posts what it asks for, so that two clicks are one; `here` is the page to come back to."""
    return _draw(_token(request), slug, name, on, here)


def _token(request: HttpRequest) -> str:
    """Of the forms of somebody signed in; a visitor has none. One for all: to make it costs more than to draw."""
    return get_token(request) if request.user.is_authenticated else ""


def _draw(token: str, slug: str, name: str, on: bool, here: str) -> SafeString:
    icons = static("img/icons.svg")
    if not token:
        url = f"{reverse('account_login')}?{urlencode({'next': here})}"
        label = _("Sign in to keep %(name)s as a favourite") % {"name": name}
        return format_html(_LINK, url=url, label=label, icons=icons)
    return format_html(
        _FORM,
        url=reverse("experts:favourite", args=[slug]),
        token=token,
        here=here,
        asks="0" if on else "1",
        slug=slug,
        pressed="true" if on else "false",
        label=_("Favourite: %(name)s") % {"name": name},
        icon="icon icon-solid" if on else "icon",
        icons=icons,
    )


def put_in(content: str, cards: Iterable[Card], request: HttpRequest) -> SafeString:
    by_key = {card.pk: card for card in cards}
    liked = favourites.among(request.user, list(by_key))
    here, token = request.get_full_path(), _token(request)

    def heart(place: re.Match[str]) -> str:
        card = by_key[int(place[1])]
        return _draw(token, card.slug, card.name, card.pk in liked, here)

    # Rendered by a template: what it holds is escaped already.
    return mark_safe(PLACE.sub(heart, content))  # noqa: S308

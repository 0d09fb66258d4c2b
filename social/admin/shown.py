"""What the screens share."""

from collections.abc import Iterable
from decimal import Decimal

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.staff import link_to, reader_may
from markets import moments
from social.models import Author, Campaign, Post

OUT = '<a href="{}" class="staff-link" rel="noopener noreferrer nofollow" target="_blank">{}</a>'
BAND_COLOURS = {"high": "success", "medium": "info", "low": "default"}


def posts(found: Iterable[Post]) -> SafeString:
    """Each with its author, time, metrics and the way to it."""
    return paragraphs("{}", ((quote(post),) for post in found)) or format_html("{}", _("none"))


def paragraphs(pattern: str, lines: Iterable[tuple[object, ...]]) -> SafeString:
    """Of each line one, with space between them; "" where there is none."""
    joined = format_html_join("", f"<p>{pattern}</p>", lines)
    return format_html('<div class="staff-text">{}</div>', joined) if joined else joined


def quote(post: Post) -> SafeString:
    at = f"{moments.moment(post.posted_at, 'UTC')} (UTC)"
    link = format_html(OUT, post.url, at)
    figures = _("%(likes)s likes, %(reposts)s reposts, %(views)s views") % {
        "likes": number_format(post.likes, force_grouping=True),
        "reposts": number_format(post.reposts, force_grouping=True),
        "views": known(post.views),
    }
    text = Truncator(post.text).chars(400)
    return format_html("<b>{}</b>, {}<br>{}<br><small>{}</small>", post.author, link, text, figures)


def made_of(campaigns: Iterable[Campaign], **source: int) -> SafeString | str:
    """The campaigns there are, and *create campaign* with the form filled in for who may."""
    found = list(map(link_to, campaigns))
    if reader_may("social.add_campaign"):
        url = reverse("admin:social_campaign_add", query=source)
        found.append(format_html('<a href="{}" class="staff-link">{}</a>', url, _("Create campaign")))
    return format_html_join(" · ", "{}", ((one,) for one in found)) or "–"


def profile(author: Author) -> SafeString:
    return format_html(OUT, author.url, str(author))


def known(value: int | Decimal | None) -> str:
    """A figure, or that nobody knows it."""
    return _("unknown") if value is None else number_format(value, force_grouping=True)

"""What travelers and experts see of trends: those that are valid and that staff have approved, with sources and dates.

One query a public page, whose rows are all that is shown: they are the key of the kept part too, so that a trend that
fades, is rejected, or loses a post, is gone with the next view.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Window
from django.db.models.functions import Extract, Greatest, JSONObject, Now, RowNumber
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from accounts import fragments
from accounts.compiled import CompiledQuery, Parameter
from experts.models import Expert
from markets.models import Market
from social.models import Trend, TrendPost
from social.models.posts import post_url
from social.posts import WEEK

ON_HOME, OF_A_MARKET, SOURCES = 6, 5, 3
FIELDS = ["topic", "kind", "mentions", "first_seen", "last_seen", "market__name", "market__slug"]
FOR_EXPERTS = ["opportunity", "opportunity_reason", "pain_points", "seasonal"]


@dataclass(frozen=True)
class Source:
    """A stored post that mentions the trend."""

    handle: str
    url: str
    day: date


@dataclass(frozen=True)
class Shown:
    topic: str
    kind: str
    mentions: int
    since: date
    until: date
    city: str
    slug: str
    sources: list[Source]
    opportunity: str = ""
    reason: str = ""
    pains: Sequence[dict[str, Any]] = ()
    seasonal: str = ""


def _approved() -> QuerySet[Any]:
    """As Trend.objects.approved and Trend.strength say, by the database's clock, which CompiledQuery needs."""
    strength = F("mentions") * Extract(F("valid_until") - Greatest(Now(), F("last_seen")), "epoch")
    found: QuerySet[Any] = Trend.objects.standing().filter(
        valid_until__gt=Now(), state=Trend.State.APPROVED, market__status=Market.Status.ACTIVE, mentions__gt=0
    )
    return found.annotate(strong=strength, sources=ArraySubquery(_sources()))


def _sources() -> QuerySet[Any, Any]:
    """Of the seven days in which mentions are counted: those cited first, then those that many people saw."""
    posts = TrendPost.objects.filter(trend=OuterRef("pk"), post__posted_at__gte=Now() - WEEK)
    best = posts.order_by("-example", "-post__likes", "post")
    one = JSONObject(id="post__external_id", handle="post__author__handle", at="post__posted_at")
    return best.values_list(one)[:SOURCES]


def _on_home() -> QuerySet[Any, Any]:
    """The strongest of each market, the strongest first."""
    place = Window(RowNumber(), partition_by="market", order_by=[F("strong").desc(), F("pk").asc()])
    first = _approved().annotate(place=place).filter(place=1)
    return first.order_by(F("strong").desc(), "pk").values_list(*FIELDS, "sources")[:ON_HOME]


def _of_market() -> QuerySet[Any, Any]:
    here = _approved().filter(market=Parameter("market"))
    return here.order_by(F("strong").desc(), "pk").values_list(*FIELDS, "sources", *FOR_EXPERTS)[:OF_A_MARKET]


HOME = CompiledQuery(_on_home)
OF_MARKET = CompiledQuery(_of_market)


def on_home() -> list[Any]:
    """Rows, to be a key and to be read by `shown`."""
    return HOME.rows()


def shown(rows: Sequence[Any]) -> list[Shown]:
    return [_one(*row) for row in rows]


def _one(
    topic: str,
    kind: str,
    mentions: int,
    first: datetime,
    last: datetime,
    city: str,
    slug: str,
    sources: Sequence[dict[str, str]],
    opportunity: str = "",
    reason: str = "",
    pains: Sequence[dict[str, Any]] = (),
    seasonal: str = "",
) -> Shown:
    return Shown(
        topic.lstrip("#"),
        str(Trend.Kind(kind).label),
        mentions,
        first.date(),
        last.date(),
        city,
        slug,
        [_source(one) for one in sources],
        str(Trend.Opportunity(opportunity).label) if opportunity else "",
        reason,
        pains,
        seasonal,
    )


def _source(one: dict[str, str]) -> Source:
    return Source(one["handle"], post_url(one["handle"], one["id"]), datetime.fromisoformat(one["at"]).date())


# Sections of pages of lower parts


def of_city(market: Market) -> tuple[object, Any]:
    """For experts.finding: a key, and what writes the section where it is not kept."""
    rows = OF_MARKET.rows(market=market.pk)
    return rows, lambda: render_to_string(
        "social/_trending.html", {"trends": shown(rows), "city": market.name}
    )


def demand(expert: Expert) -> SafeString:
    """For the expert's dashboard: what their city talks about, and the way to offering something for it.

    The same for all experts of a city, and kept for a minute without asking: the page has no query to spare.
    """
    return mark_safe(fragments.kept("demand", expert.market_id, lambda: _demand(expert.market_id)))  # noqa: S308  # a rendered template


def _demand(market: int) -> str:
    rows = OF_MARKET.rows(market=market)
    lines = [(one, service(one.topic), assistant(one.topic)) for one in shown(rows)]
    return render_to_string("social/_demand.html", {"lines": lines})


def service(topic: str) -> str:
    """The form of a new service with its title filled in."""
    return f"{reverse('experts:service_create')}?{urlencode({'title': topic})}"


def assistant(topic: str) -> str:
    """The content assistant's tool for services, told what guests come for."""
    return f"{reverse('assistant:create', args=['service'])}?{urlencode({'moment': topic})}"

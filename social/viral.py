"""Viral moments: posts of the past 48 hours that many people see, each found once and told once.

A post is one with more than 1,000 likes, or more than 100 reposts, or where two of its measurements at most six hours
apart show three times the likes, beginning with fifty at least.
"""

from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from markets.models import Market
from social import alerts
from social.models import Post, PostSample, ViralMoment
from social.models.posts import GROWTH, GROWTH_FROM, GROWTH_TIME, VIRAL_AGE, VIRAL_LIKES, VIRAL_REPOSTS

Reason = ViralMoment.Reason


def find(market: Market, now: datetime) -> list[ViralMoment]:
    """In a transaction. A post that another market was first with is not found again."""
    young = Post.objects.filter(
        sightings__market=market,
        sightings__posted_at__gte=now - VIRAL_AGE,
        posted_at__gte=now - VIRAL_AGE,
        viral=None,
    ).select_related("author")
    grown = _grown(young)
    moments: dict[str, ViralMoment] = {}
    for post in young.filter(
        Q(likes__gt=VIRAL_LIKES) | Q(reposts__gt=VIRAL_REPOSTS) | Q(pk__in=list(grown))
    ).order_by("pk"):
        moments[post.external_id] = _moment(post, market, grown.get(post.pk, 0), now)
    ViralMoment.objects.bulk_create(moments.values(), ignore_conflicts=True)
    # Of two rounds at once one has its row; the other's alert has the same key.
    found = list(
        ViralMoment.objects.filter(market=market, post__external_id__in=list(moments)).select_related(
            "post__author", "market"
        )
    )
    alerts.tell_viral(found)
    return found


def _grown(young: "QuerySet[Post]") -> dict[int, int]:
    """How many likes those that grew fast had at the end of it."""
    before = PostSample.objects.filter(
        post=OuterRef("post"),
        at__lt=OuterRef("at"),
        at__gte=OuterRef("at") - GROWTH_TIME,
        likes__gte=GROWTH_FROM,
    ).annotate(goal=F("likes") * GROWTH)
    fast = PostSample.objects.filter(
        Exists(before.filter(goal__lte=OuterRef("likes"))), post__in=young.order_by().values("pk")
    )
    return dict(fast.values("post").annotate(most=Max("likes")).values_list("post", "most"))


def _moment(post: Post, market: Market, grown_to: int, now: datetime) -> ViralMoment:
    likes = post.likes
    if likes > VIRAL_LIKES:
        reason = Reason.LIKES
    elif post.reposts > VIRAL_REPOSTS:
        reason = Reason.REPOSTS
    else:
        reason, likes = Reason.GROWTH, max(likes, grown_to)
    return ViralMoment(
        post=post,
        market=market,
        reason=reason,
        likes=likes,
        reposts=post.reposts,
        views=post.views,
        found_at=now,
    )

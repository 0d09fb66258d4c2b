"""Makers of what monitoring holds."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from social.fingerprints import number
from social.models import (
    Alert,
    AlertRead,
    Author,
    Campaign,
    Contact,
    Idea,
    IdeaRound,
    Lead,
    Monitor,
    Outreach,
    Post,
    PostDraft,
    Run,
    Sighting,
    SlackPress,
    SlackUser,
    SocialSettings,
    Spending,
    Trend,
    ViralMoment,
)
from social.models.content import REST
from social.models.leads import SILENCE
from social.models.trends import VALID
from tests.factories import make_market, make_user, numbers


def make_author(handle="", **fields):
    known = {"followers": 12_000, "following": 300, "name": "Aiko"}
    return Author.objects.create(handle=handle or f"writer_{next(numbers)}", **known | fields)


def make_post(market, author=None, *, text="The gardens of Kyoto in the morning.", hours=3.0, **fields):
    """Written so many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    given = {"external_id": f"{10**18 + next(numbers)}", "language": "en", "source": "x", "posted_at": at}
    post = Post.objects.create(
        author=author or make_author(), text=text, **given | {"measured_at": timezone.now()} | fields
    )
    Sighting.objects.create(market=market, post=post, posted_at=post.posted_at)
    return post


def make_trend(market, topic="Moss gardens", *, posts=(), **fields):
    now = timezone.now()
    given = {
        "key": topic.casefold(),
        "sentiment": "positive",
        "sentiment_score": 40,
        "opportunity": "high",
        "origin": "model",
        "mentions": len(posts),
        "first_seen": now,
        "last_seen": now,
        "valid_until": now + VALID,
    }
    trend = Trend.objects.create(market=market, topic=topic, **given | fields)
    for post in posts:
        trend.mentioned.create(post=post)
    return trend


def make_run(market, **fields):
    now = timezone.now()
    given = {"slot": now, "since": now - timedelta(days=7), "until": now}
    return Run.objects.create(market=market, **given | fields)


def make_lead(market, author=None, **fields):
    given = {
        "followers": 12_000,
        "engagement": 4,
        "fit": "high",
        "high_potential": True,
        "origin": "model",
        "why": "Writes about the city every week.",
    }
    return Lead.objects.create(market=market, author=author or make_author(), **given | fields)


def make_outreach(lead, **fields):
    given = {
        "value_reach": 480,
        "value_bookings": 500,
        "value_content": 200,
        "value": 1180,
        "due_at": timezone.now() + timedelta(days=3),
    }
    return Outreach.objects.create(lead=lead, **given | fields)


def make_contact(lead, **fields):
    now = timezone.now()
    given = {"person": number(lead.handle), "handle": lead.handle, "at": now, "until": now + SILENCE}
    return Contact.objects.create(**given | {"kind": "message"} | fields)


def make_idea(market, title="Three gardens before breakfast", **fields):
    today = timezone.now().date()
    given: dict[str, Any] = {
        "channel": "reel",
        "hook": "Nobody is there at six.",
        "origin": "model",
        "outline": ["Six o’clock."],
    }
    given |= {"made_on": today, "rests_until": today + REST, "subject": number(title.casefold())}
    return Idea.objects.create(market=market, title=title, **given | fields)


def make_social(staff=None):
    """One more row of every model of the app."""
    staff = staff or make_user(is_staff=True)
    market, now = make_market(), timezone.now()
    SocialSettings.load()
    Monitor.objects.create(market=market, hashtags=["#Kyoto"], accounts=["kyoto_gardens"])
    author = make_author()
    post = make_post(market, author, likes=1500, reposts=20, views=90_000)
    post.samples.create(at=now, likes=1500, reposts=20, replies=0, views=90_000)
    viral = ViralMoment.objects.create(
        post=post, market=market, reason="likes", likes=1500, reposts=20, views=90_000
    )
    trend = make_trend(
        market, posts=[post], pain_points=[{"text": "Full at noon", "help": "Go at six", "posts": 1}]
    )
    trend.samples.create(day=now.date(), mentions=1, sentiment_score=40)
    make_trend(market, "Gardens of moss", merged_into=trend)
    make_run(market, drops=[{"what": "trend", "why": "no_such_post", "text": "P99"}], dropped=1)
    Spending.objects.create(market=market, at=now, what="reading", usd=1)
    lead = make_lead(market, author)
    lead.evidence.add(post)
    lead.samples.create(day=now.date(), followers=12_000, engagement=4, posts_counted=4)
    outreach = make_outreach(
        lead, state="sent", text="Hello.", approved_by=staff, approved_at=now, sent_at=now, grounded_on=post
    )
    make_contact(lead, outreach=outreach, by=staff)
    SlackPress.objects.create(
        signature=f"v0={next(numbers)}", slack_id="U7", act="approve", outreach=outreach
    )
    idea = make_idea(market, trend=trend)
    IdeaRound.objects.create(market=market, asked_by=staff, drops=[], made=1)
    campaign = Campaign.objects.create(
        market=market, name="Mornings", brief="Gardens.", channel="reel", owner=staff, idea=idea,
        trend=trend, viral=viral, starts_on=now.date(), ends_on=now.date(),
    )  # fmt: skip
    PostDraft.objects.create(idea=idea, campaign=campaign, channel="reel", text="Six o’clock.")
    alert = Alert.objects.create(
        key=f"viral-{post.pk}", kind="social", event="viral", market=market, url="/admin/"
    )
    AlertRead.objects.create(alert=alert, user=staff)
    SlackUser.objects.get_or_create(user=staff, defaults={"slack_id": f"U{staff.pk}"})
    return market

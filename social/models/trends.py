from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from markets.models import Market
from social.models.posts import Post

VALID = timedelta(days=14)
# Between these scores a sentiment is neutral.
FEELING = 20


class TrendQuerySet(models.QuerySet["Trend"]):
    def standing(self) -> "TrendQuerySet":
        """Those that were merged into no other."""
        return self.filter(merged_into=None)

    def valid(self, now: datetime) -> "TrendQuerySet":
        return self.standing().filter(valid_until__gt=now).exclude(state=Trend.State.REJECTED)

    def approved(self, now: datetime) -> "TrendQuerySet":
        """What travelers may see."""
        return self.valid(now).filter(state=Trend.State.APPROVED)


class Trend(models.Model):
    """What people talk about in a market: counted posts, and what a model makes of them. social.trends keeps it."""

    class Kind(models.TextChoices):
        RESTAURANT = "restaurant", _("restaurant")
        ACTIVITY = "activity", _("activity")
        ATTRACTION = "attraction", _("attraction")
        NEIGHBOURHOOD = "neighbourhood", _("neighbourhood")
        EVENT = "event", _("event")
        OTHER = "other", _("other")

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", _("positive")
        NEUTRAL = "neutral", _("neutral")
        NEGATIVE = "negative", _("negative")

    class Opportunity(models.TextChoices):
        HIGH = "high", _("high")
        MEDIUM = "medium", _("medium")
        LOW = "low", _("low")

    class State(models.TextChoices):
        FOUND = "found", _("to review")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    class Origin(models.TextChoices):
        MODEL = "model", _("worded by a model")
        COUNTED = "counted", _("counted without a model")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.FOUND: [State.APPROVED, State.REJECTED],
        State.APPROVED: [State.REJECTED],
        State.REJECTED: [State.APPROVED],
    }

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="trends", verbose_name=_("market"), db_index=False
    )
    topic = models.CharField(_("topic"), max_length=120)
    key = models.CharField(_("key"), max_length=120)  # social.topics.key: equal for the same words
    words = models.JSONField(_("counted by these words"), default=list, blank=True)
    kind = models.CharField(_("kind"), max_length=13, choices=Kind, default=Kind.OTHER)
    sentiment = models.CharField(_("sentiment"), max_length=8, choices=Sentiment)
    sentiment_score = models.SmallIntegerField(_("sentiment, −100 to 100"))
    opportunity = models.CharField(_("opportunity"), max_length=6, choices=Opportunity)
    opportunity_reason = models.TextField(_("why"), max_length=600, blank=True)
    # A list of {"text", "help", "posts"}: what is complained about, how to help, in how many of the posts.
    pain_points = models.JSONField(_("pain points"), default=list, blank=True)
    seasonal = models.TextField(_("seasonal notes"), max_length=600, blank=True)
    # What later rounds say in place of words that were approved, by field; empty where nothing differs.
    newer = models.JSONField(_("newer words"), default=dict, blank=True)
    origin = models.CharField(_("origin"), max_length=7, choices=Origin)
    # Counted by code over stored posts of seven days, those of merged trends included; and what the model believes.
    mentions = models.PositiveIntegerField(_("mentions"), default=0)
    estimate = models.PositiveIntegerField(_("the model's estimate"), null=True, blank=True)
    first_seen = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen = models.DateTimeField(_("last seen"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.FOUND)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("part of"),
    )
    # Staff split it off: no round merges it again.
    kept_apart = models.BooleanField(_("kept apart"), default=False)
    posts = models.ManyToManyField(Post, through="TrendPost", related_name="trends")

    objects = TrendQuerySet.as_manager()

    class Meta:
        verbose_name = _("trend")
        verbose_name_plural = _("trends")
        permissions = [("decide_trend", "Can approve, merge and split trends")]
        constraints = [
            models.UniqueConstraint(fields=["market", "key"], name="trend_key"),
            models.CheckConstraint(
                condition=Q(sentiment="positive", sentiment_score__range=(FEELING, 100))
                | Q(sentiment="neutral", sentiment_score__range=(1 - FEELING, FEELING - 1))
                | Q(sentiment="negative", sentiment_score__range=(-100, -FEELING)),
                name="trend_sentiment",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (~Q(merged_into=F("id")) & Q(kept_apart=False)),
                name="trend_merged",
            ),
            models.CheckConstraint(
                condition=Q(state="found", decided_at=None)
                | Q(state__in=["approved", "rejected"], decided_at__isnull=False),
                name="trend_decided",
            ),
            models.CheckConstraint(
                condition=Q(last_seen__gte=F("first_seen"), valid_until__gt=F("last_seen"))
                & Q(valid_until__lte=F("last_seen") + VALID),
                name="trend_valid",
            ),
        ]
        indexes = [models.Index(fields=["market", "-last_seen"], name="trend_newest")]

    def __str__(self) -> str:
        return self.topic

    def strength(self, now: datetime) -> float:
        """The mentions, fading to nothing over the fourteen days after it was last seen."""
        left = (self.valid_until - max(now, self.last_seen)) / VALID
        return self.mentions * max(0.0, min(1.0, left))

    def reword(self, **words: Any) -> None:
        """What was approved was read by a person and stays; what differs from it waits beside it."""
        if self.state == self.State.APPROVED:
            self.newer = {name: said for name, said in words.items() if said != getattr(self, name)}
        else:
            self.take_words(words)

    def take_words(self, words: Mapping[str, Any]) -> None:
        for name, said in words.items():
            setattr(self, name, said)
        self.newer = {}


def sentiment_of(score: int) -> Trend.Sentiment:
    if score >= FEELING:
        return Trend.Sentiment.POSITIVE
    return Trend.Sentiment.NEGATIVE if score <= -FEELING else Trend.Sentiment.NEUTRAL


class TrendPost(models.Model):
    """A stored post that mentions the trend. Examples are those that a model cited."""

    trend = models.ForeignKey(
        Trend, on_delete=models.CASCADE, related_name="mentioned", db_index=False, verbose_name=_("trend")
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="mentions", verbose_name=_("post"))
    example = models.BooleanField(_("example"), default=False)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["trend", "post"], name="trend_post_unique")]


class TrendSample(models.Model):
    """What a trend counted on a day, UTC: its last round of that day."""

    trend = models.ForeignKey(
        Trend, on_delete=models.CASCADE, related_name="samples", db_index=False, verbose_name=_("trend")
    )
    day = models.DateField(_("day"))
    mentions = models.PositiveIntegerField(_("mentions"))
    sentiment_score = models.SmallIntegerField(_("sentiment, −100 to 100"))

    class Meta:
        verbose_name = _("trend's day")
        verbose_name_plural = _("trend's days")
        constraints = [models.UniqueConstraint(fields=["trend", "day"], name="trend_sample_unique")]

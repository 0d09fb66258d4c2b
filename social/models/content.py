from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from markets.models import Market
from social.models.leads import only
from social.models.posts import Post, ViralMoment
from social.models.trends import Trend

# No idea comes back within this time.
REST = timedelta(days=60)


class Channel(models.TextChoices):
    REEL = "reel", _("Instagram reel")
    TIKTOK = "tiktok", _("TikTok")
    BLOG = "blog", _("blog")
    THREAD = "thread", _("X thread")
    SHORT = "short", _("YouTube short")


class Idea(models.Model):
    """Something to publish about a market, and what it stands on."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        USED = "used", _("used")
        REJECTED = "rejected", _("rejected")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.OPEN: [State.USED, State.REJECTED],
        State.USED: [],
        State.REJECTED: [State.OPEN],
    }

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="content_ideas", verbose_name=_("market")
    )
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    title = models.CharField(_("title"), max_length=160)
    # social.fingerprints of social.topics.key of the title.
    subject = models.BigIntegerField(_("subject"))
    hook = models.CharField(_("hook"), max_length=300)
    outline = models.JSONField(_("outline"), default=list)
    trend = models.ForeignKey(
        Trend, on_delete=models.SET_NULL, null=True, blank=True, related_name="ideas", verbose_name=_("trend")
    )
    posts = models.ManyToManyField(Post, related_name="ideas", blank=True, verbose_name=_("posts"))
    origin = models.CharField(_("origin"), max_length=7, choices=Trend.Origin)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    made_on = models.DateField(_("made on"))
    rests_until = models.DateField(_("not again before"))

    class Meta:
        verbose_name = _("content idea")
        verbose_name_plural = _("content ideas")
        permissions = [("decide_idea", "Can use and reject content ideas")]
        constraints = [
            ExclusionConstraint(
                name="idea_not_repeated",
                expressions=[
                    (only("market"), RangeOperators.OVERLAPS),
                    (only("subject"), RangeOperators.OVERLAPS),
                    (
                        Func("made_on", "rests_until", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(rests_until__gte=Cast(F("made_on") + REST, models.DateField())), name="idea_rest"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class IdeaRound(models.Model):
    """Ideas written for a market at one time: what it cost and what was dropped. social.ideas begins and ends it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.WAITING: [State.DONE, State.FAILED],
        State.DONE: [],
        State.FAILED: [],
    }
    EVERY = timedelta(days=7)

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="idea_rounds", verbose_name=_("market"), db_index=False
    )
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    # Empty: the week was over.
    asked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    cost = models.DecimalField(_("cost (USD)"), max_digits=12, decimal_places=6, default=Decimal(0))
    made = models.PositiveSmallIntegerField(_("ideas"), default=0)
    dropped = models.PositiveIntegerField(_("claims dropped"), default=0)
    drops = models.JSONField(_("dropped"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("round of ideas")
        verbose_name_plural = _("rounds of ideas")
        constraints = [
            models.UniqueConstraint(
                fields=["market"], condition=Q(state="waiting"), name="idea_round_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at=None)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="idea_round_finished",
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="idea_round_cost"),
        ]
        indexes = [models.Index(fields=["market", "-asked_at"], name="idea_round_of_market")]

    def __str__(self) -> str:
        return f"{self.market} {self.asked_at:%Y-%m-%d %H:%M}"


class Campaign(models.Model):
    """Something that is published on a channel in a time, by somebody who answers for it."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.PLANNED: [State.RUNNING, State.CANCELLED],
        State.RUNNING: [State.DONE, State.CANCELLED],
        State.DONE: [],
        State.CANCELLED: [],
    }

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="campaigns", verbose_name=_("market")
    )
    name = models.CharField(_("name"), max_length=160)
    brief = models.TextField(_("brief"), max_length=4000)
    audience = models.CharField(_("audience"), max_length=300, blank=True)
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    budget = models.DecimalField(_("budget"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("owner")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PLANNED)
    results = models.JSONField(_("results"), default=dict, blank=True)
    idea = models.ForeignKey(
        Idea,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("idea"),
    )
    trend = models.ForeignKey(
        Trend,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("trend"),
    )
    viral = models.ForeignKey(
        ViralMoment,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("viral moment"),
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="campaign_days"),
            models.CheckConstraint(
                condition=Q(budget__gte=0, currency__regex=r"^[A-Z]{3}$"), name="campaign_budget"
            ),
        ]
        indexes = [models.Index(fields=["starts_on"], name="campaign_starts")]

    def __str__(self) -> str:
        return self.name


class PostDraft(models.Model):
    """An idea as a text for one channel. Nothing publishes it but a person."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        READY = "ready", _("ready")
        PUBLISHED = "published", _("published")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.DRAFT: [State.READY],
        State.READY: [State.DRAFT, State.PUBLISHED],
        State.PUBLISHED: [],
    }

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="drafts", verbose_name=_("idea"))
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name=_("campaign"),
    )
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    text = models.TextField(_("text"), max_length=20_000)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    planned_for = models.DateTimeField(_("planned for"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    edited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("edited by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("post draft")
        verbose_name_plural = _("post drafts")
        constraints = [
            models.UniqueConstraint(fields=["idea", "channel"], name="post_draft_unique"),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
                name="post_draft_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idea} ({self.get_channel_display()})"

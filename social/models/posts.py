from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from markets.models import Market

LONGEST_TEXT = 4000
# A viral moment is a young post with more likes than this, or more reposts, or with so many times the likes (from so
# many on) within so long a time.
VIRAL_AGE = timedelta(hours=48)
VIRAL_LIKES, VIRAL_REPOSTS = 1_000, 100
GROWTH, GROWTH_FROM, GROWTH_TIME = 3, 50, timedelta(hours=6)


def post_url(handle: str, external_id: str) -> str:
    """Where the network shows it."""
    return f"https://x.com/{handle}/status/{external_id}"


class Author(models.Model):
    """Whoever wrote a post, as the network last showed them. What is unknown is null, never zero."""

    handle = models.CharField(_("handle"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    bio = models.TextField(_("bio"), max_length=1000, blank=True)
    followers = models.PositiveIntegerField(_("followers"), null=True, blank=True)
    following = models.PositiveIntegerField(_("following"), null=True, blank=True)
    since = models.DateField(_("joined"), null=True, blank=True)
    # Whether the followers are as a source counts them, and not as a model told.
    is_measured = models.BooleanField(default=False, editable=False)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        constraints = [
            models.CheckConstraint(condition=Q(handle__regex=r"^[a-z0-9_]+$"), name="author_handle"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def url(self) -> str:
        return f"https://x.com/{self.handle}"


class Post(models.Model):
    """Stored once, however many rounds and markets meet it. Its metrics are those last seen."""

    class Source(models.TextChoices):
        X_API = "x", _("X")
        MODEL = "model", _("found by a model, cited")
        FILE = "file", _("file")

    external_id = models.CharField(_("id"), max_length=64, unique=True)
    author = models.ForeignKey(
        Author, on_delete=models.CASCADE, related_name="posts", verbose_name=_("author")
    )
    text = models.TextField(_("text"), max_length=LONGEST_TEXT)
    language = models.CharField(_("language"), max_length=8, blank=True)
    posted_at = models.DateTimeField(_("posted"))
    source = models.CharField(_("source"), max_length=5, choices=Source)
    likes = models.PositiveIntegerField(_("likes"), default=0)
    reposts = models.PositiveIntegerField(_("reposts"), default=0)
    replies = models.PositiveIntegerField(_("replies"), default=0)
    views = models.PositiveBigIntegerField(_("views"), null=True, blank=True)
    measured_at = models.DateTimeField(_("measured"))
    # When its numbers were last asked for, whether or not the network still knew it.
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    markets = models.ManyToManyField(Market, through="Sighting", related_name="social_posts")

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.CheckConstraint(condition=Q(external_id__regex=r"^[A-Za-z0-9_-]+$"), name="post_id"),
            models.CheckConstraint(condition=Q(source__in=["x", "model", "file"]), name="post_source"),
        ]
        indexes = [models.Index(fields=["-posted_at"], name="post_newest")]

    def __str__(self) -> str:
        return self.external_id

    @property
    def url(self) -> str:
        return post_url(self.author.handle, self.external_id)

    @property
    def interactions(self) -> int:
        return self.likes + self.reposts + self.replies


class Sighting(models.Model):
    """A post that a market's accounts or hashtags brought up. Its time is the post's: one index serves a week."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, db_index=False, verbose_name=_("market"))
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="sightings", verbose_name=_("post"))
    posted_at = models.DateTimeField(_("posted"))

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        constraints = [models.UniqueConstraint(fields=["market", "post"], name="sighting_unique")]
        indexes = [models.Index(fields=["market", "posted_at"], name="sighting_of_market")]


class PostSample(models.Model):
    """What a post counted at a moment. Written where something had changed, and for the last moment before."""

    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="samples", db_index=False, verbose_name=_("post")
    )
    at = models.DateTimeField(_("at"))
    likes = models.PositiveIntegerField(_("likes"))
    reposts = models.PositiveIntegerField(_("reposts"))
    replies = models.PositiveIntegerField(_("replies"))
    views = models.PositiveBigIntegerField(_("views"), null=True, blank=True)

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        constraints = [models.UniqueConstraint(fields=["post", "at"], name="post_sample_unique")]


class ViralMoment(models.Model):
    """A post that many people see just now, found once. The figures are those of that moment."""

    class Reason(models.TextChoices):
        LIKES = "likes", _("more than 1,000 likes")
        REPOSTS = "reposts", _("more than 100 reposts")
        GROWTH = "growth", _("three times the likes within six hours")

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="viral", verbose_name=_("post"))
    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="viral_moments", verbose_name=_("market")
    )
    reason = models.CharField(_("why"), max_length=7, choices=Reason)
    likes = models.PositiveIntegerField(_("likes"))
    reposts = models.PositiveIntegerField(_("reposts"))
    views = models.PositiveBigIntegerField(_("views"), null=True, blank=True)
    found_at = models.DateTimeField(_("found"), default=timezone.now)

    class Meta:
        verbose_name = _("viral moment")
        verbose_name_plural = _("viral moments")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="likes", likes__gt=VIRAL_LIKES)
                | Q(reason="reposts", reposts__gt=VIRAL_REPOSTS)
                | Q(reason="growth", likes__gte=GROWTH * GROWTH_FROM),
                name="viral_reason",
            ),
        ]
        indexes = [models.Index(fields=["market", "-found_at"], name="viral_of_market")]

    def __str__(self) -> str:
        return f"{self.post.author}: {Truncator(self.post.text).chars(60)}"

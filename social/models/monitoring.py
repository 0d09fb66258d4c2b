from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from markets.models import Market


def midnight(now: datetime) -> datetime:
    """At which this day began; days of money and of messages are those of UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


SHORTEST, LONGEST = 5, 24 * 60  # minutes between two rounds
# Multiples of it lie evenly between two whole numbers, however many there are.
GOLDEN = (5**0.5 - 1) / 2

is_handle = RegexValidator(r"^[A-Za-z0-9_]{1,30}\Z", _("A handle has letters, digits and _ alone, no @."))
is_hour = MaxValueValidator(23, _("An hour is a number from 0 to 23."))
is_hashtag = RegexValidator(r"^#\w{1,60}\Z", _("A hashtag is written as #Kyoto."))


class SocialSettings(models.Model):
    """One row: what holds for all markets."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    stopped = models.BooleanField(
        _("sending is stopped"),
        default=False,
        help_text=_("While it is on, no message leaves, approved or not."),
    )
    daily_cap = models.PositiveSmallIntegerField(
        _("messages a day"), default=20, help_text=_("Over all markets, in a day of UTC.")
    )
    quiet_from = models.PositiveSmallIntegerField(
        _("quiet from (hour)"),
        default=21,
        validators=[is_hour],
        help_text=_("By the clock of whoever is written to."),
    )
    quiet_until = models.PositiveSmallIntegerField(_("quiet until (hour)"), default=9, validators=[is_hour])

    class Meta:
        verbose_name = _("rule of sending")
        verbose_name_plural = _("sending rules")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="social_settings_one_row"),
            models.CheckConstraint(
                condition=Q(quiet_from__lt=24, quiet_until__lt=24), name="social_settings_hours"
            ),
        ]

    def __str__(self) -> str:
        return str(_("Sending rules"))

    @classmethod
    def load(cls) -> "SocialSettings":
        return cls.objects.get_or_create(pk=1)[0]


class MonitorQuerySet(models.QuerySet["Monitor"]):
    def running(self) -> "MonitorQuerySet":
        return self.filter(paused=False, market__status=Market.Status.ACTIVE)


class Monitor(models.Model):
    """What is listened to about a market, how often and for how much."""

    market = models.OneToOneField(
        Market, on_delete=models.CASCADE, related_name="monitor", verbose_name=_("market")
    )
    accounts = ArrayField(
        models.CharField(max_length=30, validators=[is_handle]),
        verbose_name=_("accounts"),
        default=list,
        blank=True,
        size=50,
        help_text=_("Handles without @, separated by commas."),
    )
    hashtags = ArrayField(
        models.CharField(max_length=61, validators=[is_hashtag]),
        verbose_name=_("hashtags"),
        default=list,
        blank=True,
        size=50,
        help_text=_("With #, separated by commas."),
    )
    paused = models.BooleanField(_("paused"), default=False)
    interval = models.PositiveSmallIntegerField(
        _("minutes between rounds"),
        default=30,
        validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)],
    )
    cost_cap = models.DecimalField(
        _("daily budget (USD)"),
        max_digits=8,
        decimal_places=2,
        default=Decimal(5),
        validators=[MinValueValidator(Decimal(0))],
    )
    last_run_at = models.DateTimeField(_("last round"), null=True, blank=True)
    # Posts that came since trends and leads were last looked for.
    unread = models.PositiveIntegerField(default=0, editable=False)

    objects = MonitorQuerySet.as_manager()

    class Meta:
        verbose_name = _("watched market")
        verbose_name_plural = _("watched markets")
        constraints = [
            models.CheckConstraint(condition=Q(interval__range=(SHORTEST, LONGEST)), name="monitor_interval"),
            models.CheckConstraint(condition=Q(cost_cap__gte=0), name="monitor_cost_cap"),
        ]

    def __str__(self) -> str:
        return str(self.market)

    def slot(self, now: datetime) -> datetime:
        """The start of the round that is due at this moment; markets start one after the other within the interval."""
        step = self.interval * 60
        offset = int(self.market_id * GOLDEN % 1 * step)
        seconds = int(now.timestamp())
        return datetime.fromtimestamp(seconds - (seconds - offset) % step, tz=UTC)


class RunQuerySet(models.QuerySet["Run"]):
    def open(self) -> "RunQuerySet":
        return self.filter(state__in=Run.OPEN)


class Run(models.Model):
    """One round of a market: what was read, what came of it, what it cost. social.rounds begins and moves it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        READ = "read", _("posts read")
        DONE = "done", _("done")
        SKIPPED = "skipped", _("skipped")
        FAILED = "failed", _("failed")

    OPEN: ClassVar[list[str]] = [State.QUEUED, State.READ]
    MOVES: ClassVar[dict[str, list[str]]] = {
        State.QUEUED: [State.READ, State.SKIPPED, State.FAILED],
        State.READ: [State.DONE, State.FAILED],
        State.DONE: [],
        State.SKIPPED: [],
        State.FAILED: [],
    }

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="social_runs", verbose_name=_("market"), db_index=False
    )
    slot = models.DateTimeField(_("due at"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    source = models.CharField(_("source"), max_length=8, blank=True)
    # What it covers. Where `complete` is false only what is newer than `gap_until` was read, or nothing.
    since = models.DateTimeField(_("posts from"))
    until = models.DateTimeField(_("posts until"))
    complete = models.BooleanField(_("complete"), default=False)
    gap_until = models.DateTimeField(_("yet to be read until"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    cost = models.DecimalField(_("cost (USD)"), max_digits=12, decimal_places=6, default=Decimal(0))
    posts_seen = models.PositiveIntegerField(_("posts read"), default=0)
    posts_new = models.PositiveIntegerField(_("of them new"), default=0)
    viral = models.PositiveIntegerField(_("viral moments"), default=0)
    trends = models.PositiveIntegerField(_("trends"), default=0)
    leads = models.PositiveIntegerField(_("leads"), default=0)
    # What a model said and nothing stored bears out.
    dropped = models.PositiveIntegerField(_("claims dropped"), default=0)
    drops = models.JSONField(_("dropped"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        permissions = [("start_run", "Can start a round")]
        constraints = [
            models.UniqueConstraint(fields=["market", "slot"], name="social_run_once"),
            models.UniqueConstraint(
                fields=["market"], condition=Q(state__in=["queued", "read"]), name="social_run_one_open"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="social_run_window"),
            models.CheckConstraint(
                condition=Q(gap_until=None)
                | Q(complete=False, gap_until__gt=F("since"), gap_until__lte=F("until")),
                name="social_run_gap",
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="social_run_cost"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "read"], finished_at=None)
                | Q(state__in=["done", "skipped", "failed"], finished_at__isnull=False),
                name="social_run_finished",
            ),
        ]
        indexes = [models.Index(fields=["market", "-started_at"], name="social_run_of_market")]

    def __str__(self) -> str:
        return f"{self.market} {self.slot:%Y-%m-%d %H:%M}"

    @property
    def is_asked_for(self) -> bool:
        """Somebody wanted to see at once; slots begin at whole seconds."""
        return self.slot == self.started_at


class SpendingQuerySet(models.QuerySet["Spending"]):
    def of_day(self, now: datetime) -> "SpendingQuerySet":
        first = midnight(now)
        return self.filter(at__gte=first, at__lt=first + timedelta(days=1))


class Spending(models.Model):
    """What a market pays for: charged before anybody is asked, what was not needed is given back. social.budget's."""

    class What(models.TextChoices):
        READING = "reading", _("reading posts")
        ASKING = "asking", _("questions to a model")

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="+", verbose_name=_("market"), db_index=False
    )
    at = models.DateTimeField(_("at"))
    what = models.CharField(_("what for"), max_length=7, choices=What)
    usd = models.DecimalField(_("USD"), max_digits=12, decimal_places=6)

    objects = SpendingQuerySet.as_manager()

    class Meta:
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        constraints = [models.CheckConstraint(condition=Q(usd__gte=0), name="spending_usd")]
        indexes = [models.Index(fields=["market", "at"], name="spending_of_market")]

from datetime import timedelta
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DAY = 24 * 60
WEEK = 7 * DAY


class WeekMinutes(Func):
    """The minutes of the week that a row of the plan covers. What runs over Sunday's midnight goes on on Monday."""

    template = (
        "int4multirange(int4range(weekday * 1440 + opens, LEAST(weekday * 1440 + closes, 10080)),"
        " int4range(0, GREATEST(weekday * 1440 + closes - 10080, 0)))"
    )

    def __init__(self, **extra: Any) -> None:
        super().__init__(**extra)


def _same_expert() -> Func:
    return Func(F("expert_id"), F("expert_id"), models.Value("[]"), function="int8range")


class WeeklyHours(models.Model):
    """One period of the weekly plan, in minutes of that weekday on the expert's clock.

    Beyond 1440 it goes on after midnight. An expert without any row is free at all hours.
    """

    expert = models.ForeignKey(
        "experts.Expert",
        on_delete=models.CASCADE,
        related_name="weekly_hours",
        verbose_name=_("expert"),
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), help_text=_("0 is Monday."))
    opens = models.PositiveSmallIntegerField(_("from"))
    closes = models.PositiveSmallIntegerField(_("until"))

    class Meta:
        verbose_name = _("hours of the weekly plan")
        verbose_name_plural = _("weekly plan")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    weekday__range=(0, 6),
                    opens__range=(0, DAY - 1),
                    closes__gt=F("opens"),
                    closes__lte=F("opens") + DAY,
                ),
                name="weekly_hours_of_a_day",
            ),
            ExclusionConstraint(
                name="weekly_hours_no_overlap",
                expressions=[
                    (_same_expert(), RangeOperators.OVERLAPS),
                    (WeekMinutes(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}–{self.closes}"


class CalendarException(models.Model):
    """Days on which the weekly plan does not say it all: hours more, or hours less.

    Whole days on which the expert takes nobody are `UnavailablePeriod`s, which matching reads.
    """

    class Kind(models.TextChoices):
        FREE = "free", _("free")
        BLOCKED = "blocked", _("blocked")

    expert = models.ForeignKey(
        "experts.Expert",
        on_delete=models.CASCADE,
        related_name="calendar_exceptions",
        verbose_name=_("expert"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    days = DateRangeField(_("days"))
    # Of each of the days, as in the weekly plan; neither stands for the whole day.
    opens = models.PositiveSmallIntegerField(_("from"), null=True, blank=True)
    closes = models.PositiveSmallIntegerField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=140, blank=True, help_text=_("Only you read it."))

    class Meta:
        verbose_name = _("calendar exception")
        verbose_name_plural = _("calendar exceptions")
        ordering = ["days", "opens", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days__isempty=False, days__lower_inf=False, days__upper_inf=False),
                name="exception_days_bounded",
            ),
            models.CheckConstraint(
                # Said in full: a comparison with nothing would be neither true nor false, and let the row in.
                condition=Q(opens__isnull=True, closes__isnull=True, kind="free")
                | Q(
                    opens__isnull=False,
                    closes__isnull=False,
                    opens__range=(0, DAY - 1),
                    closes__gt=F("opens"),
                    closes__lte=F("opens") + DAY,
                ),
                name="exception_hours",
            ),
            # A double click finds the first.
            models.UniqueConstraint(
                fields=["expert", "kind", "days", "opens", "closes"],
                name="exception_unique",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.days.lower} – {self.days.upper}"


class CalendarFeed(models.Model):
    """The secret address at which other programs read when an expert is busy. Without a row there is none."""

    expert = models.OneToOneField(
        "experts.Expert", on_delete=models.CASCADE, related_name="calendar_feed", verbose_name=_("expert")
    )
    address = models.CharField(_("secret part of the address"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [
            models.CheckConstraint(
                condition=Q(address__regex=r"^[A-Za-z0-9_-]{32,}$"), name="feed_address_is_long"
            )
        ]

    def __str__(self) -> str:
        return str(self.expert_id)


class CalendarSource(models.Model):
    """Another calendar of the expert, from a file or from an address that is read again and again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("being read")
        READ = "read", _("read")
        FAILED = "failed", _("not readable")

    expert = models.ForeignKey(
        "experts.Expert",
        on_delete=models.CASCADE,
        related_name="calendar_sources",
        verbose_name=_("expert"),
        db_index=False,
    )
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=2000, blank=True)
    # Of a file alone: its repeating events are worked out anew as time goes on.
    content = models.TextField(_("content"), blank=True)
    # Of the address or the content, so that the same calendar is not added twice.
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    # A key of experts.calendar.troubles.
    trouble = models.CharField(_("trouble"), max_length=20, blank=True)
    left_out = models.PositiveIntegerField(_("events left out"), default=0)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    read_next_at = models.DateTimeField(_("read next"), default=timezone.now)
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("imported calendar")
        verbose_name_plural = _("imported calendars")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["expert", "fingerprint"], name="source_unique"),
            models.CheckConstraint(
                condition=(Q(url="") ^ Q(content="")) & (Q(trouble="") | Q(state="failed")),
                name="source_url_or_content",
            ),
        ]
        indexes = [models.Index(fields=["read_next_at"], name="source_read_next")]

    def __str__(self) -> str:
        return self.name


class ImportedEvent(models.Model):
    """A busy time from another calendar. `title` is for the expert's eyes alone."""

    # The constraint's index begins with the source.
    source = models.ForeignKey(
        CalendarSource,
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("imported calendar"),
        db_index=False,
    )
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    title = models.CharField(_("title"), max_length=140, blank=True)

    class Meta:
        verbose_name = _("imported event")
        verbose_name_plural = _("imported events")
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="imported_event_not_empty"),
            models.UniqueConstraint(fields=["source", "start", "end", "title"], name="imported_event_unique"),
        ]
        indexes = [
            # Of those that may take a whole day: experts.calendar.through.
            GistIndex(
                Func("start", "end", function="tstzrange"),
                name="imported_event_of_days",
                condition=Q(GreaterThanOrEqual(F("end") - F("start"), timedelta(hours=23))),
            )
        ]

    def __str__(self) -> str:
        return f"{self.start} – {self.end}"

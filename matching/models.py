from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from travelers.models import Trip

SHOWN = 5
DETAILED = 20


class Factor(models.TextChoices):
    EXPERTISE = "expertise", _("Expertise")
    COMMUNICATION = "communication", _("Communication")
    BUDGET = "budget", _("Budget fit")
    AVAILABILITY = "availability", _("Availability and logistics")
    TRUST = "trust", _("Trust")


class Band(models.TextChoices):
    HIGHLY_RECOMMENDED = "highly_recommended", _("Highly recommended")
    RECOMMENDED = "recommended", _("Recommended")
    ACCEPTABLE = "acceptable", _("Acceptable")
    NOT_RECOMMENDED = "not_recommended", _("Not recommended")

    @classmethod
    def of(cls, score: Decimal) -> "Band":
        """The band of a score from 0 to 100; a bound belongs to the band above it."""
        if score >= 85:
            return cls.HIGHLY_RECOMMENDED
        if score >= 70:
            return cls.RECOMMENDED
        return cls.ACCEPTABLE if score >= 50 else cls.NOT_RECOMMENDED


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    def current(self) -> "MatchRunQuerySet":
        return self.exclude(state=MatchRun.State.STALE)


class MatchRun(models.Model):
    """One ranking of a market's experts for a trip, as the trip stood then."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STALE = "stale", _("replaced by a newer one")

    # What a state may be reached from.
    MOVES: ClassVar[dict[str, list[str]]] = {
        State.DONE: [State.QUEUED, State.FAILED],
        State.FAILED: [State.QUEUED],
        State.STALE: [State.QUEUED, State.DONE, State.FAILED],
    }

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="runs", verbose_name=_("trip"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    algorithm = models.CharField(_("algorithm version"), max_length=20)
    candidates = models.PositiveIntegerField(_("candidates"), default=0)
    shown = models.PositiveSmallIntegerField(_("shown"), default=0)
    compute_ms = models.PositiveIntegerField(_("computed in ms"), null=True, blank=True)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = MatchRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("match run")
        verbose_name_plural = _("match runs")
        constraints = [
            models.UniqueConstraint(
                fields=["trip"], condition=~Q(state="stale"), name="match_run_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trip_id} · {self.pk}"

    def move(self, to: str, **fields: Any) -> bool:
        """Change the state, together with `fields`, where it leads there; False where it does not any more."""
        return bool(MatchRun.objects.filter(pk=self.pk, state__in=self.MOVES[to]).update(state=to, **fields))


class MatchScoreQuerySet(models.QuerySet["MatchScore"]):
    def shown(self) -> "MatchScoreQuerySet":
        """The ones on the traveler's page, best first, with what a card needs. Who left since is not offered."""
        return (
            self.filter(hidden=MatchScore.Hidden.NO, expert__in=Expert.objects.open_to_inquiries())
            .select_related("expert__user", "receipt")
            .order_by("rank")
        )


class MatchScore(models.Model):
    """How one expert scored in a run: every candidate has such a row, so it is kept narrow.

    Values and points are tenths. The score is by definition the sum of the five points.
    """

    class Hidden(models.IntegerChoices):
        """Why a candidate is not on the page."""

        NO = 0, _("shown")
        CALENDAR_CLOSED = 1, _("not free on any day of the trip")
        LANGUAGE_MISSING = 2, _("speaks none of the languages asked for")
        GROUP_TOO_LARGE = 3, _("takes smaller groups only")
        BELOW_FLOOR = 4, _("scored below 50")
        NOT_IN_TOP = 5, _("others scored higher")

    VALUES: ClassVar[list[str]] = [f"{factor}_value" for factor in Factor.values]
    POINTS: ClassVar[list[str]] = [f"{factor}_points" for factor in Factor.values]

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="scores", db_index=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="+", db_index=False)
    rank = models.PositiveIntegerField(_("rank"))
    score_tenths = models.SmallIntegerField(_("score"))
    hidden = models.PositiveSmallIntegerField(_("not shown because"), choices=Hidden, default=Hidden.NO)
    expertise_value = models.SmallIntegerField()
    communication_value = models.SmallIntegerField()
    budget_value = models.SmallIntegerField()
    availability_value = models.SmallIntegerField()
    trust_value = models.SmallIntegerField()
    expertise_points = models.SmallIntegerField()
    communication_points = models.SmallIntegerField()
    budget_points = models.SmallIntegerField()
    availability_points = models.SmallIntegerField()
    trust_points = models.SmallIntegerField()

    objects = MatchScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("match score")
        verbose_name_plural = _("match scores")
        constraints = [
            models.UniqueConstraint(fields=["run", "rank"], name="match_score_rank"),
            models.CheckConstraint(
                condition=Q(
                    score_tenths=F("expertise_points")
                    + F("communication_points")
                    + F("budget_points")
                    + F("availability_points")
                    + F("trust_points")
                ),
                name="match_score_adds_up",
            ),
            models.CheckConstraint(condition=Q(score_tenths__range=(0, 1000)), name="match_score_range"),
        ]
        indexes = [models.Index(fields=["expert"], name="match_score_expert")]

    def __str__(self) -> str:
        return f"{self.rank}. {self.expert_id}: {self.score}"

    @property
    def score(self) -> Decimal:
        return Decimal(self.score_tenths) / 10

    @property
    def band(self) -> Band:
        return Band.of(self.score)

    @property
    def values(self) -> list[Decimal]:
        """0 to 100 per factor, in the order of `Factor`."""
        return [Decimal(getattr(self, name)) / 10 for name in self.VALUES]

    @property
    def points(self) -> list[Decimal]:
        return [Decimal(getattr(self, name)) / 10 for name in self.POINTS]


class MatchReceipt(models.Model):
    """The evidence and the words behind a score, kept for the ones nearest the top."""

    score = models.OneToOneField(
        MatchScore, on_delete=models.CASCADE, primary_key=True, related_name="receipt"
    )
    evidence = models.JSONField(_("evidence"), help_text=_("Per factor: what was found, and where."))
    strengths = models.JSONField(_("strengths"))
    considerations = models.JSONField(_("considerations"))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")

    def __str__(self) -> str:
        return f"{self.score_id}"

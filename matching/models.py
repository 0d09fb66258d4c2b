import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Deferrable, F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.compiled import CompiledQuery
from accounts.models import User
from experts.models import Expert
from travelers.models import Trip

SHOWN = 5
# A model looks at so many, so that what a match costs does not grow with the market.
REVIEWED = 12
DETAILED = 20
# What a review may move a factor by, in tenths.
MOST_SHIFT = 150


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


class AlgorithmVersionQuerySet(models.QuerySet["AlgorithmVersion"]):
    def active(self) -> "AlgorithmVersion":
        return self.get(status=AlgorithmVersion.Status.ACTIVE)

    def in_use(self) -> "tuple[AlgorithmVersion, AlgorithmVersion | None]":
        """The active version and the challenger, in one query."""
        found = {version.status: version for version in IN_USE.objects()}
        return found[AlgorithmVersion.Status.ACTIVE], found.get(AlgorithmVersion.Status.SHADOW)


class AlgorithmVersion(models.Model):
    """What a match is weighed with. Exactly one version is active; one in the shadow may share its traffic."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SHADOW = "shadow", _("in the shadow")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.SHADOW, Status.RETIRED}),
        Status.SHADOW: frozenset({Status.ACTIVE, Status.DRAFT, Status.RETIRED}),
        Status.ACTIVE: frozenset({Status.RETIRED}),
        Status.RETIRED: frozenset({Status.ACTIVE}),
    }
    WEIGHTS: ClassVar[list[str]] = [f"{factor}_weight" for factor in Factor.values]

    name = models.CharField(_("name"), max_length=20, unique=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    # Thousandths, in the order of Factor.
    expertise_weight = models.PositiveSmallIntegerField(_("weight of expertise"))
    communication_weight = models.PositiveSmallIntegerField(_("weight of communication"))
    budget_weight = models.PositiveSmallIntegerField(_("weight of budget fit"))
    availability_weight = models.PositiveSmallIntegerField(_("weight of availability"))
    trust_weight = models.PositiveSmallIntegerField(_("weight of trust"))
    review_prompt = models.PositiveSmallIntegerField(
        _("prompt of the review"), default=1, help_text=_("0: no model looks at the list.")
    )
    share = models.PositiveSmallIntegerField(
        _("share of trips in percent"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_("Of a version in the shadow: on so many trips its list is mixed with the active one."),
    )
    fit = models.JSONField(_("how it was fitted"), null=True, blank=True)
    reason = models.TextField(_("why"), max_length=2000)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    activated_at = models.DateTimeField(_("last activated"), null=True, blank=True)

    objects = AlgorithmVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("algorithm version")
        verbose_name_plural = _("algorithm versions")
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="algorithm_one_active"
            ),
            models.CheckConstraint(
                condition=Q(
                    expertise_weight=1000
                    - F("communication_weight")
                    - F("budget_weight")
                    - F("availability_weight")
                    - F("trust_weight")
                ),
                name="algorithm_weights_add_up",
            ),
            models.CheckConstraint(condition=Q(share__range=(0, 100)), name="algorithm_share"),
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status="shadow", share__gt=0),
                name="algorithm_one_challenger",
            ),
        ]
        permissions = [("decide_algorithm", "Can fit, activate and retire algorithm versions")]

    def __str__(self) -> str:
        return self.name

    @property
    def weights(self) -> tuple[int, ...]:
        """Thousandths, in the order of `Factor`."""
        return tuple(getattr(self, name) for name in self.WEIGHTS)

    @property
    def percents(self) -> list[Decimal]:
        return [Decimal(weight) / 10 for weight in self.weights]

    def can_become(self, status: str) -> bool:
        return status in self.MOVES[self.status]


IN_USE: CompiledQuery[AlgorithmVersion] = CompiledQuery(
    lambda: AlgorithmVersion.objects.filter(
        Q(status=AlgorithmVersion.Status.ACTIVE) | Q(status=AlgorithmVersion.Status.SHADOW, share__gt=0)
    )
)


def new_seed() -> int:
    return secrets.randbelow(2**31)


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    def current(self) -> "MatchRunQuerySet":
        return self.exclude(state=MatchRun.State.STALE)

    def under_review(self) -> "MatchRunQuerySet":
        return self.filter(state=MatchRun.State.DONE, review=MatchRun.Review.PENDING)

    def with_parts(self) -> "MatchRunQuerySet":
        return self.select_related("trip__destination", "trip__traveler", "version", "challenger")


class MatchRun(models.Model):
    """One ranking of a market's experts for a trip, as the trip stood then."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STALE = "stale", _("replaced by a newer one")

    class Review(models.TextChoices):
        """How far the second stage is, in which a model looks at the first twelve."""

        NONE = "", _("none")
        PENDING = "pending", _("under way")
        DONE = "done", _("reviewed")
        OFFLINE = "offline", _("no model connected")
        FAILED = "failed", _("not reviewed")

    # What a state may be reached from.
    MOVES: ClassVar[dict[str, list[str]]] = {
        State.DONE: [State.QUEUED, State.FAILED],
        State.FAILED: [State.QUEUED],
        State.STALE: [State.QUEUED, State.DONE, State.FAILED],
    }

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="runs", verbose_name=_("trip"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    algorithm = models.CharField(
        _("formulas"), max_length=20, help_text=_("The code that computed the factors.")
    )
    version = models.ForeignKey(
        AlgorithmVersion, on_delete=models.PROTECT, related_name="runs", verbose_name=_("algorithm version")
    )
    challenger = models.ForeignKey(
        AlgorithmVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("compared with"),
    )
    seed = models.PositiveIntegerField(
        _("seed of the order"), default=new_seed, help_text=_("Of what chance has to say about positions.")
    )
    language = models.CharField(_("language"), max_length=8, default=settings.LANGUAGE_CODE)
    candidates = models.PositiveIntegerField(_("candidates"), default=0)
    shown = models.PositiveSmallIntegerField(_("shown"), default=0)
    compute_ms = models.PositiveIntegerField(_("computed in ms"), null=True, blank=True)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    review = models.CharField(
        pgettext_lazy("of a list", "review"), max_length=7, choices=Review, default=Review.NONE, blank=True
    )
    review_note = models.CharField(_("what the review says"), max_length=300, blank=True)
    review_prompt = models.PositiveSmallIntegerField(_("prompt of the review"), default=0)
    review_seed = models.PositiveIntegerField(
        _("seed of the review"), default=0, help_text=_("Shuffles the experts that the model sees.")
    )
    review_cost = models.DecimalField(
        _("cost of the review in USD"), max_digits=14, decimal_places=10, default=Decimal(0)
    )
    dropped = models.PositiveSmallIntegerField(_("claims dropped"), default=0)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

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

    def close_review(self, to: str, **fields: Any) -> bool:
        """End a pending review, together with `fields`; False where the run is stale or the review closed already."""
        pending = MatchRun.objects.under_review().filter(pk=self.pk)
        return bool(pending.update(review=to, reviewed_at=timezone.now(), **fields))

    @property
    def is_reviewed(self) -> bool:
        return self.review == self.Review.DONE


class MatchScoreQuerySet(models.QuerySet["MatchScore"]):
    def shown(self) -> "MatchScoreQuerySet":
        """The ones on the traveler's page, best first, with what a card needs. Who left since is not offered."""
        return (
            self.filter(hidden=MatchScore.Hidden.NO, expert__in=Expert.objects.open_to_inquiries())
            .select_related("expert__user", "receipt")
            .order_by("position")
        )


# What two foreign keys would do to each of the rows, done once to all of them: a thousand are stored with every trip,
# and looking for the parents of each took as long as storing it. What is deleted takes its scores along by triggers
# of their own (matching/migrations/0003).
_PARENTS = """
    runs := ARRAY(SELECT DISTINCT run_id FROM fresh);
    PERFORM FROM matching_matchrun WHERE id = ANY(runs) FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found <> cardinality(runs) THEN
        RAISE foreign_key_violation USING MESSAGE = 'A score of a run that is not there.';
    END IF;
    experts := ARRAY(SELECT DISTINCT expert_id FROM fresh);
    PERFORM FROM experts_expert WHERE id = ANY(experts) ORDER BY id FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found <> cardinality(experts) THEN
        RAISE foreign_key_violation USING MESSAGE = 'A score of an expert who is not there.';
    END IF;
    RETURN NULL;
"""


class MatchScore(models.Model):
    """How one expert scored in a run: every candidate has such a row, so it is kept narrow.

    Values and points are tenths. The score is by definition the sum of the five points. A shift is what the review
    added to a value: without it, the value is what code computed.
    """

    class Hidden(models.IntegerChoices):
        """Why a candidate is not on the page."""

        NO = 0, _("shown")
        CALENDAR_CLOSED = 1, _("not free on any day of the trip")
        LANGUAGE_MISSING = 2, _("speaks none of the languages asked for")
        GROUP_TOO_LARGE = 3, _("takes smaller groups only")
        BELOW_FLOOR = 4, _("scored below 50")
        NOT_IN_TOP = 5, _("not in the top five")

    VALUES: ClassVar[list[str]] = [f"{factor}_value" for factor in Factor.values]
    POINTS: ClassVar[list[str]] = [f"{factor}_points" for factor in Factor.values]

    run = models.ForeignKey(
        MatchRun, on_delete=models.CASCADE, related_name="scores", db_index=False, db_constraint=False
    )
    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
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
    position = models.PositiveSmallIntegerField(_("position on the page"), null=True, blank=True)
    expertise_shift = models.SmallIntegerField(_("expertise moved by"), default=0, db_default=0)
    communication_shift = models.SmallIntegerField(_("communication moved by"), default=0, db_default=0)

    objects = MatchScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("match score")
        verbose_name_plural = _("match scores")
        constraints = [
            # Deferred, because a review lets scores change their ranks with each other.
            models.UniqueConstraint(
                fields=["run", "rank"], name="match_score_rank", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(
                    expertise_shift__range=(-MOST_SHIFT, MOST_SHIFT),
                    communication_shift__range=(-MOST_SHIFT, MOST_SHIFT),
                ),
                name="match_score_shift",
            ),
            models.CheckConstraint(
                condition=Q(hidden=0, position__isnull=False) | Q(hidden__gt=0, position__isnull=True),
                name="match_score_position",
            ),
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
        triggers = [
            pgtrigger.Trigger(
                name="parents",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="fresh"),
                declare=[("found", "bigint"), ("runs", "bigint[]"), ("experts", "bigint[]")],
                func=_PARENTS,
            )
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.expert_id}: {self.score}"

    @property
    def score(self) -> Decimal:
        return Decimal(self.score_tenths) / 10

    @property
    def band(self) -> Band:
        return Band.of(self.score)

    @property
    def tenths(self) -> list[int]:
        """The values per factor as stored, in the order of `Factor`."""
        return [getattr(self, name) for name in self.VALUES]

    @property
    def point_tenths(self) -> list[int]:
        return [getattr(self, name) for name in self.POINTS]

    @property
    def values(self) -> list[Decimal]:
        """0 to 100 per factor, in the order of `Factor`."""
        return [Decimal(value) / 10 for value in self.tenths]

    @property
    def points(self) -> list[Decimal]:
        return [Decimal(points) / 10 for points in self.point_tenths]


class MatchReceipt(models.Model):
    """The evidence and the words behind a score, kept for the ones nearest the top."""

    score = models.OneToOneField(
        MatchScore, on_delete=models.CASCADE, primary_key=True, related_name="receipt"
    )
    evidence = models.JSONField(_("evidence"), help_text=_("Per factor: what was found, and where."))
    strengths = models.JSONField(_("strengths"))
    considerations = models.JSONField(_("considerations"))
    changes = models.JSONField(_("what would change it"), default=list)
    review = models.JSONField(
        pgettext_lazy("of a list", "review"),
        default=dict,
        help_text=_("The model's ratings and quotes, and what was dropped and why."),
    )

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")

    def __str__(self) -> str:
        return f"{self.score_id}"


# A stale list is asked about for a while after the trip was changed; one that stood, for as long as anybody may book
# or complain.
KEEP_STALE = timedelta(days=30)
KEEP_INPUTS = timedelta(days=400)


class MatchInputsQuerySet(models.QuerySet["MatchInputs"]):
    def outlived(self) -> "MatchInputsQuerySet":
        """Those that nobody will ask for any more."""
        stale = Q(run__state=MatchRun.State.STALE, run__created_at__lt=Now() - KEEP_STALE)
        return self.filter(stale | Q(run__created_at__lt=Now() - KEEP_INPUTS))


class MatchInputs(models.Model):
    """What a run was computed from, packed by `matching.inputs`: a replay needs nothing else."""

    run = models.OneToOneField(MatchRun, on_delete=models.CASCADE, primary_key=True, related_name="inputs")
    data = models.BinaryField()

    objects = MatchInputsQuerySet.as_manager()

    class Meta:
        verbose_name = _("inputs of a run")
        verbose_name_plural = _("inputs of runs")

    def __str__(self) -> str:
        return f"{self.run_id}"


class Exposure(models.Model):
    """That a score stood on a traveler's page, where, and what came of it.

    Inquiries and bookings are rows of their own and are joined to it by trip and expert.
    """

    class Team(models.TextChoices):
        """Whose pick it was, where the lists of two versions are mixed."""

        NONE = "", _("none")
        ACTIVE = "active", _("active version")
        CHALLENGER = "challenger", _("version in the shadow")

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="exposures", db_index=False)
    score = models.ForeignKey(MatchScore, on_delete=models.CASCADE, related_name="exposures")
    reviewed = models.BooleanField(_("after the review"), default=False)
    position = models.PositiveSmallIntegerField(_("position"))
    base_position = models.PositiveSmallIntegerField(
        _("position by score"), help_text=_("Where it would stand without chance.")
    )
    propensity = models.FloatField(
        _("propensity"), null=True, help_text=_("The probability of standing where it stands.")
    )
    team = models.CharField(_("team"), max_length=10, choices=Team, default=Team.NONE, blank=True)
    seen_at = models.DateTimeField(_("first seen"), null=True, blank=True)
    opened_at = models.DateTimeField(_("profile first opened"), null=True, blank=True)

    class Meta:
        verbose_name = _("exposure")
        verbose_name_plural = _("exposures")
        constraints = [
            models.UniqueConstraint(fields=["run", "reviewed", "position"], name="exposure_position"),
            models.CheckConstraint(condition=Q(position__range=(1, SHOWN)), name="exposure_on_the_page"),
            models.CheckConstraint(
                condition=Q(propensity__isnull=True) | Q(propensity__gt=0, propensity__lte=1),
                name="exposure_propensity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} · {self.position}"


class Feedback(models.Model):
    """A traveler or an expert says which factor of a score is wrong, and why."""

    class Side(models.TextChoices):
        TRAVELER = "traveler", _("traveler")
        EXPERT = "expert", _("expert")

    score = models.ForeignKey(
        MatchScore, on_delete=models.CASCADE, related_name="feedback", verbose_name=_("score")
    )
    side = models.CharField(_("side"), max_length=8, choices=Side)
    factor = models.CharField(_("factor"), max_length=13, choices=Factor)
    text = models.TextField(_("what is wrong"), max_length=1000)
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    created_at = models.DateTimeField(_("said"), default=timezone.now)

    class Meta:
        verbose_name = _("feedback on a score")
        verbose_name_plural = _("feedback on scores")
        constraints = [
            # Saying it again replaces what was said.
            models.UniqueConstraint(fields=["score", "side", "factor"], name="feedback_unique")
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} · {self.get_factor_display()}"


class ExpertFit(models.Model):
    """How an expert did in their last runs and what would move them up, as `matching.fit` last worked it out."""

    expert = models.OneToOneField(Expert, on_delete=models.CASCADE, primary_key=True, related_name="+")
    report = models.JSONField(_("report"), default=dict)
    computed_at = models.DateTimeField(_("worked out"), null=True)

    class Meta:
        verbose_name = _("fit of an expert")
        verbose_name_plural = _("fits of experts")

    def __str__(self) -> str:
        return f"{self.expert_id}"

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Avg, Expression, F, Func, OuterRef, Prefetch, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.compiled import CompiledQuery, Parameter
from accounts.meta import path_of
from accounts.models import User
from markets.models import Market

# What matching takes for the time to an answer of somebody whose answers were not measured yet.
GUESSED_HOURS = Decimal(24)


class FoldedVector(Func):
    """The lexemes of a text, accents ignored: Postgres ships no unaccent here, so combining marks are dropped."""

    folded = "regexp_replace(normalize(%(expressions)s, NFKD), '[\u0300-\u036f]', '', 'g')"
    template = f"to_tsvector('english', {folded})"
    output_field = SearchVectorField()


class Specialty(models.Model):
    """One thing an expert can be good at. The taxonomy is data: experts/data/specialties.toml."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    group = models.SlugField(_("group"))
    group_name = models.CharField(_("group name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Level(models.IntegerChoices):
    """The Common European Framework's levels, and native."""

    A1 = 1, "A1"
    A2 = 2, "A2"
    B1 = 3, "B1"
    B2 = 4, "B2"
    C1 = 5, "C1"
    C2 = 6, "C2"
    NATIVE = 7, _("native")


class CommunicationStyle(models.TextChoices):
    FRIENDLY = "friendly", _("warm and chatty")
    CONCISE = "concise", _("short and to the point")
    DETAILED = "detailed", _("thorough, with every detail")
    FORMAL = "formal", _("courteous and formal")


SUB_RATINGS = ["communication", "knowledge", "value", "flexibility", "responsiveness"]


class ExpertQuerySet(models.QuerySet["Expert"]):
    def public(self) -> "ExpertQuerySet":
        return self.filter(status__in=Expert.PUBLIC)

    def candidates(self, market: Market | Expression) -> "ExpertQuerySet":
        """Who may be matched in this market."""
        return self.open_to_inquiries().filter(market=market)

    def open_to_inquiries(self) -> "ExpertQuerySet":
        return self.filter(status=Expert.Status.ACTIVE, accepting_clients=True)

    def for_card(self) -> "ExpertQuerySet":
        return self.select_related("user", "market").defer(
            "bio", "background", "unique_value", "search_words"
        )

    def for_profile(self) -> "ExpertQuerySet":
        return self.select_related("user", "market").prefetch_related(
            Prefetch("specialties", ExpertSpecialty.objects.select_related("specialty").order_by("-depth")),
            Prefetch("services", _services().filter(is_active=True).order_by("price", "pk")),
        )

    def with_languages(self) -> "ExpertQuerySet":
        return self.prefetch_related(
            Prefetch("languages", ExpertLanguage.objects.order_by("-level", "language"))
        )

    def for_page(self, *, today: date) -> "ExpertQuerySet":
        """With all that the public page shows but the reviews, in three queries: that page may take six.

        `spoken`: languages with their levels, best first. `away`: the next blocked days. `mean_…`: of each of
        SUB_RATINGS, None without reviews.
        """
        spoken = ExpertLanguage.objects.filter(expert=OuterRef("pk")).order_by("-level", "language")
        away = UnavailablePeriod.objects.filter(expert=OuterRef("pk"), days__endswith__gt=today)
        return self.for_profile().annotate(
            spoken=ArraySubquery(spoken.values(pair=JSONObject(language="language", level="level"))),
            away=ArraySubquery(away.order_by("days").values("days")[:6]),
            **{
                f"mean_{name}": Avg(f"reviews__{name}", filter=Q(reviews__state="published"))
                for name in SUB_RATINGS
            },
        )


def _services() -> "models.QuerySet[Any]":
    """Services have a file of their own, which imports this one."""
    return apps.get_model("experts", "Service")._default_manager.all()


class Expert(models.Model):
    """A local who plans and guides trips in one market."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed")  # for good: the account was erased

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.SUBMITTED, Status.CLOSED}),
        Status.SUBMITTED: frozenset({Status.ACTIVE, Status.DRAFT, Status.CLOSED}),
        Status.ACTIVE: frozenset({Status.PAUSED, Status.SUSPENDED, Status.CLOSED}),
        Status.PAUSED: frozenset({Status.ACTIVE, Status.SUSPENDED, Status.CLOSED}),
        Status.SUSPENDED: frozenset({Status.ACTIVE, Status.CLOSED}),
        Status.CLOSED: frozenset(),
    }
    # In these the profile has a page that everybody may read.
    PUBLIC: ClassVar = [Status.ACTIVE, Status.PAUSED]

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="expert", verbose_name=_("user"))
    slug = models.SlugField(_("slug"), max_length=140, unique=True)
    market = models.ForeignKey(
        Market, on_delete=models.PROTECT, related_name="experts", verbose_name=_("market")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    status_reason = models.TextField(_("reason given"), blank=True)
    headline = models.CharField(_("headline"), max_length=140)
    bio = models.TextField(_("bio"), max_length=5000)
    background = models.TextField(_("background"), max_length=2000, blank=True)
    unique_value = models.TextField(_("what makes them special"), max_length=1000, blank=True)
    # For search engines: what stands below the link, and what travelers type. Nothing in it counts for matching.
    search_description = models.CharField(_("line for search engines"), max_length=160, blank=True)
    search_words = models.CharField(_("search words"), max_length=1300, blank=True)
    years_experience = models.PositiveSmallIntegerField(
        _("years of experience"), default=0, validators=[MaxValueValidator(80)]
    )
    communication_style = models.CharField(
        _("communication style"),
        max_length=10,
        choices=CommunicationStyle,
        default=CommunicationStyle.FRIENDLY,
    )
    price_min = models.DecimalField(_("lowest price per person and day"), max_digits=10, decimal_places=2)
    price_max = models.DecimalField(_("highest price per person and day"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    response_hours = models.DecimalField(
        _("average response in hours"), max_digits=5, decimal_places=1, default=GUESSED_HOURS
    )
    group_size_max = models.PositiveSmallIntegerField(
        _("largest group"), default=6, validators=[MinValueValidator(1)]
    )
    # True as long as their identity is verified; experts.verification keeps it so.
    verified = models.BooleanField(_("verified"), default=False, editable=False)
    accepting_clients = models.BooleanField(_("accepting clients"), default=True)
    active_since = models.DateField(_("active since"), null=True, blank=True)
    paused_until = models.DateField(
        _("paused until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The day, by the city's clock, on which the profile opens again by itself."),
    )
    # The name that the portrait's files begin with; experts.photos writes it. Here, because every card shows it.
    photo = models.CharField(_("photo"), max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    # Sums over specialties and evidence; experts.search.reindex keeps them true.
    works = models.PositiveIntegerField(_("pieces of work"), default=0, editable=False)
    texts = models.PositiveIntegerField(_("texts read"), default=0, editable=False)
    # Aggregates over published reviews and completed bookings; bookings.aggregates keeps them true.
    review_count = models.PositiveIntegerField(_("reviews"), default=0, editable=False)
    rating_sum = models.PositiveIntegerField(_("sum of ratings"), default=0, editable=False)
    recent_review_count = models.PositiveIntegerField(
        _("reviews in the last year"), default=0, editable=False
    )
    recent_rating_sum = models.PositiveIntegerField(_("their sum"), default=0, editable=False)
    communication_count = models.PositiveIntegerField(
        _("ratings of communication"), default=0, editable=False
    )
    communication_sum = models.PositiveIntegerField(_("their sum"), default=0, editable=False)
    value_count = models.PositiveIntegerField(_("ratings of value"), default=0, editable=False)
    value_sum = models.PositiveIntegerField(_("their sum"), default=0, editable=False)
    completed_bookings = models.PositiveIntegerField(_("completed bookings"), default=0, editable=False)
    repeat_clients = models.PositiveIntegerField(_("repeat clients"), default=0, editable=False)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        constraints = [
            models.CheckConstraint(
                condition=Q(price_min__gte=0, price_max__gte=F("price_min")),
                name="expert_price_range",
                violation_error_message=_(
                    "The highest price is not below the lowest, and neither below zero."
                ),
            ),
            # Somebody who has only begun to apply has named no price yet.
            models.CheckConstraint(
                condition=Q(price_min__gt=0) | Q(status="draft"), name="expert_price_named"
            ),
            models.CheckConstraint(
                condition=Q(paused_until=None) | Q(status="paused"), name="expert_paused_until"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="expert_currency"),
            models.CheckConstraint(condition=Q(response_hours__gte=0), name="expert_response_hours"),
            # Addresses of pages: experts.urls.
            models.CheckConstraint(condition=~Q(slug__in=["compare", "in"]), name="expert_slug_reserved"),
            models.CheckConstraint(
                condition=Q(
                    rating_sum__gte=F("review_count"),
                    rating_sum__lte=F("review_count") * 5,
                    recent_review_count__lte=F("review_count"),
                ),
                name="expert_rating_aggregates",
            ),
        ]
        indexes = [
            models.Index(
                fields=["market"],
                condition=Q(status="active", accepting_clients=True),
                name="expert_candidates",
            ),
            models.Index(fields=["status", "created_at"], name="expert_queue"),
        ]
        permissions = [
            ("review_expert", "Can decide on expert applications"),
            ("import_expert", "Can import experts and services"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def time_zone(self) -> str:
        """The expert works in their market's zone: plans, notice and cut-off are read by its clock."""
        return self.market.time_zone

    @property
    def rating(self) -> float | None:
        """Mean rating, 1 to 5; None without a review."""
        return self.rating_sum / self.review_count if self.review_count else None

    @property
    def answers_in(self) -> Decimal | None:
        """The hours to an answer, as far as they were measured: what matching begins with is no promise to anybody."""
        return None if self.response_hours == GUESSED_HOURS else self.response_hours

    @property
    def is_public(self) -> bool:
        return self.status in self.PUBLIC

    @property
    def is_open_to_inquiries(self) -> bool:
        return self.status == self.Status.ACTIVE and self.accepting_clients

    def get_absolute_url(self) -> str:
        return path_of("experts:profile", self.slug)

    def can_become(self, status: str) -> bool:
        return status in self.MOVES[self.status]


PUBLIC_EXPERT: CompiledQuery[Expert] = CompiledQuery(
    lambda: Expert.objects.public().for_card().filter(slug=Parameter("slug"))
)


class ExpertSpecialty(models.Model):
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="specialties")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="+")
    depth = models.PositiveSmallIntegerField(
        _("depth"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("How many trips of this kind the expert has planned or guided."),
    )

    class Meta:
        verbose_name = _("specialty of an expert")
        verbose_name_plural = _("specialties of experts")
        constraints = [
            models.UniqueConstraint(
                fields=["specialty", "expert"], include=["depth"], name="expert_specialty_unique"
            ),
            models.CheckConstraint(condition=Q(depth__gte=1), name="expert_specialty_depth"),
        ]

    def __str__(self) -> str:
        return str(self.specialty)


class ExpertLanguage(models.Model):
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="languages")
    language = models.CharField(_("language"), max_length=3, help_text=_("ISO 639 code"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)

    class Meta:
        verbose_name = _("language of an expert")
        verbose_name_plural = _("languages of experts")
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "language"], include=["level"], name="expert_language_unique"
            ),
            models.CheckConstraint(condition=Q(level__range=(1, 7)), name="expert_language_level"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.get_level_display()}"


class UnavailablePeriod(models.Model):
    """Days on which the expert takes nobody, in the market's own calendar; the upper bound is excluded."""

    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="unavailable", verbose_name=_("expert")
    )
    days = DateRangeField(_("days"))
    reason = models.CharField(_("reason"), max_length=140, blank=True)

    class Meta:
        verbose_name = _("unavailable period")
        verbose_name_plural = _("unavailable periods")
        constraints = [
            ExclusionConstraint(
                name="unavailable_no_overlap",
                expressions=[
                    (
                        Func(F("expert_id"), F("expert_id"), models.Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("days", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(days__isempty=False, days__lower_inf=False, days__upper_inf=False),
                name="unavailable_days_bounded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days.lower} – {self.days.upper}"


class Evidence(models.Model):
    """A text that shows what an expert knows: the bio, a service, a published review.

    The search terms and the quotes on a receipt come from here, so that no reader needs to know who wrote it.
    """

    class Kind(models.TextChoices):
        PROFILE = "profile", _("profile")
        SERVICE = "service", _("service")
        REVIEW = "review", _("review")

    # The constraint's index begins with the expert.
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="evidence", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    source_id = models.BigIntegerField(_("source"), help_text=_("The row of that kind it was copied from."))
    text = models.TextField(_("text"))
    vector = models.GeneratedField(
        expression=FoldedVector("text"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["expert", "kind", "source_id"], name="evidence_source_unique")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.source_id}"


class ExpertTerm(models.Model):
    """An inverted index: how many of an expert's texts hold a lexeme.

    The database does not check its keys: with hundreds of rows an expert that was half the time of indexing.
    `experts.search` writes the rows from the experts' own, Django deletes them with their expert or market, and the
    ranking reads those of its candidates alone, so a row left behind would say nothing.
    """

    pk = models.CompositePrimaryKey("expert_id", "lexeme")
    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="terms", db_index=False, db_constraint=False
    )
    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    lexeme = models.CharField(max_length=64)
    texts = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("search term")
        verbose_name_plural = _("search terms")
        indexes = [
            models.Index(
                fields=["market", "lexeme"],
                include=["expert", "texts"],
                name="expert_term_posting",
            )
        ]

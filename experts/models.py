from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Avg, F, Func, OuterRef, Prefetch, Q
from django.db.models.functions import JSONObject
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from markets.models import Market


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
        return self.filter(status__in=[Expert.Status.ACTIVE, Expert.Status.PAUSED])

    def candidates(self, market: Market) -> "ExpertQuerySet":
        """Who may be matched in this market."""
        return self.open_to_inquiries().filter(market=market)

    def open_to_inquiries(self) -> "ExpertQuerySet":
        return self.filter(status=Expert.Status.ACTIVE, accepting_clients=True)

    def for_card(self) -> "ExpertQuerySet":
        return self.select_related("user", "market").defer("bio", "background", "unique_value")

    def for_profile(self) -> "ExpertQuerySet":
        return self.select_related("user", "market").prefetch_related(
            Prefetch("specialties", ExpertSpecialty.objects.select_related("specialty").order_by("-depth")),
            Prefetch("services", Service.objects.filter(is_active=True).order_by("price", "pk")),
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
            **{f"mean_{name}": Avg(f"reviews__{name}") for name in SUB_RATINGS},
        )


class Expert(models.Model):
    """A local who plans and guides trips in one market."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        SUSPENDED = "suspended", _("suspended")

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.SUBMITTED}),
        Status.SUBMITTED: frozenset({Status.ACTIVE, Status.DRAFT}),
        Status.ACTIVE: frozenset({Status.PAUSED, Status.SUSPENDED}),
        Status.PAUSED: frozenset({Status.ACTIVE, Status.SUSPENDED}),
        Status.SUSPENDED: frozenset({Status.ACTIVE}),
    }

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
        _("average response in hours"), max_digits=5, decimal_places=1, default=Decimal(24)
    )
    group_size_max = models.PositiveSmallIntegerField(
        _("largest group"), default=6, validators=[MinValueValidator(1)]
    )
    verified = models.BooleanField(_("verified"), default=False)
    accepting_clients = models.BooleanField(_("accepting clients"), default=True)
    active_since = models.DateField(_("active since"), null=True, blank=True)
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
                condition=Q(price_min__gt=0, price_max__gte=F("price_min")), name="expert_price_range"
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
        permissions = [("review_expert", "Can decide on expert applications")]

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
    def is_open_to_inquiries(self) -> bool:
        return self.status == self.Status.ACTIVE and self.accepting_clients

    def get_absolute_url(self) -> str:
        return reverse("experts:profile", args=[self.slug])

    def can_become(self, status: str) -> bool:
        return status in self.MOVES[self.status]


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


class CancellationPolicy(models.TextChoices):
    """The name alone: `bookings.cancellation` says what each gives back, and a booking keeps its own copy of that."""

    FLEXIBLE = "flexible", _("flexible")
    MODERATE = "moderate", _("moderate")
    STRICT = "strict", _("strict")


class Service(models.Model):
    """Something an expert offers at a price."""

    class Kind(models.TextChoices):
        TOUR = "tour", _("guided tour")
        PLANNING = "planning", _("trip planning")
        EXPERIENCE = "experience", _("experience")
        TRANSFER = "transfer", _("driver and transfer")
        CONSULTATION = "consultation", _("consultation")

    class PriceUnit(models.TextChoices):
        GROUP = "group", _("for the group")
        PERSON = "person", _("per person")

    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="services", verbose_name=_("expert")
    )
    title = models.CharField(_("title"), max_length=140)
    description = models.TextField(_("description"), max_length=4000)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    # Either of the two: hours of one day, or whole days in a row.
    duration_hours = models.DecimalField(
        _("duration in hours"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    duration_days = models.PositiveSmallIntegerField(_("duration in days"), null=True, blank=True)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    price_unit = models.CharField(_("the price is"), max_length=6, choices=PriceUnit, default=PriceUnit.GROUP)
    currency = models.CharField(_("currency"), max_length=3)
    group_size_max = models.PositiveSmallIntegerField(_("largest group"), default=6)
    shared = models.BooleanField(
        _("shared with other travelers"),
        default=False,
        help_text=_("Several bookings fill the same start, up to the largest group."),
    )
    includes = ArrayField(
        models.CharField(max_length=140), verbose_name=_("what it includes"), default=list, blank=True
    )
    unique_aspects = models.TextField(_("what is special about it"), max_length=1000, blank=True)
    audience = models.CharField(_("for whom"), max_length=300, blank=True)
    instant = models.BooleanField(
        _("instant booking"), default=False, help_text=_("Otherwise you accept each request yourself.")
    )
    notice_hours = models.PositiveSmallIntegerField(
        _("minimum notice in hours"), default=24, validators=[MaxValueValidator(24 * 60)]
    )
    cutoff = models.TimeField(
        _("cut-off on the day before"),
        null=True,
        blank=True,
        help_text=_("From this time of your day on, nobody can book for the day after."),
    )
    buffer_minutes = models.PositiveSmallIntegerField(
        _("buffer before and after in minutes"), default=0, validators=[MaxValueValidator(24 * 60)]
    )
    daily_cap = models.PositiveSmallIntegerField(
        _("most bookings a day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    cancellation_policy = models.CharField(
        _("cancellation policy"),
        max_length=8,
        choices=CancellationPolicy,
        default=CancellationPolicy.MODERATE,
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0, group_size_max__gte=1)
                & (
                    Q(duration_hours__gt=0, duration_hours__lte=24, duration_days=None)
                    | Q(duration_hours=None, duration_days__range=(1, 60))
                ),
                name="service_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def length(self) -> str:
        if self.duration_days:
            days = self.duration_days
            return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
        return gettext("%(hours)s h") % {"hours": floatformat(self.duration_hours, "-1")}


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


# At the end, because they refer to what is above; Django finds models through this module.
from experts.listings import Favourite as Favourite  # noqa: E402
from experts.listings import Listing as Listing  # noqa: E402
from experts.listings import ListingText as ListingText  # noqa: E402

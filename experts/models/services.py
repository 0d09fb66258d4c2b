from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from experts.models.experts import Expert


class CancellationPolicy(models.TextChoices):
    """The name alone: `bookings.cancellation` says what each gives back, and a booking keeps its own copy of that."""

    FLEXIBLE = "flexible", _("flexible")
    MODERATE = "moderate", _("moderate")
    STRICT = "strict", _("strict")


def wrong_length(hours: Decimal | None, days: int | None) -> dict[str, str]:
    """What is wrong with how long a service takes, by field: what its constraint refuses, in words for a form."""
    if (hours is None) == (days is None):
        return {"duration_hours": gettext("Give the duration in hours or in days: one of the two.")}
    if hours is not None and not 0 < hours <= 24:
        return {"duration_hours": gettext("Between 0.1 and 24 hours. For more, give days.")}
    if days is not None and not 1 <= days <= 60:
        return {"duration_days": gettext("Between 1 and 60 days.")}
    return {}


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
    # Of the form it was made with: a form sent twice makes one service.
    form_key = models.UUIDField(unique=True, null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0, group_size_max__gte=1)
                & (
                    # Without “is not null” a row with neither would be neither true nor false, and Postgres takes it.
                    Q(duration_hours__isnull=False, duration_hours__gt=0, duration_hours__lte=24)
                    & Q(duration_days=None)
                    | Q(duration_hours=None, duration_days__isnull=False, duration_days__range=(1, 60))
                ),
                name="service_positive",
                violation_error_message=_(
                    "A service lasts so many hours or so many days, not both; prices and sizes are above zero."
                ),
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

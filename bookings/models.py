from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from experts.models import Expert, Service
from markets.models import Market
from travelers.models import Trip

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def with_people(self) -> "InquiryQuerySet":
        return self.select_related("traveler", "expert__user", "trip__destination")


class Inquiry(models.Model):
    """A traveler's first words to an expert about a trip."""

    traveler = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="inquiries", verbose_name=_("traveler")
    )
    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="inquiries", verbose_name=_("expert")
    )
    trip = models.ForeignKey(
        Trip,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="inquiries",
        verbose_name=_("trip"),
    )
    # About no trip in particular. One whose trip was deleted since is not: it stays, and stands in nobody's way.
    general = models.BooleanField(default=False, editable=False)
    message = models.TextField(_("message"), max_length=4000)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        constraints = [
            # One thread per traveler, expert and trip, and one about none: a double click finds the first.
            models.UniqueConstraint(
                fields=["traveler", "expert", "trip"],
                condition=Q(trip__isnull=False) | Q(general=True),
                name="inquiry_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(general=False) | Q(trip=None), name="inquiry_general"),
        ]
        indexes = [models.Index(fields=["expert", "-id"], name="inquiry_of_expert")]

    def __str__(self) -> str:
        return f"{self.traveler} → {self.expert_id}"


@pghistory.track()
class Booking(models.Model):
    """An agreed engagement of an expert, with the amount both agreed on."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")

    traveler = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("traveler")
    )
    expert = models.ForeignKey(
        Expert, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("expert")
    )
    trip = models.ForeignKey(
        Trip,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name=_("trip"),
    )
    service = models.ForeignKey(
        Service, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=10, choices=State)
    price = models.DecimalField(_("agreed price"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.CheckConstraint(condition=Q(end__gte=F("start"), price__gt=0), name="booking_sane")
        ]
        indexes = [models.Index(fields=["expert", "state"], name="booking_of_expert")]

    def __str__(self) -> str:
        return f"{self.traveler} · {self.expert_id} · {self.start}"


def stars(label: "StrOrPromise") -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField(label, validators=[MinValueValidator(1), MaxValueValidator(5)])


class Review(models.Model):
    """What a traveler says after a completed booking."""

    booking = models.OneToOneField(
        Booking, on_delete=models.CASCADE, related_name="review", verbose_name=_("booking")
    )
    # Copied from the booking, so that a profile reads its reviews from one index.
    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("expert")
    )
    rating = stars(_("rating"))
    communication = stars(_("communication"))
    knowledge = stars(_("knowledge"))
    value = stars(_("value"))
    flexibility = stars(_("flexibility"))
    responsiveness = stars(_("responsiveness"))
    text = models.TextField(_("text"), max_length=4000)
    published_at = models.DateTimeField(_("published"))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rating__range=(1, 5),
                    communication__range=(1, 5),
                    knowledge__range=(1, 5),
                    value__range=(1, 5),
                    flexibility__range=(1, 5),
                    responsiveness__range=(1, 5),
                ),
                name="review_stars",
            )
        ]
        indexes = [models.Index(fields=["expert", "-published_at"], name="review_of_expert")]

    def __str__(self) -> str:
        return f"{self.rating}/5 · {self.expert_id}"


class WaitlistEntry(models.Model):
    """Somebody who wants to hear when experts open in a market."""

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="waitlist", verbose_name=_("market")
    )
    email = models.EmailField(_("e-mail address"))
    trip = models.ForeignKey(
        Trip, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("trip")
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    created_at = models.DateTimeField(_("joined"), default=timezone.now)

    class Meta:
        verbose_name = _("waitlist entry")
        verbose_name_plural = _("waitlist")
        constraints = [models.UniqueConstraint(Lower("email"), "market", name="waitlist_unique")]
        indexes = [models.Index(fields=["market", "created_at"], name="waitlist_of_market")]

    def __str__(self) -> str:
        return f"{self.email} · {self.market_id}"

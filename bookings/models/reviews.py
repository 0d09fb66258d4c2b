from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.bookings import Booking
from experts.models import Expert

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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

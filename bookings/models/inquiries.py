from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from experts.models import Expert
from travelers.models import Trip


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

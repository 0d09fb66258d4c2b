import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from experts.models import Expert, Service
from travelers.models import Trip


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

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models.bookings import Booking, bounded


class Proposal(models.Model):
    """Another time for a booking, which one side proposes and the other accepts. Until then it takes no time."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    booking = models.ForeignKey(
        Booking, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("booking")
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    period = DateTimeRangeField(_("period"))
    reason = models.CharField(_("why"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(_("proposed"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("reschedule proposal")
        verbose_name_plural = _("reschedule proposals")
        constraints = [
            models.UniqueConstraint(fields=["booking"], condition=Q(state="open"), name="proposal_one_open"),
            models.CheckConstraint(condition=bounded("period"), name="proposal_period"),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} → {self.period.lower:%Y-%m-%d %H:%M}"

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models.bookings import Booking
from bookings.models.inquiries import Side


class Dispute(models.Model):
    """What one side of a booking asks staff to decide about it. bookings.disputes opens and moves it."""

    class Reason(models.TextChoices):
        NOT_HELD = "not_held", _("it did not take place")
        NOT_AGREED = "not_agreed", _("it was not what was agreed")
        NO_SHOW = "no_show", _("who did not come is noted wrongly")
        MONEY = "money", _("what was paid or paid back is wrong")
        CONDUCT = "conduct", _("how somebody behaved")
        OTHER = "other", _("something else")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.OPEN: [State.UPHELD, State.DISMISSED],
        State.UPHELD: [],
        State.DISMISSED: [],
    }

    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("booking")
    )
    side = models.CharField(_("opened by the"), max_length=8, choices=Side)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    # Empty once the account of whoever wrote it was erased.
    text = models.TextField(_("what happened"), max_length=4000)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    outcome = models.TextField(_("decision and reason"), max_length=2000, blank=True)
    # On top of what came back before. What came back in all is the booking's own `refund`.
    refund = models.DecimalField(_("further refund"), max_digits=12, decimal_places=2, default=Decimal(0))

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        permissions = [("decide_dispute", "Can decide disputes")]
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "side"], condition=Q(state="open"), name="dispute_one_open"
            ),
            models.CheckConstraint(condition=Q(side__in=["traveler", "expert"]), name="dispute_side"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None, outcome="")
                | (Q(state__in=["upheld", "dismissed"], decided_at__isnull=False) & ~Q(outcome="")),
                name="dispute_decided",
            ),
            models.CheckConstraint(
                condition=Q(refund=0) | Q(refund__gt=0, state="upheld"), name="dispute_refund"
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="open"), name="dispute_open")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("bookings:dispute", args=[self.booking_id])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def opener(self) -> User:
        return self.booking.traveler if self.side == Side.TRAVELER else self.booking.expert.user

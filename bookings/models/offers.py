from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from bookings.models.inquiries import Inquiry, Side
from experts.models import CancellationPolicy, Service

CURRENCY = r"^[A-Z]{3}$"
# A thread holds this many offers that wait for an answer: enough to choose from, too few to bury anybody.
MOST_OPEN = 5


class OfferQuerySet(models.QuerySet["Offer"]):
    def due(self) -> "OfferQuerySet":
        """Still open, though their time is up."""
        return self.filter(state=Offer.State.OFFERED, expires_at__lte=timezone.now())

    def waiting(self) -> "OfferQuerySet":
        return self.filter(state=Offer.State.OFFERED, expires_at__gt=timezone.now())


class Offer(models.Model):
    """What one side proposes to the other in their thread: something done, for a price, at a time.

    bookings.offers makes every move.
    """

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        COUNTERED = "countered", _("answered with another offer")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        State.OFFERED: frozenset({State.ACCEPTED, State.COUNTERED, State.WITHDRAWN, State.EXPIRED}),
        State.ACCEPTED: frozenset(),
        State.COUNTERED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.EXPIRED: frozenset(),
    }

    inquiry = models.ForeignKey(
        Inquiry, on_delete=models.CASCADE, related_name="offers", verbose_name=_("inquiry")
    )
    side = models.CharField(_("offered by the"), max_length=8, choices=Side)
    counters = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="counter",
        verbose_name=_("in answer to"),
    )
    service = models.ForeignKey(
        Service, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    # What it became when it was accepted.
    booking = models.OneToOneField(
        "bookings.Booking",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="offer",
        verbose_name=_("booking"),
    )
    # The service's title as it was, or free text.
    title = models.CharField(_("what"), max_length=200)
    people = models.PositiveSmallIntegerField(_("people"), default=1)
    price = models.DecimalField(_("price in all"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    # Whose terms a booking of it will copy: as they were read when it was made.
    policy = models.CharField(
        _("cancellation policy"),
        max_length=8,
        choices=CancellationPolicy,
        default=CancellationPolicy.MODERATE,
    )
    start = models.DateTimeField(_("begins"))
    end = models.DateTimeField(_("ends"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    expires_at = models.DateTimeField(_("open until"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OFFERED)
    created_at = models.DateTimeField(_("offered"), default=timezone.now)
    moved_at = models.DateTimeField(_("last move"), default=timezone.now)
    # Comes with the form, so that a double click makes one offer.
    key = models.UUIDField(editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "key"], name="offer_key"),
            models.CheckConstraint(
                condition=Q(price__gt=0, people__gte=1, currency__regex=CURRENCY), name="offer_sane"
            ),
            models.CheckConstraint(
                condition=Q(end__gt=F("start"), expires_at__lte=F("start")), name="offer_times"
            ),
            models.CheckConstraint(condition=Q(side__in=[Side.TRAVELER, Side.EXPERT]), name="offer_side"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="offered"), name="offer_open"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OFFERED and self.expires_at > timezone.now()

    @property
    def state_now(self) -> str:
        """What it is to whoever looks: time runs out before the next sweep notes it."""
        is_late = self.state == self.State.OFFERED and not self.is_open
        return self.State.EXPIRED if is_late else self.state

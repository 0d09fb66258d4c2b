from datetime import datetime, timedelta

import pghistory
import pgtrigger
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.lookups import GreaterThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.compiled import Parameter
from accounts.models import User, validate_time_zone
from experts.models import Expert, Service
from travelers.models import Trip


def _only(*numbers: object) -> Func:
    """The range that holds this number alone; of nothing, the range that holds every number.

    A GiST index of plain Postgres knows ranges, but not numbers: that would take btree_gist.
    """
    return Func(*numbers, *numbers, Value("[]"), function="int8range")


# The same expert …
OF_EXPERT = (_only(F("expert_id")), RangeOperators.OVERLAPS)
# … and not both in a shared departure, which holds its time itself, once for all its bookings: a booking alone meets
# every other one, a booking in a departure only those alone.
ALONE = (_only(F("departure_id") * 0 + F("id")), RangeOperators.OVERLAPS)
TIME = ("occupied", RangeOperators.OVERLAPS)


def _bound(function: str) -> Func:
    return Func("period", function=function, output_field=models.DateTimeField())


def bounded(field: str) -> Q:
    """Half-open, never empty, with both ends."""
    lookups = {
        "isempty": False,
        "lower_inf": False,
        "upper_inf": False,
        "lower_inc": True,
        "upper_inc": False,
    }
    return Q(**{f"{field}__{lookup}": value for lookup, value in lookups.items()})


class Departure(models.Model):
    """One start of a shared service: it takes the expert's time once, and its seats are sold one by one.

    `seats_taken` is written by a trigger of the bookings alone, so it is what their rows say, whoever writes them.
    """

    expert = models.ForeignKey(
        Expert, on_delete=models.PROTECT, related_name="departures", verbose_name=_("expert")
    )
    service = models.ForeignKey(
        Service, on_delete=models.SET_NULL, null=True, related_name="departures", verbose_name=_("service")
    )
    period = DateTimeRangeField(_("period"))
    occupied = DateTimeRangeField(_("occupied, with buffers"))
    seats = models.PositiveSmallIntegerField(_("seats"))
    seats_taken = models.PositiveSmallIntegerField(_("seats taken"), default=0)

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(fields=["service", "period", "occupied"], name="departure_unique"),
            models.CheckConstraint(
                condition=Q(seats__gte=1, seats_taken__gte=0, seats_taken__lte=F("seats")),
                name="departure_seats",
            ),
            models.CheckConstraint(
                condition=bounded("period") & bounded("occupied") & Q(occupied__contains=F("period")),
                name="departure_period",
            ),
            ExclusionConstraint(
                name="departure_no_overlap",
                expressions=[OF_EXPERT, TIME],
                condition=Q(seats_taken__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} · {self.period.lower:%Y-%m-%d %H:%M}"

    @property
    def seats_left(self) -> int:
        return self.seats - self.seats_taken


class BookingQuerySet(models.QuerySet["Booking"]):
    def visible_to(self, user: "User | Parameter") -> "BookingQuerySet":
        """Of the two people it is about."""
        return self.filter(Q(traveler=user) | Q(expert__user=user))

    def occupying(self) -> "BookingQuerySet":
        return self.filter(state__in=Booking.OCCUPYING)

    def standing_with(self, expert: Expert) -> "BookingQuerySet":
        """Asked for, held or confirmed, and neither run out nor over."""
        now = timezone.now()
        running = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.occupying().filter(running, expert=expert, period__endswith__gt=now)

    def overdue(self, now: datetime) -> "BookingQuerySet":
        return self.filter(state__in=Booking.WAITING, expires_at__lte=now)

    def undisputed(self) -> "BookingQuerySet":
        """No dispute about them is open."""
        disputes = apps.get_model("bookings", "Dispute")._default_manager.filter(state="open")
        return self.filter(~Exists(disputes.filter(booking=OuterRef("pk"))))

    def with_people(self) -> "BookingQuerySet":
        return self.select_related("traveler", "expert__user", "expert__market", "service", "trip")

    def acquainting(self, traveler: object, expert: object) -> "BookingQuerySet":
        """Those by which the two, keys or references to them, may see each other's contact details."""
        return self.filter(traveler=traveler, expert=expert, state__in=Booking.ACQUAINTING)

    def with_acquaintance(self) -> "BookingQuerySet":
        """`acquainted`: by this booking or another."""
        return self.annotate(
            acquainted=Exists(Booking.objects.acquainting(OuterRef("traveler"), OuterRef("expert")))
        )


# A booking in a departure fills its seats for as long as it occupies.
_SEATS = """
    IF TG_OP <> 'INSERT' AND OLD.departure_id IS NOT NULL AND OLD.state IN ({occupying}) THEN
        given := OLD.people;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.departure_id IS NOT NULL AND NEW.state IN ({occupying}) THEN
        taken := NEW.people;
    END IF;
    IF given > 0 AND taken > 0 AND OLD.departure_id = NEW.departure_id THEN
        taken := taken - given;
        given := 0;
    END IF;
    IF given > 0 THEN
        UPDATE bookings_departure SET seats_taken = seats_taken - given WHERE id = OLD.departure_id;
    END IF;
    IF taken <> 0 THEN
        UPDATE bookings_departure SET seats_taken = seats_taken + taken WHERE id = NEW.departure_id;
    END IF;
    RETURN NULL;
"""


@pghistory.track()
class Booking(models.Model):
    """An expert engaged for a period, at the terms both agreed on.

    `period` is what was booked, `occupied` with the buffers around it: what nobody else can have. `time_zone` is that
    of the plan, the expert's; `start` and `end` are the days of the period there. Planned by `bookings.booking`,
    moved by its `move` alone.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        HELD = "held", _("held")
        CONFIRMED = "confirmed", _("confirmed")
        COMPLETED = "completed", _("completed")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")
        NO_SHOW = "no_show", _("no-show")

    class Missing(models.TextChoices):
        """Whose no-show it is; the words stand in place of the state's."""

        TRAVELER = "traveler", _("no-show of the traveler")
        EXPERT = "expert", _("no-show of the expert")

    # In these the time is taken; in the first two of them until `expires_at`.
    OCCUPYING = [State.REQUESTED, State.HELD, State.CONFIRMED]
    WAITING = [State.REQUESTED, State.HELD]
    # From the confirmation on the two may know how to reach each other.
    ACQUAINTING = [State.CONFIRMED, State.COMPLETED]

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
    departure = models.ForeignKey(
        Departure,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name=_("departure"),
    )
    # What was agreed on, in the words of the service or the offer at that time.
    title = models.CharField(_("what"), max_length=200)
    period = DateTimeRangeField(_("period"))
    occupied = DateTimeRangeField(_("occupied, with buffers"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    people = models.PositiveSmallIntegerField(_("people"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    price = models.DecimalField(_("agreed price"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    commission = models.DecimalField(_("of it our commission"), max_digits=12, decimal_places=2, default=0)
    # What `bookings.cancellation.snapshot` said when it was booked; what the service says later is nothing to it.
    cancellation = models.JSONField(_("cancellation terms"), default=dict)
    cancelled_by_expert = models.BooleanField(_("cancelled by the expert"), default=False)
    missing = models.CharField(_("who did not come"), max_length=8, choices=Missing, blank=True)
    refund = models.DecimalField(_("refund"), max_digits=12, decimal_places=2, null=True, blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gte=F("start"), price__gt=0, people__gte=1) & ~Q(title=""),
                name="booking_sane",
            ),
            models.CheckConstraint(
                condition=bounded("period") & bounded("occupied") & Q(occupied__contains=F("period")),
                name="booking_period",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "held"], expires_at__isnull=False)
                | (~Q(state__in=["requested", "held"]) & Q(expires_at__isnull=True)),
                name="booking_expiry",
            ),
            models.CheckConstraint(
                condition=Q(commission__gte=0, commission__lte=F("price"))
                & (Q(refund__isnull=True) | Q(refund__gte=0, refund__lte=F("price"))),
                name="booking_amounts",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="booking_currency"),
            models.CheckConstraint(
                condition=Q(state="no_show", missing__in=["traveler", "expert"])
                | (~Q(state="no_show") & Q(missing="")),
                name="booking_missing",
            ),
            ExclusionConstraint(
                name="booking_no_overlap",
                expressions=[OF_EXPERT, TIME, ALONE],
                condition=Q(state__in=["requested", "held", "confirmed"]),
            ),
        ]
        indexes = [
            models.Index(fields=["expert", "state"], name="booking_of_expert"),
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["requested", "held"]),
                name="booking_expiring",
            ),
            # Of those that may take a whole day: bookings.wiring.
            GistIndex(
                fields=["period"],
                condition=Q(state__in=["requested", "held", "confirmed"])
                & Q(GreaterThanOrEqual(_bound("upper") - _bound("lower"), timedelta(hours=23))),
                name="booking_of_days",
            ),
        ]
        permissions = [("move_booking", "Can move bookings")]
        triggers = [
            pgtrigger.Trigger(
                name="count_seats",
                when=pgtrigger.After,
                operation=pgtrigger.Insert
                | pgtrigger.Delete
                | pgtrigger.UpdateOf("state", "departure_id", "people"),
                declare=[("given", "int := 0"), ("taken", "int := 0")],
                func=_SEATS.format(occupying="'requested', 'held', 'confirmed'"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.traveler} · {self.expert_id} · {self.start}"

    def get_absolute_url(self) -> str:
        return reverse("bookings:detail", args=[self.pk])

    @property
    def state_said(self) -> str:
        """With who did not come."""
        return self.get_missing_display() if self.missing else self.get_state_display()

    @property
    def is_occupying(self) -> bool:
        return self.state in self.OCCUPYING

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, FilteredRelation, Func, IntegerField, OuterRef, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from experts.models import CommunicationStyle, Expert, Specialty
from markets.formats import day_range, month
from markets.models import Market

MAX_TRIP_DAYS = 90
# Trips that a visitor described before signing in; they become the account's own at sign-in.
SESSION_TRIPS = "trips"


class TravelStyle(models.TextChoices):
    RELAXED = "relaxed", _("relaxed")
    BALANCED = "balanced", _("balanced")
    ACTIVE = "active", _("active")
    LUXURY = "luxury", _("luxury")
    BACKPACKER = "backpacker", _("backpacker")


class GroupKind(models.TextChoices):
    SOLO = "solo", _("on my own")
    COUPLE = "couple", _("a couple")
    FAMILY = "family", _("family with children")
    FRIENDS = "friends", _("friends")
    GROUP = "group", _("a larger group")


class Experience(models.TextChoices):
    FIRST = "first", _("first trips")
    SOME = "some", _("some experience")
    SEASONED = "seasoned", _("seasoned")


def codes(size: int = 3) -> "ArrayField[Any, Any]":
    return ArrayField(models.CharField(max_length=size), default=list, blank=True)


class TravelerProfile(models.Model):
    """What stays true of a traveler from trip to trip; it fills a new trip's form."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="traveler", verbose_name=_("user")
    )
    interests = models.ManyToManyField(Specialty, blank=True, related_name="+", verbose_name=_("interests"))
    travel_style = models.CharField(_("travel style"), max_length=12, choices=TravelStyle, blank=True)
    budget_min = models.DecimalField(
        _("lowest budget per person and day"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    budget_max = models.DecimalField(
        _("highest budget per person and day"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    languages = codes()
    dietary_needs = models.CharField(_("dietary needs"), max_length=200, blank=True)
    accessibility_needs = models.CharField(_("accessibility needs"), max_length=200, blank=True)
    group_kind = models.CharField(_("usually travels as"), max_length=8, choices=GroupKind, blank=True)
    experience = models.CharField(_("travel experience"), max_length=8, choices=Experience, blank=True)
    communication_style = models.CharField(
        _("likes to be written to"), max_length=10, choices=CommunicationStyle, blank=True
    )

    class Meta:
        verbose_name = _("traveler profile")
        verbose_name_plural = _("traveler profiles")
        constraints = [
            models.CheckConstraint(
                condition=(Q(budget_min__isnull=True) | Q(budget_min__gte=0))
                & (Q(budget_max__isnull=True) | Q(budget_max__gte=0))
                & (
                    Q(budget_min__isnull=True)
                    | Q(budget_max__isnull=True)
                    | Q(budget_max__gte=F("budget_min"))
                ),
                name="traveler_budget_range",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class TripQuerySet(models.QuerySet["Trip"]):
    def visible_to(self, request: HttpRequest) -> "TripQuerySet":
        """The signed-in traveler's own trips, and those described in this browser before signing in."""
        described = request.session.get(SESSION_TRIPS, [])
        here = Q(traveler__isnull=True, pk__in=described)
        if not request.user.is_authenticated:
            return self.filter(here)
        own = Q(traveler=request.user)
        return self.filter(own | here if described else own)

    def with_names(self) -> "TripQuerySet":
        return self.select_related("destination", "traveler")

    def with_run(self) -> "TripQuerySet":
        """`run_state`: of the match run that is not stale, None without one. `offers`: how many of the experts on
        its list still take inquiries.
        """
        open_experts = Expert.objects.open_to_inquiries()
        ranks = Trip.objects.filter(
            runs=OuterRef("current"),
            runs__scores__rank__lte=OuterRef("current__shown"),  # the shown ones rank first
            runs__scores__expert__in=open_experts,
        ).values("runs__scores__rank")
        return self.annotate(
            current=FilteredRelation("runs", condition=~Q(runs__state="stale")),
            run_state=F("current__state"),
            offers=Func(ArraySubquery(ranks), function="cardinality", output_field=IntegerField()),
        )


class Trip(models.Model):
    """The brief: where, when, with whom, for how much, and what matters."""

    class Kind(models.TextChoices):
        CITY = "city", _("city break")
        CULTURE = "culture", _("culture and history")
        FOOD = "food", _("food and drink")
        NATURE = "nature", _("nature and outdoors")
        BEACH = "beach", _("beach and sea")
        FAMILY = "family", _("family holiday")
        ROMANTIC = "romantic", _("romantic getaway")
        BUSINESS = "business", _("business trip with free time")
        OTHER = "other", _("something else")

    class Purpose(models.TextChoices):
        GUIDE = "guide", _("a guide at my side")
        PLAN = "plan", _("a plan made for me")
        ADVICE = "advice", _("advice and answers")
        LOGISTICS = "logistics", _("bookings and logistics")

    traveler = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="trips",
        verbose_name=_("traveler"),
    )
    destination = models.ForeignKey(
        Market, on_delete=models.PROTECT, related_name="trips", verbose_name=_("destination")
    )
    start = models.DateField(_("first day"), null=True, blank=True)
    end = models.DateField(_("last day"), null=True, blank=True)
    flexible_month = models.DateField(_("month"), null=True, blank=True, help_text=_("Its first day."))
    days = models.PositiveSmallIntegerField(
        _("days"), validators=[MinValueValidator(1), MaxValueValidator(MAX_TRIP_DAYS)]
    )
    kind = models.CharField(_("kind of trip"), max_length=10, choices=Kind)
    purpose = models.CharField(_("what you need most"), max_length=10, choices=Purpose)
    interests = models.ManyToManyField(
        Specialty, through="TripInterest", related_name="+", verbose_name=_("interests")
    )
    must_haves = models.CharField(_("must-haves"), max_length=500, blank=True)
    nice_to_haves = models.CharField(_("nice to have"), max_length=500, blank=True)
    adults = models.PositiveSmallIntegerField(_("adults"), default=2)
    children = models.PositiveSmallIntegerField(_("children"), default=0)
    budget = models.DecimalField(
        _("budget for local help, in all"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    languages = codes()
    communication_style = models.CharField(
        _("how you like to be written to"), max_length=10, choices=CommunicationStyle, blank=True
    )
    time_zone = models.CharField(_("your time zone"), max_length=64, blank=True)
    brief = models.TextField(_("your trip in your own words"), max_length=5000, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = TripQuerySet.as_manager()

    class Meta:
        verbose_name = _("trip")
        verbose_name_plural = _("trips")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    # A comparison with nothing is neither true nor false, and a check lets that pass.
                    start__isnull=False,
                    end__isnull=False,
                    end__gte=F("start"),
                    flexible_month__isnull=True,
                )
                | Q(start__isnull=True, end__isnull=True, flexible_month__isnull=False),
                name="trip_dates_or_month",
            ),
            models.CheckConstraint(condition=Q(days__range=(1, MAX_TRIP_DAYS)), name="trip_days"),
            models.CheckConstraint(
                condition=Q(adults__range=(1, 50), children__range=(0, 50)), name="trip_group_size"
            ),
            models.CheckConstraint(condition=Q(budget__isnull=True) | Q(budget__gt=0), name="trip_budget"),
        ]
        indexes = [models.Index(fields=["traveler", "-id"], name="trip_of_traveler")]

    def __str__(self) -> str:
        when = day_range(self.start, self.end) if self.start and self.end else month(self.window()[0])
        return f"{self.destination.name}, {when}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Nothing, beforehand: the form says in its own words what stands against a trip, and Postgres refuses the rest
        when it is stored. Django would ask it about each constraint in a question of its own.
        """

    @property
    def people(self) -> int:
        return self.adults + self.children

    @property
    def budget_per_person_day(self) -> Decimal | None:
        """In `currency`; None when the traveler named no budget."""
        return self.budget / (self.people * self.days) if self.budget is not None else None

    def window(self) -> tuple[date, date]:
        """First day and the day after the last on which the trip could take place."""
        if self.start and self.end:
            return self.start, self.end + timedelta(days=1)
        assert self.flexible_month  # trip_dates_or_month
        return self.flexible_month, (self.flexible_month + timedelta(days=32)).replace(day=1)


class TripInterest(models.Model):
    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="wanted")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="+")
    must = models.BooleanField(_("must have"), default=False)

    class Meta:
        verbose_name = _("interest of a trip")
        verbose_name_plural = _("interests of trips")
        constraints = [models.UniqueConstraint(fields=["trip", "specialty"], name="trip_interest_unique")]

    def __str__(self) -> str:
        return str(self.specialty)

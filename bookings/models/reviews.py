from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models.bookings import Booking
from experts.models import Expert

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def stars(label: "StrOrPromise") -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField(label, validators=[MinValueValidator(1), MaxValueValidator(5)])


class WrittenQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        return self.filter(state=Written.State.PUBLISHED)

    def with_people(self) -> Self:
        return self.select_related("booking__traveler", "booking__expert__user", "booking__expert__market")


class Written(models.Model):
    """What one side of a completed booking says about the other. Nobody reads it before it is published."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        PUBLISHED = "published", _("published")
        HIDDEN = "hidden", _("hidden")

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        State.WAITING: frozenset({State.PUBLISHED}),
        State.PUBLISHED: frozenset({State.HIDDEN}),
        State.HIDDEN: frozenset({State.PUBLISHED}),
    }

    rating = stars(_("rating"))
    # Empty once its author's account was erased: the stars stay, nobody's.
    text = models.TextField(_("text"), max_length=4000)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    moderation_reason = models.TextField(_("reason given"), max_length=2000, blank=True)
    reply = models.TextField(_("reply"), max_length=2000, blank=True)
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)

    objects = WrittenQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", published_at__isnull=True)
                | Q(state__in=["published", "hidden"], published_at__isnull=False),
                name="%(class)s_published",
            ),
            # Of what was never published nobody can have an answer.
            models.CheckConstraint(
                condition=Q(reply="", replied_at__isnull=True)
                | (~Q(reply="") & Q(replied_at__isnull=False, published_at__isnull=False)),
                name="%(class)s_reply",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5 · {self.booking_id}"

    if TYPE_CHECKING:
        booking: models.OneToOneField[Booking, Booking]
        booking_id: int

    @property
    def author(self) -> User:
        raise NotImplementedError

    @property
    def reviewed(self) -> User:
        raise NotImplementedError

    def can_become(self, state: str) -> bool:
        return state in self.MOVES[self.state]


class Review(Written):
    """What a traveler says about an expert."""

    booking = models.OneToOneField(
        Booking, on_delete=models.CASCADE, related_name="review", verbose_name=_("booking")
    )
    # Copied from the booking, so that a profile reads its reviews from one index.
    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("expert")
    )
    communication = stars(_("communication"))
    knowledge = stars(_("knowledge"))
    value = stars(_("value"))
    flexibility = stars(_("flexibility"))
    responsiveness = stars(_("responsiveness"))

    class Meta(Written.Meta):
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            *Written.Meta.constraints,
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
            ),
        ]
        indexes = [
            models.Index(fields=["expert", "-published_at"], name="review_of_expert"),
            models.Index(fields=["written_at"], condition=Q(state="waiting"), name="review_waiting"),
        ]
        permissions = [("moderate_review", "Can hide and show reviews of experts")]

    @property
    def author(self) -> User:
        return self.booking.traveler

    @property
    def reviewed(self) -> User:
        return self.booking.expert.user


class TravelerReview(Written):
    """What an expert says about a traveler: read by the traveler, and by experts the traveler books."""

    booking = models.OneToOneField(
        Booking, on_delete=models.CASCADE, related_name="traveler_review", verbose_name=_("booking")
    )
    # Copied from the booking, as the expert of a Review.
    traveler = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="reviews_by_experts", verbose_name=_("traveler")
    )

    class Meta(Written.Meta):
        verbose_name = _("review of a traveler")
        verbose_name_plural = _("reviews of travelers")
        constraints = [
            *Written.Meta.constraints,
            models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="travelerreview_stars"),
        ]
        indexes = [
            models.Index(fields=["traveler", "-published_at"], name="review_of_traveler"),
            models.Index(fields=["written_at"], condition=Q(state="waiting"), name="traveler_review_waiting"),
        ]
        permissions = [("moderate_travelerreview", "Can hide and show reviews of travelers")]

    @property
    def author(self) -> User:
        return self.booking.expert.user

    @property
    def reviewed(self) -> User:
        return self.booking.traveler

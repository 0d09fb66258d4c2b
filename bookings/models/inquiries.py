from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.compiled import Parameter
from accounts.models import User
from bookings.models.bookings import Booking
from experts.models import Expert
from travelers.models import Trip


class Side(models.TextChoices):
    """Who says something in a thread."""

    TRAVELER = "traveler", _("traveler")
    EXPERT = "expert", _("expert")
    SYSTEM = "system", _("Traveloure")

    @property
    def other(self) -> "Side":
        return Side.EXPERT if self == Side.TRAVELER else Side.TRAVELER


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def with_people(self) -> "InquiryQuerySet":
        return self.select_related("traveler", "expert__user", "trip__destination").defer(
            "expert__bio", "expert__background", "expert__unique_value", "expert__search_words", "trip__brief"
        )

    def of(self, user: "User | Parameter") -> "InquiryQuerySet":
        """Those of which the user is one of the two."""
        return self.filter(Q(traveler=user) | Q(expert__in=Expert.objects.filter(user=user)))

    def on_side(self, user: "User | Parameter", side: str) -> "InquiryQuerySet":
        return self.filter(expert__user=user) if side == Side.EXPERT else self.filter(traveler=user)

    def with_acquaintance(self) -> "InquiryQuerySet":
        """`acquainted`: whether the two may see each other's contact details."""
        return self.annotate(
            acquainted=Exists(Booking.objects.acquainting(OuterRef("traveler"), OuterRef("expert")))
        )

    def for_inbox(self) -> "InquiryQuerySet":
        """Those in which anything was said."""
        said = self.filter(last_message__isnull=False).select_related("last_message")
        return said.with_people().with_acquaintance()

    def for_thread(self) -> "InquiryQuerySet":
        """`blocked_by_…`: whether that side wants no more; and `acquainted`."""
        traveler, expert = OuterRef("traveler"), OuterRef("expert__user")
        return (
            self.with_people()
            .with_acquaintance()
            .select_related("expert__market")
            .annotate(
                blocked_by_traveler=Exists(Block.objects.filter(by=traveler, whom=expert)),
                blocked_by_expert=Exists(Block.objects.filter(by=expert, whom=traveler)),
            )
        )


class Inquiry(models.Model):
    """The thread of a traveler and an expert about a trip: messages, and the offers made among them."""

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
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    last_message = models.ForeignKey(
        "bookings.Message",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("last message"),
    )
    # Read marks: the last message each side has seen, and how many it has not, kept by bookings.threads.
    traveler_read = models.PositiveBigIntegerField(default=0, editable=False)
    expert_read = models.PositiveBigIntegerField(default=0, editable=False)
    traveler_unread = models.PositiveIntegerField(_("unread by the traveler"), default=0, editable=False)
    expert_unread = models.PositiveIntegerField(_("unread by the expert"), default=0, editable=False)

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
        indexes = [
            models.Index(fields=["expert", "-id"], name="inquiry_of_expert"),
            models.Index(fields=["expert", "-last_message"], name="inquiry_inbox_of_expert"),
            models.Index(fields=["traveler", "-last_message"], name="inquiry_inbox_of_traveler"),
            # Every page that polls asks for these, and nearly all threads have been read.
            models.Index(
                fields=["expert"], condition=Q(expert_unread__gt=0), name="inquiry_unread_by_expert"
            ),
            models.Index(
                fields=["traveler"], condition=Q(traveler_unread__gt=0), name="inquiry_unread_by_traveler"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.traveler} → {self.expert_id}"

    def get_absolute_url(self) -> str:
        return reverse("inquiries:thread", args=[self.pk])

    def side_of(self, user: User) -> Side:
        return Side.TRAVELER if self.traveler_id == user.pk else Side.EXPERT

    def person(self, side: str) -> User:
        return self.traveler if side == Side.TRAVELER else self.expert.user

    def unread(self, side: str) -> int:
        return self.traveler_unread if side == Side.TRAVELER else self.expert_unread

    def read_by(self, side: str) -> int:
        return self.traveler_read if side == Side.TRAVELER else self.expert_read


class BlockQuerySet(models.QuerySet["Block"]):
    def between(self, one: "User | Parameter", other: User | OuterRef) -> "BlockQuerySet":
        return self.filter(Q(by=one, whom=other) | Q(by=other, whom=one))


class Block(models.Model):
    """Somebody wants no more messages from somebody else, in any of their threads."""

    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("by"))
    whom = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("whom"))
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["by", "whom"], name="block_unique"),
            models.CheckConstraint(condition=~Q(by=models.F("whom")), name="block_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.by_id} → {self.whom_id}"

"""Reviews by both sides of a completed booking: written in the dark, published together, moderated by staff.

Every change of a review locks its booking or its row first and the expert's row, whose counts follow, last.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from bookings import notices
from bookings.aggregates import refresh_experts
from bookings.models import Booking, Review, TravelerReview, Written
from bookings.signals import review_withdrawn

State = Written.State
SIDES: tuple[type[Written], ...] = (Review, TravelerReview)
# How long the first of two waits for the other, and until when after the trip either may be written.
PATIENCE = timedelta(days=7)
WINDOW = timedelta(days=30)


def of_participant(user: User) -> QuerySet[Booking]:
    """The bookings whose sides this user is one of."""
    return Booking.objects.filter(Q(traveler=user) | Q(expert__user=user))


def side_of(booking: Booking, user: User) -> type[Written]:
    """What this user writes about the booking: the kind of their review. PermissionDenied for a stranger."""
    if user.pk == booking.traveler_id:
        return Review
    if user.pk == booking.expert.user_id:
        return TravelerReview
    raise PermissionDenied


def other_side(side: type[Written]) -> type[Written]:
    return TravelerReview if side is Review else Review


def of_booking(side: type[Written], booking: Booking) -> Written | None:
    rows: QuerySet[Any] = side._default_manager.all()
    return rows.filter(booking=booking).first()


def open_until(booking: Booking) -> datetime | None:
    """When the time to review ends; None where the booking is not completed.

    The history that the database writes by itself knows when a booking was completed, whoever completed it.
    """
    if booking.state != Booking.State.COMPLETED:
        return None
    rows = Booking.pgh_event_model.objects.filter(pgh_obj=booking, state=booking.state)  # type: ignore[attr-defined]  # pghistory's
    completed: datetime | None = rows.aggregate(at=Min("pgh_created_at"))["at"]
    return (completed or timezone.now()) + WINDOW


@transaction.atomic
def write(*, booking: Booking, by: User, **said: Any) -> Written:
    """Store what this side says, or change it while it waits; publishes both once both have written.

    A double click finds the review that the first click made. DomainError says why it can't be written any more.
    """
    # Two sides that write at the same moment see each other, because one of them waits here.
    booking = Booking.objects.select_for_update(of=("self",), no_key=True).get(pk=booking.pk)
    side = side_of(booking, by)
    review = of_booking(side, booking)
    if review and review.state != State.WAITING:
        if _says(review, said):
            return review
        raise DomainError(_("Your review is published and can’t be changed any more."))
    if is_new := review is None:
        _check_open(booking)
        review = _blank(side, booking)
    for name, value in said.items():
        setattr(review, name, value)
    review.save()
    action = "review.write" if is_new else "review.change"
    event = audit.record(action=action, target=review, by=by, booking=booking.pk)
    other = of_booking(other_side(side), booking)
    if other:
        return _publish_both(review, other)
    if is_new:
        notices.of_review(review, event)
    return review


def _says(review: Written, said: dict[str, Any]) -> bool:
    return all(getattr(review, name) == value for name, value in said.items())


def _check_open(booking: Booking) -> None:
    until = open_until(booking)
    if until is None:
        raise DomainError(_("Only a completed booking can be reviewed."))
    if timezone.now() >= until:
        raise DomainError(_("A review can be written until 30 days after the trip. That time is over."))


def _blank(side: type[Written], booking: Booking) -> Written:
    if side is Review:
        return Review(booking=booking, expert=booking.expert)
    return TravelerReview(booking=booking, traveler=booking.traveler)


def _publish_both(review: Written, other: Written) -> Written:
    if other.state == State.WAITING:
        move(review=other, to=State.PUBLISHED, by=None)
    return move(review=review, to=State.PUBLISHED, by=None)


@transaction.atomic
def move(*, review: Written, to: str, by: User | None, reason: str = "") -> Written:
    """Publish (`by=None`: the other side or time does it), hide or show again, which staff do and say why.

    Takes the row as it is now and returns it. Raises IllegalMove, DomainError without a reason, PermissionDenied.
    """
    rows = type(review)._default_manager.with_people().select_for_update(of=("self",))
    review = rows.get(pk=review.pk)
    _check_move(review, to, by, reason)
    before, review.state = review.state, to
    review.published_at = review.published_at or timezone.now()
    review.moderation_reason = reason
    review.save(update_fields=["state", "published_at", "moderation_reason"])
    event = audit.record(
        action=_action(before, to), target=review, by=by, before=before, after=to, reason=reason
    )
    _tell_readers(review)
    notices.of_review(review, event)
    return review


def _action(before: str, to: str) -> str:
    if before == State.WAITING:
        return "review.publish"
    return "review.hide" if to == State.HIDDEN else "review.show"


def _check_move(review: Written, to: str, by: User | None, reason: str) -> None:
    if by and not may_moderate(review, by):
        raise PermissionDenied
    # Staff neither publish what waits, nor does time undo what staff did.
    allowed = review.MOVES[review.state] if (by is None) == (review.state == State.WAITING) else frozenset()
    if to not in allowed:
        raise IllegalMove(
            now=review.get_state_display(),
            asked=str(State(to).label),
            allowed=sorted(str(State(state).label) for state in allowed),
        )
    if by and not reason.strip():
        raise DomainError(_("Say why: whoever wrote the review reads your reason."))


def may_moderate(review: Written, user: User) -> bool:
    """Nobody decides about a review they wrote or are the subject of."""
    if user.pk in {review.author.pk, review.reviewed.pk}:
        return False
    return user.has_perm(f"bookings.moderate_{type(review)._meta.model_name}")


def _tell_readers(review: Written) -> None:
    """Whatever is counted, indexed or quoted of it follows in the same transaction."""
    if isinstance(review, Review):
        refresh_experts([review.expert_id])
        if review.state == State.HIDDEN:
            review_withdrawn.send(Review, reviews={review.pk: review.expert_id})


@transaction.atomic
def reply(*, review: Written, by: User, text: str) -> Written:
    """The one public answer of whoever is reviewed. A second click with the same words changes nothing."""
    rows = type(review)._default_manager.with_people().select_for_update(of=("self",))
    review = rows.get(pk=review.pk)
    if by.pk != review.reviewed.pk:
        raise PermissionDenied
    if review.reply == text:
        return review
    if review.reply:
        raise DomainError(_("You have replied to this review already."))
    if review.state != State.PUBLISHED:
        raise DomainError(_("Only a published review can be replied to."))
    review.reply, review.replied_at = text, timezone.now()
    review.save(update_fields=["reply", "replied_at"])
    event = audit.record(action="review.reply", target=review, by=by)
    _tell_readers(review)
    notices.of_review(review, event)
    return review


def due(*, at_most: int) -> Iterator[int]:
    """The bookings with a review that has waited long enough, `at_most` of each side, the oldest first."""
    for side in SIDES:
        yield from _due(side).order_by("written_at").values_list("booking_id", flat=True)[:at_most]


def _due(side: type[Written]) -> QuerySet[Any]:
    return side._default_manager.filter(state=State.WAITING, written_at__lte=timezone.now() - PATIENCE)


@transaction.atomic
def publish(booking_id: int) -> None:
    """What was written about this booking and is due. The second run of it finds nothing to do."""
    booking = Booking.objects.select_for_update(of=("self",), no_key=True).filter(pk=booking_id).first()
    for side in SIDES:
        for review in _due(side).filter(booking=booking) if booking else ():
            move(review=review, to=State.PUBLISHED, by=None)

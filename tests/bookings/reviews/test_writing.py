"""Reviews by both sides: who may write when, in the dark until both are published, one reply, each told once."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import audit
from accounts.errors import DomainError
from bookings import reviewing, tasks
from bookings.models import Booking, Review, TravelerReview
from tests.bookings.test_reviews import STARS, counted, stored
from tests.factories import make_booking, make_expert, make_review, make_traveler_review, make_user
from tests.threads import at_once
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
STORY = "Everything went as we had hoped."


@pytest.fixture
def booking():
    return make_booking(make_expert(name="Mei Tanaka"), make_user("Rosa Traveler"))


def by_traveler(booking, text=STORY, **said):
    return reviewing.write(booking=booking, by=booking.traveler, text=text, **dict.fromkeys(STARS, 4) | said)


def by_expert(booking, text="Always on time, always curious.", rating=5):
    return reviewing.write(booking=booking, by=booking.expert.user, text=text, rating=rating)


def states(booking):
    sides: tuple[Any, ...] = reviewing.SIDES
    return [side.objects.filter(booking=booking).values_list("state", flat=True).first() for side in sides]


def completed_ago(booking, **time):
    rows = apps.get_model("bookings.BookingEvent").objects.filter(pgh_obj=booking)
    rows.update(pgh_created_at=timezone.now() - timedelta(**time))


def pass_days(days):
    for side in reviewing.SIDES:
        for review in side._default_manager.all():
            review.written_at -= timedelta(days=days)
            review.save()


def sweep():
    tasks.publish_due_reviews()
    return run_jobs()


def test_the_first_review_waits_and_counts_for_nothing(booking):
    by_traveler(booking)
    assert states(booking) == ["waiting", None]
    assert stored(booking.expert)["review_count"] == 0


@pytest.mark.parametrize("first", [by_traveler, by_expert])
def test_the_second_one_publishes_both_at_the_same_moment(booking, first):
    second = by_expert if first is by_traveler else by_traveler
    first(booking)
    second(booking)
    assert states(booking) == ["published", "published"]
    assert stored(booking.expert) == counted(booking.expert)
    assert stored(booking.expert)["review_count"] == 1


def test_alone_it_is_published_after_seven_days(booking):
    by_traveler(booking)
    run_jobs()
    pass_days(6.99)
    assert sweep() == 0
    pass_days(0.02)
    assert sweep() > 0
    assert states(booking) == ["published", None]
    assert stored(booking.expert) == counted(booking.expert)


def test_a_second_sweep_finds_nothing_to_do(booking):
    by_expert(booking)
    pass_days(8)
    sweep()
    published = TravelerReview.objects.get().published_at
    assert sweep() == 0
    assert TravelerReview.objects.get().published_at == published


def test_who_comes_after_the_seven_days_is_published_at_once(booking):
    by_traveler(booking)
    pass_days(8)
    sweep()
    assert by_expert(booking).state == "published"


def test_it_can_be_changed_until_it_is_published(booking):
    first = by_traveler(booking)
    again = by_traveler(booking, text="On second thoughts, it was wonderful.", rating=5)
    assert (again.pk, again.text, again.rating, again.state) == (
        first.pk,
        "On second thoughts, it was wonderful.",
        5,
        "waiting",
    )
    by_expert(booking)
    with pytest.raises(DomainError, match="published"):
        by_traveler(booking, rating=1)
    assert Review.objects.get().rating == 5


def test_a_double_click_that_publishes_finds_the_review_it_made(booking):
    by_expert(booking)
    assert by_traveler(booking).pk == by_traveler(booking).pk
    assert audit.history(Review.objects.get()).filter(action="review.write").count() == 1


@pytest.mark.parametrize("state", ["confirmed", "cancelled"])
@pytest.mark.parametrize("write", [by_traveler, by_expert])
def test_only_a_completed_booking_is_reviewed(write, state):
    booking = make_booking(make_expert(), state=state)
    with pytest.raises(DomainError, match="completed"):
        write(booking)
    assert states(booking) == [None, None]


def test_thirty_days_after_completion_it_is_too_late(booking):
    completed_ago(booking, days=29, hours=23)
    by_traveler(booking)
    completed_ago(booking, days=30)
    with pytest.raises(DomainError, match="30 days"):
        by_expert(booking)


def test_the_days_count_from_completion_and_not_from_the_booking():
    booking = make_booking(make_expert(), state=Booking.State.CONFIRMED)
    completed_ago(booking, days=90)
    Booking.objects.filter(pk=booking.pk).update(state=Booking.State.COMPLETED)
    booking.refresh_from_db()
    assert by_traveler(booking).state == "waiting"


def test_a_stranger_reviews_nothing(booking):
    with pytest.raises(PermissionDenied):
        reviewing.write(booking=booking, by=make_user(), text=STORY, rating=1)


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_the_same_moment_are_both_published():
    bookings = [make_booking(make_expert(), make_user()) for _ in range(3)]
    writers: list[Any] = [by_traveler, by_expert, by_traveler, by_expert, by_traveler]
    for booking in bookings:
        turns = iter(writers)
        at_once(lambda turns=turns, booking=booking: next(turns)(booking))
        assert states(booking) == ["published", "published"]
        assert stored(booking.expert) == counted(booking.expert)


# The reply


def test_the_reviewed_reply_once(booking):
    review = make_review(booking.expert, booking=booking)
    replied = reviewing.reply(review=review, by=booking.expert.user, text="Come back soon.")
    assert reviewing.reply(review=replied, by=booking.expert.user, text="Come back soon.").reply
    with pytest.raises(DomainError, match="already"):
        reviewing.reply(review=review, by=booking.expert.user, text="And another thing.")
    assert Review.objects.get().reply == "Come back soon."


def test_a_traveler_replies_too(booking):
    review = make_traveler_review(booking.expert, booking=booking)
    reviewing.reply(review=review, by=booking.traveler, text="Thank you for the walks.")
    assert TravelerReview.objects.get().reply == "Thank you for the walks."


def test_nobody_else_replies(booking):
    review = make_review(booking.expert, booking=booking)
    for user in (booking.traveler, make_user()):
        with pytest.raises(PermissionDenied):
            reviewing.reply(review=review, by=user, text="Not mine to say.")


def test_what_is_not_published_has_no_reply(booking):
    review = by_traveler(booking)
    with pytest.raises(DomainError, match="published"):
        reviewing.reply(review=review, by=booking.expert.user, text="Too early.")


# Who is told


def told():
    return [(one.to, one.subject) for one in mail.outbox]


def test_each_is_told_what_concerns_them_and_once(booking):
    mei, rosa = [booking.expert.user.email], [booking.traveler.email]
    by_traveler(booking)
    by_traveler(booking, rating=2)
    run_jobs()
    assert told() == [(mei, "Rosa Traveler wrote a review about your trip together")]
    by_expert(booking)
    run_jobs()
    assert sorted(told()[1:]) == sorted(
        [
            (mei, "Rosa Traveler’s review of you is published"),
            (rosa, "Mei Tanaka’s review of you is published"),
        ]
    )
    reviewing.reply(review=Review.objects.get(), by=booking.expert.user, text="Thank you.")
    run_jobs()
    assert told()[3:] == [(rosa, "Mei Tanaka replied to your review")]


def test_the_mail_about_a_waiting_review_does_not_tell_what_it_says(booking):
    by_traveler(booking, text="A secret opinion.")
    run_jobs()
    assert "secret" not in mail.outbox[0].body
    assert f"/bookings/{booking.pk}/review/" in mail.outbox[0].body

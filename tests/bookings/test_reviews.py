"""An expert's aggregates and evidence are what the reviews and bookings say, however they came to be."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, Review
from bookings.services import refresh_experts
from experts import search
from experts.models import Evidence, Expert, ExpertTerm
from tests.factories import make_booking, make_expert, make_review, make_user

pytestmark = pytest.mark.django_db

STARS = ["rating", "communication", "knowledge", "value", "flexibility", "responsiveness"]
AGGREGATES = [
    *["review_count", "rating_sum", "recent_review_count", "recent_rating_sum"],
    *["communication_count", "communication_sum", "value_count", "value_sum"],
    *["completed_bookings", "repeat_clients"],
]


def history(chance, experts, travelers, bookings):
    """Random bookings, most of them completed, and random reviews of some, not all of them to be seen."""
    for _ in range(bookings):
        state = chance.choice([*Booking.State, *[Booking.State.COMPLETED] * 5])
        booking = make_booking(chance.choice(experts), chance.choice(travelers), state=state)
        if state == Booking.State.COMPLETED and chance.random() < 0.7:
            age = timedelta(days=chance.choice([0, 10, 364, 367, 1000]))
            stars = {name: chance.randint(1, 5) for name in STARS}
            seen = chance.choice(["published", "published", "hidden", "waiting"])
            Review.objects.create(
                booking=booking,
                expert=booking.expert,
                text=f"Words {booking.pk}",
                state=seen,
                published_at=None if seen == "waiting" else timezone.now() - age,
                **stars,
            )


def counted(expert):
    """The aggregates by plain counting."""
    reviews = [one for one in expert.reviews.all() if one.state == Review.State.PUBLISHED]
    recent = [one for one in reviews if timezone.now() - one.published_at < timedelta(days=365)]
    trips = Counter(expert.bookings.filter(state="completed").values_list("traveler", flat=True))
    return {
        "review_count": len(reviews),
        "rating_sum": sum(one.rating for one in reviews),
        "recent_review_count": len(recent),
        "recent_rating_sum": sum(one.rating for one in recent),
        "communication_count": len(reviews),
        "communication_sum": sum(one.communication for one in reviews),
        "value_count": len(reviews),
        "value_sum": sum(one.value for one in reviews),
        "completed_bookings": trips.total(),
        "repeat_clients": sum(times > 1 for times in trips.values()),
    }


def stored(expert):
    return Expert.objects.values(*AGGREGATES).get(pk=expert.pk)


def evidence(expert):
    return list(expert.evidence.order_by("kind", "source_id").values_list("kind", "source_id", "text"))


@pytest.mark.parametrize("seed", range(5))
def test_aggregates_equal_the_rows(seed):
    chance = random.Random(seed)
    experts, travelers = [make_expert() for _ in range(3)], [make_user() for _ in range(4)]
    history(chance, experts, travelers, bookings=30)
    refresh_experts(expert.pk for expert in experts)
    assert [stored(expert) for expert in experts] == [counted(expert) for expert in experts]
    Review.objects.filter(pk__in=chance.sample(list(Review.objects.values_list("pk", flat=True)), 4)).delete()
    refresh_experts(expert.pk for expert in experts)
    assert [stored(expert) for expert in experts] == [counted(expert) for expert in experts]


def test_refreshing_twice_changes_nothing():
    expert = make_expert(specialties={"street-food": 3})
    make_review(expert, text="Wonderful dumplings.")
    rows = evidence(expert), stored(expert), sorted(expert.terms.values_list("lexeme", "texts"))
    refresh_experts([expert.pk, expert.pk])
    assert rows == (evidence(expert), stored(expert), sorted(expert.terms.values_list("lexeme", "texts")))


def test_an_expert_who_is_not_named_stays_as_they_were():
    expert, other = make_expert(), make_expert()
    Expert.objects.update(completed_bookings=7)
    refresh_experts([expert.pk])
    assert (stored(expert)["completed_bookings"], stored(other)["completed_bookings"]) == (0, 7)


def test_refreshing_nobody_is_no_error():
    refresh_experts([])
    refresh_experts([10**12])
    assert not Expert.objects.exists()


def test_a_published_review_counts_and_is_found_at_once():
    expert = make_expert()
    review = make_review(expert, rating=4, text="Unforgettable kayaking at dusk.")
    expert.refresh_from_db()
    assert (expert.review_count, expert.rating) == (1, 4.0)
    assert ("review", review.pk, review.text) in evidence(expert)
    assert ExpertTerm.objects.get(expert=expert, lexeme="kayak").texts == 1


def test_a_corrected_review_replaces_its_words():
    expert = make_expert()
    review = make_review(expert, text="Kayaking.")
    Review.objects.filter(pk=review.pk).update(text="Sailing.")
    refresh_experts([expert.pk])
    assert search.quotes([expert.pk], ["kayak"]) == {}
    assert search.quotes([expert.pk], ["sail"])[expert.pk].text == "Sailing."


def test_a_deleted_review_leaves_no_words_behind():
    expert = make_expert()
    make_review(expert, text="Kayaking.").delete()
    refresh_experts([expert.pk])
    assert not Evidence.objects.filter(expert=expert, kind=Evidence.Kind.REVIEW).exists()
    assert not ExpertTerm.objects.filter(expert=expert, lexeme="kayak").exists()


@pytest.mark.parametrize("state", ["hidden", "waiting"])
def test_what_is_not_published_is_neither_counted_nor_found(state):
    expert = make_expert()
    make_review(
        expert, text="Kayaking.", state=state, **({"published_at": None} if state == "waiting" else {})
    )
    assert stored(expert)["review_count"] == 0
    assert not ExpertTerm.objects.filter(expert=expert, lexeme="kayak").exists()


def test_a_review_without_words_counts_and_is_no_evidence():
    expert = make_expert()
    make_review(expert, text="")
    assert stored(expert)["review_count"] == 1
    assert not expert.evidence.filter(kind=Evidence.Kind.REVIEW).exists()

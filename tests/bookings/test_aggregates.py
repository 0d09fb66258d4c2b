"""The counts of an expert equal the rows also when only time has passed, or when many write at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from bookings import aggregates, tasks
from bookings.models import Review
from experts.models import Expert
from tests.bookings.test_reviews import counted, stored
from tests.factories import make_expert, make_review, make_user
from tests.threads import at_once
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
A_YEAR = timedelta(days=365)


def pass_time(**time):
    Review.objects.update(published_at=F("published_at") - timedelta(**time))


def night():
    tasks.ask_for_recount()
    return run_jobs()


def make_aging_expert():
    """One review a minute short of a year old, one of today."""
    expert = make_expert()
    make_review(expert, rating=2)
    pass_time(days=364, hours=23, minutes=59)
    make_review(expert, rating=5)
    return expert


def test_a_review_stops_being_recent_in_the_night_after_its_year():
    expert = make_aging_expert()
    aggregates.recount([expert.pk])
    assert (stored(expert)["recent_review_count"], stored(expert)["recent_rating_sum"]) == (2, 7)
    pass_time(days=2)
    night()
    assert (stored(expert)["recent_review_count"], stored(expert)["recent_rating_sum"]) == (1, 5)
    assert stored(expert) == counted(expert)


def test_the_night_leaves_the_others_alone():
    make_aging_expert()
    pass_time(days=2)
    other = make_expert()
    make_review(other)
    Expert.objects.filter(pk=other.pk).update(completed_bookings=7)
    night()
    assert stored(other)["completed_bookings"] == 7


def test_an_expert_whose_every_review_has_aged_has_no_recent_ones():
    expert = make_aging_expert()
    pass_time(days=400)
    night()
    assert stored(expert) == counted(expert)
    assert stored(expert)["recent_review_count"] == 0


def test_a_second_night_finds_nothing_to_do():
    make_aging_expert()
    pass_time(days=2)
    assert night() == 1
    assert aggregates.with_aged_reviews() == []
    rows = list(Expert.objects.values())
    assert night() == 1
    assert list(Expert.objects.values()) == rows


def test_while_one_night_is_unfinished_another_asks_for_nothing():
    tasks.ask_for_recount()
    tasks.ask_for_recount()
    assert run_jobs() == 1


@pytest.mark.parametrize("experts", [1, 4])
def test_a_night_takes_three_statements_however_many_experts(experts):
    for _ in range(experts):
        make_aging_expert()
    pass_time(days=2)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        aggregates.recount(aggregates.with_aged_reviews())
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 3


@pytest.mark.django_db(transaction=True)
def test_reviews_of_one_expert_that_come_at_once_all_count():
    expert = make_expert()
    at_once(lambda: make_review(expert, make_user()))
    assert stored(expert) == counted(expert)
    assert stored(expert)["review_count"] == 5

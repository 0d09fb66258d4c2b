"""Themes: the strongest three of the ten newest reviews of the last six months."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from experts import themes
from experts.models import SUB_RATINGS
from matching import runs, services, wording
from tests.factories import make_expert, make_market, make_review, make_trip, make_user

ALL_FOUR = (4, 4, 4, 4, 4)


def names(reviews):
    return [one.name for one in themes.top(reviews)]


def test_the_highest_means_come_first():
    assert names([("", (3, 5, 1, 4, 2)), ("", (3, 5, 1, 4, 2))]) == [
        "knowledge",
        "flexibility",
        "communication",
    ]


def test_what_guests_speak_of_comes_before_what_they_only_rate():
    assert names([("Her answers came fast.", ALL_FOUR)])[0] == "responsiveness"


def test_mentioned_by_everyone_is_worth_one_star():
    said = "Worth every penny."
    assert names([(said, (5, 1, 4, 1, 1))]) == ["communication", "value", "knowledge"]
    assert names([(said, (4, 1, 4, 1, 1))])[0] == "value"


def test_a_review_mentions_a_theme_once_however_often_it_says_it():
    (first, *_) = themes.top([("Flexible, flexible, flexible.", ALL_FOUR), ("Fine.", ALL_FOUR)])
    assert (first.name, first.mentions, first.reviews) == ("flexibility", 1, 2)


def test_german_guests_are_understood():
    assert names([("Sie hat unglaublich viel Geduld.", ALL_FOUR)])[0] == "flexibility"


def test_without_reviews_there_are_none():
    assert themes.top([]) == []


stars = st.tuples(*[st.integers(1, 5)] * 5)


@given(st.lists(st.tuples(st.sampled_from(["", "quick", "price", "knows", "clear"]), stars), min_size=1))
def test_there_are_three_in_the_order_of_their_strength(reviews):
    found = themes.top(reviews)
    assert [one.strength for one in found] == sorted((one.strength for one in found), reverse=True)
    assert len({one.name for one in found} & set(SUB_RATINGS)) == 3
    assert all(1 <= one.mean <= 5 and 0 <= one.mentions <= len(reviews) for one in found)


@given(st.lists(st.tuples(st.text(), stars), min_size=1), st.randoms())
def test_the_order_of_reviews_does_not_matter(reviews, random):
    shuffled = random.sample(reviews, len(reviews))
    assert names(shuffled) == names(reviews)


def ago(**time):
    return timezone.now() - timedelta(**time)


@pytest.mark.django_db
def test_older_than_six_months_and_unpublished_is_not_read():
    expert = make_expert()
    make_review(expert, rating=1, published_at=ago(days=190))
    make_review(expert, rating=1, state="hidden")
    make_review(expert, rating=1, state="waiting", published_at=None)
    assert themes.of([expert.pk]) == {}
    make_review(expert, rating=5, published_at=ago(days=170))
    assert [one.mean for one in themes.of([expert.pk])[expert.pk]] == [5, 5, 5]


@pytest.mark.django_db
def test_the_ten_newest_are_read():
    expert = make_expert()
    for age in range(12):
        make_review(expert, rating=5 if age < 10 else 1, published_at=ago(days=age))
    found = themes.of([expert.pk])[expert.pk]
    assert [(one.mean, one.reviews) for one in found] == [(5, 10)] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("experts", [1, 3])
def test_one_query_however_many_experts(experts, django_assert_num_queries):
    made = [make_expert() for _ in range(experts)]
    for expert in made:
        make_review(expert)
    with django_assert_num_queries(1):
        assert len(themes.of([one.pk for one in made])) == experts


@pytest.mark.django_db
def test_they_stand_on_the_profile(client):
    expert = make_expert()
    make_review(expert, text="She answered quickly.", rating=4)
    page = client.get(expert.get_absolute_url()).content.decode()
    assert "Responsiveness" in page
    assert "mentioned by 1 of 1" in page


@pytest.mark.django_db
def test_they_are_evidence_of_a_match():
    expert = make_expert(make_market("Kyoto"))
    make_review(expert, text="She knows every stone.", rating=4)
    run = services.request_match(make_trip(expert.market, traveler=make_user()))
    runs.store(run, runs.compute(run))
    evidence = run.scores.get().receipt.evidence
    assert evidence["trust"]["themes"][0] == {"name": "knowledge", "mean": 4.0, "mentions": 1, "reviews": 1}
    lines = [line for _factor, lines in wording.evidence(evidence) for line in lines]
    assert "Recent guests rate highest: Knowledge 4.0, Communication 4.0, Value 4.0" in lines

"""Posts are stored once and measured over time; viral moments are told once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from social import erasing, posts, viral
from social.models import Alert, Author, Post, PostSample, Sighting, ViralMoment
from social.sources import FoundAuthor, FoundPost
from tests.factories import make_market, make_user
from tests.social.rows import make_author, make_post

pytestmark = pytest.mark.django_db


def found(now, number="1", *, hours=2.0, author="aiko", followers=900, **fields):
    given = {"text": "Moss gardens #Kyoto", "at": now - timedelta(hours=hours), "likes": 5}
    return FoundPost(id=number, author=FoundAuthor(author, followers=followers), **given | fields)


def store(market, now, *some, source="x"):
    return posts.store(some, market=market, source=source, now=now)


def test_the_same_post_is_stored_once_for_all_rounds_and_markets(market, now):
    store(market, now, found(now))
    other = make_market("Osaka")
    stored = store(other, now, found(now))
    assert (stored.seen, stored.new, Post.objects.count(), Author.objects.count()) == (1, 0, 1, 1)
    assert set(Sighting.objects.values_list("market", flat=True)) == {market.pk, other.pk}


def test_what_is_measured_again_is_a_sample_where_something_changed(market, now):
    store(market, now, found(now))
    store(market, now + timedelta(minutes=30), found(now))
    store(market, now + timedelta(minutes=60), found(now, likes=50, views=700))
    assert list(PostSample.objects.order_by("at").values_list("likes", "views")) == [(5, None), (50, 700)]
    assert Post.objects.get().likes == 50


def test_one_reading_may_hold_several_measurements_of_a_post(market, now):
    several = [
        found(now, likes=likes, measured_at=now - timedelta(hours=1, minutes=-likes)) for likes in (9, 3, 6)
    ]
    store(market, now, *several)
    assert list(PostSample.objects.order_by("at").values_list("likes", flat=True)) == [3, 6, 9]
    assert Post.objects.get().likes == 9


def test_what_a_model_tells_does_not_replace_what_was_measured(market, now):
    store(market, now, found(now, likes=70))
    store(market, now + timedelta(hours=1), found(now, likes=9000), source="model")
    assert Post.objects.get().likes == 70


def test_a_follower_count_that_is_unknown_this_time_stays_as_it_was(market, now):
    store(market, now, found(now, followers=0))
    assert Author.objects.get().followers == 0
    store(market, now, found(now, followers=800))
    store(market, now, found(now, followers=None))
    assert Author.objects.get().followers == 800


def test_posts_of_the_future_are_none(market, now):
    assert store(market, now, found(now, hours=-1)).seen == 0


def test_storing_costs_the_same_for_one_and_for_two_hundred(market, now):
    def cost(numbers):
        rows = [found(now, str(number), author=f"a{number}", likes=number) for number in numbers]
        with CaptureQueriesContext(connection) as captured:
            store(market, now, *rows)
        return len(captured)

    cost([1])
    assert cost([2]) == cost(range(10, 210))


@pytest.mark.parametrize(
    ("metrics", "reason"),
    [
        ({"likes": 1001}, "likes"),
        ({"likes": 1000}, None),
        ({"reposts": 101}, "reposts"),
        ({"reposts": 100}, None),
        ({"likes": 1001, "hours": 49}, None),
    ],
)
def test_a_viral_moment_has_many_likes_or_reposts_within_two_days(market, now, metrics, reason):
    make_post(market, **metrics)
    assert [moment.reason for moment in viral.find(market, now)] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("first", "later", "hours", "grew"),
    [(50, 150, 6, True), (50, 149, 6, False), (49, 300, 6, False), (50, 150, 6.1, False), (60, 400, 1, True)],
)
def test_fast_growth_is_three_times_in_six_hours_from_fifty(market, now, first, later, hours, grew):
    post = make_post(market, hours=20, likes=later)
    begin = now - timedelta(hours=hours)
    for at, likes in ((begin, first), (now, later)):
        PostSample.objects.create(post=post, at=at, likes=likes, reposts=0, replies=0)
    assert [moment.reason for moment in viral.find(market, now)] == (["growth"] if grew else [])


def test_each_moment_is_found_and_told_once_whichever_market_meets_it(market, now):
    post = make_post(market, likes=5000, reposts=300, views=10**6)
    other = make_market("Osaka")
    Sighting.objects.create(market=other, post=post, posted_at=post.posted_at)
    for place in (market, other, market):
        viral.find(place, now)
    assert ViralMoment.objects.get().market == market
    alert = Alert.objects.get()
    assert (alert.kind, alert.state, alert.facts["likes"], alert.facts["views"]) == (
        "social",
        "delivered",
        5000,
        10**6,
    )
    assert alert.facts["link"] == post.url


def test_an_erased_author_leaves_a_number_alone_and_is_not_read_again(market, now):
    staff = make_user(is_staff=True)
    make_post(market, make_author("aiko"), likes=5000)
    with transaction.atomic():
        viral.find(market, now)
    assert erasing.forget_handle("@Aiko", by=staff)
    assert (Post.objects.count(), Author.objects.count(), ViralMoment.objects.count()) == (0, 0, 0)
    assert Alert.objects.count() == 0
    store(market, now, found(now), found(now, "2", author="mei"))
    assert list(Author.objects.values_list("handle", flat=True)) == ["mei"]
    assert not erasing.forget_handle("aiko", by=staff)

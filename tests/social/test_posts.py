"""Posts are stored once and measured over time; viral moments are told once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from social import alerting, erasing, posts, viral
from social.models import Alert, Author, Post, PostSample, Sighting, ViralMoment
from social.sources import FoundAuthor, FoundPost
from tests.factories import make_market, make_user
from tests.social.rows import make_author, make_lead, make_post

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
    samples = PostSample.objects.order_by("at").values_list("at", "likes", "views")
    half, whole = now + timedelta(minutes=30), now + timedelta(minutes=60)
    assert list(samples) == [(now, 5, None), (half, 5, None), (whole, 50, 700)]
    assert Post.objects.get().likes == 50


def test_growth_after_hours_without_any_is_seen(market, now):
    for hours, likes in ((-8, 60), (-3, 60), (0, 200)):
        at = now + timedelta(hours=hours)
        store(market, at, found(now, hours=9, likes=likes))
    assert [moment.reason for moment in viral.find(market, now)] == ["growth"]


def test_growth_over_hours_that_nobody_measured_is_not_fast(market, now):
    for hours, likes in ((-8, 60), (0, 200)):
        store(market, now + timedelta(hours=hours), found(now, hours=9, likes=likes))
    assert viral.find(market, now) == []


# Measuring again


def due(market, now):
    return posts.to_measure_again(market, now)


def test_a_post_is_due_at_growing_ages_however_few_liked_it(market, now):
    at = now - timedelta(minutes=15)
    store(market, now, found(now, hours=0.25, likes=0))
    ages = []
    for quarter in range(1, 4 * 60):
        moment = at + timedelta(minutes=15 * quarter)
        if due(market, moment):
            ages.append(quarter / 4)
            posts.note_asked(["1"], moment)
    assert ages == [1, 3, 6, 12, 24, 47]


def test_those_that_people_took_up_fastest_come_first_and_only_so_many(market, now, monkeypatch):
    rows = [found(now, f"{likes}", hours=0.5, likes=likes, author=f"a{likes}") for likes in (5, 60, 20)]
    store(market, now, *rows)
    monkeypatch.setattr(posts, "MEASURED_AGAIN", 2)
    assert due(market, now + timedelta(hours=1)) == ["60", "20"]


def test_what_leads_wrote_is_measured_once_after_a_day_even_later(market, now):
    lead, maybe = found(now, "1", author="aiko"), found(now, "2", author="mei", followers=9000)
    store(market, now, lead, maybe, found(now, "3", author="ren", followers=10))
    make_lead(market, Author.objects.get(handle="aiko"), followers=900, high_potential=False)
    after = now + timedelta(days=4)
    assert sorted(due(market, after)) == ["1", "2"]
    posts.note_asked(["1"], after)
    assert due(market, after) == ["2"]


# What a model tells


def test_followers_that_a_model_tells_never_replace_measured_ones(market, now):
    store(market, now, found(now, followers=9000), source="model")
    store(market, now, found(now, followers=800))
    store(market, now, found(now, followers=70_000), source="model")
    assert Author.objects.get().followers == 800


def test_once_a_post_is_measured_what_was_told_counts_no_more(market, now):
    store(market, now - timedelta(hours=1), found(now, likes=60), source="model")
    store(market, now, found(now, likes=400))
    store(market, now + timedelta(hours=1), found(now, likes=9000), source="model")
    post = Post.objects.get()
    assert (post.likes, post.source, PostSample.objects.count()) == (400, "x", 1)
    assert viral.find(market, now) == []  # nothing was measured to have grown


@pytest.mark.parametrize("source", ["model", "x"])
def test_an_alert_says_where_its_numbers_were_told(market, now, source):
    make_post(market, likes=5000, source=source)
    viral.find(market, now)
    said = " ".join(alerting.lines(Alert.objects.get()))
    assert ("nobody has measured them" in said) == (source == "model")


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

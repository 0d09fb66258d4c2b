"""What is counted of a list: who saw it, and whose profile was opened from it."""

import pytest
from django.test import Client
from django.urls import reverse

from experts.models import Expert
from matching.models import Exposure
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.matching.lists import address, matched, review, swap

pytestmark = pytest.mark.django_db


@pytest.fixture
def trip(client):
    traveler = make_user()
    client.force_login(traveler)
    market = make_market()
    make_expert(market, name="Mei Tanaka", slug="mei", specialties={"street-food": 30})
    make_expert(market, name="Ken Mori", slug="ken")
    return make_trip(market, traveler=traveler, interests=["street-food"])


@pytest.fixture
def run(trip):
    return matched(trip)


def seen(**of):
    return [exposure.seen_at for exposure in Exposure.objects.filter(**of).order_by("position")]


def opened():
    return list(Exposure.objects.exclude(opened_at=None).values_list("score__expert__slug", "reviewed"))


@pytest.mark.parametrize("name", ["results", "results_fragment"])
def test_a_list_is_seen_when_its_traveler_first_looks(client, trip, run, name):
    assert seen() == [None, None]
    client.get(address(name, trip))
    first = seen()
    assert None not in first
    client.get(address(name, trip))
    assert seen() == first


def test_a_list_that_was_seen_costs_no_query_more(client, trip, run, django_assert_num_queries):
    for _ in range(2):
        client.get(address("results", trip))
    with django_assert_num_queries(3) as asked:
        client.get(address("results", trip))
    assert not any("UPDATE" in query["sql"] for query in asked)


@pytest.mark.parametrize("ahead", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_what_a_browser_fetches_ahead_was_not_seen(client, trip, run, ahead):
    client.get(address("results", trip), headers=ahead)
    client.get(reverse("experts:profile", args=["mei"]), {"trip": trip.pk}, headers=ahead)
    assert (seen(), opened()) == ([None, None], [])


def test_a_head_request_shows_nothing(client, trip, run):
    client.head(address("results", trip))
    client.head(reverse("experts:profile", args=["mei"]), {"trip": trip.pk})
    assert (seen(), opened()) == ([None, None], [])


def test_a_stranger_sees_and_opens_nothing(trip, run):
    Client().get(address("results", trip))
    Client().get(reverse("experts:profile", args=["mei"]), {"trip": trip.pk})
    assert (seen(), opened()) == ([None, None], [])


def test_the_reviewed_list_is_seen_on_its_own(client, trip, run):
    client.get(address("results", trip))
    before = seen(reviewed=False)
    swap(run, 1, 2)
    review(run)
    assert seen(reviewed=True) == [None, None]
    client.get(address("results", trip))
    assert None not in seen(reviewed=True)
    assert seen(reviewed=False) == before


def test_a_first_list_that_nobody_saw_stays_unseen(client, trip, run):
    swap(run, 1, 2)
    review(run)
    client.get(address("results", trip))
    assert seen(reviewed=False) == [None, None]


def test_who_had_left_was_not_seen(client, trip, run):
    Expert.objects.filter(slug="ken").update(status="paused")
    client.get(address("results", trip))
    assert seen(score__expert__slug="ken") == [None]


def test_a_profile_is_opened_from_a_list_once(client, trip, run):
    client.get(address("results", trip))
    for _ in range(2):
        client.get(reverse("experts:profile", args=["mei"]), {"trip": trip.pk})
    assert opened() == [("mei", False)]


def test_a_profile_is_opened_from_the_list_that_was_seen_last(client, trip, run):
    client.get(address("results", trip))
    swap(run, 1, 2)
    review(run)
    client.get(reverse("experts:profile", args=["ken"]), {"trip": trip.pk})
    client.get(address("results", trip))
    client.get(reverse("experts:profile", args=["mei"]), {"trip": trip.pk})
    assert sorted(opened()) == [("ken", False), ("mei", True)]


@pytest.mark.parametrize("number", ["", "0", "x", "9" * 18, "9" * 30])
def test_a_profile_without_such_a_trip_opens_as_ever(client, run, number):
    assert client.get(reverse("experts:profile", args=["mei"]), {"trip": number}).status_code == 200
    assert opened() == []


def test_a_list_described_before_signing_in_counts_too(run, trip):
    visitor = Client()
    session = visitor.session
    session["trips"] = [trip.pk]
    session.save()
    type(trip).objects.update(traveler=None)
    visitor.get(address("results", trip))
    assert None not in seen()

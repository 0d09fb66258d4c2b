"""The results page when the world went on after the ranking: experts leave, trips change, runs fail."""

import pytest
from django.urls import reverse

from experts.models import Expert
from matching import runs, services
from matching.models import MatchRun
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def kyoto():
    return make_market()


@pytest.fixture
def trip(client, kyoto):
    traveler = make_user()
    client.force_login(traveler)
    return make_trip(kyoto, traveler=traveler)


def match(trip):
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))


def page(client, trip, name="results", **headers):
    response = client.get(reverse(f"matching:{name}", args=[trip.pk]), headers=headers)
    assert response.status_code == 200
    return response


def names(response):
    return [card.expert.name for card in response.context["scores"]]


@pytest.mark.parametrize(
    "left", [{"status": "suspended"}, {"status": "paused"}, {"accepting_clients": False}], ids=str
)
def test_who_left_since_is_not_offered_any_more(client, kyoto, trip, left):
    gone, _ = make_expert(kyoto, name="Gone Girl"), make_expert(kyoto, name="Still Here")
    match(trip)
    Expert.objects.filter(pk=gone.pk).update(**left)
    response = page(client, trip)
    assert names(response) == ["Still Here"]
    assert gone.slug not in response.content.decode()


def test_everybody_having_left_is_as_nobody_having_come(client, kyoto, trip):
    make_expert(kyoto)
    match(trip)
    Expert.objects.update(status="suspended")
    response = page(client, trip)
    assert "Nobody in Kyoto fits well enough yet" in response.content.decode()
    assert response.context["waitlist_form"]


def test_every_offer_leads_to_a_page_that_is_there(client, kyoto, trip):
    for _ in range(3):
        make_expert(kyoto)
    match(trip)
    for card in page(client, trip).context["scores"]:
        for address in (card.expert.get_absolute_url(), reverse("bookings:inquire", args=[card.expert.slug])):
            assert client.get(address, {"trip": trip.pk}).status_code == 200


def test_a_changed_trip_shows_the_new_list_alone(client, kyoto, trip):
    make_expert(kyoto, name="Loner", group_size_max=2)
    make_expert(kyoto, name="Host of Many", group_size_max=9)
    match(trip)
    type(trip).objects.filter(pk=trip.pk).update(adults=6)
    trip.refresh_from_db()
    services.request_match(trip)
    assert page(client, trip).context["working"]
    assert names(page(client, trip)) == []
    run_jobs()
    assert names(page(client, trip)) == ["Host of Many"]


def test_a_new_expert_is_not_in_a_list_made_before(client, kyoto, trip):
    make_expert(kyoto, name="Early Bird")
    match(trip)
    make_expert(kyoto, name="Night Owl")
    assert names(page(client, trip)) == ["Early Bird"]


def test_the_polled_part_is_the_list_without_the_page_around_it(client, kyoto, trip):
    make_expert(kyoto, name="Mei Tanaka")
    match(trip)
    part = page(client, trip, "results_fragment", hx_request="true").content.decode().strip()
    assert part.startswith('<div id="results"')
    assert "Mei Tanaka" in part
    assert "<html" not in part
    assert part.endswith('<p id="results-status" hx-swap-oob="innerHTML">1 expert found</p>')


def test_the_page_asks_on_while_it_waits_and_is_left_alone_until_then(client, trip):
    services.request_match(trip)
    whole = page(client, trip).content.decode()
    assert 'hx-trigger="every 400ms"' in whole
    address = reverse("matching:results_fragment", args=[trip.pk])
    part = client.get(address, headers={"hx_request": "true"})
    assert (part.status_code, part.content) == (204, b"")


def test_a_failure_is_no_empty_list(client, trip):
    services.request_match(trip).move(MatchRun.State.FAILED)
    for headers in ({}, {"hx_request": "true"}):
        text = page(client, trip, "results_fragment", **headers).content.decode()
        assert "We could not finish your list" in text
        assert "hx-get" not in text
        assert "0 experts found" not in text


def test_a_trip_that_was_never_matched_says_it_could_not_be(client, trip):
    assert page(client, trip).context["failed"]


@pytest.mark.parametrize("name", ["results", "results_fragment"])
def test_no_cache_keeps_a_list(client, trip, name):
    assert "no-store" in page(client, trip, name).headers["Cache-Control"]


@pytest.mark.parametrize("experts", [0, 1, 6])
@pytest.mark.parametrize("name", ["results", "results_fragment"])
def test_the_list_takes_at_most_six_queries_for_anybody(
    client, kyoto, trip, name, experts, django_assert_max_num_queries
):
    for _ in range(experts):
        make_expert(kyoto)
    match(trip)
    with django_assert_max_num_queries(6):
        page(client, trip, name)

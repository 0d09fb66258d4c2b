"""Trips described before signing in: they belong to one browser, then to the first account that signs in there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.models import MatchRun
from tests.factories import make_expert, make_market, make_run, make_trip, make_user
from tests.worker import run_jobs
from travelers.models import SESSION_TRIPS, Trip

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SIGN_IN, SIGN_UP, SIGN_OUT = (reverse(f"account_{name}") for name in ("login", "signup", "logout"))


@pytest.fixture(autouse=True)
def kyoto():
    return make_market("Kyoto")


def describe(client):
    start = timezone.localdate() + timedelta(days=30)
    answers = {
        "destination": "Kyoto",
        "timing": "fixed",
        "start": start.isoformat(),
        "end": start.isoformat(),
        "kind": "food",
        "purpose": "guide",
        "adults": "1",
        "currency": "USD",
    }
    assert client.post("/trips/new/", answers).status_code == 302
    return Trip.objects.latest("pk")


def sign_in(client, user):
    return client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})


def sees(client, trip):
    paths = ("/trips/{}/", "/trips/{}/experts/", "/trips/{}/experts/list/")
    answers = [client.get(path.format(trip.pk)).status_code for path in paths]
    assert answers in ([200, 200, 204], [404, 404, 404])  # 204: its list is still being made
    return answers[0] == 200


def test_a_visitors_trip_is_seen_in_one_browser_alone(client):
    trip = describe(client)
    assert trip.traveler is None
    assert [sees(one, trip) for one in (client, Client())] == [True, False]


def test_each_browser_brings_its_own_trips_along(client):
    other = Client()
    mine, theirs = describe(client), describe(other)
    users = [make_user(), make_user()]
    for browser, user in zip((client, other), users, strict=True):
        sign_in(browser, user)
    assert [list(user.trips.all()) for user in users] == [[mine], [theirs]]
    assert [sees(client, trip) for trip in (mine, theirs)] == [True, False]


def test_signing_up_brings_them_along_too(client):
    trip = describe(client)
    answers = {"email": "new@example.com", "name": "New", "password1": PASSWORD, "password2": PASSWORD}
    client.post(SIGN_UP, answers)
    trip.refresh_from_db()
    assert trip.traveler
    assert trip.traveler.email == "new@example.com"


def test_a_wrong_password_claims_nothing(client):
    trip, user = describe(client), make_user()
    client.post(SIGN_IN, {"login": user.email, "password": "guessed"})
    trip.refresh_from_db()
    assert trip.traveler is None
    assert client.session[SESSION_TRIPS] == [trip.pk]
    assert sees(client, trip)


def test_after_signing_out_the_next_one_at_this_browser_finds_nothing(client):
    trip, second = describe(client), make_user()
    sign_in(client, make_user())
    client.post(SIGN_OUT)
    assert not sees(client, trip)
    sign_in(client, second)
    assert not sees(client, trip)
    assert not second.trips.exists()


def test_a_trip_described_while_signed_in_is_not_the_browsers(client):
    user = make_user()
    client.force_login(user)
    trip = describe(client)
    assert trip.traveler == user
    client.logout()
    assert not sees(client, trip)


def test_a_visitor_changes_their_trip_and_it_stays_theirs(client):
    trip = describe(client)
    form = client.get(f"/trips/{trip.pk}/").context["form"]
    answers = {bound.name: bound.value() for bound in form if bound.value() is not None}
    assert client.post(f"/trips/{trip.pk}/", answers | {"adults": "3"}).status_code == 302
    trip.refresh_from_db()
    assert (trip.adults, trip.traveler, client.session[SESSION_TRIPS]) == (3, None, [trip.pk])


def test_the_list_of_a_claimed_trip_is_still_there(client, kyoto):
    make_expert(kyoto, name="Mei Tanaka")
    trip = describe(client)
    run_jobs()
    sign_in(client, make_user())
    assert "Mei Tanaka" in client.get(f"/trips/{trip.pk}/experts/").content.decode()
    assert trip.runs.get().state == MatchRun.State.DONE


def test_my_trips_are_a_page_of_the_signed_in(client):
    describe(client)
    response = client.get("/trips/")
    assert (response.status_code, response.url) == (302, f"{SIGN_IN}?next=/trips/")


def test_my_trips_say_how_far_each_list_is(client, kyoto):
    make_expert(kyoto)
    user = make_user()
    client.force_login(user)
    ranked = describe(client)
    run_jobs()
    describe(client)
    failed = describe(client)
    failed.runs.get().move(MatchRun.State.FAILED)
    make_trip(kyoto, traveler=user)
    html = client.get("/trips/").content.decode()
    assert ranked.runs.get().shown == 1
    assert [html.count(f">{badge}</span>") for badge in ("1 expert", "Matching")] == [1, 1]


def test_older_runs_of_a_trip_cost_the_list_nothing(client, kyoto, django_assert_num_queries):
    user = make_user()
    client.force_login(user)
    for trip in [make_trip(kyoto, traveler=user) for _ in range(5)]:
        [make_run(trip, state="stale") for _ in range(4)]
        make_run(trip)
    with django_assert_num_queries(3):
        trips = client.get("/trips/").context["trips"]
    assert [trip.run_state for trip in trips] == ["queued"] * 5


def test_a_traveler_without_trips_is_led_to_the_first(client):
    client.force_login(make_user())
    html = client.get("/trips/").content.decode()
    assert "No trips yet" in html
    assert 'href="/trips/new/"' in html

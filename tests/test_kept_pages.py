"""Pages whose parts are kept for a minute: what changed shows at once, and nobody sees what is another's."""

import re

import pytest
from django.test import Client
from django.urls import reverse, reverse_lazy

from accounts.models import User
from experts import search
from experts.models import Expert, Specialty
from matching import runs, services
from tests.factories import make_expert, make_market, make_review, make_service, make_trip, make_user
from tests.pages import signed_in
from travelers.models import TravelerProfile, Trip

pytestmark = pytest.mark.django_db


# Of a form outside the kept part; it is another one with each view.
TOKEN = re.compile('name="csrfmiddlewaretoken" value="[^"]*"')


@pytest.fixture
def mei():
    """Featured on the home page."""
    expert = make_expert(make_market("Kyoto"), name="Mei Tanaka", headline="Guide to stalls", verified=True)
    make_review(expert)
    return expert


@pytest.fixture
def trip(mei):
    trip = make_trip(mei.market, traveler=make_user("Rosa", email="rosa@example.com"))
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    return trip


@pytest.fixture
def pages(trip, mei):
    """Every page with kept parts, by the name of its view."""
    return {
        "home": "/",
        "results": reverse("matching:results", args=[trip.pk]),
        "profile": mei.get_absolute_url(),
    }


@pytest.fixture
def rosa(trip):
    return signed_in(trip.traveler)


def html(client, url, **headers):
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    return TOKEN.sub("", response.content.decode())


PAGES = ["home", "results", "profile"]
SHOWN = ["Guide to stalls", "Mei Tanaka", "$80"]
CHANGES = {
    "Guide to stalls": lambda: Expert.objects.update(headline="Guide to gardens"),
    "Mei Tanaka": lambda: User.objects.filter(name="Mei Tanaka").update(name="Mei Sato"),
    "$80": lambda: Expert.objects.update(price_min=75),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("shown", CHANGES)
def test_what_an_expert_changes_shows_at_once(rosa, pages, name, shown):
    before = html(rosa, pages[name])
    assert [text for text in SHOWN if text in before] == SHOWN
    CHANGES[shown]()
    after = html(rosa, pages[name])
    assert [text for text in SHOWN if text not in after] == [shown]


@pytest.mark.parametrize("name", ["home", "results"])
@pytest.mark.parametrize(
    "left", [{"status": "suspended"}, {"status": "paused"}, {"accepting_clients": False}], ids=str
)
def test_who_left_is_offered_no_more_from_the_next_view_on(rosa, pages, name, left):
    assert "Mei Tanaka" in html(rosa, pages[name])
    Expert.objects.update(**left)
    assert "Mei Tanaka" not in html(rosa, pages[name])


@pytest.mark.parametrize(
    "left", [{"status": "suspended"}, {"status": "paused"}, {"accepting_clients": False}], ids=str
)
def test_my_trips_count_who_can_still_be_written_to(rosa, trip, left):
    make_expert(trip.destination, name="Aiko Mori")
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    my_trips = reverse("travelers:trip_list")
    assert "2 experts" in html(rosa, my_trips)
    Expert.objects.filter(user__name="Mei Tanaka").update(**left)
    assert "1 expert<" in html(rosa, my_trips)


def test_who_comes_back_is_offered_again(rosa, pages):
    for status, found in (("active", True), ("suspended", False), ("active", True)):
        Expert.objects.update(status=status)
        assert ("Mei Tanaka" in html(rosa, pages["results"])) is found


def test_a_trip_that_was_changed_is_described_anew(rosa, pages):
    assert "2 adults" in html(rosa, pages["results"])
    Trip.objects.update(adults=3)
    assert "3 adults" in html(rosa, pages["results"])


@pytest.mark.parametrize("name", PAGES)
def test_each_reader_gets_the_own_language(rosa, pages, name):
    english, german = html(rosa, pages[name]), html(rosa, pages[name], accept_language="de")
    assert ("Verified" in english, "Geprüft" in english) == (True, False)
    assert ("Verified" in german, "Geprüft" in german) == (False, True)
    assert html(rosa, pages[name]) == english


@pytest.mark.parametrize("name", ["home", "profile"])
def test_the_frame_around_a_kept_part_is_the_visitors_own(rosa, pages, name):
    eve = signed_in(make_user("Eve", email="eve@example.com"))
    for client, own in ((rosa, {"rosa@example.com"}), (eve, {"eve@example.com"}), (Client(), set())):
        page = html(client, pages[name])
        assert {email for email in ("rosa@example.com", "eve@example.com") if email in page} == own


def test_a_list_that_is_kept_stays_its_owners(rosa, pages, trip):
    html(rosa, pages["results"])
    for stranger in (Client(), signed_in(make_user())):
        assert stranger.get(pages["results"]).status_code == 404
    Trip.objects.update(traveler=make_user())
    assert rosa.get(pages["results"]).status_code == 404


def test_two_trips_with_the_same_experts_are_two_pages(rosa, pages, trip):
    other = make_trip(trip.destination, traveler=trip.traveler, adults=5)
    run = services.request_match(other)
    runs.store(run, runs.compute(run))
    first, second = (html(rosa, reverse("matching:results", args=[one.pk])) for one in (trip, other))
    assert (f"?trip={other.pk}" in first, f"?trip={other.pk}" in second) == (False, True)
    assert ("5 adults" in first, "5 adults" in second) == (False, True)


@pytest.mark.parametrize(("name", "first", "again"), [("home", 7, 4), ("results", 6, 3), ("profile", 7, 4)])
def test_a_page_that_is_kept_asks_for_its_version_alone(
    rosa, pages, name, first, again, django_assert_num_queries
):
    for queries in (first, again, again):
        with django_assert_num_queries(queries):
            html(rosa, pages[name])


def test_no_form_is_kept(rosa, pages):
    """It would carry the token of whoever came first."""
    Expert.objects.update(status="suspended")
    for client in (rosa, signed_in(User.objects.get(trips__isnull=False))):
        response = client.get(pages["results"])
        assert f'value="{response.context["csrf_token"]}"' in response.content.decode()


def test_a_profile_closes_with_the_next_view(rosa, pages):
    assert "Takes no new clients" not in html(rosa, pages["profile"])
    Expert.objects.update(status="paused")
    assert "Takes no new clients" in html(rosa, pages["profile"])
    Expert.objects.update(status="suspended")
    assert rosa.get(pages["profile"]).status_code == 404


def test_a_profile_says_what_is_new_once_the_expert_was_indexed_or_reviewed(rosa, pages, mei):
    html(rosa, pages["profile"])
    make_service(mei, title="Night market")
    search.reindex([mei.pk])
    assert "Night market" in html(rosa, pages["profile"])
    make_review(mei, text="A quiet guide.")
    assert "A quiet guide." in html(rosa, pages["profile"])


def test_each_visitor_of_a_profile_goes_on_with_the_own_trip(rosa, pages):
    for query in ("?trip=7", "?trip=8", "", "?trip=7"):
        page = html(rosa, pages["profile"] + query)
        assert ("trip=7" in page, "trip=8" in page) == (query == "?trip=7", query == "?trip=8")


FORM = reverse_lazy("travelers:trip_create")


def test_a_form_is_filled_in_with_the_visitors_own_answers(rosa, trip):
    profile = TravelerProfile.objects.create(user=trip.traveler, currency="JPY", languages=["ja"])
    profile.interests.set(Specialty.objects.filter(slug__in=["street-food", "day-hikes"]))
    other = signed_in(make_user())
    for client, own in ((rosa, True), (other, False), (Client(), False), (rosa, True)):
        page = html(client, FORM)
        assert ('value="JPY" selected' in page, page.count(" checked>")) == (own, 4 if own else 1)


def test_what_one_visitor_typed_stands_in_no_other_form(rosa):
    for query, found in (("?destination=Hidden+Valley", True), ("", False), ("?destination=Kyoto", False)):
        assert ("Hidden Valley" in html(rosa, FORM + query)) is found


def test_each_form_has_a_token_of_its_own(rosa):
    tokens = set()
    for client in (rosa, signed_in(make_user()), Client()):
        response = client.get(FORM)
        assert f'value="{response.context["csrf_token"]}"' in response.content.decode()
        tokens.add(client.cookies["csrftoken"].value)
    assert len(tokens) == 3


def test_a_new_form_asks_for_what_is_known_of_the_visitor_alone(rosa, django_assert_num_queries):
    for queries in (4, 3, 3):
        with django_assert_num_queries(queries):
            html(rosa, FORM)

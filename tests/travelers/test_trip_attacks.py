"""What people type, click and delete that nobody had in mind."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Inquiry
from experts.models import Specialty
from tests.factories import make_expert, make_inquiry, make_market, make_trip, make_user
from travelers.models import TravelerProfile, Trip
from travelers.services import SESSION_TRIPS_MAX, claim_trips, describe_trip

pytestmark = pytest.mark.django_db
URL = "/trips/new/"


def answers(**changes):
    start = timezone.localdate() + timedelta(days=30)
    return {
        "destination": "Kyoto",
        "timing": "fixed",
        "start": start.isoformat(),
        "end": (start + timedelta(days=4)).isoformat(),
        "kind": "culture",
        "purpose": "guide",
        "adults": "2",
        "currency": "EUR",
        "languages": ["en"],
    } | changes


@pytest.fixture(autouse=True)
def kyoto():
    return make_market("Kyoto")


@pytest.fixture
def traveler(client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    "zone",
    ["Europe", "../../etc/passwd", "Mars/Base", "", "UTC\n", "America/Argentina", "U\0TC", "x" * 9_000, "²"],
)
def test_a_time_zone_that_is_none_is_dropped(client, zone):
    assert client.post(URL, answers(time_zone=zone)).status_code == 302
    assert Trip.objects.get().time_zone == ("UTC" if zone == "UTC\n" else "")


def test_an_unchanged_trip_with_all_wishes_and_words_is_stored_again(client, traveler):
    boxes = list(Specialty.objects.order_by("pk").values_list("slug", flat=True)[:12])
    words = {"must_haves": "scuba diving, wheelchair access", "nice_to_haves": "yoga"}
    client.post(URL, answers(interests=boxes, **words))
    trip = Trip.objects.get()
    form = client.get(f"/trips/{trip.pk}/").context["form"]
    ticked = form["interests"].value()
    assert len(ticked) > 12
    assert client.post(f"/trips/{trip.pk}/", answers(interests=ticked, **words)).status_code == 302


def test_more_wishes_than_can_count_are_refused(client):
    boxes = list(Specialty.objects.values_list("slug", flat=True)[:13])
    assert set(client.post(URL, answers(interests=boxes)).context["form"].errors) == {"interests"}


def test_a_second_click_on_the_form_is_a_second_trip_and_both_are_mine(client, traveler):
    for _ in range(2):
        client.post(URL, answers())
    assert [trip.traveler for trip in Trip.objects.all()] == [traveler, traveler]


def test_a_must_that_is_also_a_wish_is_stored_once(client):
    client.post(URL, answers(interests=["street-food"], must_haves="street food"))
    (wanted,) = Trip.objects.get().wanted.all()
    assert (wanted.specialty.slug, wanted.must) == ("street-food", True)


def test_nobody_can_write_a_trip_into_another_account(client, traveler):
    other = make_user()
    client.post(URL, answers(traveler=other.pk, traveler_id=other.pk, pk=1, id=1))
    assert Trip.objects.get().traveler == traveler


def test_claiming_takes_only_trips_that_are_nobodys(client):
    owner, thief = make_user(), make_user()
    owned, free = make_trip(traveler=owner), make_trip()
    session = client.session
    session["trips"] = [owned.pk, free.pk, 10**9]
    assert claim_trips(user=thief, session=session) == 1
    assert list(thief.trips.all()) == [free]
    assert "trips" not in session


def test_a_trip_in_the_session_that_somebody_owns_is_not_shown(client):
    trip = make_trip(traveler=make_user())
    session = client.session
    session["trips"] = [trip.pk]
    session.save()
    assert client.get(f"/trips/{trip.pk}/").status_code == 404


def test_a_browser_holds_a_bounded_number_of_trips(client, kyoto):
    session = client.session
    for _ in range(SESSION_TRIPS_MAX + 3):
        describe_trip(trip=unsaved(kyoto), wanted={}, by=None, session=session)
    newest = Trip.objects.order_by("pk").values_list("pk", flat=True)[3:]
    assert session["trips"] == list(newest)


def unsaved(market):
    trip = make_trip(market)
    trip.delete()
    trip.pk = None
    return trip


def test_an_edit_begun_before_signing_in_does_not_take_the_trip_away(client):
    trip, session = make_trip(), client.session
    session["trips"] = [trip.pk]
    user = make_user()
    claim_trips(user=user, session=session)
    trip.adults = 4
    describe_trip(trip=trip, wanted={}, by=None, session=session)
    trip.refresh_from_db()
    assert (trip.adults, trip.traveler) == (4, user)


def test_the_profile_fills_the_form(client, traveler):
    profile = TravelerProfile.objects.create(user=traveler, languages=["de"], currency="EUR")
    profile.interests.add(Specialty.objects.get(slug="wine"))
    form = client.get(URL).context["form"]
    assert (form["languages"].value(), form["currency"].value(), form["interests"].value()) == (
        ["de"],
        "EUR",
        ["wine"],
    )


def test_a_deleted_account_takes_trips_and_inquiries_along(traveler):
    expert = make_expert()
    for _ in range(2):
        make_inquiry(expert, traveler, trip=make_trip(traveler=traveler))
    traveler.delete()
    assert (Trip.objects.count(), Inquiry.objects.count()) == (0, 0)

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from markets.models import Market
from matching.models import MatchRun
from tests.factories import make_market, make_trip, make_user
from travelers.models import Trip

pytestmark = pytest.mark.django_db
URL = "/trips/new/"


def day(offset):
    return (timezone.localdate() + timedelta(days=offset)).isoformat()


@pytest.fixture
def kyoto():
    return make_market("Kyoto")


@pytest.fixture
def answers(kyoto):
    return {
        "destination": "Kyoto",
        "timing": "fixed",
        "start": day(30),
        "end": day(34),
        "kind": "culture",
        "purpose": "guide",
        "interests": ["street-food", "day-hikes"],
        "must_haves": "",
        "adults": "2",
        "children": "1",
        "budget": "1200",
        "currency": "EUR",
        "languages": ["en", "de"],
        "brief": "We like quiet temples.",
    }


def errors(client, answers, **changes):
    response = client.post(URL, answers | changes)
    assert response.status_code == 200
    assert not Trip.objects.exists()
    return set(response.context["form"].errors)


def test_a_trip_is_stored_and_matched_at_once(client, answers, kyoto):
    user = make_user()
    client.force_login(user)
    response = client.post(URL, answers)
    trip = Trip.objects.get()
    assert response.url == reverse("matching:results", args=[trip.pk])
    assert (trip.traveler, trip.destination, trip.days, trip.people) == (user, kyoto, 5, 3)
    assert set(trip.wanted.values_list("specialty__slug", flat=True)) == {"street-food", "day-hikes"}
    assert Job.objects.get().args == {"run_id": MatchRun.objects.get(trip=trip).pk}


def test_must_haves_in_words_become_specialties_that_must_be_had(client, answers):
    client.post(URL, answers | {"must_haves": "pottery, and hiking too"})
    musts = Trip.objects.get().wanted.filter(must=True)
    assert set(musts.values_list("specialty__slug", flat=True)) == {"crafts", "day-hikes"}


def test_a_flexible_trip_keeps_month_and_days(client, answers):
    month = (timezone.localdate() + timedelta(days=70)).replace(day=1)
    changes = {"timing": "flexible", "flexible_month": month.isoformat(), "days": "9", "start": "", "end": ""}
    client.post(URL, answers | changes)
    trip = Trip.objects.get()
    assert (trip.start, trip.end, trip.flexible_month, trip.days) == (None, None, month, 9)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"end": day(20)}, {"end"}),
        ({"start": day(-3), "end": day(3)}, {"start"}),
        ({"start": day(30), "end": day(429)}, {"end"}),
        ({"start": "", "end": ""}, {"start", "end"}),
        ({"start": "2026-02-30"}, {"start"}),
        ({"start": day(4000), "end": day(4004)}, {"start"}),
        ({"timing": "flexible", "days": "5"}, {"flexible_month"}),
        ({"timing": "flexible", "flexible_month": "2001-01-01", "days": "5"}, {"flexible_month"}),
        ({"timing": "flexible", "flexible_month": "x", "days": "0"}, {"flexible_month", "days"}),
        ({"timing": "never"}, {"timing"}),
        ({"destination": "Atlantis"}, {"destination"}),
        ({"destination": ""}, {"destination"}),
        ({"destination": "Kyo\0to"}, {"destination"}),
        ({"destination": "K" * 10_000}, {"destination"}),
        ({"budget": "-5"}, {"budget"}),
        ({"budget": "0"}, {"budget"}),
        ({"budget": "99999999999"}, {"budget"}),
        ({"budget": "NaN"}, {"budget"}),
        ({"budget": "1e3000"}, {"budget"}),
        ({"budget": "a lot"}, {"budget"}),
        ({"currency": "XXX"}, {"currency"}),
        ({"adults": "0"}, {"adults"}),
        ({"adults": "51"}, {"adults"}),
        ({"children": "-1"}, {"children"}),
        ({"brief": "x" * 10_000}, {"brief"}),
        ({"brief": "null\0byte"}, {"brief"}),
        ({"interests": ["no-such-thing"]}, {"interests"}),
        ({"languages": ["klingon"]}, {"languages"}),
        ({"kind": "<script>"}, {"kind"}),
    ],
)
def test_a_wrong_answer_is_named_at_its_field(client, answers, changes, wrong):
    assert errors(client, answers, **changes) == wrong


def test_every_answer_is_kept_when_one_is_wrong(client, answers):
    page = client.post(URL, answers | {"budget": "-5", "must_haves": "step-free"}).content.decode()
    assert 'value="Kyoto"' in page
    assert f'value="{answers["start"]}"' in page
    assert "We like quiet temples." in page
    assert 'value="step-free"' in page
    assert page.count("checked") == 5  # two interests, two languages, the timing


@pytest.mark.parametrize(
    "brief", ["🍜🎏 ramen!", "أريد جولة في المدينة", "<script>alert(1)</script>", "{{ 7*7 }} %s"]
)
def test_any_script_is_only_text(client, answers, brief):
    client.post(URL, answers | {"brief": brief})
    trip = Trip.objects.get()
    assert trip.brief == brief
    assert "<script>alert" not in client.get(f"/trips/{trip.pk}/").content.decode()


def test_of_several_places_of_a_name_the_page_asks_which(client, answers):
    spain = make_market("Cordoba", population=320_000)
    make_market("Cordoba", population=310_000, country_code="AR")
    response = client.post(URL, answers | {"destination": "Córdoba"})
    assert len(response.context["destination_choices"]) == 2
    client.post(URL, answers | {"destination": "Córdoba", "destination_id": spain.pk})
    assert Trip.objects.get().destination == spain


def test_a_visitor_finds_the_trip_again_in_this_browser_alone(client, answers, django_user_model):
    client.post(URL, answers)
    trip = Trip.objects.get()
    assert client.get(f"/trips/{trip.pk}/experts/").status_code == 200
    client.cookies.clear()
    assert client.get(f"/trips/{trip.pk}/experts/").status_code == 404


@pytest.mark.parametrize("url", ["/trips/{}/", "/trips/{}/experts/", "/trips/{}/experts/list/"])
def test_somebody_elses_trip_does_not_exist(client, url):
    trip = make_trip(traveler=make_user())
    client.force_login(make_user())
    assert client.get(url.format(trip.pk)).status_code == 404
    assert client.get(url.format(2**70)).status_code == 404


def test_an_edited_trip_is_matched_anew(client, answers):
    client.force_login(make_user())
    client.post(URL, answers)
    trip = Trip.objects.get()
    client.post(f"/trips/{trip.pk}/", answers | {"interests": ["museums"], "adults": "4"})
    trip.refresh_from_db()
    assert trip.adults == 4
    assert list(trip.wanted.values_list("specialty__slug", flat=True)) == ["museums"]
    states = list(trip.runs.order_by("pk").values_list("state", flat=True))
    assert states == ["stale", "queued"]


def test_the_edit_page_shows_what_was_stored(client, answers):
    client.force_login(make_user())
    client.post(URL, answers)
    page = client.get(f"/trips/{Trip.objects.get().pk}/").content.decode()
    assert 'value="Kyoto"' in page
    assert page.count("checked") == 5


def test_my_trips_shows_mine_newest_first_in_a_constant_number_of_queries(client, django_assert_num_queries):
    user = make_user()
    make_trip(traveler=make_user())
    client.force_login(user)
    trips = [make_trip(traveler=user) for _ in range(3)]
    with django_assert_num_queries(3):
        response = client.get("/trips/")
    assert [trip.pk for trip in response.context["trips"]] == [trip.pk for trip in reversed(trips)]


def test_older_trips_are_a_page_away(client):
    user = make_user()
    client.force_login(user)
    market = make_market()
    trips = [make_trip(market, traveler=user).pk for _ in range(14)]
    first = client.get("/trips/")
    older = client.get("/trips/" + first.context["older_url"])
    assert [trip.pk for trip in older.context["trips"]] == trips[1::-1]
    newer = client.get("/trips/" + older.context["newer_url"])
    assert [trip.pk for trip in newer.context["trips"]] == [trip.pk for trip in first.context["trips"]]


def test_the_month_of_a_flexible_trip_is_its_window():
    trip = make_trip(start=None, flexible_month=date(2027, 2, 1), days=5)
    assert trip.window() == (date(2027, 2, 1), date(2027, 3, 1))


def test_the_home_page_search_fills_the_destination(client, kyoto):
    page = client.get(URL, {"destination": "Kyoto", "destination_id": kyoto.pk}).content.decode()
    assert 'value="Kyoto"' in page


def test_markets_are_never_made_by_a_form(client, answers):
    client.post(URL, answers)
    assert Market.objects.count() == 1

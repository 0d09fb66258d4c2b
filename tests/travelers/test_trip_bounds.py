"""Where an answer stops being one: the last value taken, the first refused, and what is said about it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from experts.models import Specialty
from tests.factories import make_market, make_trip, make_user
from travelers import forms
from travelers.models import MAX_TRIP_DAYS, Trip

pytestmark = pytest.mark.django_db

URL = "/trips/new/"
SOON = timezone.now().date() + timedelta(days=30)


def fixed(days, start=SOON):
    return {"start": start.isoformat(), "end": (start + timedelta(days=days - 1)).isoformat()}


def flexible(days="5", month=None):
    month = month or forms._months()[2][0]
    return {"timing": "flexible", "flexible_month": month, "days": days}


@pytest.fixture(autouse=True)
def kyoto():
    return make_market("Kyoto")


def post(client, **changes):
    answers = {
        "destination": "Kyoto",
        "timing": "fixed",
        "kind": "culture",
        "purpose": "guide",
        "adults": "2",
        "currency": "USD",
    }
    return client.post(URL, answers | fixed(5) | changes)


def on(monkeypatch, year, month, day, hour=0):
    now = datetime(year, month, day, hour, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now.date()


@pytest.mark.parametrize(
    ("changes", "stored"),
    [
        (fixed(1), {"days": 1}),
        (fixed(MAX_TRIP_DAYS), {"days": 90}),
        (flexible("1"), {"days": 1}),
        (flexible("90"), {"days": 90}),
        (flexible(month=forms._months()[0][0]), {"days": 5}),
        (flexible(month=forms._months()[-1][0]), {"days": 5}),
        (fixed(3) | {"days": "77", "flexible_month": "nonsense"}, {"days": 3, "flexible_month": None}),
        (flexible("3") | {"start": "x", "end": "y"}, {"days": 3, "start": None, "end": None}),
        ({"adults": "50", "children": "50"}, {"adults": 50, "children": 50}),
        ({"adults": " 1 ", "children": ""}, {"adults": 1, "children": 0}),
        ({"budget": "1"}, {"budget": Decimal(1)}),
        ({"budget": "10000000"}, {"budget": Decimal(10_000_000)}),
        ({"budget": "99.99"}, {"budget": Decimal("99.99")}),
        ({"budget": ""}, {"budget": None}),
        ({"must_haves": "x" * 500}, {"must_haves": "x" * 500}),
        ({"brief": "é" * 5000}, {"brief": "é" * 5000}),
        ({"brief": "  \n "}, {"brief": ""}),
        ({"destination": "  kYOTO  "}, {}),
        ({"languages": forms.LANGUAGES}, {"languages": forms.LANGUAGES}),
    ],
)
def test_the_last_answers_that_are_taken(client, changes, stored):
    assert post(client, **changes).status_code == 302
    trip: dict[str, Any] = dict(Trip.objects.values().get())
    found = {name: trip[name] for name in stored}
    assert found | {"languages": sorted(trip["languages"])} == {"languages": []} | {
        name: sorted(value) if name == "languages" else value for name, value in stored.items()
    }


OUT_OF_BOUNDS = [
    ({"destination": ""}, "destination", "This field is required."),
    ({"destination": "Atlantis"}, "destination", "We know no city of this name."),
    ({"destination": "🎏"}, "destination", "We know no city of this name."),
    ({"destination": "<b>Kyoto</b>"}, "destination", "We know no city of this name."),
    ({"destination": "Kyo\0to"}, "destination", "Null characters are not allowed."),
    (fixed(0), "end", "The last day is before the first."),
    (fixed(MAX_TRIP_DAYS + 1), "end", "A trip has at most 90 days."),
    (fixed(400), "end", "A trip has at most 90 days."),
    ({"start": "", "end": fixed(5)["end"]}, "start", "Choose the first day."),
    ({"end": ""}, "end", "Choose the last day."),
    ({"start": "31.02.2027"}, "start", "Enter a valid date."),
    ({"end": "0000-00-00"}, "end", "Enter a valid date."),
    (fixed(3, SOON - timedelta(days=33)), "start", "This day is over. Choose one that is still to come."),
    (
        fixed(3, SOON + timedelta(days=1200)),
        "start",
        "Nobody plans that far ahead. Choose a day within three years.",
    ),
    (flexible(days="0"), "days", "Ensure this value is greater than or equal to 1."),
    (flexible(days="91"), "days", "Ensure this value is less than or equal to 90."),
    (flexible(days=""), "days", "Say for how many days."),
    (flexible(days="²"), "days", "Enter a whole number."),
    (flexible(month="") | {"flexible_month": ""}, "flexible_month", "Choose a month."),
    ({"adults": ""}, "adults", "This field is required."),
    ({"adults": "two"}, "adults", "Enter a whole number."),
    ({"children": "51"}, "children", "Ensure this value is less than or equal to 50."),
    ({"budget": "-5"}, "budget", "Ensure this value is greater than or equal to 1."),
    ({"budget": "0.99"}, "budget", "Ensure this value is greater than or equal to 1."),
    ({"budget": "10000001"}, "budget", "Ensure this value is less than or equal to 10000000."),
    ({"budget": "9.999"}, "budget", "Ensure that there are no more than 2 decimal places."),
    ({"budget": "Infinity"}, "budget", "Enter a number."),
    ({"kind": ""}, "kind", "This field is required."),
    ({"purpose": "\0"}, "purpose", "Select a valid choice. \0 is not one of the available choices."),
    ({"must_haves": "x" * 501}, "must_haves", "Ensure this value has at most 500 characters (it has 501)."),
    ({"nice_to_haves": "\0"}, "nice_to_haves", "Null characters are not allowed."),
    ({"brief": "x" * 10_000}, "brief", "Ensure this value has at most 5000 characters (it has 10000)."),
]


@pytest.mark.parametrize(("changes", "field", "message"), OUT_OF_BOUNDS)
def test_the_first_answers_that_are_refused_and_why(client, changes, field, message):
    response = post(client, **changes)
    assert response.context["form"].errors == {field: [message]}
    assert message in unescape(response.content.decode())
    assert not Trip.objects.exists()


def test_thirteen_wishes_are_one_too_many_and_said_so(client):
    slugs = list(Specialty.objects.values_list("slug", flat=True)[:13])
    assert post(client, interests=slugs[:12]).status_code == 302
    errors = post(client, interests=slugs).context["form"].errors
    assert errors == {"interests": ["Choose the 12 most important."]}


@pytest.mark.parametrize(("hour", "taken"), [(11, True), (12, False)])
def test_a_day_lasts_until_it_is_over_everywhere(client, monkeypatch, hour, taken):
    today = on(monkeypatch, 2027, 1, 1, hour)
    response = post(client, **fixed(2, today - timedelta(days=1)))
    assert (response.status_code == 302) is taken


def test_the_months_offered_begin_with_this_one_and_cross_the_year(monkeypatch):
    on(monkeypatch, 2027, 12, 31, 23)
    months = forms._months()
    assert (len(months), months[0], months[1]) == (
        forms.MONTHS_AHEAD,
        ("2027-12-01", "December 2027"),
        ("2028-01-01", "January 2028"),
    )
    assert len(set(months)) == forms.MONTHS_AHEAD


def test_the_29th_of_february_is_a_day_of_its_year_alone(client, monkeypatch):
    on(monkeypatch, 2027, 3, 1)
    assert post(client, start="2028-02-28", end="2028-03-01").status_code == 302
    assert Trip.objects.get().days == 3
    assert post(client, start="2029-02-29", end="2029-03-01").context["form"].errors.keys() == {"start"}


@pytest.mark.parametrize(
    ("day", "window"),
    [
        (date(2027, 12, 1), (date(2027, 12, 1), date(2028, 1, 1))),
        (date(2028, 2, 1), (date(2028, 2, 1), date(2028, 3, 1))),
        (date(2027, 4, 1), (date(2027, 4, 1), date(2027, 5, 1))),
    ],
)
def test_the_window_of_a_month_is_that_month(day, window):
    trip = make_trip(start=None, flexible_month=day)
    assert trip.window() == window
    assert str(trip) == f"Kyoto, {day:%B %Y}"


def test_a_trip_is_named_by_its_days():
    trip = make_trip(start=date(2027, 4, 3), days=7)
    assert str(trip) == "Kyoto, Apr 3\u2009–\u20099, 2027"


def test_the_budget_is_shared_by_everybody_on_every_day():
    trip = make_trip(budget=Decimal(1000), days=5, adults=3, children=1)
    assert trip.budget_per_person_day == Decimal(50)
    assert make_trip().budget_per_person_day is None


HTML = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def test_html_in_every_field_is_stored_and_shown_as_text(client):
    """On every page that shows a trip: its form, the list, the results, an inquiry, and the staff's."""
    user = make_user(HTML, is_staff=True, is_superuser=True)
    client.force_login(user)
    texts = dict.fromkeys(["must_haves", "nice_to_haves", "brief"], HTML)
    assert post(client, **texts).status_code == 302
    trip = Trip.objects.get()
    assert [getattr(trip, name) for name in texts] == [HTML] * 3
    for url in ("/trips/{}/", "/trips/{}/experts/", "/trips/", "/admin/travelers/trip/{}/change/"):
        html = client.get(url.format(trip.pk)).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize(
    "text", ["שלום 🎏 مدينة", "e\u0301" * 9, "\u202eevil", "a\u2028b", "\ufeffbom", "\x7f"]
)
def test_any_text_comes_back_as_it_was_typed(client, text):
    client.force_login(make_user())
    post(client, brief=text, must_haves=text)
    trip = Trip.objects.get()
    assert (trip.brief, trip.must_haves) == (text.strip(), text.strip())
    form = client.get(f"/trips/{trip.pk}/").context["form"]
    assert form["brief"].value() == text.strip()

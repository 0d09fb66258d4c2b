"""A wrong answer costs nobody the right ones, and a stored trip comes back from its form as it went in."""

from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from config.demo.clients import HOMES
from experts.filters import CURRENCIES
from markets import currency
from markets.formats import language
from tests.factories import make_market, make_trip, make_user
from tests.pages import form_answers
from travelers.forms import LANGUAGES
from travelers.models import Trip

pytestmark = pytest.mark.django_db

URL = "/trips/new/"
START = timezone.localdate() + timedelta(days=30)
MONTH = (timezone.localdate() + timedelta(days=70)).replace(day=1)

# Everything one can answer, and all of it different from what the form offers by itself.
ANSWERS = {
    "destination": ["Kyoto"],
    "destination_id": [""],
    "timing": ["fixed"],
    "start": [START.isoformat()],
    "end": [(START + timedelta(days=4)).isoformat()],
    "flexible_month": [MONTH.isoformat()],
    "days": ["9"],
    "kind": ["nature"],
    "purpose": ["plan"],
    "interests": ["street-food", "day-hikes", "lgbtq"],
    "must_haves": ["step-free & “quiet”"],
    "nice_to_haves": ["a <view>"],
    "adults": ["3"],
    "children": ["2"],
    "budget": ["1234.50"],
    "currency": ["JPY"],
    "languages": ["de", "en"],
    "communication_style": ["detailed"],
    "time_zone": ["Asia/Calcutta"],
    "brief": ["\nFirst line\n  second 🎏 & <b>third</b>\n"],
}

# For each field something it does not take, which the page still shows; choices show what was offered.
WRONG = {
    "destination": "Atlantis",
    "start": "2001-01-01",
    "end": "2001-01-02",
    "must_haves": "x" * 501,
    "nice_to_haves": "y" * 501,
    "adults": "0",
    "children": "-1",
    "budget": "-5",
    "brief": "z" * 5001,
}
WRONG_CHOICE = {
    "timing": "never",
    "kind": "war",
    "purpose": "fun",
    "currency": "XXX",
    "communication_style": "rude",
    "interests": "no-such-thing",
    "languages": "tlh",
}


@pytest.fixture(autouse=True)
def kyoto():
    return make_market("Kyoto")


@pytest.fixture
def traveler(client):
    user = make_user()
    client.force_login(user)
    return user


def post(client, url=URL, **changes):
    return client.post(url, ANSWERS | {name: [value] for name, value in changes.items()})


def lines(answers):
    """Line breaks as a browser sends them are not the matter here."""
    return {name: [value.replace("\r\n", "\n") for value in sorted(found)] for name, found in answers.items()}


def check_message(response, field):
    """It stands at its field, and once in the summary that leads there."""
    (message,) = response.context["form"][field].errors
    summary, _, below = unescape(response.content.decode()).partition('<form class="trip-form"')
    assert summary.count("One answer needs another look") == 1
    assert summary.count(f"</a>: {message}</li>") == 1
    assert below.count(f'<ul class="errorlist" id="id_{field}_error"><li>{message}</li></ul>') == 1


@pytest.mark.parametrize("field", WRONG)
def test_all_answers_come_back_the_wrong_one_too(client, field):
    response = post(client, **{field: WRONG[field]})
    assert list(response.context["form"].errors) == [field]
    check_message(response, field)
    kept = lines(form_answers(response.content.decode()))
    assert kept == lines(ANSWERS | {field: [WRONG[field]]})


@pytest.mark.parametrize("field", WRONG_CHOICE)
def test_all_answers_come_back_where_a_choice_is_none(client, field):
    response = post(client, **{field: WRONG_CHOICE[field]})
    assert list(response.context["form"].errors) == [field]
    check_message(response, field)
    kept = lines(form_answers(response.content.decode()))
    kept.pop(field, None)
    assert kept == lines({name: value for name, value in ANSWERS.items() if name != field})


@pytest.mark.parametrize("field", ["flexible_month", "days"])
def test_a_flexible_trip_keeps_the_days_of_the_other_way_too(client, field):
    response = post(client, timing="flexible", **{field: ""})
    assert list(response.context["form"].errors) == [field]
    kept = lines(form_answers(response.content.decode()))
    assert kept == lines(ANSWERS | {"timing": ["flexible"], field: [""]})


def test_many_wrong_answers_are_told_at_once_and_all_right_ones_kept(client):
    # Without a first day nobody can say that the last one is too early.
    wrong = {name: text for name, text in WRONG.items() if name != "end"}
    response = post(client, **wrong)
    assert set(response.context["form"].errors) == set(wrong)
    kept = lines(form_answers(response.content.decode()))
    assert kept == lines(ANSWERS | {name: [text] for name, text in wrong.items()})


@pytest.mark.parametrize("reader", ["en", "de"])
@pytest.mark.parametrize("flexible", [False, True])
def test_a_stored_trip_sent_again_unchanged_stays_as_it_was(client, traveler, reader, flexible):
    changes = {"timing": ["flexible"]} if flexible else {}
    client.post(URL, ANSWERS | changes)
    before: dict[str, Any] = dict(Trip.objects.values().get())
    url = f"/trips/{before['id']}/"
    html = client.get(url, headers={"accept-language": reader}).content.decode()
    assert client.post(url, form_answers(html), headers={"accept-language": reader}).status_code == 302
    after: dict[str, Any] = dict(Trip.objects.values().get())
    assert after.pop("updated_at") > before.pop("updated_at")
    assert sorted(after.pop("languages")) == sorted(before.pop("languages"))
    assert after == before
    wanted = Trip.objects.get().wanted.filter(must=False).values_list("specialty__slug", flat=True)
    assert set(wanted) >= {"street-food", "day-hikes", "lgbtq"}


@pytest.mark.parametrize(
    "name",
    [
        "Washington, D.C.",
        "São Paulo",
        "L’Aquila",
        "'s-Hertogenbosch",
        "St. John's",
        "Al Ḩudaydah",
        "Æ",
        "京都",
    ],
)
def test_a_place_of_any_name_comes_back_as_itself(client, traveler, name):
    place = make_market(name, population=3_000)
    make_market(name, population=900_000)
    trip = make_trip(place, traveler=traveler)
    url = f"/trips/{trip.pk}/"
    assert client.post(url, form_answers(client.get(url).content.decode())).status_code == 302
    trip.refresh_from_db()
    assert trip.destination == place


def test_choosing_among_namesakes_keeps_everything_else(client):
    make_market("Cordoba", population=320_000)
    other = make_market("Cordoba", population=310_000, country_code="AR")
    html = post(client, destination="Córdoba").content.decode()
    answers = form_answers(html)
    assert lines(answers | {"destination_id": [""]}) == lines(ANSWERS | {"destination": ["Córdoba"]})
    assert client.post(URL, answers | {"destination_id": [str(other.pk)]}).status_code == 302
    trip = Trip.objects.get()
    assert (trip.destination, trip.budget, trip.children) == (other, Decimal("1234.5"), 2)


@pytest.mark.parametrize("number", ["x", "-1", "0", "9" * 30, "1.5", "\0", "²"])
def test_a_chosen_place_that_is_none_is_as_none_chosen(client, kyoto, number):
    """The field is filled in by a script: nobody could see or mend what is wrong with it."""
    assert post(client, destination_id=number).status_code == 302
    assert Trip.objects.get().destination == kyoto


def test_a_chosen_place_of_another_name_does_not_overrule_the_text(client, kyoto):
    lima = make_market("Lima")
    post(client, destination_id=str(lima.pk))
    assert Trip.objects.get().destination == kyoto


def test_every_currency_offered_can_be_compared_and_every_language_has_a_name():
    assert set(CURRENCIES) <= set(currency.rates())
    for reader in ("en", "de"):
        with override(reader):
            assert [code for code in LANGUAGES if language(code).lower() == code] == []


def test_the_travelers_of_the_demo_answer_what_the_form_offers():
    assert {money for _, money, _ in HOMES} <= set(CURRENCIES)
    assert {spoken for spoken, _, _ in HOMES} <= set(LANGUAGES)

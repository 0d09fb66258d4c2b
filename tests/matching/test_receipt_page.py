"""“Why this score”: the receipt in plain words."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from experts.models import Expert
from matching import telling
from matching.models import Factor, MatchReceipt, MatchRun, MatchScore
from tests.factories import make_expert, make_market, make_review, make_trip, make_user
from tests.matching.lists import address, matched, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def trip(client):
    traveler = make_user()
    client.force_login(traveler)
    market = make_market()
    mei = make_expert(market, name="Mei Tanaka", slug="mei", specialties={"street-food": 30}, verified=True)
    make_review(mei)
    return make_trip(market, traveler=traveler, interests=["street-food"], budget=Decimal(900))


@pytest.fixture
def run(trip):
    return matched(trip)


def page(client, trip, slug="mei"):
    return client.get(address("receipt", trip, slug))


def html(client, trip):
    return page(client, trip).content.decode()


def test_each_card_leads_to_its_receipt(client, trip, run):
    listed = client.get(address("results", trip)).content.decode()
    assert f'href="{address("receipt", trip, "mei")}">Why this score' in listed


def test_the_points_on_the_page_add_up_to_the_score(client, trip, run):
    table = html(client, trip).split("<tbody>")[1].split("</table>")[0]
    rows = [re.findall(r"<td>([\d.]+)", row) for row in table.split("</tr>")]
    *factors, (total,) = [row for row in rows if row]
    assert len(factors) == len(Factor)
    assert sum(Decimal(points) for *_, points in factors) == Decimal(total)
    assert sum(Decimal(weight) for _, weight, _ in factors) == 100


def test_each_factor_says_what_was_found(client, trip, run):
    text = html(client, trip)
    for found in (
        "Street food: 30 trips",
        "From $80 to $120",
        "Free on all 5 days",
        "Rated 5.0 of 5",
        "Verified",
    ):
        assert found in text


RATED = {"given": [3, 3], "quote": "I know every stall.", "source": "profile", "shift": 45}


def rated(run, **extra):
    MatchScore.objects.filter(run=run).update(expertise_shift=45)
    review(run, mei={"model": "grok-4.3", "ratings": {"expertise": RATED}} | extra)


def test_what_a_model_rated_is_shown_with_quote_and_effect(client, trip, run):
    rated(run)
    value = MatchScore.objects.get(run=run).expertise_value
    text = html(client, trip)
    assert text.count("3 of 4: the record covers most of it, with concrete work") == 1
    assert "I know every stall." in text
    assert "from the profile" in text
    change = f"raised the value by 4.5, from {(value - 45) / 10:.1f} to {value / 10:.1f}. At most 15"
    assert change in text


@pytest.mark.parametrize(
    ("shift", "words"), [(0, "It moved nothing"), (-150, "It lowered the value by 15.0, from 65.0 to 50.0.")]
)
def test_the_effect_of_a_rating_is_told_in_words(shift, words):
    rating = telling.rating(Factor.EXPERTISE, {"ratings": {"expertise": {"given": [1, 2]}}}, 500, shift)
    assert rating
    assert rating.effect.startswith(words)
    assert [text[:6] for text in rating.given] == ["1 of 4", "2 of 4"]


def test_what_was_dropped_is_told_with_the_reason(client, trip, run):
    lost = [
        {"what": "strength", "why": "no_such_quote", "text": "Won a prize."},
        {"what": "rating", "why": "odd"},
    ]
    rated(run, dropped=lost)
    text = html(client, trip)
    assert "A strength was left out: what it quotes is not written there." in text
    assert "Won a prize." in text
    assert "A rating was left out: it failed the check “odd”." in text


def test_it_says_how_the_list_was_made(client, trip, run):
    MatchRun.objects.update(seed=4711, review_prompt=3)
    text = html(client, trip)
    for fact in (
        run.version.name,
        run.algorithm,
        "<dd>4711</dd>",
        "<dd>3</dd>",
        "<dt>Place on your list</dt><dd>1</dd>",
    ):
        assert fact in text


CHANGES: list[tuple[str, dict]] = [
    ("dates", {"days": -3, "first": "2027-03-03", "end": "2027-03-07", "score": 864}),
    ("budget", {"total": 900, "currency": "USD", "score": 850}),
    ("language", {"language": "ja", "level": 7, "score": 901}),
]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (CHANGES[0], "3 days earlier, Mar 3\u2009–\u20097, 2027: 86.4 instead of 81.2"),
        (CHANGES[1], "A budget of $900 in all: 85.0 instead of 81.2"),
        (CHANGES[2], "If you could also talk in Japanese: 90.1 instead of 81.2"),
        (
            ["dates", CHANGES[0][1] | {"days": 1}],
            "1 day later, Mar 3\u2009–\u20097, 2027: 86.4 instead of 81.2",
        ),
    ],
)
def test_a_change_is_told_in_words(change, words):
    with translation.override("en"):
        assert [wish.text for wish in telling.wishes([change], 812)] == [words]


def test_a_change_opens_the_form_filled_in_and_stores_nothing(client, trip, run):
    MatchReceipt.objects.update(changes=CHANGES)
    found = dict(page(client, trip).context["wishes"])
    forms = [client.get(link).content.decode() for link in found.values()]
    assert 'value="2027-03-03"' in forms[0]
    assert 'value="900"' in forms[1]
    assert re.search(r'value="ja"[^>]* checked', forms[2])
    assert re.search(r'value="en"[^>]* checked', forms[2])
    before = trip.start
    trip.refresh_from_db()
    assert (trip.start, trip.languages) == (before, ["en"])


NONSENSE = ["start=x", "end=%00", "budget=NaN", "language=%3Ci%3E", "start=%3Ci%3E", "start=" + "9" * 999]


@pytest.mark.parametrize("query", NONSENSE)
def test_a_form_filled_in_with_nonsense_opens(client, trip, query):
    answer = client.get(f"/trips/{trip.pk}/?{query}")
    assert answer.status_code == 200
    assert "<i>" not in answer.content.decode()


def test_without_a_change_it_says_that_none_would_matter(client, trip, run):
    MatchReceipt.objects.update(changes=[])
    assert "would make a difference of half a point" in html(client, trip)


def test_the_reasoning_says_who_wrote_it(client, trip, run):
    rated(run, reasoning="She grew up there.", strengths=[{"text": "Local.", "evidence": "born here"}])
    text = html(client, trip)
    for words in ("She grew up there.", "Written by grok-4.3", "Local.", "born here"):
        assert words in text


def test_everything_of_a_model_is_escaped(client, trip, run):
    evil = "<img src=x onerror=alert(1)>"
    remarks = [{"text": evil, "evidence": evil, "what": evil, "why": evil}]
    ratings = {"expertise": {"given": [4], "quote": evil, "source": evil}}
    rated(run, reasoning=evil, model=evil, strengths=remarks, dropped=remarks, ratings=ratings)
    assert "<img" not in html(client, trip)


def test_a_review_may_hold_little(client, trip, run):
    MatchReceipt.objects.update(review={"ratings": {"expertise": {}}, "dropped": [{}], "strengths": [{}]})
    assert page(client, trip).status_code == 200


def test_only_the_shown_of_ones_own_current_list_have_a_page(client, trip, run):
    make_expert(trip.destination, slug="late")
    assert page(client, trip, "late").status_code == 404
    for other in (Client(), Client()):
        assert page(other, trip).status_code == 404
    MatchScore.objects.filter(run=run).update(hidden=5, position=None)
    assert page(client, trip).status_code == 404


@pytest.mark.parametrize("left", [{"status": "paused"}, {"accepting_clients": False}], ids=str)
def test_who_left_has_no_page_any_more(client, trip, run, left):
    Expert.objects.update(**left)
    assert page(client, trip).status_code == 404


def test_a_list_that_is_being_made_anew_has_no_receipts_yet(client, trip, run):
    run.move(MatchRun.State.STALE)
    assert page(client, trip).status_code == 404


@pytest.mark.parametrize("rows", [1, 4])
def test_the_page_takes_four_queries(client, trip, rows, django_assert_num_queries):
    for _ in range(rows):
        make_expert(trip.destination)
    matched(trip)
    with django_assert_num_queries(4):
        page(client, trip)


def test_no_cache_keeps_a_receipt(client, trip, run):
    assert "no-store" in page(client, trip).headers["Cache-Control"]


def test_days_are_told_as_the_reader_writes_them():
    with translation.override("de"):
        (wish,) = telling.wishes([CHANGES[0]], 812)
    assert date.fromisoformat(wish.answers["start"]) == date(2027, 3, 3)
    assert "86,4" in wish.text

"""Sliders that weigh the factors anew: the stored values with the traveler's own weights."""

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from experts.models import Expert
from matching import engine, replay, weighing
from matching.models import Factor, MatchInputs, MatchScore
from tests.factories import make_expert, make_market, make_review, make_trip, make_user
from tests.matching.lists import address, matched

OWN = (350, 200, 150, 150, 150)


@given(st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_any_weights_become_thousandths_that_add_up(given):
    weights = weighing.normalised(given, OWN)
    assert sum(weights) == 1000
    assert all(weight == 0 for weight, one in zip(weights, given, strict=True) if not one and any(given))
    exact = [one * 1000 / (sum(given) or 1) for one in given]
    assert not any(given) or all(abs(w - e) < 1 for w, e in zip(weights, exact, strict=True))


@pytest.mark.parametrize(
    ("given", "weights"),
    [
        ([1, 1, 1, 0, 0], (334, 333, 333, 0, 0)),
        ([100, 100, 100, 100, 100], (200,) * 5),
        ([0, 0, 0, 0, 0], OWN),
        ([1, 2, 4, 0, 0], (143, 286, 571, 0, 0)),
    ],
)
def test_the_rest_goes_to_the_largest_remainders(given, weights):
    assert weighing.normalised(given, OWN) == weights


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("40", 40), ("0", 0), ("101", 100), (str(10**9), 100), ("-1", 35), ("x", 35), ("", 35)],
        *[("9" * 5000, 35), ("1.5", 35), ("²", 35), ("1e3", 35), ("\0", 35)],
    ],
)
def test_a_slider_that_is_none_stands_where_it_stood(text, value):
    assert weighing.sliders({"expertise": text}, OWN)[0] == value


@pytest.fixture
def trip(client):
    traveler = make_user()
    client.force_login(traveler)
    return make_trip(make_market(), traveler=traveler, interests=["street-food"], budget=900)


def crowd(market, size=12):
    for number in range(size):
        expert = make_expert(
            market,
            name=f"Expert {number:02}",
            specialties={"street-food": number + 1},
            price_min=60 + 15 * number,
            price_max=90 + 15 * number,
        )
        if number % 3 == 0:
            make_review(expert, rating=1 + number % 5)
    make_expert(market, name="Mute", languages={"ja": 7}, specialties={"street-food": 99})


def weigh(client, trip, headers=None, **weights):
    return client.get(address("weigh", trip), weights, headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", [(100, 0, 0, 0, 0), (0, 0, 100, 0, 0), (1, 2, 3, 4, 90), (7, 11, 13, 17, 19), (0, 0, 0, 0, 0)]
)
def test_the_order_and_the_points_are_the_engines(trip, given):
    crowd(trip.destination)
    run = matched(trip)
    weights = weighing.normalised(given, run.version.weights)
    ranking = engine.score(replay.inputs_of(run), weights)
    wanted = engine.fit(ranking)[:5]
    found = weighing.first(run, weights)
    assert [score.expert_id for score in found] == ranking.pool.ids[wanted].tolist()
    earned = [[getattr(score, f"weighed_{factor}") for score in found] for factor in Factor.values]
    assert np.array_equal(earned, ranking.points[:, wanted])
    assert [score.weighed for score in found] == ranking.scores[wanted].tolist()


@pytest.mark.django_db
def test_ties_are_broken_as_in_the_list_of_record(trip):
    for _ in range(7):
        make_expert(trip.destination)
    run = matched(trip)
    again = [score.pk for score in weighing.first(run, run.version.weights)]
    assert again == list(
        MatchScore.objects.filter(run=run, position__gt=0).order_by("position").values_list("pk", flat=True)
    )


@pytest.mark.django_db
def test_the_page_ranks_anew_and_the_stored_list_stays(client, trip):
    crowd(trip.destination)
    run = matched(trip)
    before = list(MatchScore.objects.filter(run=run).order_by("pk").values())
    page = weigh(client, trip, expertise=0, communication=0, budget=100, availability=0, trust=0)
    assert page.context["scores"][0].expert.name == "Expert 00"
    assert all(sum(row[2] for row in score.points) == score.score for score in page.context["scores"])
    html = page.content.decode()
    assert "the list as it was ranked</a> stays as it is." in html
    assert f'href="{address("results", trip)}"' in html
    assert list(MatchScore.objects.filter(run=run).order_by("pk").values()) == before


@pytest.mark.django_db
def test_without_a_wish_the_list_is_the_one_of_record(client, trip):
    crowd(trip.destination)
    matched(trip)
    assert [score.position for score in weigh(client, trip).context["scores"]] == [1, 2, 3, 4, 5]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["x", "-5", str(10**9), "", "9" * 4000, "\0", "<b>", "NaN"])
def test_no_input_breaks_the_page(client, trip, text):
    crowd(trip.destination, size=2)
    matched(trip)
    for query in (dict.fromkeys(Factor.values, text), {"trust": text}, {"looks": text}):
        page = weigh(client, trip, **query)
        assert page.status_code == 200
        assert len(page.context["scores"]) == 2


@pytest.mark.django_db
def test_who_cannot_do_the_trip_or_left_does_not_come_up(client, trip):
    crowd(trip.destination, size=6)
    matched(trip)
    Expert.objects.filter(user__name="Expert 05").update(status="paused")
    names = {score.expert.name for score in weigh(client, trip, expertise=100).context["scores"]}
    assert names == {f"Expert {number:02}" for number in range(5)}


@pytest.mark.django_db
def test_nobody_below_fifty_comes_up(client, trip):
    make_expert(trip.destination)
    matched(trip)
    nothing = dict.fromkeys(Factor.values, 0) | {"expertise": 100}
    assert "Nobody reaches 50 points with these weights" in weigh(client, trip, **nothing).content.decode()


@pytest.mark.django_db
def test_strengths_of_those_without_a_receipt_are_computed(client, trip):
    crowd(trip.destination, size=30)
    run = matched(trip)
    cheap = dict.fromkeys(Factor.values, 0) | {"budget": 100}
    scores = weigh(client, trip, **cheap).context["scores"]
    assert not MatchScore.objects.filter(run=run, expert=scores[0].expert, receipt__isnull=False).exists()
    assert any("Street food" in text for text in scores[0].strengths)
    MatchInputs.objects.all().delete()
    from accounts import fragments

    fragments.forget_all()
    assert weigh(client, trip, **cheap).context["scores"][0].strengths == []


@pytest.mark.django_db
def test_htmx_gets_the_list_alone(client, trip):
    crowd(trip.destination, size=2)
    matched(trip)
    part = weigh(client, trip, {"hx-request": "true"}).content.decode()
    assert part.strip().startswith('<div id="results"')
    assert "Ranked anew: Expert 01, Expert 00" in part


@pytest.mark.django_db
def test_the_sliders_stand_where_they_were_set(client, trip):
    make_expert(trip.destination)
    matched(trip)
    html = weigh(client, trip, trust=77, budget="1000").content.decode()
    assert 'name="trust" min="0" max="100" step="1" value="77"' in html
    assert 'name="budget" min="0" max="100" step="1" value="100"' in html
    assert '<label for="weight_trust">Trust</label>' in html


@pytest.mark.django_db
@pytest.mark.parametrize("experts", [1, 8])
def test_the_page_takes_four_queries(client, trip, experts, django_assert_num_queries):
    crowd(trip.destination, size=experts)
    matched(trip)
    with django_assert_num_queries(4):
        weigh(client, trip, trust=3)


@pytest.mark.django_db
def test_strangers_and_unfinished_lists_are_not_found(client, trip):
    assert weigh(client, trip).status_code == 404
    make_expert(trip.destination)
    matched(trip)
    assert weigh(client, trip).status_code == 200
    assert weigh(Client(), trip).status_code == 404

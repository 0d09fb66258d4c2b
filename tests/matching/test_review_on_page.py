"""The results page while a model looks at the list, and once it has."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from matching.models import MatchRun, MatchScore
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.matching.lists import address, matched, review, swap

pytestmark = pytest.mark.django_db


@pytest.fixture
def trip(client):
    traveler = make_user()
    client.force_login(traveler)
    market = make_market()
    for name, depth in (("Mei Tanaka", 30), ("Ken Mori", 20), ("Aya Abe", 10)):
        make_expert(market, name=name, slug=name[:3].lower(), specialties={"street-food": depth})
    return make_trip(market, traveler=traveler, interests=["street-food"])


@pytest.fixture
def run(trip):
    return matched(trip)


def html(client, trip):
    return client.get(address("results", trip)).content.decode()


def poll(client, trip, run):
    return client.get(address("results_fragment", trip), {"run": run.pk}, headers={"hx-request": "true"})


def test_a_first_ranking_says_so_and_asks_again(client, trip, run):
    page = html(client, trip)
    assert "First ranking; a second look is under way" in page
    assert f'hx-get="{address("results_fragment", trip)}?run={run.pk}" hx-trigger="every 2s"' in page
    assert page.count("Mei Tanaka") > 1


def test_a_page_that_asks_hears_nothing_until_there_is_something(client, trip, run):
    assert poll(client, trip, run).status_code == 204
    review(run)
    answer = poll(client, trip, run)
    assert answer.status_code == 200
    assert answer.content.decode().strip().startswith('<div id="results"')
    assert "hx-get" not in answer.content.decode()


def test_a_page_asks_only_for_a_sensible_time(client, trip, run):
    MatchRun.objects.update(finished_at=timezone.now() - timedelta(minutes=4))
    answer = poll(client, trip, run)
    assert (answer.status_code, answer["HX-Retarget"]) == (286, "#review")
    for text in (answer.content.decode(), html(client, trip)):
        assert "takes longer than usual" in text
        assert address("results_fragment", trip) not in text
        assert "Refresh" in text


def test_a_page_of_a_list_that_was_replaced_gets_the_new_one(client, trip, run):
    newer = matched(trip)
    text = poll(client, trip, run).content.decode()
    assert f"?run={newer.pk}" in text


def test_a_kept_page_changes_with_the_review(client, trip, run):
    assert "First ranking" in html(client, trip)
    review(run, mei={"model": "grok-4.3", "reasoning": "She grew up behind the market."})
    page = html(client, trip)
    assert "First ranking" not in page
    assert "She grew up behind the market." in page
    assert "Written by grok-4.3" in page


def test_a_kept_page_changes_with_a_score_or_a_receipt(client, trip, run):
    html(client, trip)
    score = MatchScore.objects.get(run=run, position=1)
    MatchScore.objects.filter(pk=score.pk).update(
        score_tenths=999, trust_points=999 - sum(score.point_tenths[:4])
    )
    assert "<b>99.9</b>" in html(client, trip)
    type(score.receipt).objects.filter(pk=score.pk).update(strengths=[])
    assert "30 trips" not in html(client, trip)


def test_a_review_says_who_moved_and_whose_score_changed(client, trip, run):
    swap(run, 1, 2)
    aya = MatchScore.objects.get(run=run, position=3).score_tenths
    review(run, aya={"first": {"rank": 3, "score": aya - 20}})
    page = html(client, trip)
    for sentence in (
        "Mei Tanaka moved from place 1 to place 2.",
        "Ken Mori moved from place 2 to place 1.",
        f"Aya Abe scores {aya / 10:.1f} instead of {(aya - 20) / 10:.1f}.",
    ):
        assert sentence in page


def test_it_is_announced_once_with_what_changed(client, trip, run):
    swap(run, 1, 2)
    review(run)
    told = poll(client, trip, run).content.decode().split('id="results-status"')[1]
    assert "The list was reviewed." in told
    assert "Ken Mori moved from place 2 to place 1." in told


def test_a_review_that_changed_nothing_says_that(client, trip, run):
    review(run)
    assert "Order and scores stay as they were." in html(client, trip)


@pytest.mark.parametrize("state", ["failed", "offline"])
def test_a_list_without_a_review_says_so_in_one_line(client, trip, run, state):
    review(run, state, note="No language model answers at the moment.")
    page = html(client, trip)
    assert page.count("This list was not reviewed by a model.") == 1
    assert "No language model answers at the moment." in page
    assert "moved from" not in page


def test_reasoning_without_a_model_says_where_it_comes_from(client, trip, run):
    review(run, "offline", mei={"reasoning": "She has planned 30 trips."})
    slug = run.scores.get(position=1).expert.slug
    page = client.get(reverse("matching:receipt", args=[trip.pk, slug])).content.decode()
    assert "She has planned 30 trips." in page
    assert "Worded from the evidence, without a model" in page


def test_what_a_model_adds_stands_beside_what_code_says(client, trip, run):
    said = {"strengths": [{"text": "Knows the vendors.", "evidence": "I know every stall."}]}
    review(run, mei=said | {"considerations": [{"text": "Walks a lot.", "evidence": "on foot"}]})
    page = html(client, trip)
    for text in ("Knows the vendors.", "I know every stall.", "Walks a lot.", "30 trips"):
        assert text in page


def test_a_models_words_are_no_markup(client, trip, run):
    evil = "<script>alert(1)</script>"
    remark = [{"text": evil, "evidence": evil}]
    review(run, mei={"model": evil, "reasoning": evil, "strengths": remark})
    page = html(client, trip)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_everyone_not_shown_is_counted_with_the_reason(client, trip):
    make_expert(trip.destination, languages={"ja": 7})
    make_expert(trip.destination, group_size_max=1)
    matched(trip)
    page = html(client, trip)
    assert "5 experts were compared." in page
    assert "Not shown: 1 speaks none of your languages and 1 takes smaller groups only." in page


def test_the_page_tells_that_neighbours_take_turns(client, trip, run):
    assert "within three points of each other take turns" in html(client, trip)


def test_links_keep_their_ids_so_that_the_focus_stays(client, trip, run):
    before = {part.split('"')[0] for part in html(client, trip).split('<a id="')[1:]}
    swap(run, 1, 2)
    review(run)
    after = {part.split('"')[0] for part in poll(client, trip, run).content.decode().split('<a id="')[1:]}
    assert before == after != set()


def test_reasons_are_told_in_the_readers_numbers():
    from matching import telling

    with translation.override("de"):
        assert "1.234" in telling.left_out([{"hidden": 5, "count": 1234}])

"""`manage.py match_trip`: the list of the page in a terminal."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.translation import override

from experts.models import Expert
from jobs.models import Job
from matching import services
from matching.models import Factor, MatchRun
from matching.tasks import match_trip
from tests.factories import make_expert, make_market, make_review, make_trip, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

State = MatchRun.State


@pytest.fixture
def trip():
    kyoto = make_market()
    for depth, name in enumerate(["Aiko Abe", "Ben Bando", "Chiyo Chiba"]):
        make_review(make_expert(kyoto, name=name, specialties={"street-food": 1 + 9 * depth}))
    make_expert(kyoto, name="Silent Saki", languages={"ja": 7})
    return make_trip(kyoto, traveler=make_user(), interests=["street-food"], budget=900)


@pytest.fixture
def printed(capsys):
    def run(*arguments):
        call_command("match_trip", *map(str, arguments))
        return str(capsys.readouterr().out)

    return run


def shown_on_page(client, trip):
    client.force_login(trip.traveler)
    return client.get(reverse("matching:results", args=[trip.pk])).context["scores"]


def texts(remarks):
    return [said.text for said in remarks]


def test_the_json_is_the_page(client, trip, printed):
    found = json.loads(printed(trip.pk, "--json"))
    cards = shown_on_page(client, trip)
    assert (found["trip"], found["run"], found["candidates"]) == (trip.pk, trip.runs.get().pk, 4)
    assert [expert["name"] for expert in found["experts"]] == ["Chiyo Chiba", "Ben Bando", "Aiko Abe"]
    for place, (expert, card) in enumerate(zip(found["experts"], cards, strict=True), start=1):
        assert (expert["rank"], expert["expert"]) == (place, card.expert.slug)
        assert (expert["score"], expert["band"]) == (float(card.score), card.band.value)
        assert list(expert["points"].values()) == [float(points) for _, _, points, _ in card.points]
        assert list(expert["values"].values()) == [float(value) for _, value, _, _ in card.points]
        assert (expert["strengths"], expert["considerations"]) == (
            texts(card.strengths),
            texts(card.considerations),
        )


def test_the_text_is_the_page(client, trip, printed):
    text = printed(trip.pk)
    cards = shown_on_page(client, trip)
    first, *experts = text.strip().split("\n\n")
    assert first == f"Kyoto, JP: 3 of 4 experts, algorithm {trip.runs.get().algorithm}"
    for place, (paragraph, card) in enumerate(zip(experts, cards, strict=True), start=1):
        head, sums, why, *remarks = paragraph.splitlines()
        assert head == f"{place}. {card.expert.name}  {card.score} of 100  ({card.band.label})"
        assert sums.strip() == " + ".join(f"{name} {points}" for name, _, points, _ in card.points)
        assert why.strip() == card.why.text
        assert [line.strip() for line in remarks] == [
            *(f"+ {text}" for text in texts(card.strengths)),
            *(f"- {text}" for text in texts(card.considerations)),
        ]


def test_it_reads_in_the_language_of_the_terminal(trip, printed):
    with override("de"):
        text = printed(trip.pk)
        labels = [str(factor.label) for factor in Factor]
    assert all(label in text for label in [*labels, "Empfehlenswert", "An allen 5 Tagen deiner Reise frei"])
    assert "Expertise" not in text


def test_a_trip_that_is_not_there_is_told(printed):
    with pytest.raises(CommandError, match=r"There is no trip 987654321\."):
        printed(987654321)


@pytest.mark.parametrize("trip_id", ["x", "", "1.5"])
def test_what_is_no_number_is_told(printed, trip_id):
    with pytest.raises(CommandError, match="argument trip"):
        printed(trip_id)


def test_a_list_that_is_there_is_not_made_again(trip, printed):
    first, again = printed(trip.pk), printed(trip.pk)
    assert first == again
    assert trip.runs.count() == 1


def test_what_a_worker_has_not_begun_is_done_here_and_once(trip, printed):
    run = services.request_match(trip)
    printed(trip.pk)
    run.refresh_from_db()
    assert (run.state, run.shown) == (State.DONE, 3)
    run_jobs()
    assert (run.scores.count(), Job.objects.get(kind=match_trip.name).state) == (4, Job.State.DONE)


def test_a_run_that_failed_is_tried_anew(trip, printed):
    failed = services.request_match(trip)
    failed.move(State.FAILED)
    assert "3 of 4 experts" in printed(trip.pk)
    assert [run.state for run in trip.runs.order_by("pk")] == [State.STALE, State.DONE]


def test_a_market_without_experts_prints_an_empty_list(printed):
    trip = make_trip(make_market("Lima"))
    assert printed(trip.pk).startswith("Lima, JP: 0 of 0 experts")
    assert json.loads(printed(trip.pk, "--json"))["experts"] == []


def test_who_left_since_is_in_neither_list(client, trip, printed):
    printed(trip.pk)
    Expert.objects.filter(user__name="Chiyo Chiba").update(status="suspended")
    assert [name for name in ("Chiyo", ": 2 of 4 experts") if name in printed(trip.pk)] == [
        ": 2 of 4 experts"
    ]
    assert len(json.loads(printed(trip.pk, "--json"))["experts"]) == len(shown_on_page(client, trip)) == 2


def test_a_name_with_line_breaks_and_signs_stays_readable(printed):
    kyoto = make_market()
    make_expert(kyoto, name="Mei %s {x} “ٱلْعَرَبِيَّة” 🎏", bio="kilns & \\n <b>clay</b>")
    trip = make_trip(kyoto, brief="kilns")
    assert "1. Mei %s {x} “ٱلْعَرَبِيَّة” 🎏  " in printed(trip.pk)
    (expert,) = json.loads(printed(trip.pk, "--json"))["experts"]
    assert expert["name"] == "Mei %s {x} “ٱلْعَرَبِيَّة” 🎏"

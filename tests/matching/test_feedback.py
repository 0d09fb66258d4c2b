"""A traveler says which factor of a score is wrong."""

import pytest
from django.test import Client

from matching import feedback
from matching.models import Feedback
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.matching.lists import address, matched

pytestmark = pytest.mark.django_db


@pytest.fixture
def trip(client):
    traveler = make_user()
    client.force_login(traveler)
    market = make_market()
    make_expert(market, slug="mei")
    trip = make_trip(market, traveler=traveler)
    matched(trip)
    return trip


def send(client, trip, factor="trust", text="She has many reviews elsewhere.", **extra):
    return client.post(address("receipt", trip, "mei"), {"factor": factor, "text": text}, **extra)


def test_what_a_traveler_says_is_kept_and_thanked_for(client, trip):
    page = send(client, trip, follow=True).content.decode()
    said = Feedback.objects.get()
    assert (said.side, said.factor, said.author) == ("traveler", "trust", trip.traveler)
    assert "Thank you." in page
    assert "She has many reviews elsewhere." in page


def test_saying_it_again_replaces_it(client, trip):
    for text in ("First.", "Second."):
        send(client, trip, text=text)
    send(client, trip, factor="budget", text="Third.")
    assert set(Feedback.objects.values_list("factor", "text")) == {("trust", "Second."), ("budget", "Third.")}


@pytest.mark.parametrize(
    ("factor", "text"),
    [("looks", "Kept."), ("", "Kept."), ("trust", "Kept." + "x" * 1000), ("trust", "Kept.\0")],
)
def test_what_was_written_is_kept_when_something_is_wrong(client, trip, factor, text):
    answer = send(client, trip, factor, text)
    assert answer.status_code == 200
    assert "Kept." in answer.content.decode()
    assert "needs another look" in answer.content.decode()
    assert not Feedback.objects.exists()


def test_it_says_nothing_without_words(client, trip):
    assert send(client, trip, text=" ").status_code == 200
    assert not Feedback.objects.exists()


def test_markup_is_shown_as_it_was_written(client, trip):
    page = send(client, trip, text="<b onclick=x>bold</b>", follow=True).content.decode()
    assert "&lt;b onclick=x&gt;" in page


def test_strangers_say_nothing(trip):
    other = Client()
    other.force_login(make_user())
    for client in (other, Client()):
        assert send(client, trip).status_code == 404
    assert not Feedback.objects.exists()


def test_a_post_without_a_token_is_refused(trip):
    client = Client(enforce_csrf_checks=True)
    client.force_login(trip.traveler)
    assert send(client, trip).status_code == 403


def test_there_is_a_limit(client, trip, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"feedback": "2/hour"}
    assert [send(client, trip).status_code for _ in range(3)] == [302, 302, 429]


def test_both_sides_have_their_say(trip):
    score = trip.runs.get().scores.get()
    for side in Feedback.Side.values:
        feedback.say(by=None, score=score, side=side, factor="trust", text=side)
    assert set(Feedback.objects.values_list("side", "text")) == {("traveler",) * 2, ("expert",) * 2}

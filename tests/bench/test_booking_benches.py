"""Bookings through a real web server, on a small scale: by everybody at once, and while it is killed."""

import pytest

from bench import booking_http, booking_kills, booking_races
from bench.website import Answer
from bookings.models import Posting
from tests.factories import make_booking, make_expert

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_process(monkeypatch):
    """It starts sooner."""
    monkeypatch.setenv("WEB_WORKERS", "1")


def test_a_slot_that_everybody_wants_has_one_winner_and_clear_refusals():
    found = booking_http.race(60, 12, visitors=12)
    assert (found["winners"], found["wrong"]) == ([1] * booking_races.HOT_SLOTS, [])
    assert set(found["statuses"]) == {201, 302, 409}
    assert sum(found["statuses"].values()) == 60


def test_no_kill_loses_doubles_or_halves_a_booking():
    found = booking_kills.siege(3, visitors=6)
    assert (found["lost"], found["made_twice"], found["half_made"], found["wrong"]) == (0, 0, [], [])
    assert found["booked"] > 3
    assert found["cut_off"] > 0


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (Answer(201, "", '{"id": 7}'), 7),
        (Answer(302, "/bookings/8/", ""), 8),
        (Answer(302, "/accounts/login/?next=/bookings/8/", ""), None),
        (Answer(200, "/bookings/8/", ""), None),
        (Answer(409, "", '{"id": 7}'), None),
    ],
)
def test_what_counts_as_booked(answer, number):
    assert booking_http.booked(answer) == number


@pytest.mark.parametrize(
    ("status", "body", "named"),
    [
        (409, '{"errors": "%s", "next_free": [1, 2]}', 2),
        (409, '<p>%s</p><h2>The next free times</h2><a href="/x/book/?day=2031-05-01">', 1),
        (409, "<p>%s</p>", 0),
        (409, '{"errors": "No.", "next_free": [1]}', 0),
        (500, '{"errors": "%s", "next_free": [1]}', 0),
    ],
)
def test_a_refusal_counts_only_with_its_reason_and_other_times(status, body, named):
    said = body.replace("%s", booking_http.TAKEN[0])
    assert booking_http.free_times(Answer(status, "", said)) == named


def test_a_half_made_booking_is_found():
    expert = make_expert()
    confirmed, held = (make_booking(expert, state=state) for state in ("confirmed", "held"))
    Posting.objects.create(booking=confirmed, kind="agreed")
    found = " ".join(booking_kills.half_made())
    for fault in ("confirmed after []", "0 keys", "{'agreed': 1}", "0 notices", f"{held.pk}: It is held."):
        assert fault in found

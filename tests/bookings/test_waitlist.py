from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail, signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import tasks, waitlist
from bookings.models import WaitlistEntry
from bookings.services import join_waitlist
from experts.models import Expert, Listing
from jobs.errors import Permanent
from markets.models import Market
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.threads import at_once
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def lima():
    return make_market("Lima", status=Market.Status.RECRUITING)


def address(market):
    return reverse("bookings:join_waitlist", args=[market.pk])


def waiting():
    return list(WaitlistEntry.objects.order_by("pk").values_list("market__name", "email"))


def test_anybody_can_wait_for_a_market_that_has_no_experts_yet(client, lima):
    assert client.get(address(lima)).status_code == 200
    response = client.post(address(lima), {"email": "Rosa@Example.com"})
    assert "waitlist for Lima" in response.content.decode()
    assert waiting() == [("Lima", "rosa@example.com")]


def test_an_address_waits_once_whatever_its_case_and_hears_once(client, lima):
    for email in ("rosa@example.com", "ROSA@example.com", "Rosa@Example.Com"):
        assert client.post(address(lima), {"email": email}).status_code == 200
    assert waiting() == [("Lima", "rosa@example.com")]
    run_jobs()
    assert [sent.to for sent in mail.outbox] == [["rosa@example.com"]]


def test_the_same_address_waits_for_several_markets(client, lima):
    for market in (lima, make_market("Quito")):
        client.post(address(market), {"email": "rosa@example.com"})
    assert waiting() == [("Lima", "rosa@example.com"), ("Quito", "rosa@example.com")]


@pytest.mark.parametrize(
    "email",
    [
        *["", "rosa", "rosa@", "@example.com", "rosa@example", "rosa@exa mple.com", "rosa\0@example.com"],
        *["rosa@example.com, eve@example.com", "rosa@example.com\nBcc: eve@example.com"],
        *["x" * 10_000 + "@example.com", "<script>@example.com", "a@" + ".".join(["İ" * 60] * 4) + ".com"],
    ],
)
def test_what_is_no_address_is_named_at_its_field(client, lima, email):
    response = client.post(address(lima), {"email": email})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["email"]
    assert waiting() == []


def test_the_trip_that_found_nobody_is_remembered(client, lima):
    user = make_user()
    client.force_login(user)
    trip = make_trip(lima, traveler=user)
    client.post(address(lima), {"email": user.email, "trip": trip.pk})
    assert WaitlistEntry.objects.get().trip == trip


def test_somebody_elses_trip_and_one_to_another_place_are_ignored(client, lima):
    user = make_user()
    client.force_login(user)
    for trip in (make_trip(lima, traveler=make_user()), make_trip(traveler=user)):
        client.post(address(lima), {"email": f"{trip.pk}@example.com", "trip": trip.pk})
    assert [entry.trip for entry in WaitlistEntry.objects.all()] == [None, None]


@pytest.mark.parametrize("number", ["x", "-1", "0", "1.5", "9" * 30])
def test_a_trip_number_that_is_none_does_not_keep_anybody_off_the_list(client, lima, number):
    client.post(address(lima), {"email": "rosa@example.com", "trip": number})
    assert waiting() == [("Lima", "rosa@example.com")]


def test_a_market_that_does_not_exist_has_no_waitlist(client):
    for number in (0, 2**31, 2**70):
        assert client.post(f"/waitlist/{number}/", {"email": "rosa@example.com"}).status_code == 404


def test_the_mail_names_the_place_and_is_the_only_one(lima):
    entry = join_waitlist(market=lima, email="rosa@example.com", trip=None)
    assert join_waitlist(market=lima, email="ROSA@example.com", trip=None) == entry
    run_jobs()
    (sent,) = mail.outbox
    assert sent.subject == "You are on the waitlist for Lima"
    assert sent.body.startswith("Hello,\n\nyou are on the waitlist for Lima.")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one_entry(lima):
    joined = at_once(lambda: join_waitlist(market=lima, email="rosa@example.com", trip=None).pk)
    assert set(joined) == {WaitlistEntry.objects.get().pk}


@pytest.fixture
def waits(lima):
    """An entry whose confirmation is out."""
    entry = join_waitlist(market=lima, email="rosa@example.com", trip=None)
    run_jobs()
    mail.outbox.clear()
    return entry


def a_minute_passes():
    tasks.ask_to_tell_waiting()
    run_jobs()


def heard():
    return [(sent.to, sent.subject) for sent in mail.outbox]


OPENING = (["rosa@example.com"], "Local experts in Lima are there")


def test_who_waits_hears_once_when_an_expert_opens_and_is_off_the_list(lima, waits):
    a_minute_passes()
    assert heard() == []
    for _ in range(2):
        make_expert(lima)
        a_minute_passes()
    assert heard() == [OPENING]
    assert f"/experts/in/{lima.slug}/" in mail.outbox[0].body
    assert waiting() == []


@pytest.mark.parametrize("status", ["paused", "suspended", "submitted"])
def test_whatever_opens_an_expert_tells_who_waits(lima, waits, status):
    expert = make_expert(lima, status=status)
    a_minute_passes()
    assert heard() == []
    Expert.objects.filter(pk=expert.pk).update(status="active")
    a_minute_passes()
    assert heard() == [OPENING]


def test_an_expert_elsewhere_is_no_news(lima, waits):
    make_expert(make_market("Quito"))
    a_minute_passes()
    assert (heard(), waiting()) == ([], [("Lima", "rosa@example.com")])


def test_who_joined_although_experts_are_there_hears_of_the_next_one(lima):
    make_expert(lima)
    Listing.objects.update(listed_at=timezone.now() - timedelta(days=1))
    join_waitlist(market=lima, email="rosa@example.com", trip=None)
    run_jobs()
    mail.outbox.clear()
    a_minute_passes()
    assert heard() == []
    make_expert(lima)
    a_minute_passes()
    assert heard() == [OPENING]


def test_who_closed_before_the_mail_went_out_is_not_announced_and_the_wait_goes_on(lima, waits):
    make_expert(lima)
    tasks.ask_to_tell_waiting()
    Expert.objects.update(status="paused")
    run_jobs()
    assert (heard(), waiting()) == ([], [("Lima", "rosa@example.com")])
    Expert.objects.update(status="active")
    a_minute_passes()
    assert heard() == [OPENING]


def test_the_notice_speaks_the_language_of_who_joined(client, lima):
    client.post(address(lima), {"email": "rosa@example.com"}, headers={"accept-language": "de"})
    assert WaitlistEntry.objects.get().language == "de"


def test_two_beats_at_the_same_moment_ask_for_one_mail(lima, waits):
    make_expert(lima)
    assert (waitlist.claim_due(), waitlist.claim_due()) == ([waits.pk], [])


def test_a_mail_that_a_server_refuses_for_good_is_not_tried_each_minute(lima, waits, monkeypatch):
    make_expert(lima)
    tries = []

    def refuse(key, message):
        tries.append(key)
        raise Permanent("no such mailbox")

    monkeypatch.setattr("jobs.effects.send_mail", refuse)
    for _ in range(3):
        tasks.ask_to_tell_waiting()
        with suppress(Permanent):
            run_jobs()
    assert len(tries) == 1
    join_waitlist(market=lima, email="rosa@example.com", trip=None)
    assert WaitlistEntry.objects.get().told_at is None


def leave_url(sent):
    return sent.extra_headers["List-Unsubscribe"].strip("<>").removeprefix(settings.SITE_URL)


def test_every_mail_says_to_mail_programs_and_in_words_how_to_leave(lima):
    join_waitlist(market=lima, email="rosa@example.com", trip=None)
    run_jobs()
    (sent,) = mail.outbox
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert leave_url(sent) in sent.body


def test_a_mail_program_leaves_with_one_post_without_cookie_or_token(lima):
    entry = join_waitlist(market=lima, email="rosa@example.com", trip=None)
    run_jobs()
    program = Client(enforce_csrf_checks=True)
    response = program.post(leave_url(mail.outbox[0]), {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert not WaitlistEntry.objects.filter(pk=entry.pk).exists()
    make_expert(lima)
    a_minute_passes()
    assert len(mail.outbox) == 1


def test_opening_the_address_asks_and_deletes_nothing(client, lima, waits):
    url = reverse("bookings:leave_waitlist", args=[waitlist.token(waits)])
    for method in ("get", "head", "get"):
        assert getattr(client, method)(url).status_code == 200
    assert "Leave the waitlist for Lima?" in client.get(url).content.decode()
    assert waiting() == [("Lima", "rosa@example.com")]
    assert "You are off the waitlist for Lima" in client.post(url).content.decode()
    for again in (client.post(url), client.get(url)):
        assert "You are not on this waitlist" in again.content.decode()


def test_nobody_leaves_for_another(client, waits):
    for token in (str(waits.pk), waitlist.token(waits)[:-1] + "x", signing.dumps(waits.pk), "x:y:z"):
        assert client.post(f"/waitlist/leave/{token}/").status_code == 404
    assert waiting() == [("Lima", "rosa@example.com")]


@pytest.mark.parametrize(
    ("old", "kept"), [({"created_at": 731}, 0), ({"told_at": 31}, 0), ({"created_at": 700}, 1)]
)
def test_nobody_stays_on_the_list_for_ever(waits, old, kept):
    WaitlistEntry.objects.update(
        **{name: timezone.now() - timedelta(days=days) for name, days in old.items()}
    )
    tasks.forget_waiting()
    assert WaitlistEntry.objects.count() == kept

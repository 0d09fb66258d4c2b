import pytest
from django.core import mail
from django.urls import reverse

from bookings.models import WaitlistEntry
from bookings.services import join_waitlist
from markets.models import Market
from tests.factories import make_market, make_trip, make_user
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

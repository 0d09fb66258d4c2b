import re

import pytest
from django.core import mail
from django.urls import reverse

from tests.factories import make_trip, make_user
from travelers.models import SESSION_TRIPS

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def sign_in(client, email, password=PASSWORD, query=""):
    return client.post(reverse("account_login") + query, {"login": email, "password": password})


def describe_before(client, *trips):
    session = client.session
    session[SESSION_TRIPS] = [trip.pk for trip in trips]
    session.save()


def test_the_address_is_the_login_in_any_case(client):
    user = make_user(email="ada@example.com")
    assert sign_in(client, "ADA@example.com", query="?next=/trips/").headers["Location"] == "/trips/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_foreign_page_does_not_open_afterwards(client):
    user = make_user()
    assert sign_in(client, user.email, query="?next=//evil.example/").headers["Location"] == reverse("home")


def test_known_and_unknown_addresses_get_the_same_answer(client):
    user = make_user()
    answers = [sign_in(client, email, "wrong") for email in (user.email, "nobody@example.com")]
    known, unknown = [answer.context["form"].errors for answer in answers]
    assert known == unknown != {}


def test_a_closed_account_stays_out(client):
    user = make_user(is_active=False)
    sign_in(client, user.email)
    assert "_auth_user_id" not in client.session


def test_trips_described_before_become_the_accounts_own(client):
    user, trips = make_user(), [make_trip(), make_trip()]
    describe_before(client, *trips)
    sign_in(client, user.email)
    assert list(user.trips.order_by("pk")) == trips
    assert SESSION_TRIPS not in client.session


def test_nobody_claims_a_trip_that_has_an_owner(client):
    owner, user = make_user(), make_user()
    trip = make_trip(traveler=owner)
    describe_before(client, trip)
    sign_in(client, user.email)
    trip.refresh_from_db()
    assert trip.traveler == owner


def test_a_password_is_reset_by_mail(client):
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    (link,) = re.findall(r"http://localhost:8000(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another long phrase", "password2": "another long phrase"})
    assert sign_in(client, user.email, "another long phrase").headers["Location"] == reverse("home")


def test_reset_answers_alike_for_known_and_unknown_addresses(client):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in (make_user().email, "nobody@example.com")
    ]
    assert {answer.headers["Location"] for answer in answers} == {reverse("account_reset_password_done")}
    assert len(mail.outbox) == 2

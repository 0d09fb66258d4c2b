import re
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError
from django.urls import reverse

from accounts.models import User
from tests.factories import make_trip, make_user
from travelers.models import SESSION_TRIPS

pytestmark = pytest.mark.django_db

FORM = {"name": "Ada Example", "email": "Ada@Example.com", "password1": "a long enough phrase"}


def sign_up(client, query="", **changes):
    return client.post(reverse("account_signup") + query, FORM | changes)


def test_a_name_an_address_and_a_password_make_an_account(client):
    response = sign_up(client)
    assert response.headers["Location"] == reverse("home")
    user = User.objects.get()
    assert (user.name, user.email, user.is_staff) == ("Ada Example", "ada@example.com", False)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_page_one_came_from_opens_afterwards(client):
    assert sign_up(client, "?next=/trips/").headers["Location"] == "/trips/"


def test_a_foreign_page_does_not(client):
    assert sign_up(client, "?next=https://evil.example/").headers["Location"] == reverse("home")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "A" * 121),
        ("name", "A\x00B"),
        ("name", "Ada +44 7700 900123"),  # whoever they write to reads it before a booking
        ("name", "ada@example.com"),
        ("email", "not an address"),
        ("email", "a\x00@example.com"),
        ("password1", "short"),
        ("password1", "password123"),
    ],
)
def test_a_wrong_answer_gets_a_message_at_its_field(client, field, value):
    response = sign_up(client, **{field: value})
    assert list(response.context["form"].errors) == [field]
    assert User.objects.count() == 0


def test_trips_described_before_are_kept(client):
    trip = make_trip()
    session = client.session
    session[SESSION_TRIPS] = [trip.pk]
    session.save()
    sign_up(client)
    trip.refresh_from_db()
    assert trip.traveler == User.objects.get()


def test_a_second_click_finds_the_account_of_the_first(client):
    with patch("allauth.account.adapter.DefaultAccountAdapter.save_user", side_effect=IntegrityError):
        response = sign_up(client)
    assert response.headers["Location"] == reverse("account_login")


def test_a_mail_server_that_is_away_is_told_and_the_account_stands(client, settings):
    with patch("django.core.mail.message.EmailMessage.send", side_effect=ConnectionRefusedError):
        response = client.post(reverse("account_signup"), FORM, follow=True)
    assert "The mail could not be sent just now." in " ".join(map(str, response.context["messages"]))
    assert User.objects.count() == 1


@pytest.fixture
def confirmed_addresses_only(settings):
    """What production asks for: settings.py sets it as soon as there is a mail server."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def test_the_form_does_not_tell_whose_address_is_known(client, confirmed_addresses_only):
    known = make_user(email="ada@example.com")
    answers = [sign_up(client), sign_up(client.__class__(), email="new@example.com")]
    assert [answer.headers["Location"] for answer in answers] == [
        reverse("account_email_verification_sent")
    ] * 2
    assert [message.to for message in mail.outbox] == [["ada@example.com"], ["new@example.com"]]
    assert "There is one already" in mail.outbox[0].body
    known.refresh_from_db()
    assert known.check_password("correct horse battery")


def test_the_mailed_link_confirms_and_goes_on_in_the_same_browser(client, confirmed_addresses_only):
    sign_up(client, "?next=/trips/")
    assert "_auth_user_id" not in client.session
    (link,) = re.findall(r"http://\S+?(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert client.post(link).headers["Location"] == "/trips/"
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        *[
            ("Asia/Kathmandu", "Asia/Kathmandu"),
            ("Asia/Calcutta", "Asia/Calcutta"),
            (" Europe/Berlin ", "Europe/Berlin"),
        ],
        *[("", "UTC"), ("Atlantis", "UTC"), ("../etc/passwd", "UTC"), ("x" * 500, "UTC"), ("a\0b", "UTC")],
    ],
)
def test_the_clock_of_the_browser_is_kept_and_an_odd_one_keeps_nobody_out(client, told, kept):
    sign_up(client, time_zone=told)
    assert User.objects.get().time_zone == kept


def test_the_page_asks_the_browser_for_it(client):
    page = client.get(reverse("account_signup")).content.decode()
    assert 'type="hidden" name="time_zone"' in page
    assert "js/time_zone.js" in page

"""The mails of an account are the site's own, whatever host the request names."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db

FORM = {"name": "Ada Example", "email": "ada@example.com", "password1": "a long enough phrase"}


@pytest.fixture(autouse=True)
def forged(client, settings):
    """A host that the site answers and that is not the one it is known by."""
    settings.SITE_URL = "https://traveloure.example"
    settings.ALLOWED_HOSTS = ["*"]
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.defaults |= {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}


def sent():
    """Subject and lines of the one mail, in which the forged host is nowhere."""
    (message,) = mail.outbox
    assert "evil" not in str(message.message())
    return message.subject, [line for line in str(message.body).splitlines() if line]


def ada(**fields):
    """With a confirmed address."""
    user = make_user("Ada", **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def test_who_signs_up_confirms_the_address(client):
    client.post(reverse("account_signup"), FORM)
    subject, lines = sent()
    assert subject == "Confirm your address"
    assert lines[0] == "Hello,"
    assert lines[2].startswith("https://traveloure.example/accounts/confirm-email/")
    assert lines[-1] == "Your Traveloure team"
    client.post(lines[2].removeprefix("https://traveloure.example"))
    assert EmailAddress.objects.get().verified


def test_who_adds_an_address_confirms_it(client):
    client.force_login(ada())
    client.post(reverse("account_email"), {"action_add": "", "email": "another@example.com"})
    subject, lines = sent()
    assert (subject, lines[0]) == ("Confirm your address", "Hello,")
    assert lines[2].startswith("https://traveloure.example/accounts/confirm-email/")


def test_who_forgot_a_password_chooses_a_new_one(client):
    client.post(reverse("account_reset_password"), {"email": ada().email})
    subject, lines = sent()
    assert (subject, lines[0]) == ("Choose a new password", "Hello Ada,")
    assert lines[2].startswith("https://traveloure.example/accounts/password/reset/key/")


def test_who_has_an_account_already_is_told(client):
    ada(email="ada@example.com")
    client.post(reverse("account_signup"), FORM | {"name": "Somebody else"})
    subject, lines = sent()
    assert (subject, lines[0]) == ("You have an account already", "Hello Ada,")
    assert lines[2] == "https://traveloure.example/accounts/password/reset/"


def test_who_has_none_is_told_and_greeted_by_no_name(client):
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    subject, lines = sent()
    assert (subject, lines[0]) == ("There is no account with this address", "Hello,")
    assert lines[2] == "https://traveloure.example/accounts/signup/"


def test_the_mail_is_in_its_readers_language_not_in_that_of_who_asks(client):
    user = ada(language="de")
    client.post(reverse("account_reset_password"), {"email": user.email}, HTTP_ACCEPT_LANGUAGE="en")
    assert sent()[1][0] == "Hallo Ada,"


def test_nobody_sends_words_of_their_own_to_an_address_that_is_not_theirs(client):
    client.post(reverse("account_signup"), FORM | {"name": "You won, see bad.example"})
    assert "bad.example" not in "\n".join(sent()[1])

"""However an address is written, it is one account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SPELLINGS = ["ada@example.com", "ADA@EXAMPLE.COM", "Ada@Example.Com", "  ada@EXAMPLE.com "]


@pytest.fixture
def ada():
    return make_user(email="ada@example.com")


def confirm(client):
    (link,) = re.findall(r"http://\S+?(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    client.post(link)


@pytest.mark.parametrize("email", SPELLINGS)
def test_it_signs_in(client, ada, email):
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(ada.pk)


@pytest.mark.parametrize("email", SPELLINGS)
def test_nobody_signs_up_with_it_again(client, ada, email):
    answers = {"name": "Eve", "email": email, "password1": "another long phrase"}
    response = client.post(reverse("account_signup"), answers)
    assert list(response.context["form"].errors) == ["email"]
    assert User.objects.get() == ada


@pytest.mark.parametrize("email", SPELLINGS)
def test_its_password_is_reset(client, ada, email):
    client.post(reverse("account_reset_password"), {"email": email})
    assert [(message.to, "/reset/key/" in message.body) for message in mail.outbox] == [([ada.email], True)]


@pytest.mark.parametrize("email", SPELLINGS)
def test_nobody_else_can_take_it_over_even_if_its_owner_is_careless(client, settings, ada, email):
    """The page does not tell whose address is known, and mails its owner, who then opens the link."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # as where mail is sent
    eve = make_user(email="eve@example.com")
    for user in (ada, eve):
        user.emailaddress_set.create(email=user.email, primary=True, verified=True)
    client.force_login(eve)
    client.post(reverse("account_email"), {"action_add": "", "email": email})
    confirm(client)
    client.post(reverse("account_email"), {"action_primary": "", "email": ada.email})
    eve.refresh_from_db()
    assert (eve.email, EmailAddress.objects.get(verified=True, email=ada.email).user) == (
        "eve@example.com",
        ada,
    )


@pytest.mark.parametrize("confirmed", [False, True])
def test_nobody_signs_in_with_the_unconfirmed_address_of_another(client, ada, confirmed):
    """Without a mail server accounts may be unconfirmed, and the links are there for everybody to open."""
    eve = make_user(email="eve@example.com")
    client.force_login(eve)
    client.post(reverse("account_email"), {"action_add": "", "email": ada.email})
    if confirmed:
        confirm(client)
        assert not EmailAddress.objects.filter(verified=True).exists()
    response = client.post(reverse("account_email"), {"action_primary": "", "email": ada.email}, follow=True)
    assert "Another account signs in with this address." in response.content.decode()
    eve.refresh_from_db()
    assert (response.status_code, eve.email) == (200, "eve@example.com")


def test_the_last_address_stays(client, ada):
    ada.emailaddress_set.create(email=ada.email, primary=True, verified=True)
    client.force_login(ada)
    client.post(reverse("account_email"), {"action_remove": "", "email": ada.email})
    ada.refresh_from_db()
    assert (ada.email, ada.emailaddress_set.count()) == ("ada@example.com", 1)


def test_a_new_address_counts_once_it_is_confirmed(client, ada):
    client.force_login(ada)
    client.post(reverse("account_email"), {"action_add": "", "email": "Ada.New@Example.COM"})
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"
    confirm(client)
    client.post(reverse("account_email"), {"action_primary": "", "email": "ada.new@example.com"})
    ada.refresh_from_db()
    assert ada.email == "ada.new@example.com"


def test_whoever_makes_accounts_by_hand_writes_as_they_like():
    User.objects.create_superuser("Root@Example.COM", "x", name="Root")
    root = User.objects.get_by_natural_key("ROOT@example.com")
    assert (root.email, root.is_staff, root.is_superuser) == ("root@example.com", True, True)


@pytest.mark.parametrize("login", ["", None, "nobody@example.com"])
def test_who_is_nobody_is_not_found(login):
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(login)

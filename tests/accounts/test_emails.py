import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

# Well-formed, but in ASCII the domain is longer than a domain may be.
UNDELIVERABLE = ["rosa@" + "ü" * 60 + ".example", "rosa@" + ".".join(["İ" * 50] * 3) + ".example"]
ADDRESSES = [
    *UNDELIVERABLE,
    "rosa",
    "a" * 300 + "@example.com",
    "rosa\0@example.com",
    "rosa@example.com\nBcc: x",
]


def sign_up(client, email, name="Rosa"):
    password = "correct horse battery"
    answers = {"email": email, "name": name, "password1": password, "password2": password}
    return client.post(reverse("account_signup"), answers)


@pytest.mark.parametrize("email", ADDRESSES)
def test_an_address_no_mail_can_reach_signs_nobody_up(client, email):
    assert "email" in sign_up(client, email).context["form"].errors
    assert (User.objects.count(), mail.outbox) == (0, [])


@pytest.mark.parametrize("email", ADDRESSES)
def test_nor_does_it_break_the_password_reset(client, email):
    response = client.post(reverse("account_reset_password"), {"email": email})
    assert "email" in response.context["form"].errors


@pytest.mark.parametrize("email", ADDRESSES)
def test_nor_the_sign_in(client, email):
    response = client.post(reverse("account_login"), {"login": email, "password": "x"})
    assert response.status_code == 200
    assert response.context["form"].errors


@pytest.mark.parametrize("email", UNDELIVERABLE)
def test_nor_the_page_where_addresses_are_changed(client, email):
    client.force_login(make_user())
    response = client.post(reverse("account_email"), {"action_add": "", "email": email})
    assert response.status_code == 200
    assert mail.outbox == []


def test_a_domain_in_another_script_is_an_address(client):
    assert sign_up(client, "rosa@münchen.example").status_code == 302
    assert mail.outbox[0].message()["To"] == "rosa@xn--mnchen-3ya.example"

"""Mails are written in the language their reader used on the site."""

import pytest
from django.core import mail

from experts import services
from tests.factories import make_expert, make_market, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


def sign_up(client, **headers):
    answers = {"name": "Ida", "email": "ida@example.com", "password1": "correct horse battery"}
    client.post("/accounts/signup/", answers, **headers)


def test_an_account_keeps_the_language_it_was_made_in(client, django_user_model):
    sign_up(client, HTTP_ACCEPT_LANGUAGE="de")
    assert django_user_model.objects.get(email="ida@example.com").language == "de"


def test_a_waitlist_mail_speaks_the_visitors_language(client):
    market = make_market("Lyon")
    client.post(f"/waitlist/{market.pk}/", {"email": "ida@example.com"}, HTTP_ACCEPT_LANGUAGE="de")
    run_jobs()
    assert "Warteliste" in mail.outbox[0].subject


@pytest.mark.parametrize(("language", "greeting"), [("en", "Hello"), ("de", "Hallo")])
def test_an_expert_reads_decisions_in_their_own_language(language, greeting):
    expert = make_expert(user=make_user("Ida", language=language))
    staff = make_user("Root", is_superuser=True)
    services.suspend(expert=expert, by=staff, reason="Two complaints.")
    run_jobs()
    assert mail.outbox[0].body.lstrip().startswith(greeting)

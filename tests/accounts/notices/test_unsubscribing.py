"""One click in a mail, without signing in."""

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import Delivery
from accounts.notices.choices import DIGEST, choose, deliveries, unsubscribe_token
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def address(user, kind):
    return reverse("notices:unsubscribe", args=[unsubscribe_token(user.pk, kind)])


def silent(user):
    return {kind for kind, delivery in deliveries(user).items() if delivery == Delivery.SITE}


def test_a_look_at_the_page_changes_nothing():
    """Programs that look through mails follow every link."""
    user = make_user(email="rosa@example.com")
    page = Client().get(address(user, "offer.made"))
    assert (page.status_code, silent(user)) == (200, set())
    assert ("An offer for you" in page.content.decode(), "rosa@" in page.content.decode()) == (True, False)


def test_one_click_silences_one_kind_and_a_second_one_is_no_error():
    user = make_user()
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert client.post(address(user, "offer.made"), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert silent(user) == {"offer.made"}


def test_of_the_daily_mail_it_silences_what_came_in_it():
    user = make_user()
    choose(user=user, wanted={"offer.made": "digest", "review.reply": "digest"}, by=user)
    Client().post(address(user, DIGEST))
    assert silent(user) == {"offer.made", "review.reply"}


def test_nobody_elses_mails_are_touched():
    user, other = make_user(), make_user()
    Client().post(address(user, "offer.made"))
    assert silent(other) == set()


def test_the_link_of_a_deleted_account_leads_nowhere():
    user = make_user()
    link = address(user, "offer.made")
    user.delete()
    assert Client().post(link).status_code == 404


@pytest.mark.parametrize("salt", ["", "password"])
def test_a_link_that_we_have_not_signed_for_this_does_nothing(salt):
    user = make_user()
    signed = unsubscribe_token(user.pk, "offer.made")
    forged = signing.dumps([user.pk, "offer.made"], salt=salt) if salt else signed[:-2] + "xx"
    assert Client().post(reverse("notices:unsubscribe", args=[forged])).status_code == 404
    assert silent(user) == set()


def test_the_pages_work_without_javascript_or_cookies():
    user = make_user()
    assert "No more of these e-mails?" in Client().get(address(user, DIGEST)).content.decode()
    assert "You get no more of these e-mails" in Client().post(address(user, DIGEST)).content.decode()

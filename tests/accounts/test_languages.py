"""In which language somebody reads: what they chose, here or in their account, goes before what the browser says."""

import pytest
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
CHOICE = "/language/"


def reads(client, **headers):
    page = client.get(reverse("experts:browse"), headers={"Accept-Language": "en", **headers}).text
    return page.split('<html lang="')[1].split('"')[0]


def test_a_visitor_chooses_and_comes_back_to_the_page(client):
    assert reads(client) == "en"
    came_from = "http://testserver/experts/?language=ja"
    page = client.get(CHOICE, headers={"Referer": came_from})
    assert 'name="next" value="/experts/?language=ja"' in page.text
    assert ">Deutsch</button>" in page.text
    answer = client.post(CHOICE, {"language": "de", "next": "/experts/?language=ja"})
    assert (answer.status_code, answer.url) == (302, "/experts/?language=ja")
    assert reads(client) == "de"


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "/language/"]
)
def test_nobody_is_led_elsewhere(client, next_page):
    assert client.post(CHOICE, {"language": "de", "next": next_page}).url == "/"
    assert 'name="next" value="/"' in client.get(CHOICE, headers={"Referer": next_page}).text


@pytest.mark.parametrize("odd", ["", "tlh", "de\r\nSet-Cookie: a=b", "DE"])
def test_an_unknown_language_changes_nothing(client, odd):
    answer = client.post(CHOICE, {"language": odd})
    assert answer.status_code == 400
    assert not answer.cookies.get("django_language")


def test_the_choice_of_a_member_is_that_of_their_mails_too(client):
    user = make_user(language="en")
    client.force_login(user)
    client.post(CHOICE, {"language": "de"})
    user.refresh_from_db()
    assert user.language == "de"
    assert reads(client) == "de"


def test_what_is_chosen_among_the_notices_shows_at_once(client):
    client.force_login(make_user(language="en"))
    answer = client.post(
        reverse("notices:preferences"), {"language": "de", "time_zone": "Asia/Tokyo"}, follow=True
    )
    assert "Deine Auswahl ist gespeichert." in answer.text
    assert reads(client) == "de"


def test_signing_in_brings_the_language_along(client):
    user = make_user(language="de")
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert reads(client) == "de"


def test_signing_up_keeps_the_language_one_reads(client):
    client.post(CHOICE, {"language": "de"})
    assert reads(client) == "de"
    assert reads(client, **{"Accept-Language": "en-gb"}) == "de"

"""Favourites, and experts side by side."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from experts.models import Expert, Favourite
from tests.factories import make_expert, make_market, make_review, make_service, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LIST = "/favourites/"
NAME = re.compile(r'<h2 class="h3"><a href="/experts/[^"]+">([^<]+)</a>')


@pytest.fixture
def mei():
    return make_expert(make_market("Kyoto"), name="Mei Tanaka", slug="mei")


@pytest.fixture
def rosa(client):
    client.user = make_user("Rosa")
    client.force_login(client.user)
    return client


def heart(client, expert, on="1", **extra):
    return client.post(reverse("experts:favourite", args=[expert.slug]), {"on": on, **extra})


def listed(client):
    return NAME.findall(client.get(LIST).content.decode())


def test_a_heart_marks_and_unmarks_and_two_clicks_are_one(rosa, mei):
    for on, names in (
        ("1", ["Mei Tanaka"]),
        ("1", ["Mei Tanaka"]),
        ("0", []),
        ("0", []),
        ("1", ["Mei Tanaka"]),
    ):
        assert heart(rosa, mei, on).status_code == 302
        assert listed(rosa) == names


def test_everybody_sees_their_own_hearts_alone(rosa, mei):
    heart(rosa, mei)
    other = Client()
    other.force_login(make_user())
    assert listed(other) == []
    for client, said in (
        (rosa, 'aria-pressed="true"'),
        (other, 'aria-pressed="false"'),
        (Client(), "Sign in to keep"),
    ):
        for _ in range(2):  # the list around the hearts is kept
            page = client.get("/experts/").content.decode()
            assert page.count('class="heart"') + page.count('icon-button heart"') == 1
            assert said in page


def test_a_profile_shows_the_readers_own_heart(rosa, mei):
    for on, pressed in (("1", "true"), ("0", "false")):
        heart(rosa, mei, on)
        assert f'aria-pressed="{pressed}"' in rosa.get("/experts/mei/").content.decode()
    assert "Sign in to keep Mei Tanaka as a favourite" in Client().get("/experts/mei/").content.decode()


def test_a_visitor_signs_in_first_and_comes_back_to_the_page(client, mei):
    response = heart(client, mei, next="/experts/?q=tea")
    assert response.url == "/accounts/login/?next=/experts/%3Fq%3Dtea"
    assert client.get(LIST).status_code == 302
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_heart_leads_to_no_other_site(rosa, mei, address):
    assert heart(rosa, mei, next=address).url == LIST


def test_a_heart_that_htmx_presses_comes_back_as_it_is_now(rosa, mei):
    url = reverse("experts:favourite", args=[mei.slug])
    page = rosa.post(url, {"on": "1", "next": "/experts/"}, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true"' in page
    assert 'name="on" value="0"' in page
    assert "<html" not in page


def test_a_card_says_what_is_true_now_and_shows_the_face(rosa, mei):
    heart(rosa, mei)
    for change in ({"headline": "Tea"}, {"headline": "Tea and paper"}, {"photo": "a1b2"}, {"verified": True}):
        Expert.objects.update(**change)
        card = rosa.get(LIST).content.decode()
        mei.refresh_from_db()
        assert f"<p>{mei.headline}</p>" in card
        assert ("/a1b2" in card, 'class="verified"' in card) == (bool(mei.photo), mei.verified)


def test_nobody_marks_who_has_no_public_page(rosa, mei):
    heart(rosa, mei)
    Expert.objects.update(status="suspended")
    assert heart(rosa, mei).status_code == 404
    assert listed(rosa) == []
    Expert.objects.update(status="paused")
    assert listed(rosa) == ["Mei Tanaka"]
    assert "Takes no new clients" in rosa.get(LIST).content.decode()


def test_the_list_has_pages_and_asks_as_much_for_many_as_for_one(rosa, mei, django_assert_num_queries):
    heart(rosa, mei)
    rosa.get(LIST)
    for expected in (1, 12):
        with django_assert_num_queries(5):
            assert len(listed(rosa)) == expected
        for number in range(14):
            heart(rosa, make_expert(mei.market, name=f"E{number}"))
    assert rosa.get(LIST).context["older_url"]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one_heart(mei):
    user = make_user()

    def press():
        client = Client()
        client.force_login(user)
        return heart(client, mei).status_code

    assert set(at_once(press)) == {302}
    assert Favourite.objects.count() == 1


def compared(client, *slugs):
    response = client.get("/experts/compare/", {"e": slugs})
    assert response.status_code == 200
    return response.context["table"], response.content.decode()


def test_up_to_four_stand_side_by_side_in_the_order_of_the_address(client, mei):
    others = [make_expert(mei.market, name=f"E{number}", slug=f"e{number}") for number in range(5)]
    slugs = ["e1", "mei", "e1", "e0", "e4", "e2"]
    table, page = compared(client, *slugs)
    assert [column.expert.name for column in table.columns] == ["E1", "Mei Tanaka", "E0", "E4"]
    assert "Four at a time" in page
    assert table.columns[0].without == "e=mei&e=e0&e=e4"
    assert len(others) == 5


def test_the_table_says_for_each_what_counts(client, mei):
    make_review(mei, rating=5)
    make_service(mei, title="Dawn walk", price=90)
    other = make_expert(
        mei.market,
        slug="aiko",
        name="Aiko",
        specialties={"street-food": 2},
        languages={"de": 5},
        verified=True,
    )
    table, page = compared(client, "mei", "aiko")
    rows = {label: [lines for _name, lines in answers] for label, answers in table.rows}
    assert rows["Rating"] == [["5.00", "1 review"], ["No reviews yet"]]
    assert rows["Price per person and day"] == [["$80 – $120"], ["$80 – $120"]]
    assert rows["Services"] == [["Dawn walk: $90 for the group"], []]
    assert rows["Knows best"] == [[], ["Street food"]]
    assert rows["Languages"] == [["English, native"], ["German, C1"]]
    assert rows["Checked"] == [["Not verified yet"], ["Verified"]]
    assert page.count('scope="row"') == len(table.rows)
    assert other.name in page


def test_a_price_per_person_is_not_taken_for_the_groups(client, mei):
    make_service(mei, title="Dawn walk", price=90, price_unit="person")
    _table, page = compared(client, "mei")
    assert "Dawn walk: $90 per person" in page


def test_only_a_measured_time_to_an_answer_is_compared(client, mei):
    make_expert(mei.market, slug="aiko", response_hours=2.5)
    table, _page = compared(client, "mei", "aiko")
    rows = {label: [lines for _name, lines in answers] for label, answers in table.rows}
    assert rows["Usually answers in"] == [["no data yet"], ["2.5 h"]]


def test_a_comparison_of_nobody_or_of_hidden_experts_leads_on(client, mei):
    Expert.objects.update(status="suspended")
    for slugs in ((), ("mei",), ("nobody", "\0", "x" * 500)):
        table, page = compared(client, *slugs)
        assert table.columns == []
        assert "Nobody to compare" in page


def test_a_comparison_asks_as_much_for_four_as_for_two(client, mei, django_assert_num_queries):
    slugs = [make_expert(mei.market).slug for _ in range(4)]
    compared(client, *slugs)
    for count in (2, 4):
        with django_assert_num_queries(4):
            compared(client, *slugs[:count])

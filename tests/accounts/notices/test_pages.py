"""The pages about notices: the list, the bell, and the choices."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import Delivery, Notice
from accounts.notices.telling import tell
from tests.factories import make_expert, make_user
from tests.pages import form_answers

pytestmark = pytest.mark.django_db

LIST, BELL, PREFERENCES = "/notices/", "/notices/bell/", "/account/notices/"


@pytest.fixture
def rosa(client):
    user = make_user("Rosa", email="rosa@example.com")
    client.force_login(user)
    return user


def told(user, who="Mei Tanaka", kind="booking.confirmed", url="/trips/", **facts):
    return tell(
        user=user, kind=kind, key=f"event-{Notice.objects.count()}", facts={"who": who} | facts, url=url
    )


def html(client, url, **headers):
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def unread(user):
    return list(user.notices.unread().order_by("pk").values_list("pk", flat=True))


def test_the_list_shows_mine_newest_first(client, rosa):
    for who in ("Ada", "Bea"):
        told(rosa, who)
    told(make_user(), "Zoltan")
    page = html(client, LIST)
    assert 0 < page.index("Your booking with Bea") < page.index("Your booking with Ada")
    assert "Zoltan" not in page


def test_the_words_are_in_the_language_of_the_page(client, rosa):
    told(rosa, kind="expert.suspend", reason="Two <complaints>")
    assert "Your profile is suspended" in html(client, LIST)
    german = html(client, LIST, accept_language="de")
    assert ("Dein Profil ist gesperrt" in german, "Two &lt;complaints&gt;" in german) == (True, True)


def test_times_are_told_by_the_readers_clock(client, rosa):
    rosa.time_zone = "Asia/Kathmandu"
    rosa.save()
    notice = told(rosa, start="2027-04-03T00:00:00Z", end="2027-04-03T01:00:00Z", zone="Asia/Tokyo")
    Notice.objects.filter(pk=notice.pk).update(created_at="2027-01-01T00:00Z")
    page = html(client, LIST)
    assert ("9:00" in page, "5:45" in page) == (True, True)
    assert "Jan 1, 2027, 5:45" in page


def test_a_long_list_goes_on_page_by_page_and_keeps_its_filter(client, rosa):
    for number in range(25):
        told(rosa, f"Guest {number:02}")
    first = client.get(LIST, {"unread": ""})
    older = client.get(LIST + first.context["older_url"])
    assert "unread=" in first.context["older_url"]
    assert [len(page.context["shown"]) for page in (first, older)] == [12, 12]
    assert older.context["shown"][0].words.title == "Your booking with Guest 12 is confirmed"


@pytest.mark.parametrize("size", [1, 12])
def test_the_list_costs_the_same_however_long(client, rosa, size, django_assert_num_queries):
    for _ in range(size):
        told(rosa)
    with django_assert_num_queries(3):
        html(client, LIST)


def test_opened_it_is_read_and_leads_on(client, rosa):
    notice = told(rosa)
    assert client.get(reverse("notices:open", args=[notice.pk])).url == "/trips/"
    assert unread(rosa) == []
    assert client.get(reverse("notices:open", args=[told(rosa, url="").pk])).url == LIST


def test_the_list_names_what_a_notice_leads_to(client, rosa):
    for notice in (told(rosa), told(rosa, url="")):
        way = f'href="{reverse("notices:open", args=[notice.pk])}">See the booking'
        shown = html(client, LIST)
        assert (way in shown) is bool(notice.url)


def test_a_look_at_the_head_alone_reads_nothing(client, rosa):
    notice = told(rosa)
    client.head(reverse("notices:open", args=[notice.pk]))
    assert unread(rosa) == [notice.pk]


def test_somebody_elses_notice_is_not_there_and_stays_new(client, rosa):
    other = make_user()
    notice = told(other)
    assert client.get(reverse("notices:open", args=[notice.pk])).status_code == 404
    client.post(LIST, {"notice": notice.pk})
    client.post(LIST, {"upto": notice.pk})
    assert unread(other) == [notice.pk]


def test_one_is_marked_as_read_and_the_page_stays_where_it_was(client, rosa):
    first, second = told(rosa), told(rosa)
    assert client.post(f"{LIST}?before=99&unread=", {"notice": first.pk}).url == f"{LIST}?before=99&unread="
    assert unread(rosa) == [second.pk]


def test_what_arrives_while_all_are_marked_stays_new(client, rosa):
    told(rosa)
    shown = told(rosa)
    assert f'name="upto" value="{shown.pk}"' in html(client, LIST)
    late = told(rosa)
    client.post(LIST, {"upto": shown.pk})
    assert unread(rosa) == [late.pk]


@pytest.mark.parametrize("odd", ["", "x", "-1", "0", "9" * 30, "\0", "1 OR 1=1"])
def test_odd_numbers_mark_nothing(client, rosa, odd):
    notice = told(rosa)
    for name in ("notice", "upto"):
        assert client.post(LIST, {name: odd}).status_code == 302
    assert unread(rosa) == [notice.pk]


# The bell


def test_the_bell_counts_what_is_new_on_every_page(client, rosa):
    told(rosa, url="/bookings/1/")
    told(rosa, url="/bookings/1/")
    for page in (LIST, "/trips/", PREFERENCES):
        assert '<span aria-hidden="true">2</span>' in html(client, page)


def test_it_is_sent_again_only_when_the_number_has_changed(client, rosa, django_assert_num_queries):
    told(rosa)
    with django_assert_num_queries(2):
        shown = client.get(BELL, {"n": 0}, headers={"HX-Request": "true"})
    assert (shown.status_code, "/notices/bell/?n=1" in shown.content.decode()) == (200, True)
    assert len(shown.content) < 1500
    with django_assert_num_queries(2):
        assert client.get(BELL, {"n": 1}, headers={"HX-Request": "true"}).status_code == 204


def test_it_stops_asking_when_the_session_has_ended():
    assert Client().get(BELL).status_code == 286


def test_it_counts_to_ninety_nine(client, rosa):
    Notice.objects.bulk_create(
        Notice(user=rosa, kind="x", key=str(number), delivery=Delivery.SITE) for number in range(120)
    )
    assert ("99+" in html(client, BELL), "120" in html(client, BELL)) == (True, False)


def test_visitors_have_no_bell():
    assert "notices/bell" not in html(Client(), "/")


# The choices


def test_a_visitor_signs_in_first():
    for page in (LIST, PREFERENCES):
        assert Client().get(page).headers["Location"].startswith("/accounts/login/")


def test_everything_comes_at_once_until_another_choice_is_made(client, rosa):
    answers = form_answers(html(client, PREFERENCES))
    assert {value for name, (value,) in answers.items() if name.startswith("kind-")} == {"now"}
    changed = {name: value for name, (value,) in answers.items()} | {"kind-offer.made": "digest"}
    response = client.post(PREFERENCES, changed | {"language": "de", "time_zone": "Asia/Calcutta"})
    assert response.status_code == 302
    rosa.refresh_from_db()
    assert (rosa.language, rosa.time_zone) == ("de", "Asia/Calcutta")
    assert list(rosa.notice_preferences.values_list("kind", "delivery")) == [("offer.made", "digest")]
    assert form_answers(html(client, PREFERENCES))["kind-offer.made"] == ["digest"]
    (event,) = audit.history(rosa)
    assert (event.action, event.actor, event.detail) == ("user.notices", rosa, {"offer.made": "digest"})


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"time_zone": "Atlantis"}, "time_zone"),
        ({"time_zone": "Europe"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"language": "xx"}, "language"),
        ({"kind-offer.made": "pigeon"}, "kind-offer.made"),
    ],
)
def test_a_wrong_answer_is_named_and_changes_nothing(client, rosa, answers, wrong):
    right = {"language": "en", "time_zone": "UTC", "kind-review.reply": "site"}
    response = client.post(PREFERENCES, right | answers)
    assert list(response.context["form"].errors) == [wrong]
    assert not rosa.notice_preferences.exists()
    rosa.refresh_from_db()
    assert (rosa.language, rosa.time_zone) == ("en", "UTC")


def test_a_wrong_answer_keeps_the_others(client, rosa):
    response = client.post(
        PREFERENCES, {"language": "en", "time_zone": "Atlantis", "kind-review.reply": "site"}
    )
    assert form_answers(response.content.decode())["kind-review.reply"] == ["site"]


def test_only_experts_choose_about_applications(client, rosa):
    assert "kind-expert.approve" not in form_answers(html(client, PREFERENCES))
    client.post(PREFERENCES, {"language": "en", "time_zone": "UTC", "kind-expert.approve": "site"})
    assert not rosa.notice_preferences.exists()
    client.force_login(make_expert().user)
    assert "kind-expert.approve" in form_answers(html(client, PREFERENCES))


def test_the_choices_cost_three_queries(client, rosa, django_assert_num_queries):
    html(client, PREFERENCES)
    with django_assert_num_queries(3):
        html(client, PREFERENCES)


def saved(client, **changed):
    answers = {name: value for name, (value,) in form_answers(html(client, PREFERENCES)).items()}
    return client.post(PREFERENCES, answers | changed)


def chosen(client):
    answers = form_answers(html(client, PREFERENCES))
    return {value for name, (value,) in answers.items() if name.startswith("kind-")}


@pytest.mark.parametrize("delivery", Delivery.values)
def test_all_kinds_are_set_at_once_whatever_stands_below(client, rosa, delivery):
    saved(client, **{"kind-offer.made": "digest"})
    assert saved(client, every=delivery, **{"kind-review.reply": "site"}).status_code == 302
    assert chosen(client) == {delivery}
    assert form_answers(html(client, PREFERENCES))["every"] == [""]
    saved(client, **{"kind-offer.made": "now"})
    assert chosen(client) == {delivery, "now"}


def test_all_are_those_that_concern_the_reader(client, rosa):
    saved(client, every="site")
    kinds = set(rosa.notice_preferences.values_list("kind", flat=True))
    assert "offer.made" in kinds
    assert not kinds & {"expert.approve", "social.alerts"}


def test_a_wrong_answer_for_all_is_named_and_changes_nothing(client, rosa):
    response = saved(client, every="pigeon")
    assert list(response.context["form"].errors) == ["every"]
    assert not rosa.notice_preferences.exists()

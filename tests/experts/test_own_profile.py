"""Experts change what travelers read of them: nothing shows before it is saved, and everything at once after."""

import re
from html import unescape

import pytest
from django.urls import reverse

from experts.forms import ServiceForm
from experts.models import Evidence, Service, Specialty
from tests.experts.test_apply import BIO, PRICES, SERVICE
from tests.factories import make_expert, make_service
from tests.pages import form_answers

pytestmark = pytest.mark.django_db

ANSWERS = {
    "name": "Mei Sato",
    "headline": "Gardens after rain",
    "bio": BIO,
    "years_experience": "9",
    "communication_style": "concise",
    "language_0": "fr",
    "level_0": "6",
    "specialty_0": "day-hikes",
    "depth_0": "30",
    "accepting_clients": "on",
} | PRICES


@pytest.fixture
def expert(client):
    expert = make_expert(specialties={"street-food": 3}, languages={"ja": 7})
    client.force_login(expert.user)
    return expert


def send(client, **answers):
    return client.post(reverse("experts:edit"), ANSWERS | answers)


def test_the_form_sent_as_it_is_changes_nothing(client, expert):
    client.post(reverse("experts:edit"), ANSWERS)
    first = form_answers(client.get(reverse("experts:edit")).content.decode())
    client.post(reverse("experts:edit"), first)
    assert form_answers(client.get(reverse("experts:edit")).content.decode()) == first


def test_more_than_the_form_has_rows_for_is_not_lost(client):
    """A table of the staff’s brings in as many as it names."""
    codes = ["ja", "en", "de", "fr", "es", "it", "nl", "pt"]
    slugs = list(Specialty.objects.values_list("slug", flat=True)[:12])
    expert = make_expert(languages=dict.fromkeys(codes, 4), specialties=dict.fromkeys(slugs, 2))
    client.force_login(expert.user)
    known = form_answers(client.get(reverse("experts:edit")).content.decode())
    assert client.post(reverse("experts:edit"), known | {"bio": BIO}).status_code == 302
    assert set(expert.languages.values_list("language", flat=True)) == set(codes)
    assert set(expert.specialties.values_list("specialty__slug", flat=True)) == set(slugs)


def test_a_preview_shows_the_page_and_stores_nothing(client, expert):
    page = send(client, do="preview").content.decode()
    for text in ("Gardens after rain", "Mei Sato", "French", "30 trips", "$120.50", "Nothing is saved yet."):
        assert text in page
    assert "/inquire/" not in page
    expert.refresh_from_db()
    assert (expert.headline, expert.user.name) == ("Guide to quiet places", "Mei Tanaka")
    assert list(expert.languages.values_list("language", flat=True)) == ["ja"]


def shown(client, expert):
    page = client.get(expert.get_absolute_url()).content.decode()
    return dict(re.findall(r'<meta name="(description|keywords)" content="([^"]*)"', page))


def test_search_engines_are_told_what_the_expert_wants(client, expert):
    assert shown(client, expert) == {"description": expert.headline}
    told = {
        "search_description": "Gardens with <Mei>,\nafter rain.",
        "search_words": "kyoto gardens, , moss,moss ",
    }
    hidden = form_answers(send(client, **told, do="preview").content.decode())
    client.post(reverse("experts:edit"), hidden | {"do": "save"})
    assert shown(client, expert) == {
        "description": "Gardens with &lt;Mei&gt;, after rain.",
        "keywords": "kyoto gardens, moss",
    }
    assert "kyoto gardens" not in Evidence.objects.get(expert=expert, kind="profile").text
    send(client, do="save")
    assert shown(client, expert) == {"description": "Gardens after rain"}


@pytest.mark.parametrize(("do", "saved"), [("save", True), ("edit", False)])
def test_from_the_preview_one_saves_or_goes_on_writing(client, expert, do, saved):
    hidden = form_answers(send(client, do="preview").content.decode())
    response = client.post(reverse("experts:edit"), hidden | {"do": do})
    expert.refresh_from_db()
    assert (expert.headline == "Gardens after rain") is saved
    if not saved:
        assert form_answers(response.content.decode())["headline"] == ["Gardens after rain"]


def test_what_is_saved_shows_and_is_found_at_once(client, expert):
    client.get(expert.get_absolute_url())
    assert send(client, do="save").status_code == 302
    page = client.get(expert.get_absolute_url()).content.decode()
    for text in ("Gardens after rain", "Mei Sato", "French", "30 trips"):
        assert text in page
    assert "Japanese" not in page
    expert.refresh_from_db()
    assert (expert.works, expert.communication_style) == (30, "concise")
    assert Evidence.objects.filter(expert=expert, text__contains="Gardens after rain").exists()


def test_a_wrong_answer_comes_back_with_all_that_was_typed(client, expert):
    response = send(client, do="save", bio="Short.")
    typed = form_answers(response.content.decode())
    assert "at least 120" in response.content.decode()
    assert (typed["headline"], typed["bio"]) == (["Gardens after rain"], ["Short."])
    expert.refresh_from_db()
    assert expert.headline == "Guide to quiet places"


@pytest.mark.parametrize("odd", ["\0", "<script>alert(1)</script>", "9" * 400, "🎏", "%s{{7*7}}"])
def test_odd_answers_break_no_form(client, expert, odd):
    for name in ("experts:edit", "experts:service_create", "experts:pause"):
        fields = client.get(reverse(name)).context["form"].fields
        response = client.post(reverse(name), dict.fromkeys([*fields, "do"], odd))
        assert response.status_code in {200, 302}
        assert "<script>alert" not in response.content.decode()


def test_a_service_has_every_field_and_the_profile_shows_it(client, expert):
    answers = SERVICE | {
        "duration_hours": "3.0",
        "price": "90.00",
        "price_unit": "person",
        "shared": "on",
        "instant": "on",
        "unique_aspects": "My aunt cooks.",
        "audience": "Families",
        "notice_hours": "48",
        "cutoff": "18:30",
        "buffer_minutes": "30",
        "daily_cap": "2",
        "cancellation_policy": "strict",
    }
    client.post(reverse("experts:service_create"), answers)
    service = Service.objects.get()
    assert (str(service.cutoff), service.buffer_minutes, service.daily_cap) == ("18:30:00", 30, 2)
    page = client.get(expert.get_absolute_url()).content.decode()
    for text in (
        "per person",
        "3 h",
        "shared with other travelers",
        "Booked at once",
        "Cancellation: strict",
        "at least 48 hours ahead",
        "My aunt cooks.",
        "Families",
        "A snack",
    ):
        assert text in page
    kept = form_answers(client.get(reverse("experts:service_edit", args=[service.pk])).content.decode())
    assert {name: kept[name] for name in answers if name != "included"} == {
        name: [value] for name, value in answers.items() if name != "included"
    }


def test_a_paused_service_is_not_offered_and_comes_back(client, expert):
    service = make_service(expert)
    url = reverse("experts:service_offer", args=[service.pk])
    for offered in ("0", "0", "1"):
        client.post(url, {"offered": offered})
        shown = service.title in client.get(expert.get_absolute_url()).content.decode()
        found = Evidence.objects.filter(expert=expert, kind="service").exists()
        assert (shown, found) == (offered == "1", offered == "1")


def test_a_form_sent_twice_makes_one_service(client, expert):
    form = form_answers(client.get(reverse("experts:service_create")).content.decode())
    for _ in range(2):
        client.post(reverse("experts:service_create"), SERVICE | {"form_key": form["form_key"][0]})
    assert Service.objects.count() == 1


LEAK = "Write to mei.tanaka@example.org"


@pytest.mark.parametrize(
    "field",
    [*["name", "headline", "bio", "background", "unique_value"], *["search_description", "search_words"]],
)
def test_contact_details_are_left_out_of_what_everybody_reads(client, expert, field):
    answers = {field: f"{LEAK} {'and see the gardens of the city. ' * 5 if field == 'bio' else ''}"}
    page = send(client, **answers, do="save")
    assert page.status_code == 200
    assert "leave out “mei.tanaka@example.org” (e-mail address)" in unescape(page.text)
    before = {name: getattr(expert, name) for name in answers if name != "name"}
    expert.refresh_from_db()
    assert before == {name: getattr(expert, name) for name in before}


@pytest.mark.parametrize("field", ["title", "description", "included", "unique_aspects", "audience"])
def test_a_service_leads_nobody_around_the_booking(field):
    form = ServiceForm({field: "Tea at home, call +81 90 1234 5678"})
    assert "leave out “+81 90 1234 5678”" in form.errors[field][0]
    assert field not in ServiceForm({field: "Tea at home at 9:30, 2 hours, 3 cups"}).errors

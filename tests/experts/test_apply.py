"""Becoming an expert: each page is kept, one can go on another day, and nothing half made is handed in."""

import pytest
from django.urls import reverse

from accounts import audit
from accounts.errors import IllegalMove
from experts import services
from experts.completeness import IncompleteApplication
from experts.models import Application, Evidence, Expert, Service
from tests.factories import make_complete, make_expert, make_market, make_user
from tests.pages import form_answers

pytestmark = pytest.mark.django_db

BIO = "I take guests to the small workshops of the old town and to the market before it opens. " * 2
ABOUT = {
    "name": "Mei Tanaka",
    "headline": "Quiet lanes",
    "bio": BIO,
    "years_experience": "7",
    "communication_style": "friendly",
}
LANGUAGES = {"language_0": "ja", "level_0": "7", "language_1": "en", "level_1": "5"}
SPECIALTIES = {"specialty_0": "street-food", "depth_0": "12", "specialty_1": "day-hikes", "depth_1": ""}
PRICES = {"price_min": "80", "price_max": "120.50", "currency": "USD", "group_size_max": "4"}
SERVICE = {
    "title": "Market at dawn",
    "description": "We meet before it opens.",
    "kind": "tour",
    "duration_hours": "3",
    "price": "90",
    "price_unit": "group",
    "currency": "USD",
    "group_size_max": "4",
    "notice_hours": "24",
    "buffer_minutes": "0",
    "cancellation_policy": "moderate",
    "included": "Tea\n\nA snack",
}


@pytest.fixture
def kyoto():
    return make_market("Kyoto", currency="JPY")


@pytest.fixture
def ada(client):
    user = make_user("Ada")
    client.force_login(user)
    return user


def url(step):
    return reverse("experts:apply_step", args=[step])


def answer(client, step, answers):
    """Send a page; where that leads, or the page with what is wrong."""
    response = client.post(url(step), answers)
    return response.headers["Location"] if response.status_code == 302 else response.content.decode()


def apply_until(client, last):
    steps = {
        "about": ABOUT,
        "place": {"destination": "Kyoto"} | LANGUAGES,
        "specialties": SPECIALTIES,
        "prices": PRICES,
        "service": SERVICE,
        "photo": {},
    }
    for step, answers in steps.items():
        found = answer(client, step, answers)
        assert found.startswith("/expert/apply/"), found
        if step == last:
            return


def test_every_page_leads_to_the_next_and_the_last_hands_it_in(client, ada, kyoto):
    apply_until(client, "photo")
    assert answer(client, "review", {}) == reverse("experts:apply")
    expert = Expert.objects.get(user=ada)
    assert (expert.status, expert.market, expert.slug, expert.name) == (
        "submitted",
        kyoto,
        "mei-tanaka",
        "Mei Tanaka",
    )
    assert dict(expert.languages.values_list("language", "level")) == {"ja": 7, "en": 5}
    depths = dict(expert.specialties.values_list("specialty__slug", "depth"))
    assert depths == {"street-food": 12, "day-hikes": 1}
    assert (str(expert.price_min), str(expert.price_max), expert.group_size_max) == ("80.00", "120.50", 4)
    assert expert.services.get().includes == ["Tea", "A snack"]
    assert "expert.submit" in [event.action for event in audit.history(expert)]
    assert "is with our reviewers" in client.get(reverse("experts:apply")).content.decode()


def test_one_goes_on_where_one_left_off(client, ada, kyoto):
    assert "Begin" in client.get(reverse("experts:apply")).content.decode()
    apply_until(client, "about")
    assert client.get(reverse("experts:apply")).headers["Location"] == url("place")
    assert form_answers(client.get(url("about")).content.decode())["headline"] == ["Quiet lanes"]
    apply_until(client, "prices")
    assert client.get(reverse("experts:apply")).headers["Location"] == url("service")
    kept = form_answers(client.get(url("specialties")).content.decode())
    assert (kept["specialty_0"], kept["depth_0"]) == (["street-food"], ["12"])
    assert not Application.objects.exists()


@pytest.mark.parametrize("step", ["place", "specialties", "prices", "service", "photo", "review"])
def test_nobody_skips_what_the_rest_stands_on(client, ada, step):
    assert client.get(url(step)).headers["Location"] == url("about")
    assert client.post(url(step), PRICES).headers["Location"] == url("about")
    assert not Expert.objects.exists()


def test_what_is_missing_is_named_and_holds_it_back(client, ada, kyoto):
    apply_until(client, "place")
    page = answer(client, "review", {})
    assert "what you know best; your prices; a first service" in page
    assert Expert.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("step", "answers", "said"),
    [
        ("about", ABOUT | {"bio": "Hello."}, "at least 120"),
        ("about", ABOUT | {"years_experience": "-1"}, "greater than or equal to 0"),
        ("place", {"destination": "Nowhere"} | LANGUAGES, "We know no city of this name."),
        ("place", {"destination": "Kyoto"}, "Name at least one language"),
        ("place", {"destination": "Kyoto", "language_0": "ja", "language_1": "ja"}, "This is chosen twice."),
        ("place", {"destination": "Kyoto", "language_0": "xx"}, "not one of the available choices"),
        ("specialties", {"specialty_0": ""}, "Name at least one thing you know well."),
        ("specialties", {"specialty_0": "street-food", "depth_0": "0"}, "greater than or equal to 1"),
        ("prices", PRICES | {"price_max": "79.99"}, "lower than your lowest price"),
        ("prices", PRICES | {"price_min": "0"}, "greater than or equal to 0.01"),
        ("prices", PRICES | {"currency": "XXX"}, "not one of the available choices"),
        ("service", SERVICE | {"duration_days": "2"}, "one of the two"),
        ("service", SERVICE | {"duration_hours": ""}, "one of the two"),
        ("service", SERVICE | {"duration_hours": "25"}, "Between 0.1 and 24 hours"),
        ("service", SERVICE | {"price": "0"}, "Name a price above zero."),
        ("service", SERVICE | {"price": "0.4", "currency": "JPY"}, "Name a price above zero."),
        ("service", SERVICE | {"group_size_max": "0"}, "At least one person can come."),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_typed_is_lost(client, ada, kyoto, step, answers, said):
    apply_until(client, {"about": "", "place": "about"}.get(step, "place")) if step != "about" else None
    page = answer(client, step, answers)
    assert said in page
    typed = form_answers(page)
    choices = {"currency", "language_0"}  # of these a browser shows what it knows
    kept = {name: [value] for name, value in answers.items() if value and name not in choices}
    assert {name: typed[name] for name in kept} == kept


def test_a_name_that_several_cities_have_is_asked_about(client, ada):
    small, big = (make_market("Springfield", population=number) for number in (100_000, 150_000))
    apply_until(client, "about")
    page = answer(client, "place", {"destination": "Springfield"} | LANGUAGES)
    assert "Which one do you mean?" in page
    chosen = {"destination": "Springfield", "destination_id": str(small.pk)} | LANGUAGES
    assert answer(client, "place", chosen) == url("specialties")
    assert Expert.objects.get().market == small != big


def test_a_page_sent_twice_makes_nothing_twice(client, ada, kyoto):
    apply_until(client, "about")
    for _ in range(2):
        answer(client, "place", {"destination": "Kyoto"} | LANGUAGES)
    key = form_answers(client.get(url("service")).content.decode())["form_key"][0]
    for _ in range(2):
        answer(client, "service", SERVICE | {"form_key": key})
    assert (Expert.objects.count(), Service.objects.count()) == (1, 1)


def test_two_of_one_name_have_addresses_of_their_own(client, ada, kyoto):
    make_expert(kyoto, slug="mei-tanaka")
    apply_until(client, "place")
    slug = Expert.objects.get(user=ada).slug
    assert slug.startswith("mei-tanaka-")


@pytest.mark.parametrize(("name", "slug"), [("Compare", "compare-kyoto"), ("美空", "expert-kyoto")])
def test_an_address_is_never_one_of_our_own_pages(client, ada, kyoto, name, slug):
    answer(client, "about", ABOUT | {"name": name})
    answer(client, "place", {"destination": "Kyoto"} | LANGUAGES)
    assert Expert.objects.get().slug == slug


def test_what_reviewers_ask_for_stands_on_every_page_until_it_is_handed_in_again(client, ada, kyoto):
    apply_until(client, "photo")
    answer(client, "review", {})
    reviewer = make_user(is_staff=True, is_superuser=True)
    services.return_with_reason(expert=Expert.objects.get(), by=reviewer, reason="Describe two walks.")
    for step in ("about", "service", "review"):
        assert "Describe two walks." in client.get(url(step)).content.decode()
    assert answer(client, "about", ABOUT | {"headline": "Two walks"}) == url("place")
    assert answer(client, "review", {}) == reverse("experts:apply")
    assert Expert.objects.get().status == "submitted"


def test_while_reviewers_read_nothing_changes(client, ada):
    expert = make_complete(make_expert(user=ada, status="submitted"))
    assert client.post(url("about"), ABOUT).headers["Location"] == reverse("experts:apply")
    page = client.post(reverse("experts:service_create"), SERVICE).content.decode()
    assert "Our reviewers are reading your application." in page
    expert.refresh_from_db()
    assert (expert.headline, expert.services.count()) == ("Guide to quiet places", 1)


def test_a_draft_is_nobody_elses_to_see(client, ada, kyoto):
    apply_until(client, "photo")
    expert = Expert.objects.get()
    assert client.get(expert.get_absolute_url()).status_code == 404
    assert "Market at dawn" in client.get(reverse("experts:preview")).content.decode()


def test_an_incomplete_application_is_not_handed_in_by_any_way(ada):
    expert = make_expert(user=ada, status="draft")
    with pytest.raises(IncompleteApplication, match="a first service") as refusal:
        services.submit(expert=expert, by=ada)
    assert refusal.value.missing == ["about", "specialties", "service"]
    with pytest.raises(IllegalMove):
        services.submit(
            expert=make_expert(status="active", user=make_user()), by=make_user(is_superuser=True)
        )


def test_what_is_written_can_be_found_at_once(client, ada, kyoto):
    apply_until(client, "service")
    texts = " ".join(Evidence.objects.values_list("text", flat=True))
    assert "Market at dawn" in texts
    assert "Quiet lanes" in texts

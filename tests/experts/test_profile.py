from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from experts.models import Expert
from tests.factories import make_expert, make_market, make_review, make_service, make_trip, make_user

pytestmark = pytest.mark.django_db

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def block(expert, first, days, reason=""):
    start = timezone.localdate() + timedelta(days=first)
    expert.unavailable.create(days=DateRange(start, start + timedelta(days=days)), reason=reason)


def html(client, expert, **query):
    response = client.get(expert.get_absolute_url(), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("status", "found"),
    [("draft", 404), ("submitted", 404), ("active", 200), ("paused", 200), ("suspended", 404)],
)
def test_only_public_experts_have_a_page(client, status, found):
    expert = make_expert(status=status)
    assert client.get(expert.get_absolute_url()).status_code == found


@pytest.mark.parametrize("status", ["draft", "submitted", "suspended"])
def test_experts_see_no_page_of_theirs_either_before_it_is_public(client, status):
    expert = make_expert(status=status)
    client.force_login(expert.user)
    assert client.get(expert.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("slug", ["nobody", "x" * 3000, "-", "_"])
def test_a_name_nobody_has_is_not_found(client, slug):
    assert client.get(f"/experts/{slug}/").status_code == 404


def test_the_page_says_what_the_rows_say(client):
    expert = make_expert(
        name="Mei Tanaka", specialties={"street-food": 1, "day-hikes": 30}, languages={"ja": 7, "en": 4}
    )
    make_service(expert, title="Night market", group_size_max=1)
    make_service(expert, title="Withdrawn walk", is_active=False)
    make_review(expert, make_user("Rosa"), rating=4, text="A quiet guide.")
    page = html(client, expert)
    for text in ("Mei Tanaka", "1 trip<", "30 trips<", "Night market", "1 person", "Rosa", "A quiet guide."):
        assert text in page
    assert "1 trips" not in page
    assert "Withdrawn walk" not in page


@pytest.mark.parametrize(("hours", "said"), [(24, "no data yet"), ("23.9", "23.9 h"), (3, "3 h")])
def test_only_a_measured_time_to_an_answer_is_said(client, hours, said):
    """What matching begins with is no promise of an expert’s."""
    expert = make_expert(response_hours=hours)
    assert f"Usually answers in</dt><dd>{said}</dd>" in html(client, expert)


def test_the_deepest_specialty_and_the_best_language_come_first(client):
    expert = make_expert(specialties={"street-food": 1, "day-hikes": 30}, languages={"en": 4, "ja": 7})
    page = html(client, expert)
    assert page.index("Day hikes") < page.index("Street food")
    assert page.index("Japanese") < page.index("English")


def test_nobody_is_offered_where_no_inquiry_can_be_sent(client):
    expert = make_expert()
    assert f"/experts/{expert.slug}/inquire/" in html(client, expert)
    for fields in ({"status": "paused"}, {"accepting_clients": False}):
        closed = make_expert(**fields)
        page = html(client, closed)
        assert "Takes no new clients" in page
        assert "/inquire/" not in page


@pytest.mark.parametrize("trip", ["7", "123456789012345678"])
def test_the_trip_one_comes_from_goes_along_to_the_inquiry(client, trip):
    expert = make_expert()
    assert html(client, expert, trip=trip).count(f"/experts/{expert.slug}/inquire/?trip={trip}") == 2


@pytest.mark.parametrize("trip", ["", "x", "-7", "7'><script>", "\0", "²", "9" * 5000])
def test_what_is_no_trip_goes_nowhere(client, trip):
    assert "?trip=" not in html(client, make_expert(), trip=trip)


def test_html_in_any_field_is_text(client):
    fields = dict.fromkeys(["headline", "bio", "background", "unique_value"], ATTACK)
    expert = make_expert(name=ATTACK, **fields)
    make_service(expert, title=ATTACK, description=ATTACK, includes=[ATTACK])
    make_review(expert, make_user(ATTACK), text=ATTACK)
    page = html(client, expert)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 9


@pytest.mark.parametrize(
    "text", ["مرشد محلي في المدينة القديمة", "🍜🎏 ramen", "{{ 7|add:7 }}{% url 'x' %}", "%s %(a)s"]
)
def test_any_script_and_sign_is_shown_as_it_is(client, text):
    assert text.replace("'", "&#x27;") in html(client, make_expert(bio=text))


def test_reviews_come_newest_first_eight_to_a_page(client):
    expert = make_expert()
    texts = [make_review(expert, text=f"Review number {number}.").text for number in range(10)]
    first = client.get(expert.get_absolute_url())
    assert [review.text for review in first.context["reviews"]] == texts[:1:-1]
    older = client.get(expert.get_absolute_url() + first.context["older_url"])
    assert [review.text for review in older.context["reviews"]] == texts[1::-1]
    newer = client.get(expert.get_absolute_url() + older.context["newer_url"])
    assert [text for text in texts if text in newer.text] == texts[2:]


def test_paging_keeps_the_trip_one_comes_from(client):
    expert = make_expert()
    for _ in range(9):
        make_review(expert)
    older = client.get(expert.get_absolute_url(), {"trip": 7}).context["older_url"]
    assert "?trip=7" in html(client, expert, **dict(part.split("=") for part in older[1:].split("&")))


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", f"before={'9' * 30}", "after=", "after=%00", "before=²"]
)
def test_a_page_that_cannot_be_is_the_first(client, query):
    expert = make_expert()
    review = make_review(expert)
    response = client.get(f"{expert.get_absolute_url()}?{query}")
    assert response.context["reviews"] == [review]


def test_reviews_of_others_do_not_show(client):
    make_review(make_expert(), text="About somebody else.")
    assert "About somebody else." not in html(client, make_expert())


def test_sub_ratings_are_the_means_of_all_reviews(client):
    expert = make_expert()
    make_review(expert, rating=5, communication=2, value=1)
    make_review(expert, rating=4, communication=5, value=2)
    found = client.get(expert.get_absolute_url()).context["sub_ratings"]
    assert [(str(name), float(mean)) for name, mean in found] == [
        ("Communication", 3.5),
        ("Knowledge", 4.5),
        ("Value", 1.5),
        ("Flexibility", 4.5),
        ("Responsiveness", 4.5),
    ]


def test_a_newcomer_has_no_sub_ratings_and_is_no_zero(client):
    expert = make_expert()
    assert client.get(expert.get_absolute_url()).context["sub_ratings"] == []
    assert "New on Traveloure" in html(client, expert)


def test_blocked_days_that_are_over_are_not_shown_and_the_reason_never_is(client):
    expert = make_expert()
    block(expert, first=-20, days=5)
    block(expert, first=-1, days=3, reason="Surgery")
    response = client.get(expert.get_absolute_url())
    yesterday = timezone.localdate() - timedelta(days=1)
    assert [days.lower for days in response.context["away"]] == [yesterday]
    assert "Surgery" not in response.content.decode()


def rows(expert, number):
    for place in range(number):
        expert.specialties.create(specialty_id=place + 1, depth=3)
        expert.languages.create(language=["de", "fr", "it"][place], level=4)
        make_service(expert)
        make_review(expert)
        block(expert, first=10 * place, days=2)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("signed_in", [False, True])
def test_the_page_takes_at_most_seven_queries(client, number, signed_in, django_assert_max_num_queries):
    expert = make_expert(make_market())
    rows(expert, number)
    if signed_in:
        client.force_login(traveler := make_user())
        make_trip(traveler=traveler)
    with django_assert_max_num_queries(7 if signed_in else 6):  # one more for the own heart
        client.get(expert.get_absolute_url())


def test_an_expert_without_anything_has_a_page_too(client):
    expert = make_expert(languages={}, bio="", years_experience=0)
    assert expert.name in html(client, expert)
    assert Expert.objects.get().review_count == 0

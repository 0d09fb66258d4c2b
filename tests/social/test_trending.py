"""What travelers and experts see of trends: valid and approved ones, with sources and dates, from the next view on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from social import erasing, trending
from social.models import Trend
from tests.factories import make_expert, make_market, make_service, make_user
from tests.social.rows import make_author, make_post, make_trend

pytestmark = pytest.mark.django_db


def approved(market, topic="Moss gardens", count=2, **fields):
    posts = [make_post(market, make_author()) for _ in range(count)]
    now = timezone.now()
    return make_trend(market, topic, posts=posts, **{"state": "approved", "decided_at": now} | fields)


def city(market):
    return reverse("experts:city", args=[market.slug])


def html(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def everywhere(client, market):
    """Home and the market's page, at each look."""
    return lambda: [html(client, url) for url in ("/", city(market))]


def test_home_and_market_page_show_an_approved_trend_with_its_sources_and_dates(everywhere, market):
    trend = approved(market, topic="Moss <b>gardens")
    post = trend.posts.order_by("pk").first()
    for page in everywhere():
        assert "Moss &lt;b&gt;gardens" in page
        assert f'href="{post.url}"' in page
        assert f"@{post.author.handle}" in page
        assert "2 posts within seven days" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "found", "decided_at": None},
        {"state": "rejected"},
        {"mentions": 0},
        {
            "first_seen": timezone.now() - timedelta(days=30),
            "last_seen": timezone.now() - timedelta(days=15),
            "valid_until": timezone.now() - timedelta(days=2),
        },
    ],
    ids=["not decided", "rejected", "no posts", "faded"],
)
def test_nothing_else_is_shown(everywhere, market, fields):
    approved(market, **fields)
    assert not any("Trending now" in page for page in everywhere())


def test_what_is_part_of_another_trend_is_not_shown_beside_it(everywhere, market):
    trend = approved(market)
    approved(market, "Gardens of moss", merged_into=trend)
    assert not any("Gardens of moss" in page for page in everywhere())


def test_a_decision_shows_with_the_next_view(everywhere, market):
    trend = approved(market)
    assert all("Moss gardens" in page for page in everywhere())
    Trend.objects.filter(pk=trend.pk).update(state="rejected")
    assert not any("Moss gardens" in page for page in everywhere())


def test_whoever_is_erased_is_no_source_from_the_next_view_on(everywhere, market):
    author = make_author("aiko_walks")
    trend = approved(market)
    trend.mentioned.create(post=make_post(market, author, likes=99), example=True)
    assert all("@aiko_walks" in page for page in everywhere())
    erasing.forget_handle("aiko_walks", by=make_user(is_staff=True))
    assert not any("@aiko_walks" in page for page in everywhere())


def test_home_shows_the_strongest_of_each_market_the_strongest_first(market):
    nara = make_market("Nara")
    approved(market, "Old and strong", count=4, last_seen=timezone.now() - timedelta(days=11),
             first_seen=timezone.now() - timedelta(days=12),
             valid_until=timezone.now() + timedelta(days=2, hours=23))  # fmt: skip
    approved(market, "Weak", count=1)
    approved(market, "New", count=2)
    approved(nara, "Deer", count=3)
    approved(make_market("Closed", status="recruiting"), "Nobody", count=9)
    assert [one.topic for one in trending.shown(trending.on_home())] == ["Deer", "New"]
    rows = trending.OF_MARKET.rows(market=market.pk)
    assert [one.topic for one in trending.shown(rows)] == ["New", "Weak", "Old and strong"]
    now = timezone.now()
    stored = sorted(Trend.objects.approved(now).filter(market=market), key=lambda one: -one.strength(now))
    assert [one.topic for one in stored] == ["New", "Weak", "Old and strong"]


def test_a_search_within_the_city_is_about_something_else(client, market):
    approved(market)
    assert "Trending now" not in html(client, f"{city(market)}?q=ramen")


@pytest.mark.parametrize("count", [1, 5])
def test_pages_ask_as_much_for_many_trends_as_for_one(client, market, count, django_assert_num_queries):
    for number in range(count):
        approved(market, f"Topic {number}", count=3)
    client.get("/")
    with django_assert_num_queries(2):
        client.get("/")
    client.get(city(market))
    with django_assert_num_queries(4):
        client.get(city(market))


@pytest.fixture
def expert(market):
    return make_expert(market)


@pytest.fixture
def their(expert):
    client = Client()
    client.force_login(expert.user)
    return client


def test_an_expert_sees_the_demand_of_their_city_and_offers_a_service_for_it(their, market):
    pains = [{"text": "Full at noon", "help": "Go at six", "posts": 2}]
    approved(market, pain_points=pains, opportunity_reason="Visitors ask when it is quiet.")
    approved(make_market("Nara"), "Deer")
    page = html(their, reverse("bookings:dashboard"))
    assert "Full at noon" in page
    assert "Visitors ask when it is quiet." in page
    assert "Deer" not in page
    form = html(their, trending.service("Moss gardens"))
    assert trending.service("Moss gardens").replace("&", "&amp;") in page
    assert 'value="Moss gardens"' in form


def test_without_demand_the_dashboard_says_nothing_of_it(their, market):
    approved(market, state="found", decided_at=None)
    assert "talk about in your city" not in html(their, reverse("bookings:dashboard"))


def test_an_odd_title_in_the_link_breaks_no_form(their):
    for odd in ("\0", "x" * 5000, "<script>alert(1)</script>"):
        page = their.get(reverse("experts:service_create"), {"title": odd}).content.decode()
        assert "<script>alert" not in page


def test_the_assistant_opens_with_what_guests_come_for(their, market):
    approved(market)
    url = trending.assistant("Moss gardens")
    assert url.endswith("/new/service/?moment=Moss+gardens")
    assert url in html(their, reverse("bookings:dashboard"))
    assert their.get(url).context["form"]["moment"].value() == "Moss gardens"
    assert "Moss gardens" in html(their, url)


def test_with_a_topic_no_service_that_is_there_is_chosen(their, expert):
    make_service(expert)
    url = trending.assistant("Moss gardens")
    html = their.get(url).content.decode()
    assert trending.service("Moss gardens") in html
    assert '<option value="" selected>Choose a service' in html
    assert "Choose a service" not in their.get(url.partition("?")[0]).content.decode()


def test_an_example_of_long_ago_is_no_source_of_this_week(everywhere, market):
    trend = approved(market)
    trend.mentioned.create(post=make_post(market, make_author("was_here"), hours=24 * 60), example=True)
    for page in everywhere():
        assert "Moss gardens" in page
        assert "@was_here" not in page

"""What search engines and shared links are told, and of what they are told nothing."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.urls import reverse

from experts.models import Expert
from tests.factories import make_expert, make_market, make_review, make_service, make_user

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ROBOTS = re.compile(r'<meta name="robots" content="([^"]*)">')
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]*)">')


@pytest.fixture
def mei():
    expert = make_expert(make_market("Kyoto"), name="Mei Tanaka", slug="mei", specialties={"street-food": 2})
    make_review(expert, rating=4)
    make_service(expert, title="Dawn walk", price=90)
    return expert


def html(client, url, **query):
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def data(page):
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return {thing["@type"]: thing for thing in json.loads(block)["@graph"]}


def canonical(page):
    (found,) = CANONICAL.findall(page)
    return found.removeprefix(settings.SITE_URL)


def test_each_public_page_has_one_address_whatever_the_query(client, mei):
    city = reverse("experts:city", args=[mei.market.slug])
    for url, query, address in (
        ("/", {"utm_source": "x"}, "/"),
        ("/experts/", {"q": "tea", "sort": "price"}, "/experts/"),
        ("/experts/", {"destination": "kyoto"}, city),
        (city, {}, city),
        ("/experts/mei/", {"trip": "7"}, "/experts/mei/"),
    ):
        page = html(client, url, **query)
        assert canonical(page) == address
        assert f'<meta property="og:url" content="{settings.SITE_URL}{address}">' in page
        for name in ("title", "description", "image", "type", "site_name"):
            assert len(re.findall(rf'<meta property="og:{name}" content="[^"]+">', page)) == 1


def test_lists_that_are_narrowed_or_turned_are_not_indexed_but_followed(client, mei):
    for query, said in (
        ({}, []),
        ({"destination": "Kyoto"}, []),
        ({"verified": "1"}, ["noindex, follow"]),
        ({"after": "0-1-1"}, ["noindex, follow"]),
    ):
        assert ROBOTS.findall(html(client, "/experts/", **query)) == said
    empty = reverse("experts:city", args=[make_market("Lima").slug])
    assert ROBOTS.findall(html(client, empty)) == ["noindex, follow"]


def test_what_is_nobody_elses_business_is_not_indexed_and_has_no_card(client, mei):
    client.force_login(make_user())
    urls = ["/favourites/", "/trips/", "/experts/compare/?e=mei", reverse("account_email")]
    for url in [*urls, reverse("bookings:inquire", args=["mei"])]:
        page = html(client, url)
        assert ROBOTS.findall(page) == ["noindex"]
        assert "og:title" not in page


def test_a_profile_tells_machines_who_it_is_what_it_costs_and_how_it_is_rated(client, mei):
    found = data(html(client, "/experts/mei/"))
    person = found["ProfilePage"]["mainEntity"]
    assert (person["name"], person["knowsAbout"], person["knowsLanguage"]) == (
        "Mei Tanaka",
        ["Street food"],
        ["en"],
    )
    service = found["Service"]
    assert service["offers"] == [
        {"@type": "Offer", "name": "Dawn walk", "price": "90.00", "priceCurrency": "USD"}
    ]
    assert (service["aggregateRating"]["ratingValue"], service["aggregateRating"]["reviewCount"]) == (4.0, 1)
    steps = [step["name"] for step in found["BreadcrumbList"]["itemListElement"]]
    assert steps == ["Experts", "Kyoto", "Mei Tanaka"]


def test_machines_and_people_read_the_same_rating(client, mei):
    Expert.objects.update(review_count=8, rating_sum=37)
    page = html(client, "/experts/mei/")
    assert data(page)["Service"]["aggregateRating"]["ratingValue"] == 4.63
    assert "<b>4.63</b>" in page


def test_a_list_names_its_profiles(client, mei):
    items = data(html(client, "/experts/"))["ItemList"]["itemListElement"]
    assert [(item["name"], item["url"]) for item in items] == [
        ("Mei Tanaka", f"{settings.SITE_URL}/experts/mei/")
    ]
    assert "SearchAction" in json.dumps(data(html(client, "/")))


@pytest.mark.parametrize(
    "odd", ["</script><script>alert(1)</script>", "<!--<script>", "\u2028&amp;'\"\\", "]]>"]
)
def test_no_text_of_an_expert_leaves_the_data_block(client, mei, odd):
    Expert.objects.update(headline=odd)
    page = html(client, "/experts/mei/")
    assert data(page)["Service"]["name"] == odd
    assert "<script>alert" not in page
    assert "<!--<script>" not in page


def test_a_new_expert_claims_no_rating(client):
    make_expert(slug="new")
    assert "aggregateRating" not in data(html(client, "/experts/new/"))["Service"]


def test_robots_are_told_where_the_sitemap_is_and_what_is_private(client):
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /trips/", "Disallow: /favourites/"} <= set(lines)
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in lines


def addresses(client, url):
    response = client.get(url)
    assert response.status_code == 200
    found = [one.text for one in ElementTree.fromstring(response.content).iter(f"{SPACE}loc")]  # noqa: S314
    return [(text or "").removeprefix(settings.SITE_URL) for text in found]


def test_the_sitemap_names_open_experts_their_cities_and_nothing_private(client, mei):
    make_market("Lima")
    make_expert(mei.market, slug="resting", status="paused")
    parts = addresses(client, "/sitemap.xml")
    assert parts == ["/sitemap-pages.xml", "/sitemap-cities.xml", "/sitemap-experts.xml"]
    every = [address for part in parts for address in addresses(client, part)]
    city = reverse("experts:city", args=[mei.market.slug])
    assert every == ["/", "/experts/", "/trips/new/", city, "/experts/mei/"]
    for address in every:
        page = html(client, address)
        assert canonical(page) == address
        assert ROBOTS.findall(page) == []


def test_a_large_sitemap_is_split_and_its_index_names_each_part(client, mei, monkeypatch):
    monkeypatch.setattr("config.sitemaps._Addresses.limit", 2)
    slugs = ["mei", *[make_expert(mei.market, slug=f"e{number}").slug for number in range(4)]]
    parts = [part for part in addresses(client, "/sitemap.xml") if "experts" in part]
    assert parts == ["/sitemap-experts.xml", "/sitemap-experts.xml?p=2", "/sitemap-experts.xml?p=3"]
    assert [one for part in parts for one in addresses(client, part)] == [
        f"/experts/{slug}/" for slug in slugs
    ]


@pytest.mark.parametrize(
    "url", ["/sitemap-nothing.xml", "/sitemap-experts.xml?p=9", "/sitemap-experts.xml?p=x"]
)
def test_a_part_that_is_not_there_is_not_found(client, mei, url):
    assert client.get(url).status_code == 404

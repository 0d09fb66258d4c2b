import pytest

from markets.models import Market
from tests.factories import make_expert, make_market, make_review, make_user

pytestmark = pytest.mark.django_db


def shown(client):
    return [(market.name, market.expert_count) for market in client.get("/").context["markets"]]


def test_active_markets_with_the_number_of_experts_one_can_be_matched_with(client):
    kyoto, lima = make_market("Kyoto"), make_market("Lima", status=Market.Status.RECRUITING)
    make_expert(lima)
    for fields in ({}, {}, {"status": "paused"}, {"status": "draft"}, {"accepting_clients": False}):
        make_expert(kyoto, **fields)
    assert shown(client) == [("Kyoto", 2)]


def test_the_markets_with_most_experts_come_first_and_equal_ones_by_size(client):
    for name, people, experts in (("Small", 10, 1), ("Big", 20, 1), ("Full", 5, 2), ("Empty", 99, 0)):
        market = make_market(name, population=people)
        for _ in range(experts):
            make_expert(market)
    assert shown(client) == [("Full", 2), ("Big", 1), ("Small", 1), ("Empty", 0)]


def test_a_dozen_markets_fit_on_the_page(client):
    for number in range(14):
        make_market(f"City {number}")
    assert len(shown(client)) == 12


def test_a_card_leads_to_the_form_with_the_city_filled_in(client):
    market = make_market("Xi'an & more")
    page = client.get("/").content.decode()
    assert f"?destination=Xi%27an%20%26%20more&amp;destination_id={market.pk}" in page


def test_the_featured_are_verified_reviewed_and_can_be_matched(client):
    kyoto = make_market()
    chosen = [make_expert(kyoto, verified=True) for _ in range(2)]
    for expert, reviews in zip(chosen, (1, 2), strict=True):
        for _ in range(reviews):
            make_review(expert)
    make_expert(kyoto, verified=True)
    for fields in ({"verified": False}, {"status": "suspended"}, {"accepting_clients": False}):
        make_review(make_expert(kyoto, **{"verified": True} | fields))
    make_review(make_expert(make_market("Lima", status=Market.Status.RECRUITING), verified=True))
    assert list(client.get("/").context["experts"]) == chosen[::-1]


def test_the_weights_shown_are_a_whole(client):
    response = client.get("/")
    assert sum(weight for _, weight, _ in response.context["factors"]) == 100


def test_an_empty_site_has_a_home_too(client):
    response = client.get("/")
    assert response.status_code == 200
    assert "Where our experts live" not in response.content.decode()


def test_html_in_names_is_text(client):
    expert = make_expert(make_market("<b>Kyoto"), name="<i>Mei", headline="<u>Guide", verified=True)
    make_review(expert)
    page = client.get("/").content.decode()
    assert not any(tag in page for tag in ("<b>Kyoto", "<i>Mei", "<u>Guide"))
    assert page.count("&lt;b&gt;Kyoto") >= 1


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(("signed_in", "first", "again"), [(False, 5, 2), (True, 7, 4)])
def test_the_page_takes_as_many_queries_for_one_market_as_for_many(
    client, size, signed_in, first, again, django_assert_num_queries
):
    for _ in range(size):
        make_review(make_expert(verified=True))
    if signed_in:
        client.force_login(make_user())
    for queries in (first, again):
        with django_assert_num_queries(queries):
            client.get("/")

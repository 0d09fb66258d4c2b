"""What travelers find on the list of experts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experts import search
from experts.models import Expert, UnavailablePeriod
from markets.models import ExchangeRate, Market
from tests.factories import make_expert, make_market, make_review, make_service, make_user

pytestmark = pytest.mark.django_db
BROWSE = "/experts/"


@pytest.fixture
def kyoto():
    return make_market("Kyoto")


def names(client, url=BROWSE, **query):
    response = client.get(url, query)
    assert response.status_code == 200
    return [card.name for card in response.context["found"].cards]


def found(client, **query):
    return sorted(names(client, **query))


def test_only_who_can_be_written_to_is_found(client, kyoto):
    make_expert(kyoto, name="Mei")
    for status in ("draft", "submitted", "paused", "suspended"):
        make_expert(kyoto, name=status, status=status)
    make_expert(kyoto, name="Full", accepting_clients=False)
    assert names(client) == ["Mei"]


@pytest.mark.parametrize(
    "left", [{"status": "suspended"}, {"status": "paused"}, {"accepting_clients": False}], ids=str
)
def test_who_leaves_is_gone_at_once_however_it_was_written_and_who_returns_is_back(client, kyoto, left):
    make_expert(kyoto, name="Mei")
    Expert.objects.update(**left)
    assert names(client) == []
    Expert.objects.update(status="active", accepting_clients=True)
    assert names(client) == ["Mei"]
    assert names(client, q="streets") == ["Mei"]


def test_a_destination_is_typed_and_found_by_any_of_its_names(client, kyoto):
    make_expert(kyoto, name="Mei")
    make_expert(make_market("Lima", names=["Ciudad de los Reyes"]), name="Rosa")
    assert found(client) == ["Mei", "Rosa"]
    assert names(client, destination="lima") == ["Rosa"]
    assert names(client, destination="ciudad de los reyes") == ["Rosa"]
    assert names(client, destination="Kyoto", destination_id=kyoto.pk) == ["Mei"]


def test_of_several_places_with_one_name_the_page_asks_which(client):
    first, second = make_market("Springfield", region="Ohio"), make_market("Springfield", region="Illinois")
    make_expert(first, name="Ann")
    make_expert(second, name="Bob")
    response = client.get(BROWSE, {"destination": "Springfield", "verified": "1"})
    assert response.context["found"].cards == []
    page = response.content.decode()
    assert "Several places have this name" in page
    assert (
        f"destination_id={first.pk}&amp;verified=1" in page,
        f"destination_id={second.pk}&amp;" in page,
    ) == (
        True,
        True,
    )


def test_a_place_nobody_knows_is_named_at_its_field_and_nobody_is_shown(client, kyoto):
    make_expert(kyoto)
    response = client.get(BROWSE, {"destination": "Atlantis"})
    assert response.context["problems"] == {"destination": "We know no city of this name."}
    assert response.context["found"].cards == []


def test_words_meet_bios_services_reviews_names_and_specialties(client, kyoto):
    mei = make_expert(kyoto, name="Mei Tanaka", bio="I know every tea room.", specialties={"street-art": 3})
    make_service(mei, title="Lantern evening")
    make_review(mei, text="She found us a hidden bookshop.")
    make_expert(make_market("Lima"), name="Rosa", bio="Ceviche and markets.")
    for words in ("tea rooms", "lantern", "bookshops", "tanaka", "street art", "TÉA"):
        assert names(client, q=words) == ["Mei Tanaka"], words
        assert names(client, q=words, destination="Kyoto") == ["Mei Tanaka"], words
    assert names(client, q="tea ceviche") == []
    assert found(client, q="the and of") == [
        "Mei Tanaka",
        "Rosa",
    ]  # words that everybody uses ask for nothing


def test_who_calls_themselves_so_comes_before_who_mentions_it(client, kyoto):
    best = make_expert(kyoto, name="Best", bio="Sometimes pottery.", verified=True)
    for _ in range(3):
        make_review(best)
    make_expert(kyoto, name="Potter", headline="Pottery workshops")
    assert names(client, q="pottery") == ["Potter", "Best"]
    assert names(client) == ["Best", "Potter"]


@pytest.mark.parametrize(("common", "far"), [(False, False), (True, False), (True, True)])
def test_common_words_are_found_by_other_ways_and_the_same(client, kyoto, monkeypatch, common, far):
    monkeypatch.setattr("experts.browse.GATHERED", 2 if common else 2000)
    monkeypatch.setattr("experts.browse.WALKED", 3 if far else 1500)
    lima = make_market("Lima")
    for number in range(16):
        headline = "Tea house" if number % 4 == 0 else "Guide"
        languages = {"ja": 7} if number % 2 else {"en": 7}
        market = lima if number == 4 else kyoto
        make_expert(
            market, name=f"E{number:02}", headline=headline, bio="Tea and walks.", languages=languages
        )

    def all_of(**query):
        first = client.get(BROWSE, query).context["found"]
        return [card.name for card in first.cards] + (
            names(client, BROWSE + first.next_url) if first.next_url else []
        )

    titled = ["E12", "E08", "E04", "E00"]
    others = [f"E{number:02}" for number in range(15, -1, -1) if number % 4]
    assert all_of(q="tea") == titled + others
    assert all_of(q="tea", destination="Kyoto") == [name for name in titled + others if name != "E04"]
    assert all_of(q="tea", language="en") == titled + [name for name in others if int(name[1:]) % 2 == 0]
    assert all_of(language="ja", sort="newest") == [name for name in others if int(name[1:]) % 2]
    assert all_of(q="tea house") == titled


@pytest.mark.parametrize(
    "odd", ["o'clock", "back\\slash", "a:b & !c | (d)", "#m1", "=tea", "%s %(q)s", "'; --x", "«ß»"]
)
def test_signs_of_the_indexs_own_language_are_words(client, kyoto, odd):
    make_expert(kyoto, name="Mei", bio=f"It says {odd} there.")
    make_expert(kyoto, name="Aiko", bio="Nothing of it.")
    assert "Aiko" not in names(client, q=odd) or odd == "#m1"
    assert "Mei" in names(client, q=odd)


def test_specialties_and_languages_are_all_asked_for(client, kyoto):
    make_expert(
        kyoto, name="Mei", specialties={"street-food": 3, "day-hikes": 1}, languages={"ja": 7, "en": 3}
    )
    make_expert(kyoto, name="Aiko", specialties={"street-food": 9}, languages={"ja": 7, "en": 2})
    assert names(client, specialty=["street-food", "day-hikes"]) == ["Mei"]
    assert found(client, specialty="street-food") == ["Aiko", "Mei"]
    assert found(client, language="ja") == ["Aiko", "Mei"]
    assert names(client, language="en") == ["Mei"]  # a few words of a language are no conversation
    assert found(client, specialty="no-such-thing") == ["Aiko", "Mei"]


def test_who_is_away_on_one_of_the_days_is_left_out(client, kyoto):
    start = timezone.localdate() + timedelta(days=30)
    mei, aiko = make_expert(kyoto, name="Mei"), make_expert(kyoto, name="Aiko")
    UnavailablePeriod.objects.create(expert=aiko, days=(start, start + timedelta(days=3)))
    day = lambda number: str(start + timedelta(days=number))  # noqa: E731
    assert names(client, start=day(2), end=day(9)) == ["Mei"]
    assert names(client, start=day(-5), end=day(0)) == ["Mei"]
    assert found(client, start=day(3), end=day(9)) == ["Aiko", "Mei"]  # the upper bound is free again
    assert names(client, start=day(1)) == ["Mei"]  # one day alone
    UnavailablePeriod.objects.update(expert=mei)
    assert names(client, start=day(1)) == ["Aiko"]
    UnavailablePeriod.objects.all().delete()
    assert found(client, start=day(1)) == ["Aiko", "Mei"]


def test_a_past_day_is_named_at_its_field_and_does_not_filter(client, kyoto):
    yesterday = timezone.localdate() - timedelta(days=1)
    mei = make_expert(kyoto, name="Mei")
    UnavailablePeriod.objects.create(expert=mei, days=(yesterday, yesterday + timedelta(days=9)))
    response = client.get(BROWSE, {"start": yesterday, "end": yesterday + timedelta(days=3)})
    assert response.context["problems"] == {"start": "This day is past."}
    assert [card.name for card in response.context["found"].cards] == ["Mei"]
    assert 'id="id_start_error"><li>This day is past.</li>' in response.content.decode()


def test_prices_are_compared_in_the_readers_currency(client, kyoto):
    ExchangeRate.objects.update_or_create(
        currency="JPY", defaults={"per_usd": 150, "as_of": date(2026, 1, 1)}
    )
    ExchangeRate.objects.update_or_create(
        currency="EUR", defaults={"per_usd": "0.9", "as_of": date(2026, 1, 1)}
    )
    make_expert(kyoto, name="Yen", price_min=15_000, price_max=20_000, currency="JPY")
    make_expert(kyoto, name="Dollar", price_min=120, price_max=150, currency="USD")
    make_expert(kyoto, name="Nobody knows", price_min=1, price_max=1, currency="XXX")
    assert names(client, sort="price") == ["Yen", "Dollar", "Nobody knows"]
    assert names(client, price_max="90", currency="EUR") == ["Yen"]  # 90 € are 100 $
    assert names(client, price_max="89.90", currency="EUR") == []
    assert names(client, price_min="100.01", currency="USD") == ["Dollar"]
    assert "about €90" in client.get(BROWSE, {"currency": "EUR"}).content.decode()


def test_a_corrected_rate_reaches_the_list(client, kyoto):
    rate = ExchangeRate.objects.update_or_create(
        currency="JPY", defaults={"per_usd": 150, "as_of": date(2026, 1, 1)}
    )[0]
    make_expert(kyoto, name="Yen", price_min=15_000, price_max=20_000, currency="JPY")
    make_expert(kyoto, name="Dollar", price_min=90, price_max=150, currency="USD")
    assert names(client, sort="price") == ["Dollar", "Yen"]
    ExchangeRate.objects.filter(pk=rate.pk).update(per_usd=Decimal(300))
    search.reprice()
    assert names(client, sort="price") == ["Yen", "Dollar"]


def test_rating_and_verification(client, kyoto):
    for name, stars, verified in (("Five", 5, False), ("Four", 4, True), ("Two", 2, True)):
        make_review(make_expert(kyoto, name=name, verified=verified), rating=stars)
    make_expert(kyoto, name="New", verified=True)
    assert names(client, sort="rating") == ["Five", "Four", "Two", "New"]
    assert found(client, rating="4") == ["Five", "Four"]
    assert names(client, rating="4.5") == ["Five"]
    assert found(client, verified="1") == ["Four", "New", "Two"]
    assert names(client, rating="4", verified="1") == ["Four"]


def test_one_glowing_review_does_not_beat_many_good_ones(client, kyoto):
    many = make_expert(kyoto, name="Many")
    for stars in (5, 5, 5, 5, 4, 5, 5, 5):
        make_review(many, rating=stars)
    make_review(make_expert(kyoto, name="One"), rating=5)
    assert names(client) == ["Many", "One"]
    assert names(client, sort="rating") == ["One", "Many"]


def test_the_newest_come_first_when_asked_for(client, kyoto):
    for name, day in (("Old", date(2020, 1, 1)), ("New", date(2026, 5, 1)), ("Middle", date(2023, 1, 1))):
        make_expert(kyoto, name=name, active_since=day)
    assert names(client, sort="newest") == ["New", "Middle", "Old"]


def test_every_filter_stands_in_the_address_and_can_be_taken_away(client, kyoto):
    make_expert(kyoto, name="Mei", specialties={"street-food": 1}, verified=True)
    query = {
        "destination": "Kyoto",
        "q": "streets",
        "specialty": "street-food",
        "language": "en",
        "verified": "1",
    }
    query |= {
        "start": "2097-05-01",
        "end": "2097-05-03",
        "price_min": "10",
        "price_max": "900",
        "sort": "price",
    }
    response = client.get(BROWSE, query)
    chosen = {one.label: one.url for one in response.context["chosen"]}
    assert len(chosen) == 7
    for url in chosen.values():
        assert len(client.get(BROWSE + url).context["chosen"]) == 6
    assert chosen["Verified only"] not in ("", None)
    assert "verified" not in chosen["Verified only"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start": "2097-05-09", "end": "2097-05-01"}, "end"),
        ({"start": "2097-01-01", "end": "2099-01-01"}, "end"),
        ({"start": "soon"}, "start"),
        ({"end": "2097-02-30"}, "end"),
        ({"price_min": "cheap"}, "price_min"),
        ({"price_max": "-1"}, "price_max"),
        ({"price_max": "NaN"}, "price_max"),
        ({"price_max": "1e999"}, "price_max"),
        ({"price_min": "50", "price_max": "10"}, "price_max"),
        ({"price_max": "٣"}, "price_max"),
    ],
)
def test_what_was_mistyped_is_named_at_its_field_and_does_not_filter(client, kyoto, query, field):
    make_expert(kyoto, name="Mei")
    response = client.get(BROWSE, query)
    assert list(response.context["problems"]) == [field]
    assert f'id="id_{field}_error"' in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"rating": "6", "sort": "bribes", "verified": "yes", "currency": "DOGE"},
        {"specialty": ["\0", "x" * 100, ""], "language": ["", "toolong", "\0"]},
        {"after": "x", "before": "1-2-3-4"},
        {"after": "9" * 18 + "-1-1"},
        {"after": "0-" + "9" * 18 + "-" + "9" * 18},
        {"before": "0-" + "9" * 18 + "-" + "9" * 18},
        {"q": "' OR 1=1 -- %s {0} \\ & | ! :*"},
        {"destination": "\0"},
    ],
)
def test_what_is_no_filter_is_left_out(client, kyoto, query):
    make_expert(kyoto, name="Mei")
    response = client.get(BROWSE, query)
    assert response.status_code == 200
    if "q" not in query:
        assert [card.name for card in response.context["found"].cards] == ["Mei"]


@pytest.mark.parametrize("sort", ["relevance", "rating", "price", "newest"])
@pytest.mark.parametrize("words", ["", "streets"])
def test_pages_hold_everybody_once_there_and_back(client, kyoto, sort, words):
    for number in range(30):
        make_expert(
            kyoto,
            name=f"E{number}",
            headline="Old streets" if number % 3 else "Gardens",
            price_min=80 + number % 4,
            active_since=date(2025, 1, 1 + number % 5),
            verified=number % 2 == 0,
        )
    query = {"sort": sort, "q": words}
    pages, url = [], None
    while url is None or url:
        response = client.get(BROWSE + (url or ""), None if url else query)
        pages.append([card.pk for card in response.context["found"].cards])
        url = response.context["found"].next_url
    assert [len(page) for page in pages] == [12, 12, 6]
    assert len({pk for page in pages for pk in page}) == 30
    back, url = [pages[-1]], response.context["found"].previous_url
    while url:
        response = client.get(BROWSE + url)
        back.append([card.pk for card in response.context["found"].cards])
        url = response.context["found"].previous_url
    assert back[::-1] == pages


def test_a_page_stays_steady_while_others_arrive(client, kyoto):
    for number in range(13):
        make_expert(kyoto, name=f"E{number}", price_min=80 + number)
    first = client.get(BROWSE, {"sort": "price"})
    make_expert(kyoto, name="Cheap", price_min=1)
    assert names(client, BROWSE + first.context["found"].next_url) == ["E12"]


def test_counts_say_how_many_each_choice_would_leave(client, kyoto):
    lima = make_market("Lima")
    make_review(
        make_expert(kyoto, name="A", specialties={"street-food": 1}, languages={"ja": 7}, verified=True)
    )
    make_expert(kyoto, name="B", specialties={"street-food": 1, "day-hikes": 2}, languages={"ja": 7, "en": 5})
    make_review(make_expert(lima, name="C", specialties={"day-hikes": 2}, languages={"es": 7}), rating=4)

    def counted(**query):
        panel = client.get(BROWSE, query).context["panel"]
        choices = [*panel.specialties, *panel.languages, *panel.ratings, *panel.verified]
        return {choice.value: choice.number for choice in choices}

    assert counted() == {
        "street-food": "2",
        "day-hikes": "2",
        "ja": "2",
        "en": "1",
        "es": "1",
        "": "",
        "4": "2",
        "4.5": "1",
        "4.8": "1",
        "1": "1",
    }
    narrowed = counted(specialty="street-food", rating="4.8")
    assert narrowed == {"street-food": "1", "ja": "1", "": "", "4": "1", "4.5": "1", "4.8": "1", "1": "1"}
    places = client.get(BROWSE, {"sort": "rating"}).context["places"]
    assert places == [
        (kyoto.slug, "Kyoto", 2),
        (lima.slug, "Lima", 1),
    ]


def test_beyond_a_bound_counts_say_at_least(client, kyoto, monkeypatch):
    monkeypatch.setattr("experts.browse.COUNTED", 3)
    for number in range(6):
        make_expert(kyoto, name=f"E{number}")
    response = client.get(BROWSE)
    assert "At least 6 experts" in response.content.decode()  # as many as the page shows
    assert response.context["panel"].languages[0].number == "3+"


def test_a_list_that_htmx_asks_for_brings_list_and_counts_alone_and_says_the_clean_address(client, kyoto):
    make_expert(kyoto, name="Mei", verified=True)
    headers = {"HX-Request": "true", "HX-Target": "results"}
    response = client.get(BROWSE, {"q": " ", "destination": "Kyoto", "verified": "1"}, headers=headers)
    page = response.content.decode()
    assert "<html" not in page
    assert 'id="choices_language" hx-swap-oob="true"' in page
    assert "1 expert" in page
    assert (
        response.headers["HX-Push-Url"] == f"/experts/?destination=Kyoto&destination_id={kyoto.pk}&verified=1"
    )


@pytest.mark.parametrize("experts", [1, 3])
def test_the_page_asks_the_same_number_of_questions_however_many_it_shows(
    kyoto, experts, django_assert_num_queries
):
    for _ in range(experts):
        make_expert(kyoto, specialties={"street-food": 1})
    client = Client()
    client.force_login(make_user())
    query = {"destination": "Kyoto", "q": "streets", "price_max": "500", "specialty": "street-food"}
    with django_assert_num_queries(8):
        client.get(BROWSE, query)
    with django_assert_num_queries(7):  # names and rates are kept for a minute
        client.get(BROWSE, query)


def test_what_an_expert_wrote_is_text(client, kyoto):
    make_expert(kyoto, name="<b>Mei</b>", headline="</script><script>alert(1)</script>")
    page = client.get(BROWSE).content.decode()
    assert "<script>alert" not in page
    assert "<b>Mei" not in page


def test_a_city_has_a_page_of_its_own(client, kyoto):
    make_expert(kyoto, name="Mei")
    make_expert(make_market("Lima"), name="Rosa")
    url = reverse("experts:city", args=[kyoto.slug])
    assert names(client, url) == ["Mei"]
    assert client.get("/experts/in/nowhere/").status_code == 404


def test_a_city_without_experts_offers_its_waitlist(client):
    lima = make_market("Lima", status=Market.Status.RECRUITING)
    response = client.get(reverse("experts:city", args=[lima.slug]))
    assert reverse("bookings:join_waitlist", args=[lima.pk]) in response.content.decode()

import pytest
from django.urls import reverse
from django.utils import translation

from markets.models import Market
from markets.search import resolve, resolve_all, search
from tests.factories import make_market

pytestmark = pytest.mark.django_db
RECRUITING = {"status": Market.Status.RECRUITING}


def found(text, **options):
    return [(hit.market.name, hit.alternate) for hit in search(text, **options)]


def test_the_biggest_city_comes_first_after_those_with_experts():
    make_market("Lagos", population=15_000_000, **RECRUITING)
    make_market("Lahore", population=13_000_000, **RECRUITING)
    make_market("Las Vegas", population=650_000)
    assert found("la") == [("Las Vegas", ""), ("Lagos", ""), ("Lahore", "")]


@pytest.mark.parametrize("text", ["s", "sã", "SAO P", "são-paulo", " Sao Paulo "])
def test_case_accents_and_hyphens_do_not_matter(text):
    make_market("São Paulo")
    make_market("Rio de Janeiro")
    assert found(text) == [("São Paulo", "")]


def test_an_alternate_name_is_told_once_and_only_where_the_own_name_does_not_match():
    make_market("Vienna", names=["Wien", "Viena", "Vienne", "维也纳"])
    assert found("wi") == [("Vienna", "Wien")]
    assert found("vie") == [("Vienna", "")]
    assert found("维") == [("Vienna", "维也纳")]


def test_a_city_whose_whole_name_was_typed_is_found_among_many_bigger_ones():
    for number in range(8):
        make_market(f"Naraville {number}", population=2_000_000 + number, **RECRUITING)
    make_market("Nara", population=370_000, **RECRUITING)
    assert found("nara")[-1] == ("Nara", "")
    assert len(found("nara")) == 8


def test_many_names_of_one_city_leave_room_for_others():
    make_market("Tokyo", names=[f"Tokyo {letter}" for letter in "abcdefghij"], population=9_000_000)
    make_market("Toronto", population=2_000_000)
    assert found("to", limit=2) == [("Tokyo", ""), ("Toronto", "")]


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "\x00", "🎎", "zzz", "k" * 10_000])
def test_nothing_is_found_for_what_names_no_city(text):
    make_market("Kyoto")
    assert search(text) == []


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("京都", "京"),
        ("서울", "서"),
        ("서울", "ㅅ"),  # the first stroke of a syllable, as input methods send it
        ("מודיעין", "מוד"),
        ("القاهرة", "الق"),
        ("مَكَّة", "مك"),
        ("เชียงใหม่", "เชียง"),
        ("काठमाडौं", "काठ"),
        ("Αθήνα", "ΑΘΗ"),
        ("N'Djamena", "n’dj"),
        ("Xi'an", "xian"),
        ("Łódź", "lod"),
        ("İzmir", "izm"),
        ("Île-de-Ré", "ile de r"),
        ("Kyoto", "ｋｙｏ"),
    ],
)
def test_a_name_is_found_by_its_beginning_in_any_script(name, typed):
    make_market(name)
    make_market("Lima")
    assert found(typed) == [(name, "")]


@pytest.mark.parametrize("typed", ["k%o", "k_oto", "%yoto", "kyoto%%x", "kyo' OR '1'='1", "yoto", "oto"])
def test_nothing_typed_is_a_pattern(typed):
    make_market("Kyoto")
    assert search(typed) == []


@pytest.mark.parametrize(
    "typed", ["kyo\0to", "ky%", "kyo\\", "ky\\_", "  kyoto,", "KYOTO\ud800", "\u202ekyoto", "kyoto\n"]
)
def test_what_no_name_has_is_passed_over(typed):
    make_market("Kyoto", names=["Kyo to"])
    assert found(typed)[0][0] == "Kyoto"


def test_equal_cities_come_in_the_same_order_each_time():
    markets = [make_market("Springfield", population=1) for _ in range(6)]
    assert [hit.market for hit in search("spring")] == markets
    assert resolve("Springfield") == markets


def test_a_city_nobody_is_known_to_live_in_is_found_too():
    market = make_market("Nowhere", population=0)
    assert resolve("nowhere") == market
    other = make_market("Nowhere", population=0)
    assert resolve("nowhere") == [market, other]


@pytest.mark.parametrize(
    "text", ["," * 500, ", Japan", "Kyoto" + ", x" * 200, "\0,\0", "🎎, Japan", "a" * 10_000 + ", JP"]
)
@pytest.mark.parametrize("chosen", [None, 0, -1, 10**18])
def test_whatever_was_typed_is_resolved_to_choices(text, chosen):
    make_market("Kyoto")
    assert isinstance(resolve(text, chosen), list)


def test_an_exact_name_means_its_only_city():
    kyoto = make_market("Kyoto", names=["Kioto"])
    make_market("Kyotera")
    assert resolve("KYŌTO") == kyoto
    assert resolve("kioto") == kyoto
    assert resolve("Kyoto, Japan") == kyoto
    assert resolve("Kyoto, JP") == kyoto


def test_a_much_bigger_city_is_meant_unless_a_place_is_added():
    paris = make_market("Paris", country_code="FR", population=2_100_000)
    texas = make_market("Paris", country_code="US", region="Texas", population=25_000)
    assert resolve("Paris") == paris
    assert resolve("Paris, Texas") == texas
    assert resolve("paris, texas, united states") == texas
    assert resolve("Paris, Ohio") == [paris, texas]


def test_cities_of_like_size_are_asked_about():
    venezuela = make_market("Valencia", country_code="VE", population=1_400_000)
    spain = make_market("Valencia", country_code="ES", population=800_000)
    assert resolve("valencia") == [venezuela, spain]
    assert resolve("valencia", spain.pk) == spain


def test_ten_times_bigger_is_clear_and_less_is_not():
    big = make_market("Florence", country_code="IT", population=400_000)
    small = make_market("Florence", country_code="US", population=40_000)
    assert resolve("Florence") == big
    Market.objects.filter(pk=small.pk).update(population=40_001)
    small.names.update(population=40_001)
    assert resolve("Florence") == [big, small]


def test_a_former_name_of_a_bigger_city_takes_no_citys_own_name():
    toronto = make_market("Toronto", names=["York"], population=2_700_000)
    york = make_market("York", population=144_000)
    assert resolve("York") == [toronto, york]
    assert resolve("York", york.pk) == york


def test_a_choice_counts_however_many_have_the_name():
    markets = [make_market("San José", population=100_000 - number) for number in range(30)]
    assert resolve("San Jose", markets[-1].pk) == markets[-1]
    assert resolve("San Jose") == markets[:20]


def test_a_choice_counts_only_while_the_text_still_names_it():
    kyoto, lisbon = make_market("Kyoto"), make_market("Lisbon", country_code="PT")
    assert resolve("Lisbon", kyoto.pk) == lisbon


def test_the_country_is_understood_in_the_readers_language():
    kyoto = make_market("Kyoto")
    with translation.override("de"):
        assert resolve("Kyoto, Japan") == kyoto
        assert resolve("Kyoto, Großbritannien") == [kyoto]


def test_a_name_with_a_comma_is_a_name_too():
    washington = make_market("Washington, D.C.", country_code="US", region="District of Columbia")
    make_market("Washington", country_code="GB")
    for text in ("Washington, D.C.", "Washington, D.C., United States"):
        assert resolve(text) == washington


def test_the_beginning_of_names_leads_to_choices_and_nonsense_to_none():
    kyoto = make_market("Kyoto")
    assert resolve("kyo") == [kyoto]
    assert resolve("Xyzzyville") == []
    assert resolve("") == []


def test_many_names_mean_what_each_means_alone_in_one_query(django_assert_num_queries):
    make_market("Kyoto", names=["Kioto"])
    for code, region in (("FR", "Île-de-France"), ("US", "Texas")):
        make_market("Paris", country_code=code, region=region)
    make_market("Washington, D.C.", country_code="US")
    texts = [
        "KYŌTO",
        "kioto, Japan",
        "Paris",
        "Paris, Texas",
        "Paris, Ohio",
        "Washington, D.C., US",
        "Xyz",
        "",
    ]
    alone = {text: resolve(text) for text in texts}
    with django_assert_num_queries(1):
        assert resolve_all(texts) == alone
    assert resolve_all(["Kyo"]) == {"Kyo": []}


def options(client, text, **headers):
    return client.get(reverse("markets:search"), {"q": text}, headers=headers).content.decode()


def test_the_options_say_city_region_country_and_the_name_that_matched(client):
    market = make_market("New Orleans", country_code="US", region="Louisiana", names=["Nueva Orleans"])
    page = options(client, "nueva")
    assert f'data-value="{market.pk}"' in page
    assert 'data-label="New Orleans, Louisiana, United States"' in page
    assert "(Nueva Orleans)" in page


def test_the_country_is_written_in_the_readers_language(client):
    make_market("Kyoto")
    make_market("Munich", names=["München"], country_code="DE")
    assert "Deutschland" in options(client, "mün", **{"accept-language": "de"})


def test_text_of_others_is_escaped(client):
    make_market("Kyoto", names=["Kioto <script>"])
    assert "Kioto &lt;script&gt;" in options(client, "kioto")


def test_a_search_takes_the_same_few_queries_for_one_city_and_for_many(django_assert_num_queries):
    make_market("Kyoto")
    with django_assert_num_queries(4):
        search("k")
    for number in range(5):
        make_market(f"Kobe {number}")
    with django_assert_num_queries(4):
        search("k")


def test_the_options_of_nothing_are_none(client):
    make_market("Kyoto")
    for query in ({}, {"q": ""}, {"other": "k"}):
        assert "data-value" not in client.get(reverse("markets:search"), query).content.decode()


def test_at_most_eight_options_are_shown(client):
    for number in range(12):
        make_market(f"Kyoto {number}")
    assert options(client, "kyoto").count("data-value") == 8


def test_the_search_only_reads(client):
    assert client.post(reverse("markets:search"), {"q": "k"}).status_code == 405

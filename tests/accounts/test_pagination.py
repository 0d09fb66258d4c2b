"""Lists by primary key, which rows may join while somebody reads."""

from urllib.parse import parse_qs

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory

from accounts.compiled import Parameter
from accounts.pagination import NewestFirst

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """Makes rows; `name` is their order of birth."""

    def make(first, last):
        Group.objects.bulk_create(Group(name=f"{number:02}") for number in range(first, last + 1))

    Group.objects.all().delete()
    return make


GROUPS = NewestFirst(Group.objects.all, size=3)


def page(url=""):
    return GROUPS.page(RequestFactory().get("/list" + url))


def names(page):
    return [group.name for group in page.items]


def walk(page, direction):
    """The names on this page and on all that follow in this direction."""
    pages = [names(page)]
    while url := getattr(page, direction):
        page = GROUPS.page(RequestFactory().get("/list" + url))
        pages.append(names(page))
    return pages, page


@pytest.mark.parametrize(
    ("count", "pages"),
    [
        (0, [[]]),
        (1, [["01"]]),
        (3, [["03", "02", "01"]]),
        (4, [["04", "03", "02"], ["01"]]),
        (7, [["07", "06", "05"], ["04", "03", "02"], ["01"]]),
    ],
)
def test_each_row_is_on_one_page_the_newest_first(rows, count, pages):
    rows(1, count)
    assert walk(page(), "older_url")[0] == pages


def test_one_comes_back_the_way_one_went(rows):
    rows(1, 7)
    _, last = walk(page(), "older_url")
    pages, first = walk(last, "newer_url")
    assert pages == [["01"], ["04", "03", "02"], ["07", "06", "05"]]
    assert (first.newer_url, bool(first.older_url)) == ("", True)


def test_new_rows_move_nothing_on_the_page_one_is_on(rows):
    rows(1, 7)
    second = page().older_url
    rows(8, 9)
    assert names(page(second)) == ["04", "03", "02"]
    pages, _ = walk(page(second), "newer_url")
    assert pages[1:] == [["07", "06", "05"], ["09", "08"]]


def test_a_row_that_is_gone_leaves_the_others_in_reach(rows):
    rows(1, 7)
    second = page().older_url
    Group.objects.filter(name__in=["05", "04"]).delete()
    assert names(page(second)) == ["03", "02", "01"]


def test_what_else_the_address_asks_for_goes_along(rows):
    rows(1, 4)
    query = parse_qs(page("?state=open&q=a%26b&before=").older_url.lstrip("?"))
    assert (query.keys(), query["q"], query["state"]) == ({"state", "q", "before"}, ["a&b"], ["open"])


@pytest.mark.parametrize("value", ["", "x", "-1", "\0", "9" * 30, "1 OR 1=1", "²"])
@pytest.mark.parametrize("name", ["before", "after"])
def test_a_place_that_is_none_is_the_beginning(rows, name, value):
    rows(1, 4)
    request = RequestFactory().get("/list", {name: value})
    assert names(GROUPS.page(request)) == ["04", "03", "02"]


@pytest.mark.parametrize("place", ["?after=999999999", "?before=0"])
def test_beyond_either_end_is_the_beginning(rows, place):
    rows(1, 4)
    beyond = page(place)
    assert (names(beyond), beyond.newer_url) == (["04", "03", "02"], "")
    assert names(page(beyond.older_url)) == ["01"]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_page_is_one_query(rows, count, django_assert_num_queries):
    rows(1, count)
    with django_assert_num_queries(1):
        page()


def test_what_changes_from_call_to_call_comes_as_a_parameter(rows):
    rows(1, 7)
    written = NewestFirst(lambda: Group.objects.exclude(name=Parameter("but")), size=3)
    request = RequestFactory().get("/list")
    assert names(written.page(request, but="06")) == ["07", "05", "04"]
    assert names(written.page(request, but="07")) == ["06", "05", "04"]
    older = RequestFactory().get("/list" + written.page(request, but="06").older_url)
    assert names(written.page(older, but="02")) == ["03", "01"]

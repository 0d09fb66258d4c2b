"""Every screen of every registered model opens, at a cost that does not grow with the rows."""

import re
from collections import Counter

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from experts.models import Expert
from markets.models import ExchangeRate
from social.models import Campaign, SlackUser
from tests.admin.conftest import signed_in
from tests.admin.rows import make_rows
from tests.factories import make_expert

# Who may be added in the admin at all.
ADDED = {User, ExchangeRate, SlackUser, Campaign}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


def url(model, page, *args, **query):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args, query=query)


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.fixture(scope="module")
def costs(module_db):
    """The queries of each list with one row, and two more rows after that."""
    client = signed_in(name="Root", is_staff=True, is_superuser=True)
    make_rows()
    found = {}
    for model in MODELS:
        queries(client, url(model, "changelist"))  # content types are looked up once in a process
        found[model] = queries(client, url(model, "changelist"))
    make_rows()
    make_rows()
    return found


@pytest.fixture
def root(costs, undone):
    return signed_in(name="Root", is_staff=True, is_superuser=True)


@every_model
def test_the_list_shows_each_row_and_costs_the_same_for_one_and_three(root, costs, model):
    queries(root, url(model, "changelist"))
    assert queries(root, url(model, "changelist")) == costs[model]
    shown = root.get(url(model, "changelist")).context["cl"].result_list
    assert len(shown) == model._default_manager.count()


@every_model
def test_change_history_and_add_pages_open(root, model):
    row = model._default_manager.latest("pk")
    change = root.get(url(model, "change", row.pk))
    assert change.context["original"] == row
    assert root.get(url(model, "history", row.pk)).context["object"] == row
    assert root.get(url(model, "add")).status_code == (200 if model in ADDED else 403)


@every_model
def test_the_page_of_a_row_asks_nothing_over_and_over(root, model):
    address = url(model, "change", model._default_manager.latest("pk").pk)
    root.get(address)
    with CaptureQueriesContext(connection) as captured:
        root.get(address)
    asked = Counter(query["sql"] for query in captured)
    assert [sql for sql, times in asked.items() if times > 3] == []


@every_model
def test_no_page_of_a_row_shows_a_pair_that_is_meant_for_a_list(root, model):
    shown = root.get(url(model, "change", model._default_manager.latest("pk").pk)).text
    assert re.findall(r"\((?:&#x27;|')\w*(?:&#x27;|'), (?:&#x27;|')", shown) == []


def on_site(client, row):
    """Where the page of a row leads on the site, from the row itself and from those listed on it."""
    page = client.get(url(type(row), "change", row.pk))
    own = page.context["absolute_url"]
    return {*re.findall(r"/admin/r/\d+/[\w-]+/", page.content.decode()), *([own] if own else [])}


@every_model
def test_whatever_the_page_of_a_row_leads_to_on_the_site_opens_for_staff(root, model):
    for row in model._default_manager.all():
        for link in on_site(root, row):
            assert root.get(link, follow=True).status_code == 200, link


def test_the_profile_of_an_expert_is_led_to_while_it_is_public(root):
    live, waiting = make_expert(), make_expert(status=Expert.Status.SUBMITTED)
    assert on_site(root, live) == {live.get_absolute_url()}
    assert on_site(root, waiting) == set()


@every_model
def test_searching_and_sorting_by_every_column_works(root, model):
    screen = admin.site.get_model_admin(model)
    columns = [str(column) for column in range(1, len(screen.list_display) + 1)]
    for query in ({"q": "a"}, {"o": ".".join(columns)}, {"o": ".".join(f"-{one}" for one in columns)}):
        response = root.get(url(model, "changelist", **query))
        assert (response.status_code, response.context["cl"].params.keys() & {"e"}) == (200, set())


@every_model
def test_a_row_that_is_not_there_is_no_error(root, model):
    response = root.get(url(model, "change", "987654321"))
    assert response.headers["Location"] == reverse("admin:index")


@every_model
def test_nothing_is_deleted_here(root, model):
    row = model._default_manager.latest("pk")
    assert root.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403

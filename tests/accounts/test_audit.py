"""The trail: who did what, in the act's own transaction, for good."""

import pytest
import structlog
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent
from markets import services
from markets.models import Market
from tests.factories import make_market, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client):
    user = make_user("Root", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_an_act_that_is_rolled_back_leaves_no_trail():
    market = make_market()
    with transaction.atomic():
        audit.record(action="market.look", target=market, by=None)
        transaction.set_rollback(True)
    assert audit.history(market).count() == 0


def test_an_event_names_the_request_it_came_from():
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        event = audit.record(action="market.look", target=make_market(), by=None)
    assert event.request_id == "r-1"


def test_the_histories_of_rows_with_the_same_number_stay_apart():
    market, user = make_market(pk=77), make_user(pk=77)
    audit.record(action="market.look", target=market, by=None)
    assert (audit.history(market).count(), audit.history(user).count()) == (1, 0)


def test_an_event_outlives_who_did_it(client, root):
    actor = make_user()
    event = audit.record(action="market.look", target=make_market(), by=actor)
    actor.delete()
    event.refresh_from_db()
    assert event.actor is None


def test_staff_read_events_and_change_none(client, root):
    event = audit.record(action="market.look", target=make_market(), by=None)
    url = reverse("admin:accounts_auditevent_change", args=[event.pk])
    assert "the system" in client.get(url).content.decode()
    assert client.post(url, {"action": "forged"}).status_code == 403
    assert AuditEvent.objects.get().action == "market.look"


@pytest.mark.parametrize(("kind", "link"), [("markets.market", True), ("gone.thing", False)])
def test_an_event_links_to_its_row_where_a_screen_shows_it(client, root, kind, link):
    event = audit.record(action="market.look", target=make_market(), by=root)
    AuditEvent.objects.update(target_type=kind)
    page = client.get(reverse("admin:accounts_auditevent_change", args=[event.pk])).content.decode()
    assert (f"{kind} {event.target_id}</a>" in page) == link
    assert f"{kind} {event.target_id}" in page


def test_what_an_event_says_is_text(client, root):
    audit.record(action="market.look", target=make_market(), by=root, reason="<script>alert(1)</script>")
    page = client.get(reverse("admin:accounts_auditevent_changelist")).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_a_history_shows_what_changed_and_leaves_out_what_is_empty(client, root):
    market = make_market(status=Market.Status.RECRUITING)
    services.set_status(market=market, to=Market.Status.ACTIVE, by=root)
    audit.record(
        action="market.note", target=market, by=None, open=True, roles=["a", "b"], none=[], reason=""
    )
    page = client.get(reverse("admin:markets_market_history", args=[market.pk]))
    facts = [line.facts for line in page.context["lines"]]
    assert facts == [{"open": "yes", "roles": "a + b", "none": "–"}, {"change": "recruiting → active"}]


@pytest.mark.parametrize("number", ["1", "2", "99", "x"])
def test_long_histories_have_pages(client, root, number):
    market = make_market()
    for _ in range(101):
        audit.record(action="market.look", target=market, by=None)
    lines = client.get(reverse("admin:markets_market_history", args=[market.pk]), {"p": number}).context[
        "lines"
    ]
    assert len(lines) == {"1": 100, "x": 100}.get(number, 1)

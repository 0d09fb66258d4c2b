"""The dashboards: every figure from the rows, every rate with its count, "no data" where there is none."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from social import figures
from social.figures import Rate, Scope
from social.models import IdeaRound
from tests.factories import make_market, make_user
from tests.social.rows import make_lead, make_outreach, make_post, make_run, make_trend
from tests.social.test_screens import shown

pytestmark = pytest.mark.django_db
PAGE = "admin:social_trend_overview"


def scope(days=30, market=None):
    now = timezone.now()
    return Scope(now - timedelta(days=days), now, market.pk if market else None)


def outreach(market, state, **fields):
    now, approved = timezone.now(), {}
    if state in {"approved", "sent", "replied", "converted"}:
        approved = {"approved_by": make_user(is_staff=True), "approved_at": now, "text": "Hello."}
    if state in {"sent", "replied", "converted"}:
        approved["sent_at"] = now
    if state == "skipped":
        approved["reason"] = "Too far away."
    given = {"variants": ["Hello.", "Good day."], "state": state}
    return make_outreach(make_lead(market), **given | approved | fields)


def test_rates_come_from_the_outreach_rows_with_their_counts(market):
    now = timezone.now()
    outreach(market, "drafted")
    outreach(market, "skipped")
    outreach(market, "approved", text="Written by hand.")
    outreach(market, "sent")
    outreach(market, "replied", replied_at=now)
    outreach(market, "converted", converted_at=now)
    outreach(market, "sent", created_at=now - timedelta(days=40))
    found = figures.performance(scope())
    assert (found.approved, found.edited) == (Rate(4, 5), Rate(1, 4))
    assert (found.replied, found.converted) == (Rate(2, 3), Rate(1, 3))
    assert figures.performance(scope(market=make_market("Nara"))).approved.share is None


def test_the_pipeline_counts_each_state_and_adds_up_what_is_known(market):
    outreach(market, "drafted")
    outreach(market, "drafted", value_reach=20, value=720)
    columns = {one.state: one for one in figures.pipeline(scope())}
    assert (columns["drafted"].count, columns["drafted"].value) == (2, 1900)
    assert (columns["sent"].count, columns["sent"].value) == (0, 0)
    assert list(columns) == list(figures.COLUMNS)


def test_trends_stand_by_market_with_their_days_and_age(market):
    now = timezone.now()
    first = now - timedelta(days=4, hours=2)
    trend = make_trend(market, mentions=7, first_seen=first)
    for day, count in ((0, 7), (2, 3), (40, 9)):
        trend.samples.create(day=now.date() - timedelta(days=day), mentions=count, sentiment_score=1)
    make_trend(market, "Merged", merged_into=trend, mentions=50)
    for number in range(6):
        make_trend(market, f"Topic {number}", mentions=number)
    ((found, lines),) = figures.trends(scope())
    assert (found, len(lines), lines[0].trend, lines[0].age) == (market, 5, trend, 4)
    assert lines[0].counts[-3:] == [3, None, 7]
    assert [count for count in lines[0].counts if count is not None] == [3, 7]


def test_cost_is_that_of_rounds_ideas_and_messages_and_a_lead_has_its_share(market):
    nara, now = make_market("Nara"), timezone.now()
    make_run(market, cost=Decimal("1.50"))
    IdeaRound.objects.create(market=market, cost=Decimal("0.50"), state="done", finished_at=now)
    make_run(nara, cost=Decimal("0.25"))
    make_run(
        nara,
        cost=9,
        slot=now - timedelta(days=31),
        started_at=now - timedelta(days=31),
        state="done",
        finished_at=now,
    )
    outreach(market, "drafted", cost=Decimal("0.40"), drafted_at=now)
    outreach(market, "drafted", cost=7, drafted_at=now - timedelta(days=31))
    for _ in range(2):
        make_lead(market)
    kyoto, other = figures.costs(scope())
    assert (kyoto.market, kyoto.messages, kyoto.total) == (market, Decimal("0.4"), Decimal("2.4"))
    assert (kyoto.leads, kyoto.per_lead) == (4, Decimal("0.6"))
    assert (other.total, other.leads, other.per_lead) == (Decimal("0.25"), 0, None)


def test_the_page_says_no_data_where_there_is_none(analyst):
    html = shown(analyst, reverse(PAGE))
    assert html.count("no data") == 8  # four rates, and pipeline, trends, feed and cost
    assert "0 of 0 sent" in html


def test_the_page_shows_what_there_is_and_asks_as_much_for_much(analyst, market):
    url, counts = reverse(PAGE), []
    analyst.get(url)
    for _ in range(2):
        post = make_post(market, text="<b>Fireworks</b>", likes=2000)
        market.viral_moments.create(post=post, reason="likes", likes=2000, reposts=3)
        outreach(market, "sent", cost=Decimal("0.75"), drafted_at=timezone.now())
        trend = make_trend(market, f"Topic {post.pk}", mentions=3)
        trend.samples.create(day=timezone.now().date(), mentions=3, sentiment_score=1)
        with CaptureQueriesContext(connection) as queries:
            html = shown(analyst, url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "&lt;b&gt;Fireworks" in html
    assert "2,000 likes" in html
    assert "0 of 2 sent" in html
    assert "$2,360" in html
    assert "(UTC)" in html
    assert html.count("$1.50") == 3  # of messages, of all, and below the table; two leads
    assert "$0.75" in html


@pytest.mark.parametrize("query", [{"days": "8"}, {"market": "999999"}, {"market": "x"}, {"days": "'"}])
def test_an_odd_scope_is_told(analyst, query):
    answer = analyst.get(reverse(PAGE), query)
    assert answer.status_code == 400
    assert "staff-error" in answer.content.decode()

"""The staff's screens of trends, viral moments, leads and rounds, as each role sees and uses them."""

import pytest
from django.urls import reverse

from jobs.models import Job
from social.models import Author, Monitor, Run, SocialSettings, Trend
from tests.social.rows import make_lead, make_outreach, make_post, make_social, make_trend

pytestmark = pytest.mark.django_db


def page(row, name="change"):
    return reverse(f"admin:social_{row._meta.model_name}_{name}", args=[row.pk])


def shown(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_trend_shows_its_examples_history_and_the_models_number_apart(reviewer, market):
    post = make_post(market, text="Moss <b>everywhere</b>", likes=1234)
    trend = make_trend(market, posts=[post], estimate=900, words=["moss"])
    trend.samples.create(day=trend.last_seen.date(), mentions=7, sentiment_score=40)
    html = shown(reviewer, page(trend))
    assert "Moss &lt;b&gt;everywhere&lt;/b&gt;" in html
    assert "1,234 likes" in html
    assert "the model’s own estimate" in html.lower()
    assert post.url in html
    assert "7 at most" in html


def test_a_reviewer_approves_merges_and_splits(reviewer, market):
    moss, path = make_trend(market), make_trend(market, "Philosophers path")
    reviewer.post(page(moss, "approve"))
    reviewer.post(page(path, "merge"), {"into": moss.pk})
    moss.refresh_from_db()
    path.refresh_from_db()
    assert (moss.state, moss.decided_by, path.merged_into) == ("approved", reviewer.user, moss)
    assert "Philosophers path" in shown(reviewer, page(moss))
    reviewer.post(page(path, "split"))
    path.refresh_from_db()
    assert (path.merged_into, path.kept_apart) == (None, True)
    assert "split the trend off" in shown(reviewer, page(path, "history"))


def test_only_what_can_be_decided_is_offered_and_a_second_decision_is_told(reviewer, market):
    trend = make_trend(market)
    assert page(trend, "split") not in shown(reviewer, page(trend))
    reviewer.post(page(trend, "approve"))
    answer = reviewer.post(page(trend, "approve"), follow=True)
    assert "does not lead on from “approved”" in answer.content.decode()


def test_newer_words_of_an_approved_trend_are_read_and_approved(reviewer, market):
    trend = make_trend(market, newer={"opportunity": "low", "opportunity_reason": "Closed in winter."})
    Trend.objects.update(state="approved", decided_at=trend.last_seen)
    assert "Closed in winter." in shown(reviewer, page(trend))
    assert "newer words" in shown(reviewer, reverse("admin:social_trend_changelist"))
    assert "Closed in winter." in shown(reviewer, page(trend, "approve"))
    reviewer.post(page(trend, "approve"))
    trend.refresh_from_db()
    assert (trend.opportunity, trend.opportunity_reason, trend.newer) == ("low", "Closed in winter.", {})


def test_several_are_decided_at_once_by_the_same_rule(reviewer, market):
    open_, decided = make_trend(market), make_trend(market, "Path")
    reviewer.post(page(decided, "approve"))
    chosen = {"action": "approve_chosen", "_selected_action": [open_.pk, decided.pk]}
    answer = reviewer.post(reverse("admin:social_trend_changelist"), chosen, follow=True)
    assert set(Trend.objects.values_list("state", flat=True)) == {"approved"}
    assert "1 trend is decided" in answer.content.decode()


@pytest.mark.parametrize("role", ["operator", "analyst"])
def test_others_read_trends_and_decide_nothing(request, role, market):
    client, trend = request.getfixturevalue(role), make_trend(market)
    assert page(trend, "approve") not in shown(client, page(trend))
    assert client.post(page(trend, "approve")).status_code == 403
    trend.refresh_from_db()
    assert trend.state == "found"


def test_a_lead_whose_followers_nobody_knows_says_so(analyst, market):
    lead = make_lead(market, followers=None, engagement=None, high_potential=False)
    assert "unknown" in shown(analyst, page(lead))
    assert "unknown" in shown(analyst, reverse("admin:social_lead_changelist"))


def test_a_lead_is_erased_with_all_that_was_read_about_them(reviewer, operator, market):
    lead = make_lead(market)
    make_post(market, lead.author)
    make_outreach(lead)
    assert operator.post(page(lead, "erase")).status_code == 403
    reviewer.post(page(lead, "erase"))
    assert not Author.objects.exists()


def test_an_operator_edits_what_is_watched_and_begins_a_round(x, operator, monitor):
    given = {"hashtags": "#Kyoto, #Gion", "accounts": "kyoto_city", "interval": 60, "cost_cap": "2.50"}
    operator.post(page(monitor), given)
    monitor.refresh_from_db()
    assert (monitor.hashtags, monitor.interval) == (["#Kyoto", "#Gion"], 60)
    operator.post(page(monitor, "start"))
    assert Run.objects.get().market == monitor.market
    assert Job.objects.filter(kind="social.tasks.read_posts").count() == 1
    answer = operator.post(page(monitor, "start"), follow=True)
    assert "under way" in answer.content.decode()


@pytest.mark.parametrize(
    "fields", [{"hashtags": "Kyoto"}, {"accounts": "@a b"}, {"interval": 3}, {"cost_cap": "-1"}]
)
def test_what_nobody_can_search_for_is_refused(operator, monitor, fields):
    given = {"hashtags": "#Kyoto", "accounts": "", "interval": 30, "cost_cap": "5"} | fields
    assert operator.post(page(monitor), given).status_code == 200
    assert Monitor.objects.get().hashtags == ["#Kyoto", "#VisitKyoto"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hashtags": "#Kyoto, hello world"}, "“hello world”: A hashtag is written as"),
        ({"accounts": "bad name"}, "“bad name”: A handle has letters"),
        ({"hashtags": " , "}, "nothing is read without one"),
    ],
)
def test_what_is_wrong_with_an_item_is_told_with_the_item(operator, monitor, fields, said):
    given = {"hashtags": "#Kyoto", "accounts": "", "interval": 30, "cost_cap": "5"} | fields
    assert said in operator.post(page(monitor), given).content.decode()


def test_an_hour_that_there_is_none_of_is_told_beside_its_field(operator):
    row = SocialSettings.load()
    given = {"daily_cap": 5, "quiet_from": 24, "quiet_until": 8}
    answer = operator.post(page(row), given)
    assert answer.context["adminform"].form.errors == {"quiet_from": ["An hour is a number from 0 to 23."]}


def test_sending_is_stopped_by_an_operator(operator, analyst):
    row = SocialSettings.load()
    given = {"stopped": "on", "daily_cap": 5, "quiet_from": 20, "quiet_until": 8}
    assert analyst.post(page(row), given).status_code == 403
    operator.post(page(row), given)
    assert SocialSettings.load().stopped


def test_a_round_tells_what_was_dropped_and_why(analyst):
    make_social()
    html = shown(analyst, page(Run.objects.latest("pk")))
    assert "no_such_post" in html
    assert "P99" in html


def test_trends_that_wait_are_counted_in_the_sidebar(reviewer, market):
    make_trend(market)
    make_trend(market, "Path", state="approved", decided_at=make_trend(market, "Tea").last_seen)
    groups = reviewer.get(reverse("admin:index")).context["sidebar_navigation"]
    badges = {item["title"]: item.get("badge") for group in groups for item in group["items"]}
    assert badges["Trends"] == "2"
    assert {"Viral moments", "Leads", "Rounds", "Watched markets", "Sending rules"} <= badges.keys()

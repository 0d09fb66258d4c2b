"""Alerts reach Slack once or the inbox; what failed is seen, and a person sends it again."""

import json
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from jobs.durable import DurableTask
from jobs.models import Effect, Job
from social import alerting, alerts, tasks
from social.models import Alert, AlertRead
from tests.social.rows import make_lead, make_post
from tests.social.slackserver import SlackServer
from tests.social.test_screens import page, shown

pytestmark = pytest.mark.django_db
INBOX = "admin:social_alert_changelist"


@pytest.fixture
def slack(settings):
    """Alerts about social commerce go to a webhook, those about partnerships to a channel; ideas to the inbox."""
    with SlackServer() as running:
        settings.SOCIAL_SLACK_WEBHOOKS = {"social": f"{running.url}/services/T1/B1/x"}
        settings.SOCIAL_SLACK_CHANNELS = {"partner": "#partners"}
        settings.SOCIAL_SLACK_TOKEN, settings.SOCIAL_SLACK_URL = "xoxb-1", f"{running.url}/api/"
        yield running


def viral(market, text="Fireworks <!channel> & all"):
    post = make_post(market, text=text, likes=2000)
    moment = market.viral_moments.create(post=post, reason="likes", likes=2000, reposts=3)
    with transaction.atomic():
        return alerts.tell_viral([moment])[0]


def run(alert):
    """As a worker would with the job's message."""
    job = Job.objects.filter(kind=tasks.deliver_alert.name, args={"alert_id": alert.pk}).latest("pk")
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
    with suppress(*DurableTask.throws):
        tasks.deliver_alert(job.pk)
    alert.refresh_from_db()
    job.refresh_from_db()
    return job


def test_without_slack_an_alert_stands_in_the_inbox_at_once(market):
    alert = viral(market)
    alert.refresh_from_db()
    assert (alert.channel, alert.state, bool(alert.delivered_at)) == ("inbox", "delivered", True)
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_webhook_gets_it_once_and_nothing_in_it_calls_anybody(slack, market):
    alert = viral(market)
    assert run(alert).state == "done"
    tasks.deliver_alert(Job.objects.latest("pk").pk)
    ((path, headers, body),) = slack.posted
    assert (path, alert.state, alert.channel) == ("/services/T1/B1/x", "delivered", "slack")
    assert "Authorization" not in headers
    assert "Fireworks &lt;!channel&gt; &amp; all" in body["text"]
    assert f"/admin/social/viralmoment/{market.viral_moments.get().pk}/change/" in body["text"]


@pytest.mark.django_db(transaction=True)
def test_a_channel_gets_it_with_the_token_and_says_what_the_message_is_called(slack, market):
    with transaction.atomic():
        (alert,) = alerts.tell_high_potential(
            [make_lead(market, followers=None, engagement=None, high_potential=False)]
        )
    run(alert)
    ((path, headers, body),) = slack.posted
    assert (path, headers["Authorization"], body["channel"]) == (
        "/api/chat.postMessage",
        "Bearer xoxb-1",
        "#partners",
    )
    assert "unknown followers" in body["text"]
    assert alert.message_id == "#partners:17.1"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "answer", [(429, "", {"Retry-After": "7"}), (503, "")], ids=["asked to wait", "not there"]
)
def test_what_slack_did_not_take_is_sent_again_later(slack, market, answer):
    slack.say(*answer)
    alert = viral(market)
    job = run(alert)
    assert (job.state, alert.state, alert.attempts) == ("queued", "waiting", 1)
    assert "Slack answered" in alert.error
    if answer[0] == 429:
        assert timedelta(seconds=6) < job.run_after - timezone.now() < timedelta(seconds=9)
    assert run(alert).state == "done"
    assert (alert.state, alert.attempts, alert.error, len(slack.posted)) == ("delivered", 2, "", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", [(500, ""), (None, "")], ids=["broke", "hung up"])
def test_what_may_have_arrived_is_not_sent_again_until_a_person_says_so(slack, market, operator, answer):
    slack.say(*answer)
    alert = viral(market)
    assert (run(alert).state, alert.state) == ("dead", "failed")
    assert run(alert).state == "dead"
    assert len(slack.posted) == 1
    assert alert.error in shown(operator, page(alert)).replace("&#x27;", "'")
    operator.post(page(alert, "retry"))
    assert not Effect.objects.filter(state="unknown").exists()
    assert run(alert).state == "done"
    assert (alert.state, len(slack.posted)) == ("delivered", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "answer", [(404, "no_service"), (200, json.dumps({"ok": False, "error": "not_in_channel"}))]
)
def test_what_slack_refuses_fails_visibly(slack, market, reviewer, answer):
    slack.say(*answer)
    if answer[0] == 404:
        alert = viral(market)
    else:
        with transaction.atomic():
            (alert,) = alerts.tell_high_potential([make_lead(market)])
    assert (run(alert).state, alert.state) == ("dead", "failed")
    assert answer[1].split('"')[-2 if '"' in answer[1] else 0] in alert.error
    assert alerting.unread(reviewer.user, timezone.now()) == {alert.kind: 1}


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_message_post_once(slack, market):
    alert = viral(market)
    job = Job.objects.latest("pk")

    def work():
        try:
            tasks.deliver_alert(job.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    alert.refresh_from_db()
    assert (len(slack.posted), alert.state) == (1, "delivered")


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_died_after_posting_posts_no_second_time(slack, market):
    alert = viral(market)
    alerting.deliver(alert)
    assert run(alert).state == "done"
    assert (len(slack.posted), alert.state) == (1, "delivered")


def test_everybody_has_their_own_unread_counts_and_reading_takes_one_away(reviewer, analyst, market):
    alert, other = viral(market), viral(market, "Another one")
    assert alerting.unread(reviewer.user, timezone.now()) == {"social": 2}
    assert "Fireworks &lt;!channel&gt;" in shown(reviewer, page(alert))
    assert "social commerce (1)" in shown(reviewer, reverse(INBOX))
    assert alerting.unread(analyst.user, timezone.now()) == {"social": 2}
    analyst.post(reverse(INBOX), {"action": "mark_read", "_selected_action": [alert.pk, other.pk]})
    assert alerting.unread(analyst.user, timezone.now()) == {}
    assert AlertRead.objects.count() == 3


def test_the_sidebar_counts_what_the_reader_has_not_read(reviewer, market):
    viral(market)
    groups = reviewer.get(reverse("admin:index")).context["sidebar_navigation"]
    badges = {item["title"]: item.get("badge") for group in groups for item in group["items"]}
    assert badges["Alerts"] == "1"


def test_the_inbox_is_filtered_by_what_was_read(reviewer, market):
    read, new = viral(market), viral(market, "New")
    alerting.mark_read([read], reviewer.user)
    found = {
        value: [row.pk for row in reviewer.get(reverse(INBOX), {"read": value}).context["cl"].result_list]
        for value in ("yes", "no")
    }
    assert found == {"yes": [read.pk], "no": [new.pk]}


def test_staff_with_unread_alerts_hear_of_them_once_a_day_in_the_daily_mail(
    reviewer, analyst, plain_staff, market
):
    alerting.mark_read([viral(market)], analyst.user)
    tasks.ask_to_tell_unread()
    tasks.ask_to_tell_unread()
    notice = Notice.objects.get()
    assert (notice.user, notice.delivery, notice.facts) == (reviewer.user, "digest", {"social": 1})
    assert notice.url == reverse(INBOX)
    shown(reviewer, reverse(INBOX))
    notice.refresh_from_db()
    assert notice.read_at


def test_old_alerts_go_and_those_that_wait_stay(market):
    alert, waiting = viral(market), viral(market, "Waits")
    Alert.objects.update(created_at=timezone.now() - timedelta(days=91))
    Alert.objects.filter(pk=waiting.pk).update(state="waiting", delivered_at=None)
    alerting.forget_old(timezone.now())
    assert list(Alert.objects.values_list("pk", flat=True)) == [waiting.pk]
    assert alert.pk != waiting.pk

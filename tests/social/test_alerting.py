"""Alerts reach Slack once or the inbox; what failed is seen, and a person sends it again."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import Notice
from jobs.durable import DurableTask
from jobs.models import Effect, Job
from social import alerting, alerts, erasing, tasks
from social.models import Alert, AlertRead
from social.slack import client
from tests.social.rows import make_lead, make_post
from tests.social.slackserver import HOOK, SlackServer
from tests.social.test_screens import page, shown
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
INBOX = "admin:social_alert_changelist"


@pytest.fixture
def slack(settings):
    """Alerts about social commerce go to a webhook, those about partnerships to a channel; ideas to the inbox."""
    with SlackServer() as running:
        settings.SOCIAL_SLACK_WEBHOOKS = {"social": running.webhook}
        settings.SOCIAL_SLACK_CHANNELS = {"partner": "#partners"}
        settings.SOCIAL_SLACK_TOKEN, settings.SOCIAL_SLACK_URL = "xoxb-1", running.url
        yield running


def potential(market, **lead):
    with transaction.atomic():
        return alerts.tell_high_potential([make_lead(market, **lead)])[0]


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
    ((path, body),) = slack.asked
    assert (path, alert.state, alert.channel) == (HOOK, "delivered", "slack")
    assert slack.tokens == [None]
    assert "Fireworks &lt;!channel&gt; &amp; all" in body["text"]
    assert f"/admin/social/viralmoment/{market.viral_moments.get().pk}/change/" in body["text"]


@pytest.mark.django_db(transaction=True)
def test_a_channel_gets_it_with_the_token_and_says_what_the_message_is_called(slack, market):
    alert = potential(market, followers=None, engagement=None, high_potential=False)
    run(alert)
    ((method, body),) = slack.asked
    assert (method, body["channel"], slack.tokens) == ("chat.postMessage", "#partners", ["Bearer xoxb-1"])
    assert "unknown followers, unknown % engagement" in body["text"]
    assert alert.message_id == "#partners 1700.0001"


# By a webhook as by the API: how Slack says no, and what that means.
WAYS = pytest.mark.parametrize(("raised", "method"), [(viral, HOOK), (potential, "chat.postMessage")])


@pytest.mark.django_db(transaction=True)
@WAYS
@pytest.mark.parametrize("status", [429, 503])
def test_what_slack_did_not_take_is_sent_again_later(slack, market, raised, method, status):
    slack.fail(method, status, {"Retry-After": "7"}, "")
    alert = raised(market)
    job = run(alert)
    assert (job.state, alert.state, alert.attempts) == ("queued", "waiting", 1)
    assert f"Slack answered {status}" in alert.error
    assert timedelta(seconds=6) < job.run_after - timezone.now() < timedelta(seconds=9)
    assert run(alert).state == "done"
    assert (alert.state, alert.attempts, alert.error, len(slack.asked)) == ("delivered", 2, "", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", ["ratelimited", "service_unavailable"])
def test_a_limit_in_the_answer_itself_is_waited_for_too(slack, market, error):
    slack.fail("chat.postMessage", 200, error=error)
    alert = potential(market)
    assert run(alert).state == "queued"
    assert run(alert).state == "done"


@pytest.mark.django_db(transaction=True)
def test_where_slack_is_away_it_is_sent_later(slack, market, settings):
    settings.SOCIAL_SLACK_WEBHOOKS = {"social": "http://127.0.0.1:1/services/x"}
    assert run(viral(market)).state == "queued"


@pytest.mark.django_db(transaction=True)
@WAYS
@pytest.mark.parametrize("status", [500, 0])
def test_what_may_have_arrived_is_not_sent_again_until_a_person_says_so(
    slack, market, operator, raised, method, status
):
    slack.fail(method, status, error="")
    alert = raised(market)
    assert (run(alert).state, alert.state) == ("dead", "failed")
    assert run(alert).state == "dead"
    assert len(slack.asked) == 1
    assert alert.error in shown(operator, page(alert)).replace("&#x27;", "'")
    operator.post(page(alert, "retry"))
    assert not Effect.objects.filter(state="unknown").exists()
    assert run(alert).state == "done"
    assert (alert.state, len(slack.asked)) == ("delivered", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", ["internal_error", "<html>Proxy</html>"])
def test_an_answer_that_tells_nothing_leaves_it_to_a_person(slack, market, error):
    slack.fail("chat.postMessage", 200, error=error)
    alert = potential(market)
    assert (run(alert).state, alert.state, Effect.objects.get().state) == ("dead", "failed", "unknown")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("raised", "method", "status", "error"),
    [(viral, HOOK, 404, "no_service"), (potential, "chat.postMessage", 200, "not_in_channel")],
)
def test_what_slack_refuses_fails_visibly(slack, market, reviewer, raised, method, status, error):
    slack.fail(method, status, error=error)
    alert = raised(market)
    assert (run(alert).state, alert.state) == ("dead", "failed")
    assert error in alert.error
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
    assert (len(slack.asked), alert.state) == (1, "delivered")


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_died_after_posting_posts_no_second_time(slack, market):
    alert = viral(market)
    alerting.deliver(alert)
    assert run(alert).state == "done"
    assert (len(slack.asked), alert.state) == (1, "delivered")


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
    viral(market)
    waiting = viral(market, "Waits")
    Alert.objects.update(created_at=timezone.now() - timedelta(days=91))
    Alert.objects.filter(pk=waiting.pk).update(state="waiting", delivered_at=None)
    tasks.forget_old()
    assert list(Alert.objects.values_list("pk", flat=True)) == [waiting.pk]


# What stands in Slack about a person


@pytest.mark.django_db(transaction=True)
def test_an_alert_about_whoever_is_erased_is_taken_out_of_slack(slack, market, reviewer):
    alert, other = potential(market), potential(market)
    run(alert)
    run(other)
    erasing.forget_handle(f" @{alert.facts['handle'].upper()}", by=reviewer.user)
    run_jobs()
    assert slack.calls("chat.delete") == [{"channel": "#partners", "ts": "1700.0001"}]
    assert Alert.objects.get() == other


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_while_it_is_posted_stands_there_no_longer(slack, market, reviewer, monkeypatch):
    real = client.call

    def call(method, **given):
        answer = real(method, **given)
        if method == "chat.postMessage":
            erasing.forget_handle(alert.facts["handle"], by=reviewer.user)
        return answer

    monkeypatch.setattr(client, "call", call)
    alert = potential(market)
    run_jobs()
    assert len(slack.calls("chat.delete")) == 1


@pytest.mark.django_db(transaction=True)
def test_an_alert_that_is_forgotten_goes_out_of_slack_too(slack, market):
    run(potential(market))
    Alert.objects.update(created_at=timezone.now() - timedelta(days=91))
    slack.fail("chat.delete", 200, error="message_not_found")  # somebody was faster
    tasks.forget_old()
    run_jobs()
    assert (len(slack.calls("chat.delete")), Job.objects.filter(state="dead").count()) == (1, 0)


def test_nobody_is_erased_by_what_is_no_handle(reviewer):
    with pytest.raises(DomainError):
        erasing.forget_handle(" @ ", by=reviewer.user)

"""The buttons in Slack: who may, what is refused, and what everybody reads afterwards. Slack is on loopback."""

import json
import time

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import audit
from config.local.paths import within
from jobs.models import Job
from social import erasing, moves
from social.fingerprints import number
from social.models import Lead, Outreach, SlackPress, SlackUser
from social.slack import client
from social.tasks import show_card
from tests.factories import make_user
from tests.social import slackserver
from tests.social.rows import make_contact, make_lead, make_outreach, make_post
from tests.social.slackserver import SlackServer, press, signed, submit
from tests.threads import another_thread, at_once, somebody_waits
from tests.worker import run_jobs, work

pytestmark = pytest.mark.django_db
TEXTS = ["Hello from the moss.", "Good morning from us.", "Dear neighbour."]


@pytest.fixture
def slack(settings):
    with SlackServer() as running:
        settings.SOCIAL_SLACK_TOKEN, settings.SOCIAL_SLACK_SECRET = "token-of-slack", slackserver.SECRET
        settings.SOCIAL_SLACK_CHANNEL, settings.SOCIAL_SLACK_URL = "C1", running.url
        yield running


@pytest.fixture
def rosa(manager, now):
    """The social media manager, known in Slack."""
    manager.name = "Rosa"
    manager.save()
    SlackUser.objects.create(slack_id="U1", user=manager, confirmed_at=now)
    return manager


@pytest.fixture
def row(market):
    lead = make_lead(market, why="Knows <every> garden & more.")
    lead.evidence.add(make_post(market, lead.author, text="<!channel> Moss at six"))
    return make_outreach(lead, state="drafted", variants=TEXTS)


def deliver(payload, **how):
    body, headers = signed(payload, **how)
    return Client(enforce_csrf_checks=True).post(
        reverse("social:slack"), body, content_type="application/x-www-form-urlencoded", headers=headers
    )


def told(slack):
    return [given["text"] for given in slack.calls("chat.postEphemeral")]


def fresh(row):
    return Outreach.objects.get(pk=row.pk)


# Who comes in


@pytest.mark.parametrize(
    "how", [{"secret": "another"}, {"age": 360}, {"age": -360}, {"signature": "v0=é"}, {"signature": "x"}]
)
def test_what_slack_did_not_sign_within_five_minutes_is_refused(slack, rosa, row, how):
    assert deliver(press("approve", row), **how).status_code == 401
    assert not SlackPress.objects.exists()
    assert fresh(row).state == "drafted"


def test_four_minutes_are_in_time(slack, rosa, row):
    assert deliver(press("approve", row), age=240).status_code == 200


def test_without_signature_nobody_comes_in(slack, row):
    answer = Client().post(reverse("social:slack"), {"payload": json.dumps(press("approve", row))})
    assert answer.status_code == 401


def test_the_same_request_again_is_refused_and_does_nothing(slack, rosa, row):
    body, headers = signed(press("approve", row))
    answers = [
        Client().post(
            reverse("social:slack"), body, content_type="application/x-www-form-urlencoded", headers=headers
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert Job.objects.filter(kind="social.tasks.work_press").count() == 1


def test_where_slack_is_not_connected_there_is_nothing(row):
    assert deliver(press("approve", row)).status_code == 404


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": [{"action_id": "choose"}], "user": {"id": "U1"}},
        {"type": "block_actions", "actions": [{"action_id": "approve", "value": "x:drafted"}], "user": {"id": "U1"}},
        {"type": "block_actions", "actions": [{"action_id": "approve", "value": "1:gone"}], "user": {"id": "U1"}},
        {"type": "view_submission", "view": []},
        {"type": "view_submission", "view": {"callback_id": "skip", "private_metadata": "0:drafted"}},
    ],
)  # fmt: skip
def test_what_is_no_press_of_ours_is_answered_and_left(slack, row, payload):
    assert deliver(payload).status_code == 200
    assert not SlackPress.objects.exists()


def test_the_answer_waits_for_nobody(slack, rosa, row):
    began = time.monotonic()
    assert deliver(press("approve", row)).status_code == 200
    assert time.monotonic() - began < 3
    assert (fresh(row).state, slack.asked) == ("drafted", [])  # the work is a task's


# What a press does


def test_approving_takes_the_chosen_text_and_the_message_says_who_did_it(slack, rosa, row):
    run_card(row)
    deliver(press("approve", row, choice=str(number(TEXTS[1]))))
    run_jobs()
    row = fresh(row)
    assert (row.state, row.text, row.approved_by) == ("approved", TEXTS[1], rosa)
    assert audit.history(row).latest("pk").detail["via"] == "Slack"
    update = slack.calls("chat.update")[-1]
    assert "approved: Rosa" in json.dumps(update)
    assert "actions" not in {block["type"] for block in update["blocks"]}
    assert update["ts"] == row.slack_message.split()[1]


def run_card(row):
    show_card.enqueue(outreach_id=row.pk)
    run_jobs()


def test_a_text_that_is_not_there_any_more_is_not_approved(slack, rosa, row):
    deliver(press("approve", row, choice="123"))
    run_jobs()
    assert fresh(row).state == "drafted"
    assert "not there any more" in told(slack)[0]


def test_customising_opens_a_window_and_takes_its_text(slack, rosa, row):
    deliver(press("ask_text", row))
    run_jobs()
    opened = slack.calls("views.open")[0]
    assert (opened["trigger_id"], opened["view"]["callback_id"]) == ("trigger-1", "customise")
    deliver(submit("customise", row, "Dear keeper of the moss."))
    run_jobs()
    assert (fresh(row).state, fresh(row).text) == ("customised", "Dear keeper of the moss.")


def test_a_text_that_breaks_a_rule_is_told_while_the_window_is_open(slack, rosa, row):
    answer = deliver(submit("customise", row, "You will earn $100.")).json()
    assert answer["response_action"] == "errors"
    assert "money" in answer["errors"]["said"]
    assert not SlackPress.objects.exists()


def test_skipping_asks_why(slack, rosa, row):
    deliver(press("ask_reason", row))
    run_jobs()
    assert slack.calls("views.open")[0]["view"]["callback_id"] == "skip"
    assert deliver(submit("skip", row, " ")).json()["response_action"] == "errors"
    deliver(submit("skip", row, "Sells tours."))
    run_jobs()
    assert (fresh(row).state, fresh(row).reason) == ("skipped", "Sells tours.")


def test_a_window_that_came_too_late_leads_to_the_admin(slack, rosa, row):
    slack.fail("views.open", 200, error="expired_trigger_id")
    deliver(press("ask_text", row))
    run_jobs()
    assert reverse("admin:social_outreach_change", args=[row.pk]) in told(slack)[0]


@pytest.mark.parametrize("who", ["nobody", "no_staff", "no_permission", "left"])
def test_whoever_is_not_known_as_one_who_may_is_refused_and_told(slack, row, manager, who, now):
    user = {
        "no_staff": lambda: make_user(),
        "no_permission": lambda: make_user(is_staff=True),
        "left": lambda: manager,
    }.get(who, lambda: None)()
    if user:
        SlackUser.objects.create(slack_id="U1", user=user, confirmed_at=now)
    if who == "left":
        manager.is_active = False
        manager.save()
    for payload in (press("approve", row), press("ask_text", row), submit("skip", row, "No.")):
        deliver(payload)
    run_jobs()
    assert fresh(row).state == "drafted"
    assert len(told(slack)) == 3
    assert all("not linked" in text for text in told(slack))
    assert slack.calls("views.open") == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_wins_and_the_other_is_told(slack, rosa, row, now):
    bo = make_user(name="Bo", is_staff=True, is_superuser=True)
    SlackUser.objects.create(slack_id="U2", user=bo, confirmed_at=now)
    deliver(press("approve", row, user="U2"))
    deliver(submit("skip", row, "No."))
    jobs = iter(Job.objects.filter(kind="social.tasks.work_press"))
    at_once(lambda: work(next(jobs)), times=2)
    run_jobs()
    won = fresh(row)
    winner, loser = ("Bo", "U1") if won.state == "approved" else ("Rosa", "U2")
    assert slack.calls("chat.postEphemeral")[0]["user"] == loser
    assert told(slack) == [f"{winner} was faster: this is “{won.state}” now."]
    assert SlackPress.objects.filter(outcome="").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_press_locks_in_the_order_of_every_other_move(slack, rosa, row):
    """Or the two would wait for each other, and Postgres would end one of them."""
    bo = make_user(name="Bo", is_staff=True, is_superuser=True)
    deliver(press("approve", row))
    job = Job.objects.get(kind="social.tasks.work_press")
    with another_thread() as elsewhere, transaction.atomic():
        Lead.objects.select_for_update().get(pk=row.lead_id)
        pressed = elsewhere(lambda: work(job))
        assert within(30, somebody_waits)
        moves.move(row, "skipped", by=bo, reason="No.")
    pressed.result(10)
    run_jobs()
    assert told(slack) == ["Bo was faster: this is “skipped” now."]


def test_whoever_another_wrote_into_the_list_decides_nothing(slack, rosa, row):
    SlackUser.objects.update(slack_id="U666", confirmed_at=None)
    deliver(press("approve", row, user="U666"))
    run_jobs()
    assert fresh(row).state == "drafted"
    assert "not linked" in told(slack)[0]


def test_a_worker_that_dies_moves_nothing_twice(slack, rosa, row):
    deliver(press("approve", row))
    run_jobs()
    job = Job.objects.get(kind="social.tasks.work_press")
    Job.objects.filter(pk=job.pk).update(state="queued", finished_at=None)
    run_jobs()
    assert audit.history(row).filter(action="outreach.approved").count() == 1
    assert told(slack) == []


# The message


def test_a_draft_is_shown_once_with_evidence_and_three_buttons(slack, row):
    run_card(row)
    run_card(fresh(row))
    (posted,) = slack.calls("chat.postMessage")
    buttons = [
        one["action_id"]
        for block in posted["blocks"]
        if block["type"] == "actions"
        for one in block["elements"]
    ]
    assert buttons == ["approve", "ask_text", "ask_reason", "open"]
    assert all(text in json.dumps(posted) for text in TEXTS)
    assert len(slack.calls("chat.update")) == 1


def test_what_people_wrote_is_plain_text_and_calls_nobody(slack, row):
    run_card(row)
    marked = [
        element["text"]
        for block in slack.calls("chat.postMessage")[0]["blocks"]
        for element in block.get("elements", [])
        if element.get("type") == "mrkdwn"
    ]
    assert marked
    assert not any("channel" in text or "Moss" in text for text in marked)


def test_a_decision_in_the_admin_is_told_in_slack_too(slack, rosa, row):
    run_card(row)
    moves.move(fresh(row), "skipped", by=rosa, reason="Sells tours.", via="admin")
    run_jobs()
    assert "skipped: Rosa" in json.dumps(slack.calls("chat.update")[-1])


def test_a_limit_of_slack_is_waited_for(slack, row, now):
    slack.fail("chat.postMessage", 429, {"Retry-After": "120"})
    job = show_card.enqueue(outreach_id=row.pk)
    with pytest.raises(Exception, match="Slack answered 429"):
        run_jobs()
    job.refresh_from_db()
    assert 100 < (job.run_after - now).total_seconds() < 180


def test_an_answer_that_was_lost_posts_nothing_twice(slack, row):
    slack.fail("chat.postMessage", 0)
    show_card.enqueue(outreach_id=row.pk)
    with pytest.raises(Exception, match="stopped answering"):
        run_jobs()
    assert Job.objects.get().state == "dead"
    assert len(slack.calls("chat.postMessage")) == 1


def test_a_message_whose_answer_was_lost_is_known_again_by_its_next_press(slack, rosa, row):
    slack.fail("chat.postMessage", 0)
    show_card.enqueue(outreach_id=row.pk)
    with pytest.raises(Exception, match="stopped answering"):
        run_jobs()
    deliver(press("approve", row))
    run_jobs()
    assert fresh(row).slack_message == "C1 1699.7"
    update = slack.calls("chat.update")[-1]
    assert (update["channel"], update["ts"]) == ("C1", "1699.7")
    assert "approved: Rosa" in json.dumps(update)


def test_who_approved_stands_there_whatever_comes_after(slack, rosa, row, now):
    run_card(row)
    moves.move(fresh(row), "approved", by=rosa, text=TEXTS[0])
    make_contact(row.lead, outreach=row)
    moves.move(fresh(row), "sent", by=None)
    run_jobs()
    said = slack.calls("chat.update")[-1]["blocks"][-1]["elements"][0]["text"]
    assert "sent: the system" in said
    assert "approved: Rosa" in said


def test_old_presses_are_forgotten(slack, rosa, row, now):
    from datetime import timedelta

    from social.slack import presses

    deliver(press("approve", row))
    presses.forget_old(now + timedelta(days=6))
    assert SlackPress.objects.exists()
    presses.forget_old(now + timedelta(days=8))
    assert not SlackPress.objects.exists()


def test_what_moves_while_it_is_posted_is_shown_as_it_is_then(slack, rosa, row, monkeypatch):
    """Whoever decides in the admin at that moment finds no message to bring up to date yet."""
    real = client.call

    def call(method, **given):
        answer = real(method, **given)
        if method == "chat.postMessage":
            moves.move(fresh(row), "skipped", by=rosa, reason="Sells tours.")
        return answer

    monkeypatch.setattr(client, "call", call)
    run_card(row)
    assert "skipped: Rosa" in json.dumps(slack.calls("chat.update")[-1])


def test_whoever_is_erased_stands_in_no_message_any_more(slack, rosa, row):
    run_card(row)
    erasing.forget_handle(row.lead.handle, by=rosa)
    run_jobs()
    (gone,) = slack.calls("chat.delete")
    assert gone["ts"] == "1700.0001"


def test_an_update_whose_answer_was_lost_is_tried_again(slack, rosa, row):
    run_card(row)
    slack.fail("chat.update", 503)
    with pytest.raises(Exception, match="Slack answered"):
        run_card(fresh(row))
    assert Job.objects.filter(state="queued").count() == 1

"""Sending: every rule of the one door, X on loopback, and workers that die."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.errors import DomainError
from jobs import effects
from jobs.errors import OutcomeUnknown
from jobs.models import Effect, Job
from social import erasing, moves, replies, sending, tasks, x_messages
from social.models import Contact, Outreach, SocialSettings
from tests.factories import make_market, make_user
from tests.social.rows import make_author, make_contact, make_lead, make_outreach
from tests.social.xserver import x_id, x_message
from tests.worker import run_jobs, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("always_day")]
State = Outreach.State
NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # in Kyoto


@pytest.fixture
def lead(market):
    return make_lead(market, make_author("aiko"))


def approved(lead, manager, **fields):
    given = {
        "state": "approved",
        "text": "Hello, Aiko of the moss.",
        "approved_by": manager,
        "approved_at": NOON,
    }
    return make_outreach(lead, **given | fields)


def send(row, manager):
    """Approve it as staff do, and do all work that is due."""
    row = moves.move(row, State.APPROVED, by=manager, text=row.variants[0])
    run_jobs()
    row.refresh_from_db()
    return row


def drafted(lead):
    return make_outreach(lead, state="drafted", variants=["Hello, Aiko of the moss."])


def again(row):
    """What beat does once its time has come."""
    Outreach.objects.filter(pk=row.pk, send_after__isnull=False).update(send_after=datetime.now(UTC))
    tasks.ask_to_send()
    run_jobs()
    row.refresh_from_db()
    return row


# The door


def test_what_may_leave_has_its_row_in_the_ledger_before(lead, manager):
    row = sending.take(approved(lead, manager), NOON)
    contact = Contact.objects.get()
    assert (contact.outreach, contact.by, contact.handle) == (row, manager, "aiko")
    assert contact.until
    assert contact.until - contact.at == timedelta(days=90)
    sending.take(row, NOON)
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("state", ["identified", "drafted", "customised"])
def test_what_nobody_approved_does_not_leave(lead, state):
    with pytest.raises(DomainError):
        sending.take(make_outreach(lead, state=state, text="Hello."), NOON)


def test_an_approver_who_may_not_approve_any_more_approves_nothing(lead, manager):
    row = approved(lead, manager)
    manager.groups.clear()
    with pytest.raises(sending.Never, match="Nobody"):
        sending.take(row, NOON)


def test_nobody_is_written_to_twice_in_ninety_days_whatever_the_market(lead, manager):
    make_contact(lead, at=NOON - timedelta(days=89), until=NOON + timedelta(days=1))
    with pytest.raises(sending.Never, match="not again before Nov 21, 2026"):
        sending.take(approved(lead, manager), NOON)


def test_after_ninety_days_it_may_be_once_more(lead, manager):
    make_contact(lead, at=NOON - timedelta(days=90), until=NOON)
    assert sending.take(approved(lead, manager), NOON)


def test_nobody_is_written_to_after_an_opt_out(lead, manager):
    row = approved(lead, manager)
    make_contact(lead, kind="opt_out", until=None)
    with pytest.raises(sending.Never):
        sending.take(row, NOON)


def test_whoever_was_erased_is_not_written_to(lead, manager):
    row = approved(lead, manager)
    erasing.forget_handle("aiko", by=manager)
    assert not Outreach.objects.filter(pk=row.pk).exists()
    again_there = make_lead(lead.market, make_author("aiko"))
    with pytest.raises(sending.Never):
        sending.take(approved(again_there, manager), NOON)


def test_a_day_has_so_many_messages_and_the_next_begins_at_midnight(market, manager, always_day):
    always_day.daily_cap = 2
    always_day.save()
    rows = [approved(make_lead(market), manager) for _ in range(3)]
    sending.take(rows[0], NOON)
    sending.take(rows[1], NOON)
    with pytest.raises(sending.NotNow) as refusal:
        sending.take(rows[2], NOON)
    assert refusal.value.until == datetime(2026, 11, 21, tzinfo=UTC)
    assert sending.take(rows[2], refusal.value.until)


def test_nothing_leaves_while_sending_is_stopped(lead, manager, always_day):
    always_day.stopped = True
    always_day.save()
    with pytest.raises(sending.NotNow, match="stopped"):
        sending.take(approved(lead, manager), NOON)


@pytest.mark.parametrize(
    ("zone", "hours", "now", "until"),
    [
        ("Asia/Tokyo", (21, 9), "2026-11-20T12:30", "2026-11-21T00:00"),
        ("Asia/Tokyo", (21, 9), "2026-11-19T20:00", "2026-11-20T00:00"),
        ("Asia/Tokyo", (21, 9), "2026-11-20T00:00", None),
        ("Asia/Tokyo", (21, 9), "2026-11-20T11:59", None),
        ("Asia/Tokyo", (12, 14), "2026-11-20T03:30", "2026-11-20T05:00"),
        ("Europe/Berlin", (21, 9), "2026-11-20T21:00", "2026-11-21T08:00"),
        (
            "Europe/Berlin",
            (23, 2),
            "2026-03-28T23:30",
            "2026-03-29T01:00",
        ),  # the clock leaves out two o’clock
        ("America/New_York", (0, 0), "2026-11-20T05:00", None),
    ],
)
def test_quiet_hours_are_those_of_the_leads_own_clock(zone, hours, now, until):
    rules = SocialSettings(quiet_from=hours[0], quiet_until=hours[1])
    found = sending.quiet_until(rules, zone, datetime.fromisoformat(f"{now}+00:00"))
    assert found == (until and datetime.fromisoformat(f"{until}+00:00"))


@pytest.mark.usefixtures("by_night")
def test_the_door_itself_waits_for_the_morning_in_the_leads_zone(lead, manager):
    night = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)  # 21:30 in Kyoto
    with pytest.raises(sending.NotNow, match=r"until Nov 21, 2026, 9:00.AM \(Tokyo time\)") as refusal:
        sending.take(approved(lead, manager), night)
    assert refusal.value.until == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert not Contact.objects.exists()
    assert sending.take(Outreach.objects.get(), refusal.value.until)


@pytest.fixture
def by_night(always_day):
    always_day.quiet_from, always_day.quiet_until = 21, 9
    always_day.save()


# By X


def test_an_approved_message_is_sent_and_signed(x_account, lead, manager):
    row = send(drafted(lead), manager)
    assert x_account.sent == [(x_id("aiko"), "Hello, Aiko of the moss.")]
    assert (row.state, row.sent_at is not None, row.send_after) == ("sent", True, None)
    headers = x_account.asked[-1][2]
    assert headers["Authorization"].startswith("OAuth ")
    assert "s1" not in str(headers)


def test_a_limit_waits_until_its_reset_and_the_message_leaves_once(x_account, lead, manager, now):
    x_account.good()
    reset = int(now.timestamp()) + 900
    x_account.fail(429, {"x-rate-limit-reset": str(reset)})
    row = send(drafted(lead), manager)
    assert (row.state, x_account.sent, Contact.objects.count()) == ("approved", [], 0)
    assert abs(row.send_after.timestamp() - reset) < 10
    tasks.ask_to_send()
    run_jobs()  # too early
    assert x_account.sent == []
    assert again(row).state == "sent"
    assert len(x_account.sent) == 1


@pytest.mark.parametrize("status", [400, 403])
def test_what_x_refuses_frees_the_person_and_waits_for_staff(x_account, lead, manager, status):
    x_account.good()
    x_account.fail(status)
    row = send(drafted(lead), manager)
    assert (row.state, row.send_after, Contact.objects.count()) == ("approved", None, 0)
    assert row.send_note
    sending.try_again(row, by=manager)
    assert again(row).state == "sent"


def test_whoever_x_does_not_know_any_more_is_told(x_account, lead, manager):
    x_account.unknown.add("aiko")
    assert "nobody by this handle" in send(drafted(lead), manager).send_note


@pytest.mark.parametrize("status", [0, 500, 503])
def test_an_answer_that_was_lost_is_never_tried_again_by_itself(x_account, lead, manager, status):
    x_account.good()
    x_account.fail(status)
    row = send(drafted(lead), manager)
    assert (row.state, row.send_after) == ("approved", None)
    assert "Nobody knows" in row.send_note
    again(row)
    assert len([one for one in x_account.asked if one[0].endswith("/messages")]) == 1
    assert Contact.objects.count() == 1  # as long as nobody knows, they count as written to


def test_a_person_says_what_became_of_a_lost_one(x_account, lead, manager):
    x_account.good()
    x_account.fail(500)
    row = send(drafted(lead), manager)
    sending.was_not_sent(row, by=manager)
    sending.try_again(row, by=manager)
    assert again(row).state == "sent"
    assert len(x_account.sent) == 1


def test_or_that_it_arrived(x_account, lead, manager):
    x_account.good()
    x_account.fail(500)
    row = send(drafted(lead), manager)
    assert sending.mark_as_sent(row, by=manager).state == "sent"


class Killed(BaseException):
    """What a worker that is killed sees."""


def test_a_worker_killed_before_the_call_leaves_the_message_to_the_next(
    x_account, lead, manager, monkeypatch
):
    row = approved(lead, manager, send_after=NOON)
    monkeypatch.setattr(effects, "once", _killed)
    with pytest.raises(Killed):
        sending.deliver(row, NOON)
    monkeypatch.undo()
    sending.deliver(row, NOON)
    assert (len(x_account.sent), Contact.objects.count()) == (1, 1)


def test_a_worker_killed_after_the_call_sends_nothing_twice(x_account, lead, manager):
    row = approved(lead, manager, send_after=NOON)
    sending.deliver(row, NOON)  # and dies before it says so
    work(tasks.send_message.enqueue(outreach_id=row.pk))
    row.refresh_from_db()
    assert (row.state, len(x_account.sent)) == ("sent", 1)


def test_a_worker_killed_amid_the_call_leaves_it_to_a_person(x_account, lead, manager, monkeypatch):
    row = approved(lead, manager, send_after=NOON)
    monkeypatch.setattr(x_messages, "send", _killed)
    with pytest.raises(Killed):
        sending.deliver(row, NOON)
    monkeypatch.undo()
    with pytest.raises(OutcomeUnknown):
        sending.deliver(row, NOON)
    assert (x_account.sent, Effect.objects.get().state) == ([], "unknown")


def _killed(*_args):
    raise Killed


def test_what_is_being_sent_is_not_changed_any_more(lead, manager):
    row = sending.take(approved(lead, manager), NOON)
    for to in (State.CUSTOMISED, State.SKIPPED):
        with pytest.raises(DomainError, match="being sent"):
            moves.move(row, to, by=manager, text="Other.", reason="No.")


def test_the_signature_is_that_of_the_published_example(settings):
    """https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/creating-a-signature"""
    settings.SOCIAL_X_ACCOUNT = {
        "key": "xvz1evFS4wEEPTGEFPHBog",
        "key_secret": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "access": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "access_secret": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    }
    header = x_messages.authorization(
        "POST",
        "https://api.twitter.com/1.1/statuses/update.json",
        {"include_entities": "true", "status": "Hello Ladies + Gentlemen, a signed OAuth request!"},
        nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        timestamp="1318622958",
    )
    assert 'oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"' in header


# By hand


def test_without_x_a_person_sends_it_by_the_same_rules(lead, manager, always_day):
    row = send(drafted(lead), manager)
    assert row.state == "approved"
    with pytest.raises(DomainError, match="ledger"):
        sending.mark_as_sent(row, by=manager)
    always_day.stopped = True
    always_day.save()
    with pytest.raises(sending.NotNow):
        sending.take_by_hand(row, by=manager)
    always_day.stopped = False
    always_day.save()
    sending.take_by_hand(row, by=manager)
    assert sending.mark_as_sent(row, by=manager).state == "sent"
    assert Contact.objects.get().outreach == row


def test_what_was_not_sent_by_hand_after_all_frees_the_person(lead, manager):
    row = sending.take_by_hand(approved(lead, manager), by=manager)
    sending.was_not_sent(row, by=manager)
    assert not Contact.objects.exists()
    assert moves.move(row, State.SKIPPED, by=manager, reason="No.").state == "skipped"


def taken(lead, manager, **ago):
    row = sending.take_by_hand(approved(lead, manager), by=manager)
    at = datetime.now(UTC) - timedelta(**ago)
    Contact.objects.update(at=at, until=at + timedelta(days=90))
    return row


def test_the_ninety_days_begin_when_it_was_sent_not_when_it_was_taken(lead, manager, now):
    sending.mark_as_sent(taken(lead, manager, days=60), by=manager)
    contact = Contact.objects.get()
    assert contact.until
    assert contact.until > now + timedelta(days=89)
    assert contact.until - contact.at == timedelta(days=90)


def test_what_was_taken_is_taken_anew_after_a_day_by_the_same_rules(lead, manager, now, always_day):
    row = taken(lead, manager, hours=23)
    with pytest.raises(DomainError, match="taken already"):
        sending.take_by_hand(row, by=manager)
    Contact.objects.update(at=now - timedelta(hours=25))
    always_day.stopped = True
    always_day.save()
    with pytest.raises(sending.NotNow):
        sending.take_by_hand(row, by=manager)
    always_day.stopped = False
    always_day.save()
    sending.take_by_hand(row, by=manager)
    assert Contact.objects.get().at >= now


def test_what_x_may_have_sent_is_never_handed_over(x_account, lead, manager, now):
    x_account.good()
    x_account.fail(500)
    row = send(drafted(lead), manager)
    Contact.objects.update(at=now - timedelta(days=2), until=now + timedelta(days=88))
    with pytest.raises(DomainError, match="taken already"):
        sending.take_by_hand(row, by=manager)


def test_only_whoever_may_decide_sends_by_hand(lead, manager):
    with pytest.raises(PermissionDenied):
        sending.take_by_hand(approved(lead, manager), by=make_user(is_staff=True))


# Replies


def sent(lead, manager, *, days=1, **fields):
    row = approved(lead, manager, state="sent", sent_at=datetime.now(UTC) - timedelta(days=days), **fields)
    make_contact(lead, outreach=row)
    return row


def read():
    tasks.ask_for_replies()
    run_jobs()


def test_replies_are_read_once_and_only_from_whom_we_wrote_to(x_account, lead, manager, now):
    row = sent(lead, manager)
    at = now - timedelta(hours=2)
    x_account.heard = [
        x_message("3", "aiko", "And when?", at=at + timedelta(minutes=1)),
        x_message("2", "aiko", "Tell me more.", at=at),
        x_message("9", "stranger", "Buy this.", at=at),
        x_message("1", "aiko", "An older message.", at=now - timedelta(days=3)),
    ]
    read()
    row.refresh_from_db()
    assert (row.state, row.reply) == ("replied", "Tell me more.\nAnd when?")
    before = row.moved_at
    read()
    row.refresh_from_db()
    assert row.moved_at == before


def test_pages_of_replies_are_all_read(x_account, lead, manager, now):
    row = sent(lead, manager)
    x_account.page = 2
    others = [x_message(f"{number}", f"w{number}", "Hi", at=now) for number in range(5)]
    x_account.heard = [*others, x_message("9", "aiko", "Tell me more.", at=now - timedelta(hours=3))]
    read()
    row.refresh_from_db()
    assert row.state == "replied"


@pytest.mark.parametrize(
    "reply", ["Stop", "Bitte nicht mehr schreiben", "No me escribas", "Arrêtez", "やめてください"]
)
def test_an_opt_out_in_a_reply_silences_us_for_good(x_account, lead, manager, now, reply):
    row = sent(lead, manager)
    x_account.heard = [x_message("2", "aiko", reply, at=now)]
    read()
    row.refresh_from_db()
    lead.refresh_from_db()
    assert (row.state, row.reply) == ("opted_out", reply)
    assert lead.opted_out_at
    assert Contact.objects.filter(kind="opt_out").count() == 1


def test_whoever_says_stop_after_months_is_heard(x_account, lead, manager, now):
    row = sent(lead, manager, days=80)
    x_account.heard = [x_message("2", "aiko", "Stop", at=now)]
    read()
    row.refresh_from_db()
    assert row.state == "opted_out"


def test_nobody_is_asked_where_nobody_was_written_to(x_account, lead, manager):
    approved(lead, manager)
    read()
    assert x_account.asked == []


def test_a_stop_under_another_handle_is_theirs(x_account, lead, manager, now):
    row = send(drafted(lead), manager)
    at = datetime.now(UTC)
    x_account.heard = [
        x_message("3", "aiko", "Gern!", at=at, sender="who_has_that_handle_now"),
        x_message("2", "aiko_walks", "Stop", at=at, sender="aiko"),
    ]
    read()
    row.refresh_from_db()
    assert (row.state, row.reply) == ("opted_out", "Stop")
    renamed = make_lead(lead.market, make_author("aiko_walks"))
    with pytest.raises(sending.Never):
        sending.take(approved(renamed, manager), NOON)


def test_a_limit_on_replies_comes_back_at_its_reset(x_account, lead, manager, now):
    sent(lead, manager)
    x_account.fail(429, {"x-rate-limit-reset": str(int(now.timestamp()) + 600)})
    tasks.ask_for_replies()
    job = Job.objects.get()
    with pytest.raises(Exception, match="X asks to wait"):
        work(job)
    job.refresh_from_db()
    assert 500 < (job.run_after - now).total_seconds() < 700


def test_staff_record_a_reply_where_x_is_not_connected(lead, manager):
    assert replies.record(sent(lead, manager), "Gern!", by=manager).state == "replied"
    other = sent(make_lead(make_market("Osaka")), manager)
    assert replies.record(other, "Stopp", by=manager).state == "opted_out"
    with pytest.raises(DomainError):
        replies.record(other, "", by=manager)

"""The daily mail: when it comes, what is in it, and that nothing is in two of them."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Delivery, Notice, NoticeMail, User, zone_of
from accounts.notices import telling
from accounts.notices.choices import choose
from accounts.notices.digests import ask_for_due, morning
from accounts.notices.kinds import KINDS
from accounts.notices.telling import tell
from accounts.tasks import ask_for_digests
from accounts.zones import names
from bookings.booking import move
from tests.factories import make_booking, make_expert, make_user
from tests.threads import at_once
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

KIND = "booking.confirmed"
ZONES = [
    "UTC",
    "Asia/Kathmandu",
    "Asia/Calcutta",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def reader(zone="UTC", **fields):
    user = make_user("Rosa", time_zone=zone, **fields)
    choose(user=user, wanted={KIND: Delivery.DIGEST, "inquiry.message": Delivery.DIGEST}, by=user)
    return user


def told(user, when, who="Mei Tanaka", kind=KIND):
    key = f"{kind}-{Notice.objects.count()}"
    notice = tell(user=user, kind=kind, key=key, facts={"who": who}, url="/bookings/1/")
    Notice.objects.filter(pk=notice.pk).update(created_at=when)
    return notice


def test_it_comes_at_eight_by_the_readers_clock():
    """Half an hour past the hour of UTC, in India."""
    told(reader("Asia/Calcutta"), at("2027-03-01T20:00"))
    assert [ask_for_due(at(f"2027-03-02T{clock}")) for clock in ("02:29", "02:30", "02:35")] == [0, 1, 0]
    run_jobs()
    assert len(mail.outbox) == 1


def test_it_holds_all_that_waited_and_what_came_later_waits_for_the_next():
    user = reader()
    for when, who in (("2027-03-01T09:00", "Ada"), ("2027-03-02T07:59", "Bea"), ("2027-03-02T08:01", "Cleo")):
        told(user, at(when), who)
    assert ask_for_due(at("2027-03-02T08:10")) == 1
    run_jobs()
    assert ask_for_due(at("2027-03-03T08:00")) == 1
    run_jobs()
    first, second = mail.outbox
    assert [name in first.body for name in ("Ada", "Bea", "Cleo")] == [True, True, False]
    assert [name in second.body for name in ("Ada", "Bea", "Cleo")] == [False, False, True]
    assert (first.subject, second.subject) == (
        "2 things happened on Traveloure",
        "1 thing happened on Traveloure",
    )


def test_after_an_outage_it_comes_late_and_not_by_night():
    told(reader(), at("2027-03-01T12:00"))
    assert ask_for_due(at("2027-03-03T03:00")) == 0
    assert ask_for_due(at("2027-03-03T15:00")) == 1


def test_what_was_read_on_the_site_is_not_mailed():
    user = reader()
    told(user, at("2027-03-01T12:00"))
    telling.read(user.notices.all())
    assert (ask_for_due(at("2027-03-02T09:00")), NoticeMail.objects.count()) == (0, 0)


def test_what_was_silenced_while_it_waited_is_not_mailed():
    user = reader()
    told(user, at("2027-03-01T12:00"))
    told(user, at("2027-03-01T12:00"), kind="inquiry.message")
    choose(user=user, wanted={KIND: Delivery.SITE}, by=user)
    ask_for_due(at("2027-03-02T09:00"))
    run_jobs()
    assert "is confirmed" not in mail.outbox[0].body
    assert "wrote to you" in mail.outbox[0].body


def test_it_speaks_the_readers_language_and_says_how_to_stop_it():
    user = reader(language="de")
    told(user, at("2027-03-01T12:00"))
    ask_for_due(at("2027-03-02T09:00"))
    run_jobs()
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    assert sent.body.startswith("Hallo Rosa,")
    assert "/notices/unsubscribe/" in sent.extra_headers["List-Unsubscribe"]
    assert '<html lang="de">' in str(sent.alternatives[0][0])


def test_a_long_one_says_how_many_more_there_are():
    user = reader()
    for number in range(53):
        told(user, at("2027-03-01T12:00"), who=f"Guest {number}")
    ask_for_due(at("2027-03-02T09:00"))
    run_jobs()
    assert "3 more are on the site: http://localhost:8000/notices/" in mail.outbox[0].body
    assert ("Guest 49" in mail.outbox[0].body, "Guest 50" in mail.outbox[0].body) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_the_same_moment_make_one_mail():
    told(reader(), at("2027-03-01T12:00"))
    assert sum(at_once(lambda: ask_for_due(at("2027-03-02T09:00")))) == 1
    assert NoticeMail.objects.count() == 1


def test_the_task_of_beat_asks_now():
    told(reader(), datetime.now(UTC) - timedelta(days=2))
    ask_for_digests()
    waited = Notice.objects.waiting().exists()
    eight = morning(zone_of("UTC"), datetime.now(UTC))
    assert waited is (datetime.now(UTC) < eight)


def test_a_stored_zone_that_is_none_any_more_is_read_as_utc():
    told(reader("Atlantis/Center"), at("2027-03-01T12:00"))
    assert [ask_for_due(at(f"2027-03-02T0{hour}:00")) for hour in (7, 8)] == [0, 1]


def test_readers_of_every_zone_get_theirs_once_in_a_day_of_beats():
    """Every half hour for three days: each notice in exactly one mail, from eight o'clock on."""
    for zone in ZONES:
        for hours in (0, 9, 30):
            told(reader(zone), at("2027-04-03T10:00") + timedelta(hours=hours))
    start = at("2027-04-03T10:00")
    for minutes in range(0, 3 * 24 * 60, 30):
        now = start + timedelta(minutes=minutes)
        ask_for_due(now)
        for sent in NoticeMail.objects.filter(state="due").select_related("user"):
            clock = now.astimezone(zone_of(sent.user.time_zone))
            assert (clock.hour, clock.minute < 30, clock.date()) == (8, True, sent.day)
        NoticeMail.objects.update(state="dropped")
    assert Notice.objects.filter(mail=None).count() == 0
    assert NoticeMail.objects.count() == Notice.objects.count()


@given(zone=st.sampled_from(names()), now=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_the_morning_is_eight_oclock_of_the_day_it_is_there(zone, now):
    now = now.replace(tzinfo=UTC)
    eight = morning(zone_of(zone), now).astimezone(zone_of(zone))
    assert (eight.hour, eight.minute, eight.date()) == (8, 0, now.astimezone(zone_of(zone)).date())


@pytest.mark.parametrize("readers", [1, 4])
def test_a_beat_without_a_due_mail_costs_the_same_for_all(readers, django_assert_num_queries):
    for _ in range(readers):
        told(reader(), at("2027-03-01T12:00"))
    ask_for_due(at("2027-03-02T09:00"))
    assert User.objects.count() == readers
    with django_assert_num_queries(1):
        ask_for_due(at("2027-03-02T09:05"))


# What it says of each


def mailed(user):
    Notice.objects.filter(user=user).update(created_at=at("2027-03-01T12:00"))
    ask_for_due(at("2027-03-02T09:00"))
    run_jobs()
    sent = next(one for one in mail.outbox if one.to == [user.email])
    assert isinstance(sent, EmailMultiAlternatives)
    return sent.body, str(sent.alternatives[0][0])


def digested(zone="UTC", **fields):
    user = make_user("Rosa", time_zone=zone, **fields)
    wanted = {name: Delivery.DIGEST for name, kind in KINDS.items() if not kind.for_staff}
    choose(user=user, wanted=wanted, by=user)
    return user


def declined(user, reason, **facts):
    facts = {"who": "Mei", "side": "traveler", "reason": reason} | facts
    tell(user=user, kind="booking.declined", key=f"key-{Notice.objects.count()}", facts=facts, url="/x/")


def test_it_says_why_as_the_mail_of_its_own_does():
    user = digested()
    declined(user, "I am away.\nUntil June, sadly.")
    text, html = mailed(user)
    assert "The reason:\n  I am away.\n  Until June, sadly.\n" in text
    assert "<blockquote>I am away.\nUntil June, sadly.</blockquote>" in html


def test_a_reason_is_there_as_a_whole_and_of_a_long_message_the_beginning():
    user = digested()
    declined(user, "r" * 1000)
    tell(user=user, kind="inquiry.message", key="m", facts={"who": "Mei", "text": "m" * 4000}, url="/x/")
    for part in mailed(user):
        assert ("r" * 1000 in part, "m" * 900 in part, "m" * 1001 in part) == (True, True, False)


def test_contact_details_are_hidden_in_it_as_on_the_page():
    user = digested()
    expert = make_expert(name="Mei Tanaka")
    for to, state, reason in (
        ("declined", "requested", "Ask mei@example.com instead."),
        ("cancelled", "held", "Call +81 75 123 4567."),
    ):
        move(make_booking(expert, user, state=state), to, by=expert.user, reason=reason)
    for part in mailed(user):
        assert "Ask [e-mail address hidden] instead." in part
        assert "Call [phone number hidden]." in part
        assert "mei@example.com" not in part


def test_it_writes_days_in_one_way():
    user = digested("Europe/Berlin")
    booked = make_booking(make_expert(), user, state="held", start=date(2027, 4, 3), end=date(2027, 4, 9))
    move(booked, "confirmed", by=user)
    declined(user, "", until="2027-04-01T08:00:00Z", start="2027-04-03", end="2027-04-03", zone="Asia/Tokyo")
    for part in mailed(user):
        before = re.findall(r"(\S+) (?:Mar|Apr) \d", part)
        assert len(before) >= 6
        assert all(re.search(r"\b[A-Z][a-z]{2},$", word) for word in before), before
        assert "Sat, Apr 3\u2009–\u2009Fri, Apr 9, 2027 (Tokyo time)" in part
        assert "Until Fri, Mar 26, 2027, 4:00\u202fPM (Berlin time)" in part

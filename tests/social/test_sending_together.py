"""Several workers and people at once: one decision, one message, never more than a day may have."""

import random
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group

from accounts.errors import DomainError
from jobs.errors import Permanent
from social import moves, sending
from social.models import Contact, Outreach, SocialSettings
from tests.factories import make_market, make_user
from tests.social.rows import make_lead, make_outreach
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS = 100
NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def staff(name):
    user = make_user(name=name, is_staff=True)
    user.groups.add(Group.objects.get(name="Social media manager"))
    return user


def approved(market, by):
    given = {
        "state": "approved",
        "text": "Hello.",
        "approved_by": by,
        "approved_at": NOON,
        "send_after": NOON,
    }
    return make_outreach(make_lead(market), **given)


def test_of_many_who_decide_at_once_one_wins_and_the_others_are_told():
    people = [staff(f"P{number}") for number in range(4)]
    row = make_outreach(make_lead(make_market()), state="drafted", variants=["Hello."])
    turns = iter(people)

    def decide():
        by = next(turns)
        try:
            moves.move(row, "approved", by=by, seen="drafted")
        except DomainError as error:
            return str(error)
        return ""

    told = at_once(decide, times=4)
    winner = Outreach.objects.get().approved_by
    assert winner
    assert told.count("") == 1
    assert {text for text in told if text} == {f"{winner.name} was faster: this is “approved” now."}


def test_a_hundred_times_two_workers_have_one_message_and_it_leaves_once(x_account, always_day):
    market, by = make_market(), staff("Rosa")
    always_day.daily_cap = 1000
    always_day.save()
    for seed in range(SEEDS):
        row = approved(market, by)
        turn = iter(range(2))

        def deliver(row=row, seed=seed, turn=turn):
            time.sleep(random.Random(f"{seed}-{next(turn)}").random() / 500)
            with suppress(Permanent, DomainError):  # the other one is at it
                sending.deliver(row, NOON)

        at_once(deliver, times=2)
    assert len(x_account.sent) == len(set(x_account.sent)) == SEEDS
    assert Contact.objects.count() == SEEDS


def test_workers_at_once_keep_the_cap_of_the_day(always_day):
    SocialSettings.objects.update(daily_cap=3)
    market, by = make_market(), staff("Rosa")
    rows = iter([approved(market, by) for _ in range(8)])

    def take():
        try:
            sending.take(next(rows), NOON)
        except sending.NotNow:
            return False
        return True

    assert sum(at_once(take, times=8)) == 3
    assert Contact.objects.count() == 3

"""How long experts let travelers wait is measured from their threads, and kept where matching reads it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings import answering, offers, tasks
from bookings.models import Block, Message
from experts.models import Expert
from tests.factories import make_expert, make_inquiry, make_message, make_offer, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


def at(message, ago):
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - ago)


def talk(expert, *entries):
    """A thread of (side, hours ago)."""
    inquiry = make_inquiry(expert, make_user())
    (_side, ago), *others = entries
    at(inquiry.messages.get(), timedelta(hours=ago))
    for side, ago in others:
        at(make_message(inquiry, side), timedelta(hours=ago))
    return inquiry


def answer_after(expert, *hours):
    for waited in hours:
        talk(expert, ("traveler", 100), ("expert", 100 - waited))


def night():
    tasks.ask_to_measure_answers()
    return run_jobs()


def stored(expert):
    return Expert.objects.get(pk=expert.pk).response_hours


def test_it_is_the_median_of_the_turns():
    expert = make_expert()
    answer_after(expert, 1, 2, 50)
    assert answering.hours() == {expert.pk: Decimal("2.0")}


def test_a_turn_begins_with_the_first_of_several_messages_and_ends_with_the_first_answer():
    expert = make_expert()
    talk(
        expert,
        *[("traveler", 100), ("traveler", 96), ("expert", 90), ("expert", 80)],
        *[("traveler", 70), ("expert", 60), ("traveler", 50), ("expert", 40), ("traveler", 1)],
    )
    assert answering.hours() == {expert.pk: Decimal(10)}


def test_two_turns_say_nothing_and_neither_does_what_waits_for_less_than_a_day():
    expert = make_expert()
    answer_after(expert, 1, 1)
    talk(expert, ("traveler", 23))
    assert answering.hours() == {}


def test_who_falls_silent_answers_as_late_as_everybody_has_waited():
    expert = make_expert()
    answer_after(expert, 1, 1)
    for ago in (60, 80, 100):
        talk(expert, ("traveler", ago), ("traveler", ago - 30))
    assert answering.hours() == {expert.pk: Decimal(60)}


def test_thanks_at_the_end_and_what_nobody_may_answer_are_not_waited_for():
    expert = make_expert()
    answer_after(expert, 1, 2, 3)
    for by_expert in (True, False):
        inquiry = talk(expert, ("traveler", 200))
        people = (expert.user, inquiry.traveler)
        by, whom = people if by_expert else people[::-1]
        Block.objects.create(by=by, whom=whom)
    talk(expert, ("traveler", 300), ("expert", 298), ("traveler", 290))
    assert answering.hours() == {expert.pk: Decimal(2)}


def test_what_is_older_than_three_months_does_not_count():
    expert, day = make_expert(), 24
    answer_after(expert, 3, 3, 3)
    for _ in range(9):
        talk(expert, ("traveler", 91 * day), ("expert", 91 * day - 20), ("traveler", 50), ("expert", 49))
    assert answering.hours() == {expert.pk: Decimal(1)}


def test_to_accept_an_offer_asks_nothing():
    expert = make_expert()
    answer_after(expert, 3, 3)
    offer = make_offer(talk(expert, ("traveler", 90), ("expert", 87)))
    offers.accept(offer=offer, by=offer.inquiry.traveler)
    at(offer.inquiry.messages.last(), timedelta(hours=40))
    make_message(offer.inquiry, "expert", "Until then!")
    assert answering.hours() == {expert.pk: Decimal(3)}


def test_an_answer_within_minutes_is_a_tenth_of_an_hour():
    expert = make_expert()
    answer_after(expert, 0, 0, 0)
    assert answering.hours() == {expert.pk: Decimal("0.1")}


def test_the_night_keeps_what_was_measured_where_matching_reads_it():
    quick, quiet = (make_expert(response_hours=24) for _ in range(2))
    answer_after(quick, 1, 2, 3)
    answer_after(quiet, 1, 2)
    night()
    assert (stored(quick), stored(quiet)) == (Decimal(2), Decimal(24))


def test_who_is_not_asked_any_more_keeps_what_was_measured_last():
    expert = make_expert(response_hours=24)
    answer_after(expert, 1, 2, 3)
    night()
    for message in Message.objects.all():
        at(message, timezone.now() - message.created_at + timedelta(days=91))
    assert answering.hours() == {}
    night()
    assert stored(expert) == Decimal(2)


def test_an_expert_reads_the_measure_and_not_what_was_declared(client):
    expert = make_expert(response_hours=24)
    client.force_login(expert.user)
    answer_after(expert, 1, 2)
    assert "<dt>Usually answers in</dt><dd>no data yet</dd>" in client.get(reverse("bookings:dashboard")).text
    answer_after(expert, 4)
    assert "<dt>Usually answers in</dt><dd>2 h</dd>" in client.get(reverse("bookings:dashboard")).text

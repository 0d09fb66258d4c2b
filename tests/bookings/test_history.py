"""What the two of a booking read of it afterwards, and how they talk about it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from bookings import history, offers, rescheduling
from bookings.booking import move
from bookings.models import Booking, Inquiry, Message, Proposal
from bookings.periods import slot
from bookings.tasks import expire_bookings
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_market,
    make_offer,
    make_service,
    make_trip,
    make_user,
)
from tests.pages import signed_in

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def booking():
    begins = (timezone.now() + 30 * DAY).replace(minute=0, second=0, microsecond=0)
    expert = make_expert(make_market("Kyoto"), name="Mei Tanaka")
    traveler = make_user("Rosa Traveler")
    return make_booking(expert, traveler, state="confirmed", period=(begins, begins + 3 * HOUR))


def propose(booking, days=1):
    wanted = slot(booking.period.lower + days * DAY, booking.period.upper + days * DAY, booking.time_zone)
    return rescheduling.propose(
        booking=booking, by=booking.expert.user, slot=wanted, key=f"other-{days}", reason="Rain"
    )


def told(booking):
    found = Booking.objects.with_acquaintance().get(pk=booking.pk)
    return [f"{one.who} {one.what}" for one in history.of(found, "UTC")]


# Talking


@pytest.mark.parametrize("side", ["traveler", "expert"])
def test_either_side_writes_to_the_other_from_the_booking(booking, side):
    me, other = booking.traveler, booking.expert.user
    if side == "expert":
        me, other = other, me
    client = signed_in(me)
    address = reverse("bookings:talk", args=[booking.pk])
    assert address in client.get(booking.get_absolute_url()).content.decode()
    thread = client.post(address)
    assert thread.url == client.post(address).url  # a double click
    sent = client.post(thread.url.partition("#")[0], {"body": "Where do we meet?", "key": ""})
    assert (sent.status_code, Message.objects.get().side) == (302, side)
    notice = Notice.objects.get(user=other, kind="inquiry.message")
    assert notice.facts["first"] is False  # nobody asks about a trip that is booked already


def test_the_conversation_of_the_trip_is_found_again(booking):
    inquiry = make_inquiry(booking.expert, booking.traveler)
    answer = signed_in(booking.expert.user).post(reverse("bookings:talk", args=[booking.pk]))
    assert answer.url.startswith(inquiry.get_absolute_url())


def test_so_is_the_one_that_held_the_offer():
    trip = make_trip(traveler=make_user())
    inquiry = make_inquiry(make_expert(trip.destination), trip.traveler, trip=trip)
    offers.accept(offer=make_offer(inquiry), by=inquiry.traveler)
    Booking.objects.update(trip=None)
    booked = Booking.objects.get()
    answer = signed_in(booked.traveler).post(reverse("bookings:talk", args=[booked.pk]))
    assert answer.url.startswith(inquiry.get_absolute_url())


def test_nobody_else_begins_one(booking):
    assert signed_in(make_user()).post(reverse("bookings:talk", args=[booking.pk])).status_code == 404
    assert not Inquiry.objects.exists()


# History


def test_whoever_took_up_an_offer_is_named_and_nobody_asked(booking):
    inquiry = make_inquiry(booking.expert, booking.traveler)
    offer = make_offer(inquiry, "traveler", start=timezone.now() + 50 * DAY)
    offers.accept(offer=offer, by=inquiry.expert.user)
    assert told(Booking.objects.latest("pk")) == ["Mei Tanaka accepted the offer"]


def test_a_proposed_time_is_named(booking):
    rescheduling.accept(proposal=propose(booking), by=booking.traveler)
    proposed, accepted = told(booking)
    moved = Booking.objects.get(pk=booking.pk).period.lower.astimezone(ZoneInfo(booking.time_zone))
    assert proposed.startswith("Mei Tanaka proposed another time, ")
    assert accepted.startswith("Rosa Traveler accepted the other time, ")
    assert f" {moved:%-d}, {moved:%Y}" in accepted


def test_a_time_that_nobody_answers_is_told_to_both_and_noted_once(booking):
    propose(booking)
    Proposal.objects.update(expires_at=timezone.now() - HOUR)
    expire_bookings()
    expire_bookings()
    assert Proposal.objects.get().state == "expired"
    assert told(booking)[-1].startswith("time let the other time run out, ")
    people = Notice.objects.filter(kind="reschedule.expired").values_list("user", flat=True)
    assert sorted(people) == sorted([booking.traveler_id, booking.expert.user_id])


def test_the_notice_of_a_proposed_time_says_until_when(booking):
    proposal = propose(booking)
    notice = Notice.objects.get(kind="reschedule.proposed")
    assert notice.facts["until"].startswith(f"{proposal.expires_at:%Y-%m-%dT%H:%M}")


def test_a_late_proposal_makes_way_for_the_next(booking):
    propose(booking)
    Proposal.objects.update(expires_at=timezone.now() - HOUR)
    propose(booking, days=2)
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["expired", "open"]
    assert Notice.objects.filter(kind="reschedule.expired").count() == 2


def test_only_trips_to_the_experts_city_can_be_chosen(booking):
    service = make_service(booking.expert)
    here, elsewhere = (
        make_trip(market, traveler=booking.traveler) for market in (booking.expert.market, None)
    )
    form = signed_in(booking.traveler).get(reverse("bookings:book", args=[booking.expert.slug, service.pk]))
    offered = form.content.decode()
    assert f'value="{here.pk}"' in offered
    assert f'value="{elsewhere.pk}"' not in offered


def test_after_a_refund_the_expert_reads_what_is_left(booking):
    expert = signed_in(booking.expert.user)
    agreed = expert.get(booking.get_absolute_url()).context
    assert (agreed["commission"], agreed["share"]) == (50, 150)
    move(booking, "cancelled", by=booking.expert.user, reason="Ill")
    left = expert.get(booking.get_absolute_url()).context
    assert (left["commission"], left["share"]) == (0, 0)


def test_of_what_never_came_about_nothing_is_anybodys(booking):
    asked = make_booking(booking.expert, state="declined")
    page = signed_in(asked.expert.user).get(asked.get_absolute_url())
    assert "share" not in page.context
    assert "Our commission" not in page.content.decode()


@pytest.mark.parametrize(
    ("state", "side", "said"),
    [
        ("requested", "traveler", "Mei Tanaka did not answer in time."),
        ("requested", "expert", "You did not answer in time."),
        ("held", "traveler", "Mei Tanaka had said yes, and you did not confirm in time."),
        ("held", "expert", "Rosa Traveler did not confirm in time."),
    ],
)
def test_what_ran_out_is_told_as_it_was(booking, state, side, said):
    late = make_booking(booking.expert, booking.traveler, state=state)
    Booking.objects.filter(pk=late.pk).update(expires_at=timezone.now() - HOUR)
    expire_bookings()
    reader = late.traveler if side == "traveler" else late.expert.user
    page = signed_in(reader).get(reverse("notices:list")).content.decode()
    assert said in page

"""Nothing is agreed with somebody who is not there for it, and what was agreed before can still be ended."""

import pytest
from django.urls import reverse

from accounts.errors import DomainError
from accounts.models import User
from bookings import booking, offers, rescheduling
from bookings.models import Booking, Offer, Proposal
from experts.listings import Listing
from experts.models import Expert
from tests.bookings.test_booking import nine, propose, request
from tests.factories import make_booking, make_expert, make_inquiry, make_offer, make_service, make_user

pytestmark = pytest.mark.django_db

GONE = {
    "account of Rosa Traveler is closed": lambda: User.objects.filter(name="Rosa Traveler").update(
        is_active=False
    ),
    "profile of Mei Tanaka is closed": lambda: User.objects.filter(name="Mei Tanaka").update(is_active=False),
    "profile of Mei Tanaka is suspended": lambda: Expert.objects.update(status="suspended"),
    "Mei Tanaka is closed: nothing": lambda: Expert.objects.update(status="closed"),
}


@pytest.fixture
def service():
    return make_service(make_expert(name="Mei Tanaka"), notice_hours=0)


@pytest.fixture
def rosa():
    return make_user("Rosa Traveler")


def refused(said, act, **given):
    GONE[said]()
    with pytest.raises(DomainError, match=said):
        act(**given)


@pytest.mark.parametrize("said", GONE)
def test_no_request(service, rosa, said):
    refused(said, lambda: request(service, rosa))
    assert not Booking.objects.exists()


@pytest.mark.parametrize("said", [said for said in GONE if "suspended" not in said])
@pytest.mark.parametrize("side", ["traveler", "expert"])
def test_no_offer_is_accepted(service, rosa, said, side):
    offer = make_offer(make_inquiry(service.expert, rosa), side)
    by = offer.inquiry.person("expert" if side == "traveler" else "traveler")
    GONE[said]()
    with pytest.raises(DomainError, match="is closed"):
        offers.accept(offer=offer, by=by)
    assert (Offer.objects.get().state, Booking.objects.count()) == ("offered", 0)


def test_no_offer_of_a_suspended_expert_is_accepted(service, rosa):
    offer = make_offer(make_inquiry(service.expert, rosa))
    Expert.objects.update(status="suspended")
    with pytest.raises(DomainError, match="profile is suspended"):
        offers.accept(offer=offer, by=rosa)
    assert not Booking.objects.exists()


def test_who_only_pauses_keeps_the_word_given_in_an_offer(service, rosa):
    offer = make_offer(make_inquiry(service.expert, rosa))
    Expert.objects.update(status="paused")
    offers.accept(offer=offer, by=rosa)
    assert Booking.objects.get().state == "confirmed"


@pytest.mark.parametrize("said", GONE)
@pytest.mark.parametrize(("state", "to"), [("requested", "held"), ("held", "confirmed")])
def test_no_request_is_taken_further(service, rosa, said, state, to):
    made = make_booking(service.expert, rosa, state=state)
    by = rosa if to == "confirmed" else service.expert.user
    refused(said, booking.move, booking=made, to=to, by=by)
    assert Booking.objects.get().state == state


@pytest.mark.parametrize("said", GONE)
def test_no_other_time_is_proposed_or_accepted(service, rosa, said):
    made = make_booking(service.expert, rosa, state="confirmed")
    proposal = propose(made, rosa, nine(90))
    refused(said, rescheduling.accept, proposal=proposal, by=service.expert.user)
    assert Proposal.objects.get().state == "open"
    rescheduling.withdraw(proposal=proposal, by=rosa)
    with pytest.raises(DomainError, match=said):
        propose(made, rosa, nine(91))


@pytest.mark.parametrize("said", GONE)
def test_what_was_agreed_can_still_be_ended(service, rosa, said):
    made = make_booking(service.expert, rosa, state="confirmed")
    GONE[said]()
    assert booking.move(made, "cancelled", by=rosa).state == "cancelled"


def test_the_page_says_so_before_there_is_a_button(client, service, rosa):
    client.force_login(rosa)
    User.objects.filter(pk=service.expert.user_id).update(is_active=False)
    day = {"day": nine().date().isoformat(), "time": "09:00", "people": 1}
    page = client.get(reverse("bookings:book", args=[service.expert.slug, service.pk]), day).text
    assert "profile of Mei Tanaka is closed" in page
    assert 'name="key"' not in page


def test_a_completed_booking_moves_its_expert_up_in_the_listing(service, rosa):
    made = make_booking(service.expert, rosa, state="confirmed", period=(nine(-3), nine(-2)))
    before = Listing.objects.get().standing
    booking.move(made, "completed", by=service.expert.user)
    assert Listing.objects.get().standing == before + 4

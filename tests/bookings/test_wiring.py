"""Threads, calendars and bookings agree with each other."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import audit
from accounts.errors import DomainError
from bookings import availability, cancellation, offers
from bookings.models import Booking, Inquiry, Offer
from experts import calendar
from experts.models import Service
from tests.factories import make_booking, make_expert, make_inquiry, make_offer, make_service, make_user

pytestmark = pytest.mark.django_db


def test_an_accepted_offer_is_a_confirmed_booking_with_its_price_and_times():
    offer = make_offer(make_inquiry())
    offers.accept(offer=offer, by=offer.inquiry.traveler)
    offers.accept(offer=offer, by=offer.inquiry.traveler)  # a double click
    booking = Booking.objects.get()
    assert (booking.state, booking.price, booking.currency) == ("confirmed", offer.price, offer.currency)
    assert (booking.period.lower, booking.period.upper) == (offer.start, offer.end)
    assert (booking.traveler, booking.expert) == (offer.inquiry.traveler, offer.inquiry.expert)
    offer.refresh_from_db()
    assert offer.booking == booking


def test_what_a_traveler_offered_is_booked_when_the_expert_accepts():
    offer = make_offer(make_inquiry(), "traveler")
    offers.accept(offer=offer, by=offer.inquiry.expert.user)
    booking = Booking.objects.get()
    assert booking.traveler == offer.inquiry.traveler
    confirmed = audit.history(booking).get(action="booking.confirmed")
    assert (confirmed.actor, confirmed.detail["side"]) == (offer.inquiry.expert.user, "expert")


def test_a_booking_is_called_what_was_offered():
    offer = make_offer(make_inquiry(), title="Lanterns by boat", service=None)
    offers.accept(offer=offer, by=offer.inquiry.traveler)
    assert Booking.objects.get().title == "Lanterns by boat"


def test_the_terms_that_were_read_are_those_of_the_booking():
    service = make_service(make_expert(), cancellation_policy="strict")
    inquiry = make_inquiry(service.expert)
    offer = make_offer(inquiry, service=service, policy="flexible")
    offers.accept(offer=offer, by=inquiry.traveler)
    assert Booking.objects.get().cancellation == cancellation.snapshot("flexible")


def test_a_booking_keeps_its_name_when_the_service_is_renamed(client):
    service = make_service(make_expert(), title="Dawn walk")
    booking = make_booking(service.expert, service=service)
    Service.objects.update(title="Dusk walk")
    client.force_login(booking.traveler)
    assert "Dawn walk" in client.get(booking.get_absolute_url()).content.decode()


def test_a_time_is_sold_once_and_the_other_offer_stays_open():
    expert = make_expert()
    first, second = (make_offer(make_inquiry(expert, make_user())) for _ in range(2))
    offers.accept(offer=first, by=first.inquiry.traveler)
    with pytest.raises(DomainError, match="just taken"):
        offers.accept(offer=second, by=second.inquiry.traveler)
    second.refresh_from_db()
    assert (second.state, Booking.objects.count()) == (Offer.State.OFFERED, 1)


def test_the_calendar_says_what_is_booked():
    offer = make_offer(make_inquiry())
    expert = offer.inquiry.expert
    assert calendar.closed_because(expert, offer.start, offer.end) is None
    offers.accept(offer=offer, by=offer.inquiry.traveler)
    reason = calendar.closed_because(expert, offer.start, offer.end)
    assert reason
    assert reason.kind == calendar.Kind.BOOKED


def test_contact_details_are_shown_from_the_booking_on():
    offer = make_offer(make_inquiry())
    before, _ = acquainted(offer), offers.accept(offer=offer, by=offer.inquiry.traveler)
    assert (before, acquainted(offer)) == (False, True)


def acquainted(offer):
    found: Any = Inquiry.objects.for_thread().get(pk=offer.inquiry_id)
    return found.acquainted


def test_hours_that_the_expert_blocked_are_refused_on_request():
    expert = make_expert()
    start = timezone.now() + timedelta(days=40)
    day = start.date()
    expert.calendar_exceptions.create(
        kind="blocked", days=(day - timedelta(days=1), day + timedelta(days=2)), opens=0, closes=1440
    )
    assert availability.closed(expert, None, start, start + timedelta(hours=2))

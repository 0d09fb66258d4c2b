"""Open offers whose hours are booked meanwhile, and offers for more people than a service usually takes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.errors import DomainError
from bookings import offers
from bookings.booking import move
from bookings.models import Booking, Departure, Offer
from tests.factories import make_booking, make_expert, make_inquiry, make_market, make_offer, make_service

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
GONE = "No longer free: these hours were booked."
UNUSUAL = "More people than this service usually takes (6)."


@pytest.fixture
def inquiry():
    return make_inquiry(make_expert(make_market("Kyoto"), name="Mei Tanaka"))


def at(hours=0):
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=30, hours=hours)


def page(client, inquiry):
    return client.get(inquiry.get_absolute_url()).content.decode()


def address(name, offer):
    return reverse(f"inquiries:{name}", args=[offer.pk])


def can(shown, offer):
    """What the page lets its reader do with the offer."""
    return [name for name in ("accept", "counter", "withdraw") if address(name, offer) in shown]


def test_of_two_offers_for_the_same_hours_one_is_accepted(inquiry, rosa, mei):
    first, second = make_offer(inquiry, start=at()), make_offer(inquiry, start=at(2))
    apart = make_offer(inquiry, start=at(6))
    assert can(page(rosa, inquiry), second) == ["accept", "counter"]
    rosa.post(address("accept", first))
    shown = page(rosa, inquiry)
    assert shown.count(GONE) == 1
    assert [can(shown, offer) for offer in (first, second, apart)] == [[], ["counter"], ["accept", "counter"]]
    seen_by_mei = page(mei, inquiry)
    assert (seen_by_mei.count(GONE), can(seen_by_mei, second)) == (1, ["withdraw"])


@pytest.mark.parametrize("side", ["expert", "traveler"])
def test_hours_that_anybody_booked_are_free_no_longer_and_free_again_after_it(inquiry, rosa, mei, side):
    offer = make_offer(inquiry, side, start=at())
    reader = rosa if side == "expert" else mei
    booked = make_booking(inquiry.expert, state="confirmed", period=(at(1), at(5)))
    shown = page(reader, inquiry)
    assert (GONE in shown, can(shown, offer)) == (True, ["counter"])
    move(booked, "cancelled", by=booked.traveler)
    assert can(page(reader, inquiry), offer) == ["accept", "counter"]


def test_what_lies_beside_it_or_with_another_expert_takes_nothing(inquiry, rosa):
    offer = make_offer(inquiry, start=at())
    make_booking(inquiry.expert, state="confirmed", period=(at(3), at(5)))
    make_booking(make_expert(), state="confirmed", period=(at(), at(5)))
    assert can(page(rosa, inquiry), offer) == ["accept", "counter"]


def test_a_service_needs_its_time_around_it(inquiry, rosa):
    service = make_service(inquiry.expert, buffer_minutes=60)
    offer = make_offer(inquiry, start=at(), service=service)
    make_booking(inquiry.expert, state="confirmed", period=(at(3), at(5)))
    assert can(page(rosa, inquiry), offer) == ["counter"]


def test_days_that_the_expert_took_off_are_no_matter_to_their_own_offer(inquiry, rosa):
    offer = make_offer(inquiry, start=at())
    day = at().date()
    inquiry.expert.unavailable.create(days=(day - timedelta(days=1), day + timedelta(days=2)))
    assert can(page(rosa, inquiry), offer) == ["accept", "counter"]
    rosa.post(address("accept", offer))
    assert Booking.objects.get().state == "confirmed"


def test_the_page_to_accept_it_says_so_in_place_of_its_button(inquiry, rosa):
    offer = make_offer(inquiry, start=at())
    make_booking(inquiry.expert, state="confirmed", period=(at(1), at(5)))
    for answer in (rosa.get(address("accept", offer)), rosa.post(address("accept", offer))):
        shown = answer.content.decode()
        assert (GONE in shown, "Accept for" in shown, address("counter", offer) in shown) == (
            True,
            False,
            True,
        )
    assert Offer.objects.get().state == "offered"


def test_it_can_be_answered_with_another_time(inquiry, rosa):
    offer = make_offer(inquiry, start=at())
    make_booking(inquiry.expert, state="confirmed", period=(at(1), at(5)))
    assert rosa.post(address("counter", offer), answers(start=at(9))).status_code == 302
    assert list(Offer.objects.order_by("pk").values_list("state", flat=True)) == ["countered", "offered"]


def answers(start=None, **changed):
    local = (start or at()).astimezone(timezone.get_fixed_timezone(9 * 60))
    wall = "%Y-%m-%dT%H:%M"
    return {
        "title": "Temple walk",
        "people": "2",
        "price": "240",
        "currency": "USD",
        "start": local.strftime(wall),
        "end": (local + 3 * HOUR).strftime(wall),
        "open_days": "3",
        "key": str(uuid4()),
    } | changed


@pytest.mark.parametrize("size", [1, 5])
def test_a_thread_costs_the_same_with_one_and_with_five_of_them(
    inquiry, rosa, size, django_assert_max_num_queries
):
    for _ in range(size):
        make_offer(inquiry, start=at(), service=make_service(inquiry.expert))
    make_booking(inquiry.expert, state="confirmed", period=(at(1), at(5)))
    page(rosa, inquiry)
    with django_assert_max_num_queries(6):
        assert page(rosa, inquiry).count(GONE) == size


# How many come


def test_more_people_than_usual_are_offered_on_a_second_click(inquiry, mei, rosa):
    service = make_service(inquiry.expert, group_size_max=6)
    url = reverse("inquiries:offer", args=[inquiry.pk])
    typed = answers(service=service.pk, people="12", note="All of you!")
    asked = mei.post(url, typed)
    assert (asked.status_code, Offer.objects.count()) == (200, 0)
    shown = asked.content.decode()
    assert UNUSUAL in shown
    assert "All of you!" in shown
    assert mei.post(url, typed | {"seen": f"{service.pk}-7"}).status_code == 200  # of another group
    assert mei.post(url, typed | {"seen": asked.context["form"].mark}).status_code == 302
    offer = Offer.objects.get()
    assert (offer.people, UNUSUAL in page(rosa, inquiry), UNUSUAL in page(mei, inquiry)) == (12, True, True)
    assert UNUSUAL in rosa.get(address("accept", offer)).content.decode()
    rosa.post(address("accept", offer))
    assert Booking.objects.get().people == 12


@pytest.mark.parametrize("fields", [{"people": "6"}, {"people": "12", "service": ""}])
def test_usual_groups_and_free_text_are_sent_at_once(inquiry, mei, rosa, fields):
    service = make_service(inquiry.expert, group_size_max=6)
    url = reverse("inquiries:offer", args=[inquiry.pk])
    assert mei.post(url, answers(service=service.pk) | fields).status_code == 302
    assert UNUSUAL not in page(rosa, inquiry)


def test_of_a_shared_service_nobody_offers_more_than_its_seats(inquiry, mei):
    service = make_service(inquiry.expert, group_size_max=6, shared=True)
    url = reverse("inquiries:offer", args=[inquiry.pk])
    refused = mei.post(url, answers(service=service.pk, people="7"))
    assert refused.context["form"].errors == {"people": ["Each start of this service has 6 seats."]}
    with pytest.raises(DomainError, match="6 seats"):
        make_offer(inquiry, service=service, people=7)
    assert not Offer.objects.exists()


def test_seats_are_counted_over_offers(inquiry, rosa):
    service = make_service(inquiry.expert, group_size_max=6, shared=True)
    two, four, three = (
        make_offer(inquiry, start=at(), service=service, people=people) for people in (2, 4, 3)
    )
    offers.accept(offer=two, by=inquiry.traveler)
    assert can(page(rosa, inquiry), four) == ["accept", "counter"]
    offers.accept(offer=four, by=inquiry.traveler)
    shown = page(rosa, inquiry)
    assert (can(shown, three), "This departure is full." in shown) == (["counter"], True)
    assert Departure.objects.get().seats_taken == 6

"""Every page of the marketplace, as each of its two sides sees it: nothing that axe finds, nothing too wide.

SHOTS=folder leaves a picture of each in all four looks.
"""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from bookings import booking, disputes, rescheduling, threads
from bookings.periods import slot
from experts.apply_views import STEPS
from experts.models import Expert
from matching import runs, services
from tests.browser.chromium import faults
from tests.browser.pictures import shoot
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_market,
    make_message,
    make_offer,
    make_review,
    make_service,
    make_traveler_review,
    make_trip,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOUR = timedelta(hours=1)


def nine(days: int) -> datetime:
    return (timezone.now() + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def world():
    """Two people in the middle of everything."""
    kyoto = make_market("Kyoto")
    mei = make_expert(
        kyoto, name="Mei Tanaka", specialties={"street-food": 9, "day-hikes": 7}, bio="Tea and temples. " * 12
    )
    for number in range(3):
        make_review(make_expert(kyoto, name=f"Expert {number}", specialties={"day-hikes": 5}))
    rosa = make_user("Rosa Traveler", email="rosa@example.com")
    walk = make_service(mei, description="A slow walk through the old quarter. " * 4, notice_hours=0)
    group = make_service(mei, title="Tea for six", shared=True, group_size_max=6, notice_hours=0)
    for weekday in range(7):
        mei.weekly_hours.create(weekday=weekday, opens=540, closes=1080)
    mei.calendar_exceptions.create(
        kind="blocked", days=(date(2090, 1, 2), date(2090, 1, 4)), opens=540, closes=720, note="Family"
    )
    trip = make_trip(kyoto, traveler=rosa, interests=["day-hikes"], brief="Quiet gardens, please.")
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    inquiry = make_inquiry(mei, rosa, trip=trip, message="Do you know a quiet garden?")
    make_message(inquiry, "expert")
    offer = make_offer(inquiry)
    threads.send(
        inquiry=inquiry,
        by=rosa,
        body="Here is our plan. Call me at +81 90 1234 5678!",
        key=uuid4(),
        files=[SimpleUploadedFile("plan.txt", b"Gardens first.")],
    )
    to_come = make_booking(
        mei, rosa, trip=trip, state="held", service=walk, period=(nine(40), nine(40) + 3 * HOUR)
    )
    booking.move(to_come, "confirmed", by=rosa)
    rescheduling.propose(
        booking=to_come,
        by=mei.user,
        slot=slot(nine(41), nine(41) + 3 * HOUR, "Asia/Tokyo"),
        key="later",
        reason="It will rain.",
    )
    asked = make_booking(mei, rosa, state="requested", service=walk, period=(nine(50), nine(50) + 3 * HOUR))
    declined = make_booking(mei, rosa, trip=trip, state="requested", period=(nine(60), nine(60) + 3 * HOUR))
    booking.move(declined, "declined", by=mei.user, reason="I am away that week.")
    done = make_booking(mei, rosa, state="completed", period=(nine(-5), nine(-5) + 3 * HOUR))
    make_review(mei, booking=done, text="She showed us gardens that nobody knows.")
    make_traveler_review(mei, booking=done)
    disputes.open_dispute(
        booking=done, by=rosa, reason="not_agreed", text="We had two hours in place of six."
    )
    return {
        "mei": mei,
        "rosa": rosa,
        "trip": trip,
        "walk": walk,
        "group": group,
        "inquiry": inquiry,
        "offer": offer,
        "bookings": {"to_come": to_come, "asked": asked, "declined": declined, "done": done},
    }


def both(world):
    thread = [world["inquiry"].pk]
    pages = {f"booking_{name}": one.get_absolute_url() for name, one in world["bookings"].items()}
    done = [world["bookings"]["done"].pk]
    return pages | {
        "inbox": reverse("inquiries:inbox"),
        "thread": reverse("inquiries:thread", args=thread),
        "make_offer": reverse("inquiries:offer", args=thread),
        "report": reverse("inquiries:report", args=thread),
        "bookings": reverse("bookings:list"),
        "review": reverse("bookings:review", args=done),
        "dispute": reverse("bookings:dispute", args=[world["bookings"]["to_come"].pk]),
        "reviews": reverse("bookings:reviews"),
        "notices": reverse("notices:list"),
        "choices": reverse("notices:preferences"),
        "data": reverse("account_data"),
    }


def of_traveler(world):
    mei, walk = world["mei"], world["walk"]
    day: dict[str, str | int] = {"day": nine(45).date().isoformat(), "time": "10:00", "people": 2}
    slugs = list(Expert.objects.values_list("slug", flat=True)[:3])
    return both(world) | {
        "browse": reverse("experts:browse"),
        "browse_filtered": reverse("experts:browse") + "?specialty=day-hikes&sort=rating",
        "city": reverse("experts:city", args=[mei.market.slug]),
        "compare": f"{reverse('experts:compare')}?{urlencode({'e': slugs}, doseq=True)}",
        "favourites": reverse("experts:favourites"),
        "profile": mei.get_absolute_url(),
        "public_calendar": reverse("experts:calendar", args=[mei.slug]),
        "offered": reverse("bookings:offered", args=[mei.slug]),
        "book": reverse("bookings:book", args=[mei.slug, walk.pk]),
        "book_preview": reverse("bookings:book", args=[mei.slug, walk.pk]) + f"?{urlencode(day)}",
        "book_group": reverse("bookings:book", args=[mei.slug, world["group"].pk]),
        "accept": reverse("inquiries:accept", args=[world["offer"].pk]),
        "counter": reverse("inquiries:counter", args=[world["offer"].pk]),
        "results": reverse("matching:results", args=[world["trip"].pk]),
    }


def of_expert(world):
    return both(world) | {
        "dashboard": reverse("bookings:dashboard"),
        "bookings_as_expert": reverse("bookings:list") + "?as=expert",
        "edit": reverse("experts:edit"),
        "preview": reverse("experts:preview"),
        "photos": reverse("experts:photos"),
        "services": reverse("experts:services"),
        "service": reverse("experts:service_edit", args=[world["walk"].pk]),
        "pause": reverse("experts:pause"),
        "calendar": reverse("experts:calendar_month"),
        "calendar_day": reverse("experts:calendar_day", args=[nine(40).date()]),
        "hours": reverse("experts:calendar_hours"),
        "exceptions": reverse("experts:calendar_exceptions"),
        "import": reverse("experts:calendar_import"),
    }


def look_at(page, side, pages):
    found = []
    for name, url in pages.items():
        response = page.goto(url)
        assert response.status == 200, (name, url, response.status)
        shoot(page, f"{side}-{name}")
        found += [f"{name}: {fault}" for fault in faults(page)]
    return found


def test_the_travelers_pages_are_sound(page, sign_in, world):
    sign_in(world["rosa"])
    assert look_at(page, "traveler", of_traveler(world)) == []


def test_the_experts_pages_are_sound(page, sign_in, world):
    sign_in(world["mei"].user)
    assert look_at(page, "expert", of_expert(world)) == []


def test_the_pages_of_who_applies_are_sound(page, sign_in):
    sign_in(make_expert(status="draft").user)
    pages = {step: reverse("experts:apply_step", args=[step]) for step in STEPS}
    assert look_at(page, "applicant", {"apply": reverse("experts:apply")} | pages) == []

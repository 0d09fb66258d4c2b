"""The pages of bookings, as the two people see them, and as nobody else does."""

import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from psycopg.types.range import DateRange

from bookings import booking, rescheduling
from bookings.models import Block, Booking, Proposal
from bookings.periods import slot
from experts.models import Expert, Service
from markets.formats import day_range
from matching import alternatives
from matching.services import request_match
from tests.factories import (
    make_booking,
    make_expert,
    make_market,
    make_review,
    make_service,
    make_trip,
    make_user,
)
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

TOKYO = ZoneInfo("Asia/Tokyo")
HOUR = timedelta(hours=1)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def nine(days=30):
    return datetime.combine(timezone.now().astimezone(TOKYO).date() + timedelta(days=days), time(9), TOKYO)


@pytest.fixture
def expert():
    return make_expert(make_market("Kyoto"), name="Mei Tanaka")


@pytest.fixture
def service(expert):
    return make_service(expert, title="Temple walk", notice_hours=0)


@pytest.fixture
def traveler(client):
    user = make_user("Rosa Traveler", time_zone="Europe/Berlin")
    client.force_login(user)
    return user


def page(service, **query):
    return reverse("bookings:book", args=[service.expert.slug, service.pk], query=query)


def when(days=30):
    return {"day": nine(days).date().isoformat(), "time": "09:00", "people": 2}


def text(response):
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split()))


def agreed(client, service, **query):
    """What the button of the page would send."""
    html = client.get(page(service, **when() | query)).content.decode()
    found = dict(HIDDEN.findall(html))
    found.pop("csrfmiddlewaretoken", None)
    return found


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def test_what_is_agreed_stands_on_the_page_before_the_button_and_is_what_is_booked(client, traveler, service):
    said = text(client.get(page(service, **when())))
    assert "Tokyo time" in said
    assert "On your clock:" in said
    assert "Berlin time" in said
    assert "$90" in said
    assert "$45 comes back (50 %)" in said
    response = client.post(page(service), agreed(client, service))
    made = Booking.objects.get()
    assert response.url == made.get_absolute_url()
    assert (made.traveler, made.period.lower, made.price, made.people) == (traveler, nine(), 90, 2)
    assert made.cancellation["policy"] == "moderate"


def test_a_double_click_is_one_booking(client, traveler, service):
    answers = agreed(client, service)
    urls = {client.post(page(service), answers).url for _ in range(2)}
    assert len(urls) == Booking.objects.count() == 1


def test_the_same_form_with_another_day_is_refused(client, traveler, service):
    answers = agreed(client, service)
    client.post(page(service), answers)
    response = client.post(page(service), answers | {"day": nine(40).date().isoformat()})
    assert response.status_code == 409
    assert "sent before with other answers" in text(response)
    assert Booking.objects.count() == 1


def test_the_loser_gets_a_clear_message_and_links_that_work(client, traveler, service):
    answers = agreed(client, service)
    make_booking(service.expert, state="confirmed", period=(nine(), nine() + 3 * HOUR))
    response = client.post(page(service), answers)
    assert response.status_code == 409
    assert "just taken. Nothing was booked." in text(response)
    choices = response.context["choices"]
    assert len(choices) == 3
    for choice in choices:
        assert "What you agree to" in text(client.get(choice["url"]))


def test_who_only_looks_at_a_taken_time_came_too_late_for_nothing(client, traveler, service):
    make_booking(service.expert, state="confirmed", period=(nine(), nine() + 3 * HOUR))
    said = text(client.get(page(service, **when())))
    assert "This time is taken." in said
    assert "Nothing was booked" not in said


def test_who_looks_at_a_time_of_their_own_is_led_to_it(client, traveler, service):
    client.post(page(service), agreed(client, service))
    response = client.get(page(service, **when()))
    assert "You have booked this time yourself." in text(response)
    assert f'<a href="{Booking.objects.get().get_absolute_url()}">' in response.content.decode()


@pytest.mark.parametrize("sent", [False, True])
def test_who_is_away_is_away_by_days_and_free_again_after_them(
    client, traveler, service, sent, django_assert_max_num_queries
):
    answers = agreed(client, service)
    first = nine().date()
    service.expert.unavailable.create(days=DateRange(first, first + timedelta(days=7)))
    if sent:
        response = client.post(page(service), answers)
    else:
        with django_assert_max_num_queries(8):
            response = client.get(page(service, **when()))
    days = " ".join(day_range(first, first + timedelta(days=6)).split())
    assert f"{service.expert.name} is away: {days}" in text(response)
    assert "12:00 AM" not in text(response)
    choices = response.context["choices"]
    assert [one["start"].astimezone(TOKYO).date() for one in choices] == [
        first + timedelta(days=number) for number in (7, 8, 9)
    ]
    assert "What you agree to" in text(client.get(choices[0]["url"]))


def test_outside_the_hours_other_hours_are_offered(client, traveler, service, django_assert_max_num_queries):
    for weekday in range(7):
        service.expert.weekly_hours.create(weekday=weekday, opens=15 * 60, closes=18 * 60)
    with django_assert_max_num_queries(8):
        response = client.get(page(service, **when()))
    assert "Outside the hours of" in text(response)
    found = [one["start"].astimezone(TOKYO) for one in response.context["choices"]]
    assert [(one.date(), one.time()) for one in found] == [
        (nine(30 + number).date(), time(15)) for number in range(3)
    ]
    for choice in response.context["choices"]:
        assert "What you agree to" in text(client.get(choice["url"]))


def test_too_soon_the_first_days_that_are_not_are_offered(client, traveler, service):
    service.notice_hours = 24 * 75
    service.save()
    response = client.get(page(service, **when()))
    assert "Too soon" in text(response)
    soonest = timezone.now() + timedelta(hours=service.notice_hours)
    first = next(number for number in range(70, 80) if nine(number) >= soonest)
    assert [one["start"] for one in response.context["choices"]] == [nine(first + more) for more in range(3)]


def test_nobody_books_further_ahead_than_experts_plan(client, traveler, service):
    far = {"day": nine(366 * 3 + 10).date().isoformat()}
    assert "That is too far ahead" in text(client.get(page(service, **when() | far)))
    response = client.post(page(service), agreed(client, service) | far)
    assert (response.status_code, Booking.objects.count()) == (422, 0)


@pytest.mark.parametrize("blocker", ["expert", "traveler"])
def test_who_is_blocked_books_nothing(client, traveler, service, blocker):
    answers = agreed(client, service)
    pair = (service.expert.user, traveler) if blocker == "expert" else (traveler, service.expert.user)
    Block.objects.create(by=pair[0], whom=pair[1])
    looked, sent = client.get(page(service, **when())), client.post(page(service), answers)
    for response in (looked, sent):
        assert "can’t write to each other" in text(response)
        assert "What you agree to" not in text(response)
    assert (sent.status_code, Booking.objects.count()) == (422, 0)


def test_ones_own_service_has_no_button(client, service):
    client.force_login(service.expert.user)
    said = text(client.get(page(service, **when())))
    assert "You can't book yourself." in said
    assert "What you agree to" not in said


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-05", "0001-01-01", "2200-01-01", "1999-12-31"])
def test_a_day_that_no_calendar_reaches_is_no_day(client, traveler, service, day):
    for duration in ({}, {"duration_days": 2, "duration_hours": None}):
        Service.objects.update(**duration)
        response = client.get(page(service, **when() | {"day": day}))
        assert "Write a day like" in text(response)
    booked = make_booking(
        service.expert, traveler=traveler, state="confirmed", period=(nine(), nine() + HOUR)
    )
    moved = {"day": day, "time": "09:00", "key": "one"}
    response = client.post(reverse("bookings:propose", args=[booked.pk]), moved)
    assert (response.status_code, "Write a day like" in text(response)) == (422, True)


def test_programs_are_answered_in_json(client, traveler, service):
    answers, headers = agreed(client, service), {"accept": "application/json"}
    response = client.post(page(service), answers, headers=headers)
    made = Booking.objects.get()
    assert (response.status_code, response.json()) == (
        201,
        {"id": made.pk, "state": "requested", "url": made.get_absolute_url()},
    )
    response = client.post(page(service), answers | {"key": "another"}, headers=headers)
    assert (response.status_code, len(response.json()["next_free"])) == (409, 3)
    assert client.post(page(service), {}, headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": "1.00"}, "The price has changed meanwhile"),
        ({"policy": "flexible"}, "The cancellation terms have changed"),
        ({"people": "99"}, "groups of up to 6"),
        ({"people": "0"}, "greater than or equal to 1"),
        ({"day": "2020-01-01"}, "begun already"),
        ({"day": "soon"}, "Enter a valid date"),
        ({"key": ""}, "This field is required"),
    ],
)
def test_a_form_that_was_tampered_with_books_nothing(client, traveler, service, changes, said):
    response = client.post(page(service), agreed(client, service) | changes)
    assert response.status_code == 422
    assert said in text(response)
    assert not Booking.objects.exists()


def test_a_time_that_cannot_be_had_shows_no_button(client, traveler, service):
    for query in (when(-1), when() | {"people": 7}):
        response = client.get(page(service, **query))
        assert "hidden" not in response.context
        assert response.context["form"].non_field_errors()


def test_somebody_elses_trip_cannot_be_named(client, traveler, service):
    trip = make_trip(traveler=make_user())
    response = client.get(page(service, **when() | {"trip": trip.pk}))
    assert response.context["form"].errors["trip"]


def test_a_trip_fills_the_form(client, traveler, service):
    trip = make_trip(service.expert.market, traveler=traveler, adults=3)
    form = client.get(page(service, trip=trip.pk)).context["form"]
    assert (form["day"].value(), form["people"].value()) == (trip.start, 3)


@pytest.mark.parametrize("status", ["draft", "suspended"])
def test_nothing_of_a_hidden_expert_can_be_booked(client, traveler, service, status):
    Expert.objects.update(status=status)
    assert client.get(page(service)).status_code == 404
    assert client.get(reverse("bookings:offered", args=[service.expert.slug])).status_code == 404


def test_a_paused_expert_is_named_as_such(client, traveler, service):
    Expert.objects.update(accepting_clients=False)
    assert "hidden" not in (client.get(page(service, **when())).context or {})


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(client, service):
    response = client.get(page(service, **when()))
    assert response.url.startswith(reverse("account_login"))
    assert "time%3D09" in response.url


def test_what_can_be_booked_is_listed_with_the_trip(client, traveler, service):
    trip = make_trip(traveler=traveler)
    make_service(service.expert, title="Old tour", is_active=False)
    html = client.get(
        reverse("bookings:offered", args=[service.expert.slug], query={"trip": trip.pk})
    ).content.decode()
    assert page(service, trip=trip.pk) in html
    assert "Old tour" not in html


# One booking


@pytest.fixture
def confirmed(expert, traveler):
    return make_booking(expert, traveler, state="confirmed", period=(nine(), nine() + 3 * HOUR))


def move_url(booked):
    return reverse("bookings:move", args=[booked.pk])


def test_nobody_else_finds_a_booking(client, confirmed):
    proposal = rescheduling.propose(
        booking=confirmed,
        by=confirmed.traveler,
        slot=slot(nine(33), nine(33) + 3 * HOUR, "Asia/Tokyo"),
        key="one",
    )
    answer = reverse("bookings:answer", args=[confirmed.pk, proposal.pk])
    for stranger in (make_user(), make_expert().user, make_user(is_staff=True)):
        other = as_user(stranger)
        assert other.get(confirmed.get_absolute_url()).status_code == 404
        assert other.post(move_url(confirmed), {"to": "cancelled"}).status_code == 404
        assert other.post(reverse("bookings:propose", args=[confirmed.pk]), {}).status_code == 404
        assert other.post(answer, {"answer": "accept"}).status_code == 404
        assert other.get(reverse("bookings:list")).context["rows"] == []
    login = Client().get(confirmed.get_absolute_url()).headers["Location"]
    assert login.startswith(reverse("account_login"))


def test_a_proposal_of_another_booking_is_not_found(client, confirmed, expert):
    other = make_booking(expert, state="confirmed")
    proposal = Proposal.objects.create(
        booking=other, by=other.traveler, period=other.period, expires_at=timezone.now() + HOUR
    )
    url = reverse("bookings:answer", args=[confirmed.pk, proposal.pk])
    assert client.post(url, {"answer": "accept"}).status_code == 404


def test_whoever_is_signed_out_meanwhile_comes_back_to_the_page_with_their_words(client, confirmed):
    pages = {name: reverse(f"bookings:{name}", args=[confirmed.pk]) for name in ("move", "propose", "talk")}
    client.logout()
    typed = {
        "move": {"to": "cancelled", "reason": "A strike of the ferries"},
        "propose": {"day": nine(44).date().isoformat(), "time": "11:15", "reason": "A later ferry"},
        "talk": {},
    }
    for name, answers in typed.items():
        back = client.post(pages[name], answers).url
        assert back.endswith(f"?next={confirmed.get_absolute_url()}")
    client.force_login(confirmed.traveler)
    html = client.get(confirmed.get_absolute_url()).content.decode()
    assert "A strike of the ferries</textarea>" in html
    assert "A later ferry</textarea>" in html
    assert nine(44).date().isoformat() in html
    assert "11:15" in html
    client.post(pages["move"], typed["move"])
    assert (
        "A strike of the ferries</textarea>" not in client.get(confirmed.get_absolute_url()).content.decode()
    )


def test_an_answer_after_the_session_ended_comes_back_to_the_page(client, confirmed):
    client.logout()
    answer = client.post(reverse("bookings:answer", args=[confirmed.pk, 1]), {"answer": "accept"})
    assert answer.url.endswith(f"?next={confirmed.get_absolute_url()}")


def test_what_was_chosen_when_the_session_had_ended_is_in_the_form_again(client, service):
    client.post(page(service), when(33) | {"time": "10:45", "people": 3})
    client.force_login(make_user())
    form = client.get(page(service)).context["form"]
    assert (form["day"].value(), form["time"].value(), form["people"].value()) == (
        nine(33).date().isoformat(),
        "10:45",
        "3",
    )


def test_each_side_sees_its_own_buttons_with_what_follows(client, confirmed):
    said = text(client.get(confirmed.get_absolute_url()))
    assert "All of it, $200, comes back to you." in said
    assert "Our commission" not in said
    said = text(as_user(confirmed.expert.user).get(confirmed.get_absolute_url()))
    assert "All of it, $200, comes back to Rosa Traveler, who sees other experts." in said
    assert "Our commission" in said


def test_cancelling_gives_back_what_the_page_said(client, confirmed):
    html = client.get(confirmed.get_absolute_url()).content.decode()
    refund = dict(HIDDEN.findall(html))["refund"]
    response = client.post(move_url(confirmed), {"to": "cancelled", "refund": refund}, follow=True)
    assert "Comes back $200" in text(response)
    assert Booking.objects.get().refund == 200


def test_a_promise_that_no_longer_holds_moves_nothing(client, confirmed):
    period = (nine(3), nine(3) + 3 * HOUR)
    Booking.objects.update(period=period, occupied=period, start=nine(3).date(), end=nine(3).date())
    response = client.post(move_url(confirmed), {"to": "cancelled", "refund": "200.00"})
    assert response.status_code == 409
    assert "What comes back has changed" in text(response)
    assert "$100 comes back to you, $100 does not." in text(response)
    assert Booking.objects.get().state == "confirmed"


@pytest.mark.parametrize("to", ["completed", "held", "requested", "nonsense", "", "expired", "declined"])
def test_an_illegal_move_is_named_and_what_was_typed_stays(client, confirmed, to):
    response = client.post(move_url(confirmed), {"to": to, "reason": "My own words"})
    assert response.status_code == 409
    assert response.context["refused"]
    assert Booking.objects.get().state == "confirmed"


def test_an_expert_without_a_reason_is_asked_for_one(confirmed):
    response = as_user(confirmed.expert.user).post(move_url(confirmed), {"to": "cancelled"})
    assert "Say why" in text(response)


def test_the_whole_way_from_request_to_confirmation(client, traveler, service):
    client.post(page(service), agreed(client, service))
    booked = Booking.objects.get()
    expert = as_user(service.expert.user)
    said = text(expert.get(booked.get_absolute_url()))
    assert "The expert can answer until" in said
    expert.post(move_url(booked), {"to": "held"})
    assert "The time is kept until" in text(client.get(booked.get_absolute_url()))
    response = client.post(move_url(booked), {"to": "confirmed"}, follow=True)
    assert "Rosa Traveler confirmed it" in text(response)
    assert "Mei Tanaka accepted it" in text(response)


def test_another_time_is_proposed_and_accepted_on_the_page(client, confirmed):
    key = client.get(confirmed.get_absolute_url()).context["proposal_form"]["key"].value()
    answers = {"day": nine(33).date().isoformat(), "time": "10:30", "reason": "A later train", "key": key}
    client.post(reverse("bookings:propose", args=[confirmed.pk]), answers)
    expert = as_user(confirmed.expert.user)
    assert "A later train" in text(expert.get(confirmed.get_absolute_url()))
    url = reverse("bookings:answer", args=[confirmed.pk, Proposal.objects.get().pk])
    assert expert.post(url, {"answer": "accept"}).url == confirmed.get_absolute_url()
    assert Booking.objects.get().period.lower == nine(33) + 1.5 * HOUR


def test_a_proposed_time_that_is_taken_keeps_the_words_and_names_free_ones(client, confirmed, expert):
    make_booking(expert, state="confirmed", period=(nine(33), nine(33) + HOUR))
    answers = {"day": nine(33).date().isoformat(), "time": "09:00", "reason": "A later train", "key": "one"}
    response = client.post(reverse("bookings:propose", args=[confirmed.pk]), answers)
    assert response.status_code == 409
    assert "A later train" in response.content.decode()
    assert response.context["next_free"]
    assert not Proposal.objects.exists()


def test_what_the_clocks_skip_is_said(client, traveler):
    berlin = make_expert(make_market("Berlin", time_zone="Europe/Berlin"))
    service = make_service(berlin, notice_hours=0)
    response = client.get(page(service, day="2027-03-28", time="02:30", people=1))
    assert "skip 02:30 on that day" in text(response)


def test_a_completed_booking_leads_each_side_to_its_review(client, traveler, expert):
    booked = make_booking(expert, traveler)
    review = reverse("bookings:review", args=[booked.pk])
    for visitor in (client, as_user(expert.user)):
        assert f'href="{review}">Write a review' in visitor.get(booked.get_absolute_url()).content.decode()
    make_review(expert, booking=booked)
    assert f'href="{review}">Your review' in client.get(booked.get_absolute_url()).content.decode()
    assert "Write a review" in text(as_user(expert.user).get(booked.get_absolute_url()))


def test_no_other_booking_asks_for_a_review(client, confirmed):
    assert "Write a review" not in text(client.get(confirmed.get_absolute_url()))


# Lists and cost


def test_travelers_and_experts_have_their_own_lists(client, traveler, expert):
    mine = make_booking(expert, traveler, state="confirmed")
    theirs = make_booking(expert, make_user("Somebody Else"))
    assert [one for one, _ in client.get(reverse("bookings:list")).context["rows"]] == [mine]
    other = as_user(expert.user)
    assert other.get(reverse("bookings:list")).context["rows"] == []
    rows = other.get(reverse("bookings:list", query={"as": "expert"})).context["rows"]
    assert [one for one, _ in rows] == [theirs, mine]


@pytest.mark.parametrize("size", [1, 5])
def test_the_list_costs_the_same_however_long(client, traveler, expert, size, django_assert_num_queries):
    for _ in range(size):
        make_booking(expert, traveler, state="confirmed")
    with django_assert_num_queries(3):
        client.get(reverse("bookings:list"))


@pytest.mark.parametrize("size", [1, 5])
def test_a_booking_costs_the_same_whatever_has_happened(
    client, confirmed, expert, size, django_assert_num_queries
):
    for number in range(size):
        make_booking(expert, state="confirmed")
        proposal = rescheduling.propose(
            booking=confirmed,
            by=confirmed.traveler,
            slot=slot(nine(33 + number), nine(33 + number) + 3 * HOUR, "Asia/Tokyo"),
            key=f"{number}",
        )
        rescheduling.decline(proposal=proposal, by=expert.user)
    client.get(confirmed.get_absolute_url())  # takes its notices off the bell
    with django_assert_num_queries(6):
        client.get(confirmed.get_absolute_url())


@pytest.mark.parametrize("size", [0, 5])
def test_the_page_to_book_stays_within_its_queries(
    client, traveler, service, size, django_assert_max_num_queries
):
    for _ in range(size):
        make_booking(service.expert, state="confirmed")
        make_trip(traveler=traveler)
    with django_assert_max_num_queries(8):
        assert client.get(page(service, **when())).context["hidden"]


def test_the_page_of_a_taken_time_stays_within_its_queries(
    client, traveler, service, django_assert_max_num_queries
):
    make_booking(service.expert, state="confirmed", period=(nine(), nine() + 3 * HOUR))
    with django_assert_max_num_queries(8):
        assert len(client.get(page(service, **when())).context["choices"]) == 3


# Who else


@pytest.fixture
def ranked(traveler):
    """A trip with a list of three, of whom the first is booked."""
    market = make_market("Lisbon", time_zone="Asia/Tokyo")
    experts = [
        make_expert(market, name=name, specialties={"street-food": depth}, price_max=Decimal(100 + depth))
        for name, depth in (("First", 9), ("Second", 6), ("Third", 3))
    ]
    trip = make_trip(market, interests=["street-food"], traveler=traveler, start=nine().date(), days=3)
    request_match(trip)
    run_jobs()
    booked = make_booking(
        experts[0], traveler, state="requested", trip=trip, period=(nine(), nine() + 3 * HOUR)
    )
    return booked, experts


def test_a_decline_shows_the_next_best_who_are_free_and_what_differs(client, ranked):
    booked, (first, second, third) = ranked
    make_booking(second, state="confirmed", period=(nine() + HOUR, nine() + 2 * HOUR))
    assert "alternatives" not in client.get(booked.get_absolute_url()).context
    booking.move(booked, "declined", by=first.user, reason="I am away.")
    response = client.get(booked.get_absolute_url())
    ((other, _url),) = response.context["alternatives"]
    assert other.expert == third
    assert "$80 – $103 per person and day, instead of $80 – $109" in other.differs
    assert reverse("bookings:offered", args=[third.slug]) in response.content.decode()
    assert "alternatives" not in as_user(first.user).get(booked.get_absolute_url()).context


def blocked_at_ten(expert):
    day = nine().date()
    expert.calendar_exceptions.create(
        kind="blocked", days=(day, day + timedelta(days=1)), opens=600, closes=660
    )


def busy_at_ten(expert):
    source = expert.calendar_sources.create(name="Private", content="x", fingerprint="x", state="read")
    source.events.create(start=nine() + HOUR, end=nine() + 2 * HOUR)


@pytest.mark.parametrize(
    "taken",
    [
        lambda expert: expert.weekly_hours.create(
            weekday=(nine().weekday() + 1) % 7, opens=0, closes=24 * 60
        ),
        blocked_at_ten,
        busy_at_ten,
        lambda expert: make_booking(expert, state="held", period=(nine() + HOUR, nine() + 2 * HOUR)),
        lambda expert: expert.unavailable.create(days=(nine().date(), nine().date() + timedelta(days=1))),
        lambda expert: Expert.objects.filter(pk=expert.pk).update(accepting_clients=False),
    ],
    ids=["day off", "hours blocked", "busy elsewhere", "booked", "away", "paused"],
)
def test_whoever_the_calendar_says_no_of_is_no_alternative(ranked, taken):
    booked, (_, second, third) = ranked
    taken(second)
    assert [one.expert for one in alternatives.find(booked)] == [third]


def test_days_are_free_though_some_of_their_hours_are_not(ranked):
    booked, (_, second, third) = ranked
    blocked_at_ten(second)
    third.weekly_hours.create(weekday=(nine().weekday() + 1) % 7, opens=540, closes=600)
    midnight = nine() - 9 * HOUR
    booked.period = slot(midnight, midnight + 24 * HOUR, "Asia/Tokyo").period
    assert [one.expert for one in alternatives.find(booked)] == [second]


def test_nobody_is_free_in_the_past(ranked):
    booked, _ = ranked
    booked.period = slot(nine(-3), nine(-3) + HOUR, "Asia/Tokyo").period
    assert alternatives.find(booked) == []


@pytest.mark.parametrize("count", [2, 12])
def test_many_are_looked_at_in_as_many_queries_as_few(traveler, count, django_assert_num_queries):
    market = make_market("Lisbon", time_zone="Asia/Tokyo")
    experts = [make_expert(market, specialties={"street-food": 20 - number}) for number in range(count)]
    for one in experts[:-1]:
        make_booking(one, state="confirmed", period=(nine(), nine() + HOUR))
    trip = make_trip(market, interests=["street-food"], traveler=traveler, start=nine().date(), days=3)
    request_match(trip)
    run_jobs()
    booked = Booking.objects.select_related("expert").get(expert=experts[0])
    booked.trip = trip
    with django_assert_num_queries(3):  # the list, plans and bookings
        assert [one.expert for one in alternatives.find(booked)] == experts[-1:]


def test_a_traveler_who_cancels_is_offered_nobody(client, ranked):
    booked, _ = ranked
    booking.move(booked, "cancelled", by=booked.traveler)
    assert "alternatives" not in client.get(booked.get_absolute_url()).context


@pytest.fixture
def declined(ranked):
    booked, (first, *_rest) = ranked
    return booking.move(booked, "declined", by=first.user, reason="I am away.")


def test_without_a_trip_others_of_the_city_are_shown(client, declined, ranked):
    _, (_, second, third) = ranked
    make_expert(second.market, name="Reads maps", specialties={"day-hikes": 9})
    make_booking(second, state="confirmed", period=(nine() + HOUR, nine() + 2 * HOUR))
    Booking.objects.filter(pk=declined.pk).update(trip=None)
    response = client.get(declined.get_absolute_url())
    assert [one.expert for one, _url in response.context["alternatives"]] == [third]
    read = response.content.decode()
    assert "Others in Lisbon who are free then" in read
    assert "of 100" not in read


def test_the_link_of_another_knows_day_time_and_people(client, declined, ranked):
    _, (_, second, _third) = ranked
    service = make_service(second, title="Boat trip", notice_hours=0, group_size_max=8)
    ((other, url), *_rest) = client.get(declined.get_absolute_url()).context["alternatives"]
    assert other.expert == second
    (link,) = re.findall(rf'href="({page(service)}[^"]*)"', client.get(url).content.decode())
    offered = client.get(unescape(link))
    assert offered.context["hidden"]["day"] == nine().date().isoformat()
    assert offered.context["hidden"]["time"] == "09:00"
    assert offered.context["hidden"]["people"] == declined.people
    assert offered.context["hidden"]["trip"] == declined.trip_id


def test_of_a_day_without_a_time_the_form_asks_for_the_time(client, traveler, service):
    response = client.get(page(service), {"day": nine().date().isoformat(), "people": "3"})
    assert not response.context["form"].is_bound
    assert f'value="{nine().date().isoformat()}"' in response.content.decode()


def test_where_nobody_is_free_the_page_says_where_to_look(client, declined, ranked):
    _, (_, *others) = ranked
    for other in others:
        other.unavailable.create(days=(nine().date(), nine().date() + timedelta(days=1)))
    response = client.get(declined.get_absolute_url())
    assert response.context["alternatives"] == []
    assert "free then" not in response.content.decode()
    browsed = client.get(response.context["more_url"])
    assert [card.name for card in browsed.context["found"].cards] == ["First"]  # the others are away then


def test_the_page_of_who_was_let_down_stays_within_its_queries(
    client, declined, django_assert_max_num_queries
):
    client.get(declined.get_absolute_url())
    with django_assert_max_num_queries(8):
        assert client.get(declined.get_absolute_url()).context["alternatives"]
    Booking.objects.filter(pk=declined.pk).update(trip=None)
    with django_assert_max_num_queries(8):
        assert client.get(declined.get_absolute_url()).context["alternatives"]


def test_what_differs_is_written_as_the_reader_writes_numbers(ranked):
    booked, (_, second, _) = ranked
    for rating in (4, 5):
        make_review(second, rating=rating)
    with translation.override("de"):
        best = alternatives.find(booked)[0]
    assert best.expert == second
    assert any("4,50" in line for line in best.differs)
    assert any(re.match(r"\d+,\d ", line) for line in best.differs)  # points

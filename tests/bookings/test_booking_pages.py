"""Inquiry and waitlist as a traveler sees them: what is kept, what is said, in which language, at which cost."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from bookings.models import Booking, Inquiry, WaitlistEntry
from bookings.services import send_inquiry
from experts.models import Expert
from jobs.models import Job
from tests.factories import (
    make_booking,
    make_expert,
    make_market,
    make_review,
    make_run,
    make_trip,
    make_user,
)
from tests.pages import form_answers
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

GERMAN = {"accept-language": "de-CH,de;q=0.9"}


@pytest.fixture
def expert():
    return make_expert(make_market("Kyoto"), name="Mei Tanaka", response_hours=5)


@pytest.fixture
def traveler(client):
    user = make_user("Rosa Traveler")
    client.force_login(user)
    return user


def inquire(expert):
    return reverse("bookings:inquire", args=[expert.slug])


def sent(expert, **query):
    return reverse("bookings:inquiry_sent", args=[expert.slug], query=query)


def waitlist(market):
    return reverse("bookings:join_waitlist", args=[market.pk])


def html(client, url, **headers):
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_what_was_sent_is_confirmed_with_what_comes_next(client, traveler, expert):
    trip = make_trip(traveler=traveler)
    page = html(client, sent(expert, trip=trip.pk))
    assert "Mei Tanaka has your message" in page
    assert "Answers usually come within 5 h." in page
    assert f'href="{reverse("matching:results", args=[trip.pk])}"' in page
    assert "Back to my experts" not in html(client, sent(expert))


def test_the_confirmation_stays_when_the_expert_pauses_meanwhile(client, traveler, expert):
    Expert.objects.update(status=Expert.Status.PAUSED)
    assert "has your message" in html(client, sent(expert))


@pytest.mark.parametrize("status", ["draft", "submitted", "suspended"])
def test_nobody_hidden_is_named_by_a_confirmation(client, traveler, expert, status):
    Expert.objects.update(status=status)
    assert client.get(sent(expert)).status_code == 404


@pytest.mark.parametrize(
    "closed", [{"status": "paused"}, {"status": "suspended"}, {"accepting_clients": False}]
)
def test_no_message_reaches_who_takes_nobody(client, traveler, expert, closed):
    Expert.objects.update(**closed)
    client.post(inquire(expert), {"message": "Hello"})
    assert (Inquiry.objects.count(), Job.objects.count()) == (0, 0)


def test_a_wrong_answer_keeps_the_others(client, traveler, expert):
    trip = make_trip(traveler=traveler)
    page = client.post(inquire(expert), {"trip": trip.pk, "message": ""}).content.decode()
    assert form_answers(page)["trip"] == [str(trip.pk)]
    page = client.post(
        inquire(expert), {"trip": "x", "message": "<b>A letter</b>\n\n & more"}
    ).content.decode()
    assert form_answers(page)["message"] == ["<b>A letter</b>\n\n & more"]


def test_the_longest_message_is_sent_and_a_longer_one_named(client, traveler, expert):
    response = client.post(inquire(expert), {"message": "x" * 4001})
    assert response.context["form"].errors == {
        "message": ["Ensure this value has at most 4000 characters (it has 4001)."]
    }
    assert client.post(inquire(expert), {"message": "x" * 4000}).status_code == 302


def test_the_trips_offered_are_ones_own_newest_first_by_place_and_time(client, traveler, expert):
    for name in ("Lisbon", "Lima"):
        make_trip(make_market(name), start=None, flexible_month="2027-04-01", traveler=traveler)
    make_trip(make_market("Secret"), traveler=make_user())
    offered = [text for _, text in client.get(inquire(expert)).context["form"].fields["trip"].choices]
    assert offered == ["No trip in particular", "Lima, April 2027", "Lisbon, April 2027"]


def test_an_inquiry_outlives_its_trip(traveler, expert):
    trip = make_trip(traveler=traveler)
    inquiry = send_inquiry(by=traveler, expert=expert, trip=trip, message="Hello")
    trip.delete()
    inquiry.refresh_from_db()
    assert (inquiry.trip, inquiry.messages.get().body) == (None, "Hello")
    run_jobs()
    assert "The trip: Kyoto, " in mail.outbox[0].body  # as it stood when the words were written


def test_the_mail_to_the_expert_is_in_the_experts_language(traveler):
    expert = make_expert(user=make_user("Jürgen Groß", language="de"))
    trip = make_trip(make_market("Kyoto"), start=None, flexible_month="2027-04-01", days=1, traveler=traveler)
    send_inquiry(by=traveler, expert=expert, trip=trip, message="Hello <there>")
    run_jobs()
    (message,) = mail.outbox
    assert message.subject == "Rosa Traveler fragt wegen einer Reise an"
    assert message.body.startswith("Hallo Jürgen Groß,\n\n")
    assert "\n\nHello <there>\n\n" in message.body
    assert "Kyoto, 1 Tag im April 2027" in message.body


@pytest.mark.parametrize("email", ["rosa@example.com", "rosa@exämple.com"])
def test_the_joined_page_names_place_and_address(client, email):
    market = make_market("Lima <b>")
    page = client.post(waitlist(market), {"email": email}).content.decode()
    assert "You are on the waitlist for Lima &lt;b&gt;" in page
    assert f"We will write to {email} once, when the next expert opens there" in page


def test_the_waitlist_speaks_german(client):
    market = make_market("Lima")
    page = html(client, waitlist(market), **GERMAN)
    assert "Warteliste für Lima" in page
    response = client.post(waitlist(market), {"email": "x"}, headers=GERMAN)
    (error,) = response.context["form"].errors["email"]
    assert "E-Mail" in error
    client.post(waitlist(market), {"email": "rosa@example.com"}, headers=GERMAN)
    assert WaitlistEntry.objects.get().language == "de"


def test_the_waitlist_mail_is_in_the_language_of_the_page_whoever_sends_it(client):
    client.post(waitlist(make_market("Lima")), {"email": "rosa@example.com"}, headers=GERMAN)
    with override("en"):
        run_jobs()
    assert mail.outbox[0].subject == "Du stehst auf der Warteliste für Lima"


def test_an_entry_taken_back_before_its_mail_went_out_is_no_failure(client):
    market = make_market("Lima")
    client.post(waitlist(market), {"email": "rosa@example.com"})
    WaitlistEntry.objects.all().delete()
    run_jobs()
    assert ([job.state for job in Job.objects.all()], mail.outbox) == (["done"], [])


def test_a_wrong_address_is_kept_with_the_trip_it_came_from(client):
    trip = make_trip(make_market("Lima"))
    page = client.post(waitlist(trip.destination), {"email": "rosa@", "trip": trip.pk}).content.decode()
    assert form_answers(page) == {"email": ["rosa@"], "trip": [str(trip.pk)]}


def test_whoever_waits_is_not_asked_again_on_the_results_page(client, traveler):
    trip = make_trip(make_market("Lima"), traveler=traveler)
    run_jobs()
    make_run(trip, state="done")
    results = reverse("matching:results", args=[trip.pk])
    assert form_answers(html(client, results)) == {"trip": [str(trip.pk)], "email": [traveler.email]}
    client.post(waitlist(trip.destination), {"email": traveler.email.upper(), "trip": trip.pk})
    assert "You are on the waitlist." in html(client, results)
    assert form_answers(html(client, results)) == {}


@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize(("page", "queries"), [(inquire, 4), (sent, 3)])
def test_the_pages_cost_the_same_whatever_there_is(
    client, traveler, expert, size, page, queries, django_assert_num_queries
):
    for _ in range(size):
        make_trip(traveler=traveler)
        make_review(expert)
        Inquiry.objects.create(traveler=make_user(), expert=expert)
    with django_assert_num_queries(queries):
        html(client, page(expert))


@pytest.mark.parametrize("size", [1, 8])
def test_the_waitlist_costs_the_same_however_many_wait(client, size, django_assert_num_queries):
    market = make_market("Lima")
    for number in range(size):
        WaitlistEntry.objects.create(market=market, email=f"{number}@example.com")
    with django_assert_num_queries(1):
        html(client, waitlist(market))


def test_an_account_with_bookings_is_not_deleted_with_its_history(traveler, expert):
    make_booking(expert, traveler)
    with pytest.raises(ProtectedError):
        traveler.delete()


def test_the_database_keeps_every_state_of_a_booking(expert):
    booking = make_booking(expert, state=Booking.State.CONFIRMED)
    for state in (Booking.State.COMPLETED, Booking.State.CANCELLED):
        Booking.objects.filter(pk=booking.pk).update(state=state)
    history = Booking.pgh_event_model.objects.filter(pgh_obj=booking).order_by("pgh_id")  # type: ignore[attr-defined]
    assert list(history.values_list("state", flat=True)) == ["confirmed", "completed", "cancelled"]


def test_reviews_of_more_than_a_year_ago_are_not_recent(expert):
    for age in (364, 367):
        make_review(expert, rating=4, published_at=timezone.now() - timedelta(days=age))
    expert.refresh_from_db()
    assert (expert.review_count, expert.recent_review_count, expert.recent_rating_sum) == (2, 1, 4)

"""Erasing: nothing anywhere in the database says who it was, and the books still add up."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from psycopg import sql

from accounts import audit, erasing
from accounts.erasing import Blocked
from accounts.models import AuditEvent, Notice, User
from accounts.personal import ERASED_NAME
from bookings import booking, disputes, offers, threads
from bookings.models import Booking, Inquiry, Message, Report, Review, TravelerReview
from bookings.services import send_inquiry
from config.templatetags import site
from experts import editing, search
from experts.models import Expert, Service
from matching import replay, runs, services
from matching.models import MatchReceipt, MatchRun
from tests.bookings.test_reviews import counted, stored
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_market,
    make_offer,
    make_review,
    make_service,
    make_traveler_review,
    make_trip,
    make_user,
)
from travelers.models import TravelerProfile, Trip

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
# A word that nobody else says, in everything this person wrote.
MARK = "quetzalcoatl"
TRACES = "SELECT count(*) FROM {} t WHERE t::text ILIKE %s"


def traces(*words):
    """The tables that hold any of the words, in whatever column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            for word in words:
                cursor.execute(sql.SQL(TRACES).format(sql.Identifier(table)), [f"%{word}%"])
                if cursor.fetchone()[0]:
                    found.add(table)
    return found


@pytest.fixture
def market():
    return make_market("Kyoto")


@pytest.fixture
def rosa(market):
    """A traveler who left something in every corner, and a review that another traveler's list quotes."""
    user = make_user(f"Rosa {MARK}", email=f"rosa@{MARK}.example")
    TravelerProfile.objects.create(user=user, dietary_needs=f"no {MARK}")
    expert = make_expert(market, bio="Tea and temples.", specialties={"street-food": 3})
    booked = make_booking(expert, user)
    make_review(expert, user, booking=booked, text=f"She showed us the {MARK} of dumplings.")
    make_traveler_review(expert, booking=booked, reply=f"Thank you, says {MARK}.", replied_at=timezone.now())
    for traveler, brief in ((user, f"Dumplings, and {MARK}"), (make_user(), "Dumplings")):
        trip = make_trip(market, traveler=traveler, brief=brief, interests=["street-food"])
        run = services.request_match(trip)
        runs.store(run, runs.compute(run))
    send_inquiry(by=user, expert=expert, trip=None, message=f"Do you know {MARK}?")
    return user


@pytest.fixture
def mei(market):
    """An expert with words of their own everywhere, in another's list too."""
    user = make_user(f"Mei {MARK}", email=f"mei@{MARK}.example")
    expert = make_expert(
        market, user=user, slug=MARK, bio=f"I know {MARK} and temples.", headline=f"All of {MARK}"
    )
    make_service(expert, title=f"Only {MARK}", description=f"A walk to {MARK}", includes=[MARK])
    expert.unavailable.create(days=("2026-12-01", "2026-12-05"), reason=MARK)
    search.reindex([expert.pk])
    booked = make_booking(expert)
    make_review(expert, booking=booked, text="Good.", reply=f"Said {MARK}.", replied_at=timezone.now())
    make_traveler_review(expert, booking=booked, text=f"They liked {MARK}.")
    run = services.request_match(make_trip(market, traveler=make_user(), brief="Temples"))
    runs.store(run, runs.compute(run))
    return user


def test_no_trace_of_a_traveler_is_left(rosa):
    assert {"accounts_user", "bookings_review", "matching_matchreceipt"} <= traces(MARK)
    erasing.erase(user=rosa, by=rosa)
    assert traces(MARK) == set()


def test_no_trace_of_an_expert_is_left(mei):
    assert {"experts_expert", "experts_evidence", "matching_matchreceipt"} <= traces(MARK)
    erasing.erase(user=mei, by=mei)
    assert traces(MARK) == set()


def test_the_books_stay_and_belong_to_nobody(rosa):
    before = list(Booking.objects.values_list("pk", "price", "currency", "state"))
    erasing.erase(user=rosa, by=rosa)
    assert list(Booking.objects.values_list("pk", "price", "currency", "state")) == before
    row = User.objects.get(pk=rosa.pk)
    assert (row.name, row.is_active, row.has_usable_password()) == (ERASED_NAME, False, False)
    assert Booking.objects.get().traveler == row


def test_stars_stay_without_words_and_the_counts_stay_equal(rosa):
    expert = Expert.objects.get()
    erasing.erase(user=rosa, by=rosa)
    review = Review.objects.get()
    assert (review.rating, review.text) == (5, "")
    assert stored(expert) == counted(expert)
    assert stored(expert)["review_count"] == 1


def test_what_nobody_has_read_yet_goes_altogether(rosa):
    expert = Expert.objects.get()
    make_review(expert, rosa, state="waiting", published_at=None)
    erasing.erase(user=rosa, by=rosa)
    assert Review.objects.count() == 1


def test_a_list_that_quoted_the_words_can_still_be_replayed(rosa):
    others = MatchReceipt.objects.exclude(score__run__trip__traveler=rosa).get()
    assert MARK in others.evidence["expertise"]["quote"]["text"]
    erasing.erase(user=rosa, by=rosa)
    run = MatchRun.objects.get()
    assert MatchReceipt.objects.get().evidence["expertise"]["quote"] is None
    assert replay.replay(run).differences == []


def test_an_erased_experts_profile_is_gone_and_nobody_is_matched_with_it(client, mei):
    expert = Expert.objects.get()
    erasing.erase(user=mei, by=mei)
    expert.refresh_from_db()
    assert (expert.status, expert.slug) == ("closed", f"closed-{expert.pk}")
    assert client.get(expert.get_absolute_url()).status_code == 404
    assert not Expert.objects.open_to_inquiries().exists()


def test_what_others_wrote_to_an_erased_expert_stays_theirs(mei):
    send_inquiry(by=make_user(), expert=Expert.objects.get(), trip=None, message="Are you free in May?")
    erasing.erase(user=mei, by=mei)
    assert Message.objects.get().body == "Are you free in May?"


def test_pages_say_who_wrote_in_the_readers_language(client, rosa, monkeypatch):
    erasing.erase(user=rosa, by=rosa)
    assert "Former member" in client.get(Expert.objects.get().get_absolute_url()).content.decode()
    monkeypatch.setattr(site, "gettext", str.upper)
    assert (site.person(ERASED_NAME), site.person("Verified")) == ("FORMER MEMBER", "Verified")


def test_other_people_keep_what_is_theirs(rosa):
    other = make_user("Ben Other")
    expert = Expert.objects.get()
    make_review(expert, other, text="Kind and quick.")
    make_trip(expert.market, traveler=other)
    send_inquiry(by=other, expert=expert, trip=None, message="Hello there")
    erasing.erase(user=rosa, by=rosa)
    assert (Trip.objects.filter(traveler=other).count(), Inquiry.objects.count()) == (1, 1)
    assert Review.objects.get(booking__traveler=other).text == "Kind and quick."
    assert TravelerReview.objects.get().text


@pytest.mark.parametrize("side", ["traveler", "expert"])
def test_an_open_booking_blocks_with_a_sentence(side):
    expert = make_expert()
    booking = make_booking(expert, state=Booking.State.CONFIRMED)
    user = booking.traveler if side == "traveler" else expert.user
    with pytest.raises(Blocked, match="1 open booking"):
        erasing.erase(user=user, by=user)
    assert User.objects.get(pk=user.pk).name == user.name


def test_staff_are_erased_by_nobody_while_they_have_access():
    staff = make_user(is_staff=True)
    with pytest.raises(Blocked, match="staff"):
        erasing.erase(user=staff, by=staff)


def test_a_stranger_erases_nobody(rosa):
    with pytest.raises(PermissionDenied):
        erasing.erase(user=rosa, by=make_user())


def test_it_is_audited_by_number(rosa):
    erasing.erase(user=rosa, by=rosa)
    event = audit.history(rosa).get()
    assert (event.action, event.actor_id, event.detail["rows"]["trips"]) == ("personal.erase", rosa.pk, 1)


def test_erasing_twice_is_refused(rosa):
    erasing.erase(user=rosa, by=rosa)
    with pytest.raises(Blocked, match="already"):
        erasing.erase(user=rosa, by=rosa)
    assert AuditEvent.objects.filter(action="personal.erase").count() == 1


# The page


def erase(client, password=PASSWORD):
    return client.post(reverse("account_data_erase"), {"password": password})


def test_the_page_says_what_stays_and_asks_for_the_password(client, rosa):
    client.force_login(rosa)
    page = client.get(reverse("account_data")).content.decode()
    assert "Your bookings with their titles, amounts and dates" in page
    assert 'type="password"' in page


def test_a_wrong_password_erases_nothing(client, rosa):
    client.force_login(rosa)
    assert "This is not your password" in erase(client, "wrong").content.decode()
    assert User.objects.get(pk=rosa.pk).email == rosa.email


def test_the_right_password_erases_and_signs_out(client, rosa):
    client.force_login(rosa)
    assert erase(client).headers["Location"] == reverse("home")
    assert client.get(reverse("account_data")).status_code == 302
    assert traces(MARK) == set()


def test_every_other_session_ends(client, rosa):
    elsewhere = type(client)()
    for browser in (client, elsewhere):
        browser.force_login(rosa)
    erase(client)
    assert elsewhere.get(reverse("account_data")).status_code == 302


def test_the_page_names_what_blocks_in_place_of_the_form(client):
    booking = make_booking(make_expert(), state=Booking.State.CONFIRMED)
    client.force_login(booking.traveler)
    page = client.get(reverse("account_data")).content.decode()
    assert "There is 1 open booking" in page
    assert 'type="password"' not in page
    assert "There is 1 open booking" in erase(client).content.decode()


def test_the_password_can_be_tried_ten_times_a_minute(client):
    client.force_login(make_user())
    answers = [erase(client, "wrong").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_the_page_costs_eight_queries_at_most(client, rosa, django_assert_max_num_queries):
    client.force_login(rosa)
    with django_assert_max_num_queries(8):
        client.get(reverse("account_data"))


def test_what_was_held_long_ago_is_no_open_booking():
    booking = make_booking(make_expert(), start=timezone.localdate() - timedelta(days=900))
    assert erasing.obstacles(booking.traveler) == []


@pytest.fixture
def talked(market):
    """A traveler who said something at every turn of a booking, to an expert who was told of it each time."""
    user, mei = make_user(f"Rosa {MARK}"), make_expert(market)
    inquiry = make_inquiry(mei, user)
    make_offer(inquiry, "traveler", title=f"To {MARK}")
    offers.withdraw(offer=make_offer(inquiry, "traveler", title=f"All of {MARK}"), by=user)
    booked = make_booking(mei, user, state="confirmed")
    booking.move(booked, "cancelled", by=user, reason=f"Gone to {MARK}")
    lately = make_booking(mei, user, start=timezone.localdate() - timedelta(days=3))
    dispute = disputes.open_dispute(booking=lately, by=user, reason="other", text=f"No {MARK}.")
    threads.report(inquiry=inquiry, message=None, by=user, reason="other", text=f"Against {MARK}.")
    threads.report(inquiry=inquiry, message=None, by=mei.user, reason="other", text="Rude.")
    return user, dispute


def test_titles_of_services_leave_the_trail(mei):
    service = Service(
        expert=mei.expert, title=f"To {MARK}", description="x", kind="tour", duration_hours=2, price=9
    )
    editing.create_service(expert=mei.expert, by=mei, service=service)
    erasing.erase(user=mei, by=mei)
    assert "accounts_auditevent" not in traces(MARK)


def test_what_was_said_on_the_way_of_a_booking_goes_too(talked):
    user, dispute = talked
    staff = User.objects.create_superuser("root@example.com", "x", name="Root")
    disputes.decide(dispute=dispute, by=staff, to="upheld", outcome="One of you is right.")
    for report in Report.objects.all():
        threads.decide(report=report, by=staff, to="dismissed", outcome="No step.")
    assert {"accounts_auditevent", "accounts_notice", "bookings_offer", "bookings_dispute"} <= traces(MARK)
    erasing.erase(user=user, by=user)
    assert traces(MARK) == set()
    # The other side still reads what was decided.
    decided = Notice.objects.filter(kind__in=["dispute.decided", "report.decided"])
    assert {notice.facts["decision"] for notice in decided} == {"One of you is right.", "No step."}
    assert audit.history(dispute).get(action="dispute.upheld").detail["outcome"] == "One of you is right."

"""Telling one person of one event: once, as they prefer, in the words of their own language and clock."""

import pytest
from django.core import mail
from django.db import transaction

from accounts.models import Delivery, Notice, NoticeMail, NoticePreference
from accounts.notices import telling
from accounts.notices.choices import choose
from accounts.notices.telling import tell
from jobs.models import Job
from tests.factories import make_expert, make_user
from tests.threads import at_once
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

KIND = "booking.confirmed"
FACTS = {
    "who": "Mei Tanaka",
    "what": "Temple walk",
    "start": "2027-04-03T00:00:00Z",
    "end": "2027-04-03T03:00:00Z",
    "zone": "Asia/Tokyo",
    "people": 2,
    "price": "180.00",
    "currency": "EUR",
}


def told(user, key="booking-1", **fields):
    return tell(**{"user": user, "kind": KIND, "key": key, "facts": FACTS, "url": "/bookings/1/"} | fields)


def test_it_stands_on_the_site_and_goes_out_by_mail():
    user = make_user("Rosa", time_zone="Europe/Berlin")
    told(user)
    assert run_jobs() == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([user.email], "Your booking with Mei Tanaka is confirmed")
    letter, footer = sent.body.split("\n\n-- \n")
    assert letter == (
        "Hello Rosa,\n\n"
        "It stands as agreed below.\n\n"
        "What: Temple walk\n"
        "When: Sat, Apr 3, 2027, 9:00 AM – 12:00 PM (Tokyo time)\n"
        "On your clock: Sat, Apr 3, 2027, 2:00 AM – 5:00 AM (Berlin time)\n"
        "People: 2\n"
        "Price: €180\n\n"
        "See the booking: http://localhost:8000/bookings/1/\n\n"
        "Your Traveloure team"
    ).replace(" AM", "\u202fAM").replace(" PM", "\u202fPM")
    assert "“A booking is confirmed” reach you by e-mail at once" in footer
    assert "http://localhost:8000/account/notices/" in footer
    assert NoticeMail.objects.get().state == NoticeMail.State.SENT


def test_nobody_is_told_twice():
    user = make_user()
    first = told(user)
    again = told(user, facts={"who": "Somebody else"})
    assert (again, again.facts["who"]) == (first, "Mei Tanaka")
    run_jobs()
    assert len(mail.outbox) == 1


def test_of_one_event_each_person_is_told():
    for user in (make_user(), make_user()):
        told(user)
    run_jobs()
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_told_five_times_at_the_same_moment_it_is_one_notice_and_one_mail():
    user = make_user()
    assert len(set(at_once(lambda: told(user).pk))) == 1
    assert (Notice.objects.count(), NoticeMail.objects.count(), Job.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_told_nobody():
    with transaction.atomic():
        told(make_user())
        transaction.set_rollback(True)
    assert (Notice.objects.count(), Job.objects.count()) == (0, 0)


@pytest.mark.parametrize("delivery", [Delivery.DIGEST, Delivery.SITE])
def test_who_wants_no_mail_at_once_gets_none(delivery):
    user = make_user()
    choose(user=user, wanted={KIND: delivery}, by=user)
    assert told(user).delivery == delivery
    assert (run_jobs(), mail.outbox, user.notices.count()) == (0, [], 1)


def test_a_choice_for_one_kind_leaves_the_others():
    user = make_user()
    choose(user=user, wanted={KIND: Delivery.SITE}, by=user)
    assert told(user, kind="booking.cancelled").delivery == Delivery.NOW


def test_a_closed_account_gets_no_mail():
    user = make_user(is_active=False)
    told(user)
    assert (run_jobs(), mail.outbox) == (0, [])


def test_an_account_closed_before_the_mail_went_out_gets_none():
    user = make_user()
    told(user)
    type(user).objects.update(is_active=False)
    run_jobs()
    assert (mail.outbox, NoticeMail.objects.get().state) == ([], NoticeMail.State.DROPPED)


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "bookings/"]
)
def test_a_notice_leads_to_this_site_alone(url):
    with pytest.raises(ValueError, match="no path of this site"):
        told(make_user(), url=url)
    assert not Notice.objects.exists()


def test_a_kind_that_nobody_declared_is_an_error():
    with pytest.raises(KeyError, match=r"booking\.lost"):
        told(make_user(), kind="booking.lost")


def test_an_opened_page_takes_its_notices_off_the_bell(django_assert_num_queries):
    user = make_user()
    told(user)
    told(user, key="other", url="/bookings/2/")
    user.unread_urls = ["/bookings/1/", "/bookings/2/"]
    telling.seen(user, "/bookings/1/")
    assert list(user.notices.unread().values_list("url", flat=True)) == ["/bookings/2/"]
    user.unread_urls = ["/bookings/1/"]
    with django_assert_num_queries(0):
        telling.seen(user, "/bookings/2/")


def test_a_choice_is_one_row_however_often_it_is_made():
    user = make_user()
    for delivery in (Delivery.SITE, Delivery.DIGEST, Delivery.NOW):
        choose(user=user, wanted={KIND: delivery}, by=user)
    assert NoticePreference.objects.get().delivery == Delivery.NOW


def test_opening_the_page_of_a_notice_reads_it_and_no_other(client):
    user = make_user()
    client.force_login(user)
    for key, url in (("one", "/trips/"), ("two", "/trips/new/")):
        told(user, key=key, url=url)
    client.get("/trips/", headers={"HX-Request": "true"})
    assert Notice.objects.unread().count() == 2
    client.get("/trips/")
    assert [notice.key for notice in Notice.objects.unread()] == ["two"]


def test_a_page_that_leads_on_was_opened_as_well(client):
    """The address of an application leads to the step where it is."""
    user = make_expert(status="draft").user
    client.force_login(user)
    told(user, url="/expert/apply/")
    assert client.get("/expert/apply/").status_code == 302
    assert not Notice.objects.unread().exists()

"""What a suspension means to those who have booked: what they are told, what is offered to them, what comes back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import Notice, User
from bookings import booking, ledger
from bookings.models import Booking
from experts import services
from experts.models import Expert
from tests.bookings.test_booking import nine, propose
from tests.factories import make_booking, make_expert, make_inquiry, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
KIND = "booking.expert_suspended"


@pytest.fixture
def expert():
    return make_expert(name="Mei Tanaka", reindex=False)


@pytest.fixture
def rosa():
    return make_user("Rosa Traveler")


@pytest.fixture
def staff():
    return make_user(is_superuser=True, is_staff=True)


def suspend(expert, by):
    return services.suspend(expert=expert, by=by, reason="Complaints.")


def gone(how):
    if how == "suspended":
        Expert.objects.update(status="suspended")
    else:
        User.objects.filter(expert__isnull=False).update(is_active=False)


def page(booked):
    return reverse("bookings:detail", args=[booked.pk])


def shown(client, user, url):
    client.force_login(user)
    return client.get(url).content.decode()


# Telling


def test_whoever_has_booked_is_told_once_and_nobody_else(expert, rosa, staff):
    made = make_booking(expert, rosa, state="confirmed")
    make_booking(expert, state="cancelled")
    make_booking(expert, state="completed")
    make_booking(make_expert(reindex=False), state="confirmed")
    lapsed = make_booking(expert, state="requested")
    Booking.objects.filter(pk=lapsed.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    suspend(expert, staff)
    told = Notice.objects.get(kind=KIND)
    assert (told.user, told.url) == (rosa, page(made))
    run_jobs()
    sent = next(one for one in mail.outbox if one.to == [rosa.email])
    assert sent.subject == "The profile of Mei Tanaka is suspended"
    assert "as long as the profile is suspended, everything comes back" in sent.body
    assert "A day in town" in sent.body


def test_of_several_bookings_one_hears_once_with_the_list(expert, rosa, staff):
    for state in ("confirmed", "requested", "held"):
        make_booking(expert, rosa, state=state)
    other = make_booking(expert, state="held").traveler
    suspend(expert, staff)
    told = dict(Notice.objects.filter(kind=KIND).values_list("user", "url"))
    assert told.keys() == {rosa.pk, other.pk}
    assert told[rosa.pk] == reverse("bookings:list")


def test_another_suspension_is_told_again(expert, rosa, staff):
    make_booking(expert, rosa, state="confirmed")
    suspend(expert, staff)
    services.reinstate(expert=expert, by=staff)
    suspend(expert, staff)
    assert Notice.objects.filter(kind=KIND, user=rosa).count() == 2


def test_whoever_was_told_hears_when_it_is_lifted(expert, rosa, staff):
    made = make_booking(expert, rosa, state="confirmed")
    suspend(expert, staff)
    services.reinstate(expert=expert, by=staff)
    told = Notice.objects.get(kind="booking.expert_reinstated")
    assert (told.user, told.url) == (rosa, page(made))
    run_jobs()
    sent = next(one for one in mail.outbox if one.subject == "The profile of Mei Tanaka is open again")
    assert sent.to == [rosa.email]
    assert "its own terms hold again" in sent.body


def test_with_nothing_booked_nobody_is_told(expert, staff):
    suspend(expert, staff)
    assert not Notice.objects.filter(kind=KIND).exists()


# Pages


@pytest.mark.parametrize("side", ["traveler", "expert"])
@pytest.mark.parametrize("state", ["requested", "held", "confirmed"])
def test_the_page_says_so_and_offers_nothing_that_would_be_refused(client, expert, rosa, side, state):
    made = make_booking(expert, rosa, state=state)
    gone("suspended")
    text = shown(client, {"traveler": rosa, "expert": expert.user}[side], page(made))
    assert "The profile of Mei Tanaka is suspended at present." in text
    for label in ("Accept the request", "Confirm the booking", "Propose another time"):
        assert label not in text
    offers_a_way_out = state != "requested" or side == "traveler"
    assert ('value="cancelled"' in text) is offers_a_way_out


def test_a_proposed_time_can_be_refused_but_not_accepted(client, expert, rosa):
    made = make_booking(expert, rosa, state="confirmed")
    propose(made, expert.user, nine(90))
    assert "Accept the new time" in shown(client, rosa, page(made))
    gone("suspended")
    text = shown(client, rosa, page(made))
    assert "Accept the new time" not in text
    assert "Keep the time as it is" in text


@pytest.mark.parametrize(("status", "linked"), [("active", True), ("paused", True), ("suspended", False)])
def test_the_profile_is_linked_where_there_is_one(client, expert, rosa, status, linked):
    made, thread = make_booking(expert, rosa, state="confirmed"), make_inquiry(expert, rosa)
    Expert.objects.update(status=status)
    for url in (page(made), reverse("inquiries:thread", args=[thread.pk])):
        assert (f'href="{expert.get_absolute_url()}"' in shown(client, rosa, url)) is linked


def test_of_what_is_over_the_page_says_nothing(client, expert, rosa):
    made = make_booking(expert, rosa)
    gone("suspended")
    assert "is suspended at present" not in shown(client, rosa, page(made))


def test_staff_see_no_button_to_agree_either(client, expert, staff):
    made = make_booking(expert, state="requested")
    gone("suspended")
    text = shown(client, staff, reverse("admin:bookings_booking_change", args=[made.pk]))
    assert reverse("admin:bookings_booking_accept", args=[made.pk]) not in text
    assert reverse("admin:bookings_booking_decline", args=[made.pk]) in text


# What comes back


SAID = {
    "suspended": "As long as the profile of Mei Tanaka is suspended, everything comes back.",
    "closed": "The account of Mei Tanaka is closed: everything comes back.",
}


@pytest.mark.parametrize("how", SAID)
def test_leaving_costs_nothing_while_the_expert_is_not_there(client, expert, rosa, how):
    made = make_booking(expert, rosa, state="held", start=timezone.localdate() + timedelta(days=1))
    booking.move(made, "confirmed", by=rosa)
    assert "Nothing comes back any more" in shown(client, rosa, page(made))
    gone(how)
    text = shown(client, rosa, page(made))
    assert "All of it, $200, comes back to you." in text
    assert SAID[how] in text
    assert "After a cancellation nothing comes back." not in text
    client.post(
        reverse("bookings:move", args=[made.pk]), {"to": "cancelled", "refund": "200.00", "reason": ""}
    )
    made.refresh_from_db()
    assert (made.state, made.refund, made.cancelled_by_expert) == ("cancelled", 200, False)
    assert set(ledger.balances(made).values()) == {0}


def test_who_is_back_meanwhile_is_left_on_the_agreed_terms(expert, rosa):
    made = make_booking(expert, rosa, state="confirmed", start=timezone.localdate() + timedelta(days=1))
    with pytest.raises(DomainError, match="has changed since you opened the page"):
        booking.move(made, "cancelled", by=rosa, seen_refund=made.price)


# The staff's step


def test_the_step_names_the_open_bookings_with_their_list(client, expert, staff):
    two = [make_booking(expert, state=state) for state in ("confirmed", "requested")]
    make_booking(make_expert(reindex=False), state="confirmed")
    make_booking(expert, state="completed")
    text = shown(client, staff, reverse("admin:experts_expert_suspend", args=[expert.pk]))
    assert "2 bookings are open." in text
    url = reverse(
        "admin:bookings_booking_changelist",
        query={"expert__id__exact": expert.pk, "state__in": "requested,held,confirmed"},
    )
    assert url.replace("&", "&amp;") in text
    assert set(client.get(url).context["cl"].queryset) == set(two)


def test_who_may_not_see_bookings_reads_the_number_alone(client, expert):
    make_booking(expert, state="confirmed")
    user = make_user(is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["review_expert", "view_expert"]))
    text = shown(client, user, reverse("admin:experts_expert_suspend", args=[expert.pk]))
    assert "1 booking is open." in text
    assert "bookings/booking/?expert" not in text


def test_without_any_and_at_other_steps_nothing_is_said(client, expert, staff):
    assert "is open." not in shown(client, staff, reverse("admin:experts_expert_suspend", args=[expert.pk]))
    make_booking(expert, state="confirmed")
    assert "is open." not in shown(client, staff, reverse("admin:experts_expert_pause", args=[expert.pk]))

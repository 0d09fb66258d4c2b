"""Bookings, their money, disputes and reports as staff read, move and decide them."""

from datetime import timedelta

import pgtrigger
import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import Notice
from accounts.notices.kinds import words_of
from bookings import disputes, ledger, threads
from bookings.booking import move
from bookings.models import Booking, Dispute, Entry, Posting, Report
from experts.calendar.models import CalendarFeed
from tests.admin.rows import make_money
from tests.factories import make_booking, make_expert, make_inquiry, make_market, make_user
from tests.pages import form_answers

pytestmark = pytest.mark.django_db
State = Booking.State


@pytest.fixture
def expert():
    return make_expert(make_market("Kyoto"), name="Mei Tanaka", reindex=False)


def page(row, name="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def listed(model, **query):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=query)


def html(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def buttons(client, row):
    shown = client.get(page(row)).context["actions_detail"]
    return [button["path"].strip("/").rsplit("/", 1)[1] for button in shown if button["path"]]


def confirmed(expert, **fields):
    booking = make_booking(expert, make_user("Rosa Traveler"), state="held", **fields)
    return move(booking, State.CONFIRMED, by=booking.traveler)


def begun(booking, ago):
    start = timezone.now() - ago
    period, day = (start, start + timedelta(hours=2)), start.date()
    days = {"start": day, "end": (period[1] - timedelta(microseconds=1)).date()}
    Booking.objects.filter(pk=booking.pk).update(period=period, occupied=period, time_zone="UTC", **days)


# Moving bookings


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.REQUESTED, ["accept", "decline", "cancel"]),
        (State.HELD, ["confirm", "cancel"]),
        (State.CONFIRMED, ["cancel"]),
        (State.COMPLETED, []),
        (State.DECLINED, []),
        (State.EXPIRED, []),
        (State.CANCELLED, []),
        (State.NO_SHOW, []),
    ],
)
def test_the_buttons_are_the_moves_that_lead_on_from_here(operator, expert, state, expected):
    assert buttons(operator, make_booking(expert, state=state)) == expected


def test_once_it_is_over_other_moves_are_open(operator, expert):
    booking = make_booking(expert, state="confirmed")
    begun(booking, timedelta(hours=1))
    assert buttons(operator, booking) == ["cancel", "no-show"]
    begun(booking, timedelta(hours=3))
    assert buttons(operator, booking) == ["complete", "cancel", "no-show"]


@pytest.mark.parametrize(
    ("button", "before", "after"),
    [
        ("accept", "requested", "held"),
        ("decline", "requested", "declined"),
        ("confirm", "held", "confirmed"),
        ("complete", "confirmed", "completed"),
        ("cancel", "confirmed", "cancelled"),
        ("no_show", "confirmed", "no_show"),
    ],
)
def test_each_button_moves_with_a_reason_and_both_are_told(operator, expert, button, before, after):
    booking = make_booking(expert, state=before)
    if button in {"complete", "no_show"}:
        begun(booking, timedelta(hours=3))
    answers = {"missing": "traveler"} if button == "no_show" else {}
    response = operator.post(page(booking, button), {"reason": "They asked us by phone."} | answers)
    assert response.headers["Location"] == page(booking)
    assert said(response)[0].endswith("Traveler and expert are told.")
    assert Booking.objects.get().state == after
    event = audit.history(booking)[0]
    assert (event.actor, event.detail["side"], event.detail["reason"]) == (
        operator.user,
        "staff",
        "They asked us by phone.",
    )
    assert set(Notice.objects.values_list("user", flat=True)) == {booking.traveler_id, expert.user_id}
    assert all("Our team did this." in words_of(one).text for one in Notice.objects.all())


def test_the_two_read_that_our_team_did_it_and_not_who_of_it(client, operator, expert):
    booking = make_booking(expert, state="requested")
    operator.post(page(booking, "decline"), {"reason": "They asked us by phone."})
    client.force_login(booking.traveler)
    shown = html(client, booking.get_absolute_url())
    assert "Our team</b> declined it" in shown
    assert operator.user.name not in shown


def test_a_move_without_a_reason_is_asked_again(operator, expert):
    booking = make_booking(expert, state="requested")
    response = operator.post(page(booking, "decline"), {"reason": " "})
    assert response.context["form"].errors == {"reason": ["This field is required."]}
    assert Booking.objects.get().state == "requested"


def test_the_refund_is_shown_before_the_click_and_must_still_hold(operator, expert):
    booking = confirmed(expert)
    shown = html(operator, page(booking, "cancel"))
    assert "All of it, $200, comes back to Rosa Traveler" in shown
    assert form_answers(shown)["refund"] == ["200.00"]
    response = operator.post(page(booking, "cancel"), {"reason": "A storm.", "refund": "199"})
    assert "has changed since you opened the page" in response.content.decode()
    assert "A storm." in response.content.decode()
    operator.post(page(booking, "cancel"), {"reason": "A storm.", "refund": "200"})
    cancelled = Booking.objects.get()
    assert (cancelled.state, cancelled.refund, cancelled.cancelled_by_expert) == ("cancelled", 200, False)
    assert ledger.balances(booking) == {"commission": 0, "expert": 0, "traveler": 0}


def test_somebody_was_faster(operator, expert):
    booking = make_booking(expert, state="declined")
    shown = html(operator, page(booking, "accept"))
    assert "does not lead on from “declined”" in shown
    assert "<textarea" not in shown
    operator.post(page(booking, "accept"), {"reason": "Yes."})
    assert Booking.objects.get().state == "declined"


@pytest.mark.parametrize("role", ["reviewer", "analyst", "plain_staff"])
def test_other_roles_move_nothing(request, expert, role):
    client = request.getfixturevalue(role)
    booking = make_booking(expert, state="requested")
    assert client.get(page(booking, "decline")).status_code == 403
    assert client.post(page(booking, "decline"), {"reason": "No."}).status_code == 403
    assert Booking.objects.get().state == "requested"
    if role != "plain_staff":
        assert buttons(client, booking) == []


def test_nobody_moves_a_booking_of_their_own_from_here(operator, expert):
    own = make_booking(expert, operator.user, state="requested")
    assert buttons(operator, own) == []
    assert operator.post(page(own, "decline"), {"reason": "No."}).status_code == 403
    assert Booking.objects.get().state == "requested"


def test_the_page_shows_money_departure_proposals_and_disputes(analyst, expert):
    make_money(expert, make_user("Rosa Traveler"))
    booking = Booking.objects.latest("pk")
    shown = html(analyst, page(booking))
    assert f'href="{page(booking.departure)}"' in shown
    rosa = booking.traveler.email
    assert "(&#x27;" not in shown
    for text in ("traveler $200 · expert -$150 · commission -$50", rosa):
        assert text in shown
    assert f"{page(booking.disputes.get())}" in shown


def test_the_history_joins_acts_rows_and_disputes(analyst, expert):
    booking = confirmed(expert)
    disputes.open_dispute(booking=booking, by=booking.traveler, reason="other", text="Nobody answers.")
    lines = [line.what for line in analyst.get(page(booking, "history")).context["lines"]]
    assert sorted(lines) == ["booking as stored", "booking as stored", "confirmed it", "opened a dispute"]


def test_bookings_are_found_by_either_persons_address(analyst, expert):
    booking = make_booking(expert)
    make_booking(make_expert(reindex=False))
    for word in (booking.traveler.email, expert.user.email):
        found = analyst.get(listed(Booking, q=word)).context["cl"].result_list
        assert list(found) == [booking]


# The ledger


def test_a_posting_shows_its_entries_and_that_they_balance(analyst, expert):
    confirmed(expert)
    shown = html(analyst, listed(Posting))
    assert "traveler $200 · expert -$150 · commission -$50" in shown
    assert list(analyst.get(listed(Posting, balances="no")).context["cl"].result_list) == []


def test_one_that_does_not_balance_is_found(analyst, expert):
    confirmed(expert)
    wrong = Posting.objects.get(kind="agreed")
    with pgtrigger.ignore("bookings.Entry:balanced"):
        posting = Posting.objects.create(booking=wrong.booking, kind="refund")
        Entry.objects.create(posting=posting, account="traveler", amount=5, currency="USD")
        found = analyst.get(listed(Posting, balances="no")).context["cl"].result_list
        assert list(found) == [posting]
        assert list(analyst.get(listed(Posting, balances="yes")).context["cl"].result_list) != []
        Entry.objects.create(posting=posting, account="expert", amount=-5, currency="USD")


# Disputes


@pytest.fixture
def dispute(expert):
    booking = confirmed(expert)
    begun(booking, timedelta(hours=3))
    move(booking, State.COMPLETED, by=expert.user)
    return disputes.open_dispute(
        booking=booking, by=booking.traveler, reason="not_agreed", text="Two hours in place of six."
    )


def test_the_whole_case_is_there_to_decide(reviewer, dispute):
    thread = make_inquiry(dispute.booking.expert, dispute.booking.traveler)
    shown = html(reviewer, page(dispute, "decide"))
    for text in (
        "Two hours in place of six.",
        "Rosa Traveler",
        "Mei Tanaka",
        "marked it as completed",
        "At most $200",
    ):
        assert text in shown
    assert f'href="{page(thread)}"' in shown


def test_a_decision_is_made_once_with_what_comes_back(reviewer, dispute):
    answers = {"to": "upheld", "outcome": "Half is fair.", "refund": "100"}
    response = reviewer.post(page(dispute, "decide"), answers)
    assert said(response) == ["The dispute is now “upheld”. Traveler and expert are told."]
    dispute.refresh_from_db()
    assert (dispute.state, dispute.refund, dispute.decided_by) == ("upheld", 100, reviewer.user)
    assert buttons(reviewer, dispute) == []
    assert "does not lead on from “upheld”" in html(reviewer, page(dispute, "decide"))
    reviewer.post(page(dispute, "decide"), answers)
    assert Booking.objects.get().refund == 100


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ({"to": "", "outcome": "Half."}, "This field is required."),
        ({"to": "upheld", "outcome": ""}, "This field is required."),
        ({"to": "open", "outcome": "Half."}, "Select a valid choice."),
        (
            {"to": "upheld", "outcome": "All and more.", "refund": "200.01"},
            "At most $200 can still come back.",
        ),
        ({"to": "upheld", "outcome": "Less.", "refund": "-1"}, "greater than or equal to 0"),
        (
            {"to": "dismissed", "outcome": "No.", "refund": "1"},
            "Nothing comes back where a dispute is dismissed.",
        ),
    ],
)
def test_a_mistake_is_named_and_keeps_the_words(reviewer, dispute, answers, complaint):
    shown = reviewer.post(page(dispute, "decide"), answers).content.decode()
    assert complaint in shown
    assert answers["outcome"] in shown
    assert Dispute.objects.get().is_open


@pytest.mark.parametrize("role", ["operator", "analyst", "plain_staff"])
def test_other_roles_decide_no_dispute(request, dispute, role):
    client = request.getfixturevalue(role)
    assert client.get(page(dispute, "decide")).status_code == 403
    assert client.post(page(dispute, "decide"), {"to": "upheld", "outcome": "Yes."}).status_code == 403
    assert Dispute.objects.get().is_open


def test_a_reviewer_does_not_decide_about_a_booking_of_their_own(reviewer, expert):
    booking = make_booking(expert, reviewer.user, state="confirmed")
    own = disputes.open_dispute(booking=booking, by=expert.user, reason="other", text="They were rude.")
    assert buttons(reviewer, own) == []
    assert reviewer.post(page(own, "decide"), {"to": "dismissed", "outcome": "I was not."}).status_code == 403


def test_the_permission_alone_is_enough_with_the_right_to_look(plain_staff, dispute):
    codenames = ["view_dispute", "decide_dispute"]
    plain_staff.user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    assert buttons(plain_staff, dispute) == ["decide"]
    plain_staff.post(page(dispute, "decide"), {"to": "dismissed", "outcome": "As agreed."})
    assert Dispute.objects.get().state == "dismissed"


def badges(client):
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    return {item["title"]: item.get("badge") for group in groups for item in group["items"]}


def test_the_sidebar_counts_what_is_open(reviewer, dispute):
    assert badges(reviewer)["Disputes"] == "1"
    disputes.decide(dispute=dispute, to="dismissed", by=reviewer.user, outcome="No.")
    assert badges(reviewer)["Disputes"] is None


# Reports


@pytest.fixture
def report():
    inquiry = make_inquiry(message="Could you show us a garden?")
    message = inquiry.messages.get()
    return threads.report(
        inquiry=inquiry, message=message, by=inquiry.expert.user, reason="rude", text="Not kind."
    )


def test_a_report_is_decided_with_its_message_in_sight(reviewer, report):
    shown = html(reviewer, page(report, "decide"))
    assert "Could you show us a garden?" in shown
    assert "Not kind." in shown
    answers = {"to": "dismissed", "outcome": "It is a plain question."}
    assert said(reviewer.post(page(report, "decide"), answers)) == [
        "The report is now “dismissed”. Whoever reported is told."
    ]
    report.refresh_from_db()
    assert (report.state, report.decided_by, report.outcome) == (
        "dismissed",
        reviewer.user,
        "It is a plain question.",
    )
    assert Notice.objects.get(kind="report.decided").user == report.by
    assert buttons(reviewer, report) == []


def test_a_report_needs_an_outcome(reviewer, report):
    response = reviewer.post(page(report, "decide"), {"to": "upheld", "outcome": ""})
    assert response.context["form"].errors == {"outcome": ["This field is required."]}
    assert Report.objects.get().state == "open"


@pytest.mark.parametrize("role", ["operator", "analyst", "plain_staff"])
def test_other_roles_decide_no_report(request, report, role):
    client = request.getfixturevalue(role)
    assert client.get(page(report, "decide")).status_code == 403
    assert client.post(page(report, "decide"), {"to": "upheld", "outcome": "Yes."}).status_code == 403
    assert Report.objects.get().state == "open"


# Calendars


def test_an_experts_calendar_is_read_without_what_is_secret(analyst, expert):
    expert.weekly_hours.create(weekday=0, opens=540, closes=1020)
    days = ("2027-03-01", "2027-03-03")
    expert.calendar_exceptions.create(
        kind="blocked", days=days, opens=600, closes=720, note="At the dentist."
    )
    feed = CalendarFeed.objects.create(expert=expert, address="s3cret" * 8)
    source = expert.calendar_sources.create(
        name="Family",
        url="https://calendar.example/s3cret-two.ics",
        fingerprint="x",
        state="failed",
        trouble="slow",
    )
    start = timezone.now()
    source.events.create(start=start, end=start + timedelta(hours=1), title="Dinner with Rosa")
    shown = html(analyst, page(expert))
    for text in (
        "Monday",
        "09:00–17:00",
        "Mar 1",
        "10:00–12:00",
        "Family",
        "took too long",
        "Calendar feeds",
    ):
        assert text in shown
    for secret in (feed.address, "s3cret-two", "At the dentist.", "Dinner with Rosa"):
        assert secret not in shown


def test_a_departure_shows_who_comes(analyst, expert):
    rosa = make_user()
    make_money(expert, rosa)
    departure = expert.departures.get()
    shown = html(analyst, page(departure))
    assert rosa.email in shown
    assert departure.seats_taken == 1

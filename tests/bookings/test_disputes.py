"""Disputes: who opens one and when, who decides, what comes back, and what both of the two read."""

import zipfile
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from itertools import product

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import archives, audit, erasing
from accounts.errors import DomainError, IllegalMove
from accounts.models import Notice
from bookings import disputes, ledger
from bookings.booking import move
from bookings.disputes import decide, open_dispute
from bookings.models import Booking, Dispute, Posting
from bookings.slots import constraint_of
from bookings.tasks import complete_bookings
from tests.factories import make_booking, make_expert, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
State = Booking.State
STORY = {"reason": "not_agreed", "text": "Two hours in place of six."}


@pytest.fixture
def expert():
    return make_expert(name="Mei Tanaka", reindex=False)


@pytest.fixture
def reviewer():
    user = make_user("Rita Reviewer", is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewer"))
    return user


@pytest.fixture
def booking(expert):
    """Completed, with what was agreed in the ledger."""
    return completed(expert)


def completed(expert, **fields):
    made = make_booking(expert, make_user("Rosa Traveler"), state="held", **fields)
    move(made, State.CONFIRMED, by=made.traveler)
    Booking.objects.filter(pk=made.pk).update(state=State.COMPLETED)
    return ended(made, days=1)


def ended(booking, **ago):
    end = timezone.now() - timedelta(**ago)
    period = (end - timedelta(hours=3), end)
    first, last = period[0].date(), (end - timedelta(microseconds=1)).date()
    days = {"time_zone": "UTC", "start": first, "end": last}
    Booking.objects.filter(pk=booking.pk).update(period=period, occupied=period, **days)
    return Booking.objects.with_people().get(pk=booking.pk)


def opened(booking, by=None):
    return open_dispute(booking=booking, by=by or booking.traveler, **STORY)


def page(booking):
    return reverse("bookings:dispute", args=[booking.pk])


# Opening


@pytest.mark.parametrize("state", list(State))
def test_it_takes_a_booking_that_came_about(expert, state):
    booking = make_booking(expert, state=state, refund=0 if state == State.CANCELLED else None)
    if state in {State.CONFIRMED, State.COMPLETED, State.CANCELLED, State.NO_SHOW}:
        if state != State.CONFIRMED:
            booking = ended(booking, days=1)
        assert opened(booking).state == "open"
        return
    with pytest.raises(DomainError, match="never came about"):
        opened(booking)


def test_it_takes_place_within_thirty_days_of_the_end(booking):
    assert opened(ended(booking, days=29, hours=23)).is_open
    with pytest.raises(DomainError, match="until 30 days after the end"):
        opened(ended(booking, days=30, seconds=1), by=booking.expert.user)


def test_each_side_has_one_open_at_a_time(booking, reviewer):
    first = opened(booking)
    assert opened(booking) == first  # a second click
    with pytest.raises(DomainError, match="opened a dispute already"):
        open_dispute(booking=booking, by=booking.traveler, reason="other", text="And one thing more.")
    assert opened(booking, by=booking.expert.user).side == "expert"
    decide(dispute=first, to="dismissed", by=reviewer, outcome="Six hours were kept.")
    assert opened(booking).pk != first.pk


@pytest.mark.parametrize("text", ["", " \n"])
def test_it_takes_words(booking, text):
    with pytest.raises(DomainError, match="Say what happened"):
        open_dispute(booking=booking, by=booking.traveler, reason="other", text=text)


def test_nobody_else_opens_one(booking, reviewer):
    for stranger in (make_user(), make_expert(reindex=False).user, reviewer):
        with pytest.raises(PermissionDenied):
            opened(booking, by=stranger)


@pytest.mark.parametrize("side", ["traveler", "expert"])
def test_the_other_side_alone_is_told_with_the_words(booking, side):
    people = {"traveler": booking.traveler, "expert": booking.expert.user}
    by, other = people.pop(side), *people.values()
    Notice.objects.all().delete()
    opened(booking, by=by)
    told = Notice.objects.get()
    assert (told.user, told.kind, told.url) == (other, "dispute.opened", page(booking))
    mail.outbox.clear()
    run_jobs()
    sent = next(one for one in mail.outbox if one.to == [other.email] and "dispute" in one.subject)
    assert sent.subject == f"{by.name} has opened a dispute about your booking"
    assert "Two hours in place of six." in sent.body
    assert "it was not what was agreed" in sent.body


# Deciding


@pytest.mark.parametrize(("start", "to"), list(product(Dispute.State, Dispute.State)))
def test_staff_decide_once(booking, reviewer, start, to):
    dispute = opened(booking)
    if start != "open":
        decide(dispute=dispute, to=start, by=reviewer, outcome="As agreed.")
    if start == "open" and to != "open":
        assert decide(dispute=dispute, to=to, by=reviewer, outcome="So it is.").state == to
        return
    with pytest.raises(IllegalMove):
        decide(dispute=dispute, to=to, by=reviewer, outcome="So it is.")
    assert Dispute.objects.get().state == start


def test_whoever_may_not_decides_nothing(booking, reviewer):
    dispute = opened(booking)
    operator = make_user(is_staff=True)
    operator.groups.add(Group.objects.get(name="Operator"))
    for by in (operator, make_user(), booking.traveler, booking.expert.user):
        with pytest.raises(PermissionDenied):
            decide(dispute=dispute, to="upheld", by=by, outcome="Because I say so.")
    assert Dispute.objects.get().is_open


@pytest.mark.parametrize("side", ["traveler", "expert"])
def test_nobody_decides_about_a_booking_of_their_own(booking, side):
    by = {"traveler": booking.traveler, "expert": booking.expert.user}[side]
    by.groups.add(Group.objects.get(name="Reviewer"))
    dispute = opened(booking)
    with pytest.raises(PermissionDenied):
        decide(dispute=dispute, to="upheld", by=by, outcome="I am right.")


def test_a_decision_says_why(booking, reviewer):
    with pytest.raises(DomainError, match="Say what was decided"):
        decide(dispute=opened(booking), to="upheld", by=reviewer, outcome=" ")


def test_both_are_told_and_the_trail_has_it(booking, reviewer):
    dispute = opened(booking)
    Notice.objects.all().delete()
    decide(dispute=dispute, to="upheld", by=reviewer, outcome="Half is fair.", refund=Decimal(100))
    run_jobs()
    bodies = {one.to[0]: one.body for one in mail.outbox if "is decided" in one.subject}
    assert bodies.keys() == {booking.traveler.email, booking.expert.user.email}
    assert "Your dispute is upheld." in bodies[booking.traveler.email]
    assert "The dispute that Rosa Traveler opened is upheld." in bodies[booking.expert.user.email]
    assert all("Half is fair." in body and "$100" in body for body in bodies.values())
    event = audit.history(dispute).get(action="dispute.upheld")
    assert (event.actor, event.detail["outcome"], event.detail["refund"]) == (
        reviewer,
        "Half is fair.",
        "100",
    )


# What comes back


def test_a_further_refund_is_in_the_books_and_in_the_booking(booking, reviewer):
    decide(dispute=opened(booking), to="upheld", by=reviewer, outcome="Half.", refund=Decimal(100))
    booking.refresh_from_db()
    assert booking.refund == 100
    # As after a cancellation: the traveler has settled with the expert, who owes the commission on the rest.
    assert ledger.balances(booking) == {"commission": -25, "expert": 25, "traveler": 0}
    kinds = Posting.objects.filter(dispute__isnull=False).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["refund", "refunded"]


def test_what_came_back_at_the_cancellation_counts(expert, reviewer):
    booking = make_booking(expert, state="held", start=timezone.localdate() + timedelta(days=5))
    move(booking, State.CONFIRMED, by=booking.traveler)
    booking = move(booking, State.CANCELLED, by=booking.traveler)
    assert (booking.refund, disputes.refundable(booking)) == (100, 100)
    dispute = opened(booking)
    with pytest.raises(DomainError, match=r"At most \$100 can still come back"):
        decide(dispute=dispute, to="upheld", by=reviewer, outcome="All.", refund=Decimal("100.01"))
    decide(dispute=dispute, to="upheld", by=reviewer, outcome="All.", refund=Decimal(100))
    assert Booking.objects.get().refund == 200
    assert ledger.balances(booking) == {"commission": 0, "expert": 0, "traveler": 0}


@pytest.mark.parametrize(
    ("amount", "said"),
    [("-1", "At most"), ("200.01", "At most"), ("0.001", "no amount that can be paid")],
)
def test_an_amount_that_cannot_come_back_is_refused(booking, reviewer, amount, said):
    dispute = opened(booking)
    with pytest.raises(DomainError, match=said):
        decide(dispute=dispute, to="upheld", by=reviewer, outcome="Some.", refund=Decimal(amount))
    assert (Dispute.objects.get().is_open, Booking.objects.get().refund) == (True, None)


def test_nothing_comes_back_where_it_is_dismissed_or_the_booking_stands(expert, booking, reviewer):
    with pytest.raises(DomainError, match="dismissed"):
        decide(dispute=opened(booking), to="dismissed", by=reviewer, outcome="No.", refund=Decimal(1))
    standing = make_booking(expert, state="confirmed")
    with pytest.raises(DomainError, match="At most"):
        decide(dispute=opened(standing), to="upheld", by=reviewer, outcome="Yes.", refund=Decimal(1))


def test_one_cancelled_before_it_was_confirmed_has_nothing_to_give_back(expert):
    booking = make_booking(expert, state="requested")
    assert disputes.refundable(move(booking, State.CANCELLED, by=booking.traveler)) == 0


@given(
    parts=st.lists(st.integers(1, 9_999), min_size=1, max_size=4),
    price=st.decimals("100.00", "99999.99", places=2),
)
def test_in_however_many_parts_the_books_balance_and_all_of_it_takes_back_all(parts, price):
    with transaction.atomic():
        booking = make_booking(make_expert(reindex=False), price=price, commission=price / 4)
        booking.refresh_from_db()
        ledger.agree(booking)
        given_back = Decimal(0)
        for part in [Decimal(part) / 100 for part in parts] + [None]:
            dispute = Dispute.objects.create(
                booking=booking, side="traveler", reason="other", text="x", state="upheld",
                outcome="x", decided_at=timezone.now(),
            )  # fmt: skip
            part = price - given_back if part is None else part
            if not part or given_back + part > price:
                continue
            given_back += part
            booking.refund = given_back
            ledger.give_back(booking, part, dispute)
            assert sum(ledger.balances(booking).values()) == 0
        assert set(ledger.balances(booking).values()) == {0}
        transaction.set_rollback(True)


def test_two_decisions_together_never_give_back_more_than_the_price(booking):
    """Whatever code believes: the table of bookings refuses it."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(refund=Decimal("200.01"))
    assert constraint_of(refusal.value) == "booking_amounts"


# While the booking still stands


@pytest.fixture
def over(expert):
    """Confirmed, with what was agreed in the ledger, and over for two days."""
    made = make_booking(expert, make_user("Rosa Traveler"), state="held")
    move(made, State.CONFIRMED, by=made.traveler)
    return ended(made, days=2)


SETTLING = [(State.COMPLETED, "expert"), (State.NO_SHOW, "expert"), (State.COMPLETED, None)]


@pytest.mark.parametrize(("to", "side"), SETTLING)
@pytest.mark.parametrize("opener", ["traveler", "expert"])
def test_while_it_is_open_neither_the_expert_nor_time_says_how_it_went(over, reviewer, to, side, opener):
    people = {"traveler": over.traveler, "expert": over.expert.user, None: None}
    dispute = opened(over, by=people[opener])
    with pytest.raises(DomainError, match="A dispute about it is open: our team decides that first"):
        move(over, to, by=people[side], reason="Nobody came.")
    decide(dispute=dispute, to="dismissed", by=reviewer, outcome="It did.")
    assert move(over, to, by=people[side], reason="Nobody came.").state == to


@pytest.mark.parametrize("to", [State.COMPLETED, State.NO_SHOW])
def test_staff_may_say_it_all_the_same(over, to):
    opened(over)
    missing = "traveler" if to == State.NO_SHOW else ""
    assert move(over, to, by=mover(), reason="Both wrote so.", missing=missing).state == to


def mover():
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="move_booking"))
    return user


def test_one_opened_in_between_is_seen_under_the_lock(over, monkeypatch):
    answers = iter([False, True, True])
    monkeypatch.setattr("bookings.moves.is_disputed", lambda _booking: next(answers))
    with pytest.raises(DomainError, match="A dispute about it is open"):
        move(over, State.NO_SHOW, by=over.expert.user, reason="Nobody came.")
    assert Booking.objects.get().state == State.CONFIRMED


def test_the_sweep_passes_it_over_until_it_is_decided(over, expert, reviewer):
    other = ended(make_booking(expert, state="confirmed"), days=4)
    dispute = opened(over)
    complete_bookings()
    states = dict(Booking.objects.values_list("pk", "state"))
    assert states == {over.pk: State.CONFIRMED, other.pk: State.COMPLETED}
    decide(dispute=dispute, to="dismissed", by=reviewer, outcome="It did take place.")
    complete_bookings()
    assert Booking.objects.get(pk=over.pk).state == State.COMPLETED


def test_the_page_shows_the_expert_no_button_for_it(client, over):
    client.force_login(over.expert.user)
    url = reverse("bookings:detail", args=[over.pk])
    assert "Mark as completed" in client.get(url).content.decode()
    opened(over)
    shown = client.get(url).content.decode()
    assert "Mark as completed" not in shown
    assert "The traveler did not come" not in shown


def test_with_all_of_the_price_it_is_cancelled_and_the_books_are_empty(over, expert, reviewer):
    opened(over)
    Notice.objects.all().delete()
    dispute = Dispute.objects.get()
    decide(dispute=dispute, to="upheld", by=reviewer, outcome="Nobody came.", refund=Decimal(200))
    over.refresh_from_db()
    assert (over.state, over.refund, over.cancelled_by_expert) == (State.CANCELLED, 200, False)
    assert set(ledger.balances(over).values()) == {0}
    complete_bookings()
    expert.refresh_from_db()
    assert expert.completed_bookings == 0
    kinds = Notice.objects.values_list("user", "kind")
    assert set(kinds) == {(over.traveler_id, "dispute.decided"), (expert.user_id, "dispute.decided")}
    assert len(kinds) == 2


def test_both_read_that_it_is_cancelled_and_by_whom(client, over, reviewer):
    decide(dispute=opened(over), to="upheld", by=reviewer, outcome="Nobody came.", refund=Decimal(200))
    run_jobs()
    bodies = [one.body for one in mail.outbox if "is decided" in one.subject]
    assert len(bodies) == 2
    assert all("The booking is cancelled by it: all of the price comes back." in body for body in bodies)
    for user in (over.traveler, over.expert.user):
        client.force_login(user)
        shown = client.get(reverse("bookings:detail", args=[over.pk])).content.decode()
        assert "<b>Our team</b> cancelled it: <q>Nobody came.</q>" in shown
        assert reviewer.name not in shown


def test_with_a_part_of_it_it_stands_and_time_completes_it(over, expert, reviewer):
    decide(dispute=opened(over), to="upheld", by=reviewer, outcome="Half of it.", refund=Decimal(100))
    over.refresh_from_db()
    assert (over.state, over.refund, disputes.refundable(over)) == (State.CONFIRMED, 100, 100)
    complete_bookings()
    over.refresh_from_db()
    assert (over.state, over.refund) == (State.COMPLETED, 100)
    assert ledger.balances(over) == {"commission": -25, "expert": 25, "traveler": 0}


def test_the_other_part_by_another_dispute_cancels_it(over, reviewer):
    for part in (Decimal("66.66"), Decimal("133.34")):
        decide(dispute=opened(over), to="upheld", by=reviewer, outcome="So much.", refund=part)
    over.refresh_from_db()
    assert (over.state, over.refund) == (State.CANCELLED, 200)
    assert set(ledger.balances(over).values()) == {0}


@pytest.mark.parametrize(
    ("side", "back", "owed"), [("traveler", 100, 25), ("expert", 200, 0), ("staff", 200, 0)]
)
def test_cancelled_after_a_part_came_back_only_the_rest_can(over, reviewer, side, back, owed):
    decide(dispute=opened(over), to="upheld", by=reviewer, outcome="Half of it.", refund=Decimal(100))
    running(over)
    by = {"traveler": over.traveler, "expert": over.expert.user, "staff": mover()}[side]
    cancelled = move(over, State.CANCELLED, by=by, reason="I am ill.", seen_refund=Decimal(back - 100))
    assert cancelled.refund == back
    assert ledger.balances(over) == {"commission": -owed, "expert": owed, "traveler": 0}


def running(booking):
    now = timezone.now()
    period = (now - timedelta(hours=1), now + timedelta(hours=1))
    first, last = (moment.date() for moment in period)
    Booking.objects.filter(pk=booking.pk).update(period=period, occupied=period, start=first, end=last)


def test_the_reviewer_settles_it_on_the_page_alone(client, over, reviewer):
    dispute = opened(over)
    client.force_login(reviewer)
    url = reverse("admin:bookings_dispute_decide", args=[dispute.pk])
    shown = client.get(url).content.decode()
    assert "At most $200, on top of what came back before. With all of it, the booking is cancelled." in shown
    client.post(url, {"to": "upheld", "outcome": "Nobody came.", "refund": "200"})
    assert Booking.objects.get().state == State.CANCELLED


# The pages


def test_a_dispute_is_opened_on_its_page_and_read_on_the_bookings(client, booking):
    client.force_login(booking.traveler)
    detail = reverse("bookings:detail", args=[booking.pk])
    assert f'href="{page(booking)}"' in client.get(detail).content.decode()
    answer = client.post(page(booking), STORY, follow=True)
    assert "Your dispute is open." in answer.content.decode()
    assert Dispute.objects.get().side == "traveler"
    shown = client.get(detail).content.decode()
    assert "Two hours in place of six." in shown
    assert f'href="{page(booking)}"' not in shown


def test_state_and_outcome_are_shown_to_both(client, booking, reviewer):
    decide(dispute=opened(booking), to="upheld", by=reviewer, outcome="Half is fair.", refund=Decimal(100))
    for user in (booking.traveler, booking.expert.user):
        client.force_login(user)
        for url in (page(booking), reverse("bookings:detail", args=[booking.pk])):
            shown = client.get(url).content.decode()
            assert "Half is fair." in shown
            assert "$100 more comes back to the traveler." in shown


def test_a_mistake_keeps_the_words(client, booking):
    client.force_login(booking.traveler)
    answer = client.post(page(booking), {"reason": "", "text": "They left <early>."})
    assert answer.status_code == 422
    assert "They left &lt;early&gt;." in answer.content.decode()
    assert not Dispute.objects.exists()


def test_a_session_that_ended_keeps_them_too(client, booking):
    answer = client.post(page(booking), STORY)
    assert answer.headers["Location"].startswith(reverse("account_login"))
    client.force_login(booking.traveler)
    assert "Two hours in place of six." in client.get(page(booking)).content.decode()


def test_too_late_the_page_says_so_and_has_no_form(client, booking):
    ended(booking, days=31)
    client.force_login(booking.traveler)
    shown = client.get(page(booking)).content.decode()
    assert "until 30 days after the end" in shown
    assert "<textarea" not in shown
    assert client.post(page(booking), STORY).status_code == 422


def test_a_booking_of_others_is_not_there(client, booking):
    client.force_login(make_user())
    assert (client.get(page(booking)).status_code, client.post(page(booking), STORY).status_code) == (
        404,
        404,
    )
    assert not Dispute.objects.exists()


def test_opening_the_page_reads_the_notice(client, booking):
    opened(booking)
    client.force_login(booking.expert.user)
    client.get(page(booking))
    assert Notice.objects.get(kind="dispute.opened").read_at


@pytest.mark.parametrize("size", [1, 6])
def test_the_page_costs_the_same_however_much_was_disputed(
    client, booking, reviewer, size, django_assert_max_num_queries
):
    for _ in range(size):
        decide(dispute=opened(booking), to="dismissed", by=reviewer, outcome="No.")
    client.force_login(booking.traveler)
    with django_assert_max_num_queries(6):
        assert client.get(page(booking)).content.decode().count("Our team’s decision") == size


# Personal data


def test_the_archive_has_ones_own_words_and_not_those_of_others(booking):
    opened(booking)
    assert "Two hours in place of six." in archived(booking.traveler, "disputes")
    theirs = archived(booking.expert.user, "disputes_by_others")
    assert "not_agreed" in theirs
    assert "Two hours" not in theirs


def archived(user, name):
    file = BytesIO()
    archives.write(user, file)
    return zipfile.ZipFile(file).read(f"bookings/{name}.json").decode()


def test_an_open_one_keeps_an_account_from_being_erased(booking, reviewer):
    dispute = opened(booking)
    assert any("dispute" in why for why in erasing.obstacles(booking.traveler))
    decide(dispute=dispute, to="dismissed", by=reviewer, outcome="No.")
    erasing.erase(user=booking.traveler, by=booking.traveler)
    dispute.refresh_from_db()
    assert (dispute.text, dispute.outcome) == ("", "No.")

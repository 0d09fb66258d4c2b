"""Booking a service or an offer: what is taken, what is refused and in which words, and what a second click does."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts import audit
from accounts.errors import DomainError
from accounts.models import NoticeMail
from accounts.notices.kinds import words_of
from bookings import booking, idempotency, rescheduling, slots, wiring, worded
from bookings.booking import SlotTaken
from bookings.idempotency import InFlight, KeyReused
from bookings.models import Booking, Departure, IdempotencyKey, Offer, Proposal
from bookings.periods import of_service, slot, whole_days
from bookings.tasks import forget_idempotency_keys
from experts.models import Expert
from jobs.models import Job
from markets import formats
from tests.factories import (
    make_booking,
    make_expert,
    make_market,
    make_service,
    make_trip,
    make_user,
    numbers,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def expert():
    return make_expert(make_market("Kyoto"), name="Mei Tanaka", reindex=False)


@pytest.fixture
def service(expert):
    return make_service(expert, price=Decimal(90), duration_hours=3, notice_hours=0)


@pytest.fixture
def traveler():
    return make_user("Rosa Traveler")


def nine(days=30):
    """Nine in the morning in Kyoto, so many days on."""
    return datetime.combine(timezone.now().astimezone(TOKYO).date() + timedelta(days=days), time(9), TOKYO)


def request(service, by, start=None, /, **changes):
    start = start or nine()
    terms = {
        "by": by,
        "expert": service.expert,
        "service": service,
        "start": start,
        "end": start + timedelta(hours=float(service.duration_hours or 0)),
        "people": 2,
        "price": booking.amount_for(service, changes.get("people", 2)),
        "currency": service.currency,
        "instant": service.instant,
        "key": f"key-{next(numbers)}",
    }
    return booking.request(**terms | changes)


def test_a_request_takes_the_time_and_says_until_when(service, traveler):
    made = request(service, traveler)
    assert (made.state, made.price, made.commission) == ("requested", 90, Decimal("22.50"))
    assert (made.period.lower, made.period.upper) == (nine(), nine() + 3 * HOUR)
    assert (made.start, made.end, made.time_zone) == (nine().date(), nine().date(), "Asia/Tokyo")
    assert timedelta(hours=47) < made.expires_at - timezone.now() <= timedelta(hours=48)
    assert made.cancellation == {
        "policy": "moderate",
        "steps": [{"hours": 168, "percent": 100}, {"hours": 48, "percent": 50}],
    }
    assert [event.action for event in audit.history(made)] == ["booking.requested"]


def test_an_instant_booking_is_confirmed_at_once(service, traveler):
    service.instant = True
    service.save()
    made = request(service, traveler)
    assert (made.state, made.expires_at) == ("confirmed", None)
    assert [event.action for event in audit.history(made)] == ["booking.confirmed", "booking.requested"]
    assert made.postings.count() == 2


@pytest.mark.parametrize("state", Booking.OCCUPYING)
@pytest.mark.parametrize("hours", [-2.75, 0, 2.75])
def test_whoever_comes_second_is_told_and_offered_other_times(service, traveler, state, hours):
    make_booking(service.expert, state=state, period=(nine(), nine() + 3 * HOUR))
    with pytest.raises(SlotTaken, match="just taken") as refusal:
        request(service, traveler, nine() + timedelta(hours=hours))
    free = refusal.value.next_free
    assert len(free) == slots.OFFERED
    for one in free:
        assert request(service, make_user(), one.start).period.lower == one.start


@pytest.mark.parametrize("state", [state for state in Booking.State if state not in Booking.OCCUPYING])
def test_what_came_to_nothing_or_is_over_takes_no_time(service, traveler, state):
    make_booking(service.expert, state=state, period=(nine(), nine() + 3 * HOUR))
    assert request(service, traveler).pk


def test_times_that_touch_do_not_meet_but_buffers_do(service, traveler):
    request(service, traveler)
    request(service, traveler, nine() + 3 * HOUR)
    service.buffer_minutes = 30
    service.save()
    with pytest.raises(SlotTaken):
        request(service, traveler, nine() + 6 * HOUR)
    made = request(service, traveler, nine() + timedelta(hours=6.5))
    assert made.occupied.lower == made.period.lower - HOUR / 2
    assert made.occupied.upper == made.period.upper + HOUR / 2


def test_a_request_that_has_run_out_is_out_of_the_way_before_anybody_sweeps(service, traveler):
    first = request(service, traveler)
    Booking.objects.filter(pk=first.pk).update(expires_at=timezone.now() - HOUR)
    assert request(service, make_user()).state == "requested"
    first.refresh_from_db()
    assert first.state == "expired"


def test_another_expert_is_not_in_the_way(service, traveler):
    request(service, traveler)
    assert request(make_service(make_expert(reindex=False), notice_hours=0, price=Decimal(90)), traveler).pk


def test_even_a_write_that_never_looked_is_refused_by_the_database(service, traveler):
    made = request(service, traveler)
    made.pk, made._state.adding = None, True
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        made.save(force_insert=True)
    assert slots.constraint_of(refusal.value) == "booking_no_overlap"


WRONG = {
    "You can't book yourself": lambda service: {"by": service.expert.user},
    "This trip is not yours": lambda service: {"trip": make_trip(traveler=make_user())},
    "Say how many": lambda service: {"people": 0},
    "for groups of up to 6": lambda service: {"people": 7},
    "The price has changed meanwhile: it is .90 now": lambda service: {"price": Decimal(89)},
    "The cancellation terms have changed": lambda service: {"policy": "flexible"},
    "on request now": lambda service: {"instant": True},
    "does not last that long": lambda service: {"end": nine() + 4 * HOUR},
    "must come after the start": lambda service: {"end": nine()},
    "has begun already": lambda service: {"start": nine(-1), "end": nine(-1) + 3 * HOUR},
    "not offered any more": lambda service: {"service": make_service(make_expert(reindex=False))},
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_said_and_nothing_is_booked(service, traveler, said):
    with pytest.raises(DomainError, match=said):
        request(service, traveler, **WRONG[said](service))
    assert (Booking.objects.count(), IdempotencyKey.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_notice_cut_off_days_off_and_the_cap_close_a_time(service, traveler):
    service.notice_hours = 24 * 60
    service.save()
    with pytest.raises(DomainError, match=r"Too soon: the first start .* \(Tokyo time\)"):
        request(service, traveler)
    service.notice_hours, service.daily_cap = 0, 1
    service.save()
    request(service, traveler)
    with pytest.raises(DomainError, match="No more of these are given on that day"):
        request(service, traveler, nine() + 5 * HOUR)
    day = nine(31).date()
    service.expert.unavailable.create(days=DateRange(day, day + timedelta(days=1)))
    with pytest.raises(DomainError, match=r"Mei Tanaka is away: .* \(Tokyo time\)"):
        request(service, traveler, nine(31))


def test_after_the_cut_off_tomorrow_is_closed_by_the_experts_clock(service, traveler):
    now = timezone.now().astimezone(TOKYO)
    service.cutoff = time.min
    service.save()
    with pytest.raises(DomainError, match=r"Too late to book for this day.* \(Tokyo time\)"):
        request(service, traveler, datetime.combine(now.date() + timedelta(days=1), time(23), TOKYO))
    assert request(service, traveler, nine(2)).pk


def test_a_paused_expert_takes_no_request(service, traveler):
    Expert.objects.update(accepting_clients=False)
    with pytest.raises(DomainError, match="takes no new clients"):
        request(service, traveler)


def test_an_offer_is_the_experts_own_word(service, traveler):
    day = nine().date()
    service.expert.unavailable.create(days=DateRange(day, day + timedelta(days=1)))
    made = request(
        service,
        traveler,
        offer=Offer(pk=1, title="A long day"),
        service=None,
        price=Decimal("12.34"),
        end=nine() + 5 * HOUR,
        instant=True,
    )
    assert (made.state, made.price, made.service) == ("confirmed", Decimal("12.34"), None)
    assert made.title == "A long day"


def test_days_are_booked_from_midnight_to_midnight_there(expert, traveler):
    service = make_service(expert, duration_hours=None, duration_days=3, notice_hours=0)
    wanted = of_service(service, nine().date(), None, "Asia/Tokyo")
    made = request(service, traveler, wanted.start, end=wanted.end)
    assert (made.start, made.end) == (nine().date(), nine().date() + timedelta(days=2))
    later = wanted.end + timedelta(days=5)
    with pytest.raises(DomainError, match="does not last that long"):
        request(service, traveler, later + HOUR, end=later + HOUR + timedelta(days=3))
    with pytest.raises(SlotTaken) as refusal:
        request(service, traveler, wanted.start, end=wanted.end)
    assert refusal.value.next_free[0] == whole_days(
        made.end + timedelta(days=1), made.end + timedelta(days=3), "Asia/Tokyo"
    )


# Idempotency


def test_the_same_key_and_terms_give_the_first_answer_again(service, traveler):
    first, second = (request(service, traveler, key="one") for _ in range(2))
    assert first == second
    assert Booking.objects.count() == 1


def test_the_same_key_with_other_terms_is_refused(service, traveler):
    request(service, traveler, key="one")
    with pytest.raises(KeyReused, match="sent before with other answers"):
        request(service, traveler, nine(31), key="one")
    assert Booking.objects.count() == 1


def test_a_key_is_ones_own(service, traveler):
    request(service, traveler, key="one")
    assert request(service, make_user(), nine(31), key="one").pk


def test_after_a_refusal_the_key_is_free(service, traveler):
    other = make_booking(service.expert, state="requested", period=(nine(), nine() + HOUR))
    with pytest.raises(SlotTaken):
        request(service, traveler, key="one")
    booking.move(other, "cancelled", by=other.traveler)
    assert request(service, traveler, key="one").pk


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_request_without_a_proper_key_is_refused(service, traveler, key):
    with pytest.raises(DomainError, match="no valid key"):
        request(service, traveler, key=key)


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_under_way_the_second_is_told_to_wait(service, traveler):
    with psycopg.connect(**_other_connection()) as other:
        lock = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"
        other.execute(lock, [idempotency.SPACE, f"{traveler.pk}:one"])
        with pytest.raises(InFlight, match="still being worked on"):
            request(service, traveler, key="one")
        other.rollback()
        assert request(service, traveler, key="one").pk


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_make_one_booking_and_one_mail(service, traveler):
    def click():
        try:
            return request(service, traveler, key="one").pk
        except InFlight:
            return None

    assert len(set(at_once(click)) - {None}) == 1
    assert (Booking.objects.count(), NoticeMail.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_has_the_time(service):
    travelers = iter([make_user() for _ in range(6)])

    def click():
        try:
            return request(service, next(travelers)).pk
        except SlotTaken:
            return None

    assert len([one for one in at_once(click, 6) if one]) == 1


def _other_connection():
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port") if known.get(name)}


# Shared departures


@pytest.fixture
def tour(expert):
    return make_service(
        expert,
        shared=True,
        group_size_max=6,
        duration_hours=2,
        notice_hours=0,
        price_unit="person",
        instant=True,
    )


def test_bookings_of_a_shared_tour_fill_its_seats_and_then_it_is_full(tour):
    for people in (3, 2):
        assert request(tour, make_user(), people=people).price == 90 * people
    departure = Departure.objects.get()
    assert (departure.seats, departure.seats_taken, departure.seats_left) == (6, 5, 1)
    with pytest.raises(SlotTaken, match="not that many seats left") as refusal:
        request(tour, make_user(), people=2)
    assert refusal.value.next_free[0].start == nine(31)
    assert request(tour, make_user(), people=1).departure == departure


def test_a_departure_takes_the_time_once_for_everything_else(tour, service, traveler):
    request(tour, traveler)
    for other in (service, make_service(tour.expert, shared=True, notice_hours=0, instant=True)):
        with pytest.raises(SlotTaken):
            request(other, make_user(), nine() + HOUR)
    with pytest.raises(SlotTaken):
        request(tour, make_user(), nine() + HOUR)


def test_a_booking_alone_keeps_a_departure_from_starting(tour, service, traveler):
    request(service, traveler)
    with pytest.raises(SlotTaken):
        request(tour, make_user(), nine() + HOUR)
    assert not Departure.objects.filter(seats_taken__gt=0).exists()


def test_seats_that_are_given_back_can_be_sold_again_and_the_last_one_frees_the_time(tour, service):
    first, second = request(tour, make_user(), people=4), request(tour, make_user(), people=2)
    booking.move(first, "cancelled", by=first.traveler)
    assert Departure.objects.get().seats_taken == 2
    booking.move(second, "cancelled", by=second.traveler)
    assert Departure.objects.get().seats_taken == 0
    assert request(service, make_user()).pk


def test_no_seat_lies_outside_its_departure(tour, traveler):
    made = request(tour, traveler)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Booking.objects.filter(pk=made.pk).update(expert=make_expert(reindex=False))
    assert slots.constraint_of(refusal.value) == "booking_in_departure"


def test_a_departure_keeps_the_terms_it_started_with(tour, traveler):
    first = request(tour, traveler)
    tour.duration_hours, tour.group_size_max = Decimal(3), 2
    tour.save()
    joined = request(tour, make_user())
    assert (joined.departure, joined.period) == (first.departure, first.period)


def test_a_smaller_cap_counts_starts_not_seats(tour):
    tour.daily_cap = 1
    tour.save()
    for _ in range(2):
        request(tour, make_user())
    with pytest.raises(DomainError, match="No more of these"):
        request(tour, make_user(), nine() + 5 * HOUR)


def test_calendars_see_each_departure_once_and_each_booking(tour, service, traveler):
    request(tour, traveler)
    request(tour, make_user())
    request(service, traveler, nine(31))
    seen = wiring.taken([tour.expert.pk], nine(29), nine(33))
    assert sorted((one.start, one.end) for one in seen) == [
        (nine(), nine() + 2 * HOUR),
        (nine(31), nine(31) + 3 * HOUR),
    ]


# Another time


@pytest.fixture
def confirmed(service, traveler):
    held = make_booking(
        service.expert, traveler, state="held", service=service, period=(nine(), nine() + 3 * HOUR)
    )
    return booking.move(held, "confirmed", by=traveler)


def propose(booked, by, start):
    length = booked.period.upper - booked.period.lower
    wanted = slot(start, start + length, booked.time_zone)
    return rescheduling.propose(
        booking=booked, by=by, slot=wanted, key=f"k{next(numbers)}", reason="A later train"
    )


@pytest.mark.parametrize("by_expert", [True, False])
def test_either_side_proposes_and_the_other_accepts(confirmed, by_expert):
    people = [confirmed.traveler, confirmed.expert.user]
    by, other = people[::-1] if by_expert else people
    proposal = propose(confirmed, by, nine(33))
    assert Booking.objects.get(pk=confirmed.pk).period == confirmed.period
    moved = rescheduling.accept(proposal=proposal, by=other)
    assert (moved.period.lower, moved.start, moved.state) == (nine(33), nine(33).date(), "confirmed")
    actions = [event.action for event in audit.history(moved)]
    assert actions[:2] == ["booking.time_accepted", "booking.time_proposed"]


def test_the_notice_of_another_time_counts_refunds_from_that_time(confirmed):
    propose(confirmed, confirmed.traveler, nine(40))
    notice = confirmed.expert.user.notices.get(kind="reschedule.proposed")
    told = dict(words_of(notice).details)
    now, then = (
        worded.terms_of(
            confirmed.cancellation,
            start=start,
            price=confirmed.price,
            currency="USD",
            zone="UTC",
            day=formats.dated,
        )
        for start in (confirmed.period.lower, nine(40))
    )
    assert told["If it is cancelled"] == " ".join(then) != " ".join(now)


def test_a_booking_may_move_within_its_own_time(confirmed):
    moved = rescheduling.accept(
        proposal=propose(confirmed, confirmed.traveler, nine() + HOUR), by=confirmed.expert.user
    )
    assert moved.period.lower == nine() + HOUR


def test_nobody_consents_for_the_other_side(confirmed):
    proposal = propose(confirmed, confirmed.traveler, nine(33))
    for stranger in (confirmed.traveler, make_user(), make_user(is_staff=True)):
        for act in (rescheduling.accept, rescheduling.decline):
            with pytest.raises(PermissionDenied):
                act(proposal=proposal, by=stranger)
    with pytest.raises(PermissionDenied):
        rescheduling.withdraw(proposal=proposal, by=confirmed.expert.user)


def test_a_time_that_went_meanwhile_leaves_the_booking_where_it_is(confirmed, service):
    proposal = propose(confirmed, confirmed.traveler, nine(33))
    request(service, make_user(), nine(33) + HOUR)
    with pytest.raises(SlotTaken):
        rescheduling.accept(proposal=proposal, by=confirmed.expert.user)
    confirmed.refresh_from_db()
    assert confirmed.period.lower == nine()
    assert Proposal.objects.get().state == "open"


def test_what_is_taken_cannot_even_be_proposed(confirmed, service):
    request(service, make_user(), nine(33))
    with pytest.raises(SlotTaken):
        propose(confirmed, confirmed.traveler, nine(33))


def test_one_proposal_at_a_time_and_none_for_what_is_not_confirmed(confirmed, service):
    propose(confirmed, confirmed.traveler, nine(33))
    with pytest.raises(DomainError, match="proposed already"):
        propose(confirmed, confirmed.expert.user, nine(34))
    requested = request(service, make_user(), nine(40))
    with pytest.raises(DomainError, match="Only a confirmed booking"):
        propose(requested, requested.traveler, nine(41))


@pytest.mark.parametrize("decide", ["decline", "withdraw"])
def test_a_proposal_that_is_decided_is_decided(confirmed, decide):
    proposal = propose(confirmed, confirmed.traveler, nine(33))
    by = confirmed.traveler if decide == "withdraw" else confirmed.expert.user
    getattr(rescheduling, decide)(proposal=proposal, by=by)
    with pytest.raises(DomainError, match="by now"):
        rescheduling.accept(proposal=proposal, by=confirmed.expert.user)
    assert Booking.objects.get(pk=confirmed.pk).period == confirmed.period
    assert propose(confirmed, confirmed.traveler, nine(34)).state == "open"


@pytest.mark.parametrize("decide", ["accept", "decline", "withdraw"])
def test_a_double_click_answers_a_proposal_once(confirmed, decide):
    proposal = propose(confirmed, confirmed.traveler, nine(33))
    by = confirmed.traveler if decide == "withdraw" else confirmed.expert.user
    for _ in range(2):
        getattr(rescheduling, decide)(proposal=proposal, by=by)
    actions = [event.action for event in audit.history(confirmed)]
    assert actions[1] == "booking.time_proposed"


def test_a_proposal_ends_with_its_booking(confirmed):
    proposal = propose(confirmed, confirmed.traveler, nine(33))
    booking.move(confirmed, "cancelled", by=confirmed.traveler)
    proposal.refresh_from_db()
    assert proposal.state == "expired"


def test_a_seat_moves_to_another_departure(tour):
    made = request(tour, make_user())
    moved = rescheduling.accept(proposal=propose(made, made.traveler, nine() + HOUR), by=tour.expert.user)
    assert moved.period.lower == nine() + HOUR
    assert sorted(Departure.objects.values_list("seats_taken", flat=True)) == [0, 2]


def test_the_refund_after_a_move_counts_from_the_new_time(confirmed):
    moved = rescheduling.accept(
        proposal=propose(confirmed, confirmed.traveler, nine(3)), by=confirmed.expert.user
    )
    assert booking.move(moved, "cancelled", by=moved.traveler).refund == 100


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", date(2027, 3, 28), 23), ("Europe/Berlin", date(2027, 10, 31), 25)],
)
def test_a_day_on_which_the_clocks_change_is_booked_whole(traveler, zone, day, hours):
    expert = make_expert(make_market("Berlin", time_zone=zone), reindex=False)
    service = make_service(expert, duration_hours=None, duration_days=1)
    wanted = of_service(service, day, None, zone)
    made = request(service, traveler, wanted.start, end=wanted.end)
    assert (made.period.upper - made.period.lower, made.start, made.end) == (hours * HOUR, day, day)
    assert made.period.lower.astimezone(UTC).hour in {22, 23}


def test_keys_are_forgotten_when_nobody_can_be_sending_them_any_more(service, traveler):
    for key in ("old", "new"):
        request(service, traveler, nine(40 if key == "old" else 41), key=key)
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(days=31))
    forget_idempotency_keys()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]

"""How a booking comes to be and changes its state: `request` and `move` are the only ways."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.bulk import next_keys
from accounts.errors import DomainError
from accounts.models import AuditEvent, User
from bookings import (
    aggregates,
    amounts,
    availability,
    cancellation,
    idempotency,
    ledger,
    moves,
    notices,
    payments,
    people,
    slots,
)
from bookings.amounts import amount_for
from bookings.models import Booking, Offer
from bookings.moves import Side
from bookings.periods import Slot, for_hours, of_service, slot
from bookings.slots import NotFree, SlotTaken, Taken, Wish
from experts import calendar
from experts.models import CancellationPolicy, Expert, Service
from markets.formats import money
from travelers.models import Trip

__all__ = ["SlotTaken", "amount_for", "expire_overdue", "move", "request"]

State = Booking.State


@dataclass(frozen=True)
class Terms:
    """What traveler and expert agree on."""

    by: User
    expert: Expert
    service: Service | None
    trip: Trip | None
    offer: Offer | None
    agreed_by: User
    slot: Slot
    people: int
    price: Decimal
    currency: str
    policy: str
    instant: bool

    @property
    def wish(self) -> Wish:
        return Wish(self.expert, self.service, self.slot, self.people)

    @property
    def title(self) -> str:
        named = self.offer or self.service
        return named.title if named else ""

    @property
    def body(self) -> dict[str, Any]:
        """What an idempotency key stands for."""
        rows = {"expert": self.expert, "service": self.service, "trip": self.trip, "offer": self.offer}
        plain = {"people": self.people, "currency": self.currency, "instant": self.instant}
        return (
            {name: row.pk if row else None for name, row in rows.items()}
            | plain
            | {
                "start": self.slot.start.isoformat(),
                "end": self.slot.end.isoformat(),
                "price": f"{self.price:.2f}",
                "policy": self.policy,
            }
        )


def request(
    *,
    by: User,
    expert: Expert,
    service: Service | None = None,
    trip: Trip | None = None,
    offer: Offer | None = None,
    agreed_by: User | None = None,
    start: datetime,
    end: datetime,
    people: int,
    price: Decimal,
    currency: str,
    instant: bool,
    key: str,
    policy: str = "",
) -> Booking:
    """Book, at once where `instant`, otherwise the expert is asked first. `by` is the traveler.

    `price` and `policy` are what the traveler was shown: a service must still cost and promise that. An `offer` is
    the expert's own word, so what the service says of notice, price and days off does not stand against it;
    `agreed_by` has accepted it, if that was not the traveler.

    SlotTaken: somebody was faster. NotFree: the plan stands against it. Both name other slots as `next_free`.
    DomainError: anything else that stands against it.
    The same key and terms: the booking that was made the first time.
    """
    own = service.cancellation_policy if service else CancellationPolicy.MODERATE
    planned = slot(start, end, expert.time_zone)
    terms = Terms(
        by,
        expert,
        service,
        trip,
        offer,
        agreed_by or by,
        planned,
        people,
        price,
        currency,
        policy or own,
        instant,
    )
    return idempotency.once(by=by, key=key, body=terms.body, act=lambda keep: _book(terms, keep))


def _book(terms: Terms, keep: idempotency.Keep) -> Booking:
    # Whoever is refused anyway need not wait for the lock to hear it.
    running = slots.check(terms.wish)
    terms = _checked(terms)
    expire_overdue(terms.expert.pk)
    booking = _row(terms, running, timezone.now())
    # What follows from a booking is written before it, so that others wait for nothing but its own row. Postgres
    # looks for what keys point to at the end of the transaction.
    _settle(booking)
    notices.of_booking(booking, _recorded(booking, terms))
    keep(booking)
    _write(booking, terms)
    return booking


def _write(booking: Booking, terms: Terms) -> None:
    """Under the lock."""
    wish = terms.wish
    running = slots.lock_and_check(wish)
    _check_day(terms)
    with slots.guarded(wish):
        place = slots.place(wish, running)
        if place["period"] != booking.period:  # the departure of those who were faster
            raise DomainError(_("This service does not last that long. Load the page again."))
        for field, value in place.items():
            setattr(booking, field, value)
        booking.save(force_insert=True)


def _row(terms: Terms, running: Taken | None, now: datetime) -> Booking:
    """Confirmed at once where both have agreed beforehand: the expert by offering it, the traveler by asking."""
    state = State.CONFIRMED if terms.instant else State.REQUESTED
    return Booking(
        pk=next_keys(Booking._meta.db_table)[0],
        traveler=terms.by,
        expert=terms.expert,
        trip=terms.trip,
        service=terms.service,
        title=terms.title,
        period=running.period if running else terms.slot.period,
        time_zone=terms.slot.time_zone,
        people=terms.people,
        state=state,
        expires_at=_until(state, terms.slot.start, now),
        price=terms.price,
        currency=terms.currency,
        commission=amounts.commission_on(terms.price, terms.currency),
        cancellation=cancellation.snapshot(terms.policy),
    )


def _recorded(booking: Booking, terms: Terms) -> AuditEvent:
    """The last of what happened: what is confirmed at once was asked for as well."""
    first = State.HELD if terms.instant else State.REQUESTED
    asked = {"after": first, "offer": terms.offer.pk if terms.offer else None}
    acts = [audit.Act("booking.requested", booking, terms.by, asked)]
    if terms.instant:
        side = moves.side_of(booking, terms.agreed_by).value
        agreed = {"before": first, "after": State.CONFIRMED, "side": side, "offer": asked["offer"]}
        acts.append(audit.Act("booking.confirmed", booking, terms.agreed_by, agreed))
    return audit.record_all(acts)[-1]


def _until(state: str, start: datetime, now: datetime) -> datetime | None:
    hours = {State.REQUESTED: settings.BOOKING_REQUEST_HOURS, State.HELD: settings.BOOKING_HOLD_HOURS}
    return min(now + timedelta(hours=hours[State(state)]), start) if state in hours else None


def _checked(terms: Terms) -> Terms:
    """With the service as it is now. DomainError: what stands against it, other bookings apart."""
    people.check_new(terms.by, terms.expert)
    if terms.trip and terms.trip.traveler_id != terms.by.pk:
        raise DomainError(_("This trip is not yours."))
    if terms.people < 1:
        raise DomainError(_("Say how many people will come."))
    people.check_now(terms.by, terms.expert)
    if terms.offer is None:
        terms = _with_service(terms)
    closed = calendar.past if terms.offer else availability.closed
    if reason := closed(terms.expert, terms.service, terms.slot.start, terms.slot.end):
        raise NotFree(terms.wish, reason)
    return terms


def _check_day(terms: Terms) -> None:
    """The cap of a day is fought for as its hours are."""
    full = availability.day_is_full(terms.expert, terms.service, terms.slot.start)
    if full and terms.offer is None:
        raise NotFree(terms.wish, full)


def _with_service(terms: Terms) -> Terms:
    """What the traveler was shown must still be what is offered: the page may have been open for long."""
    expert = terms.expert
    offered = Service.objects.filter(expert=expert, is_active=True)
    service = offered.filter(pk=terms.service.pk).first() if terms.service else None
    if service is None:
        raise DomainError(_("This service is not offered any more."))
    if not Expert.objects.open_to_inquiries().filter(pk=expert.pk).exists():
        raise DomainError(_("%(name)s takes no new clients at present.") % {"name": expert.name})
    if terms.people > service.group_size_max:
        raise DomainError(_("This is for groups of up to %(count)s.") % {"count": service.group_size_max})
    _check_length(terms.slot, service)
    _check_promises(terms, service)
    return replace(terms, service=service)


def _check_promises(terms: Terms, service: Service) -> None:
    price = amount_for(service, terms.people)
    if (terms.price, terms.currency) != (price, service.currency):
        now = money(price, service.currency)
        raise DomainError(_("The price has changed meanwhile: it is %(price)s now.") % {"price": now})
    if terms.policy != service.cancellation_policy:
        raise DomainError(_("The cancellation terms have changed meanwhile. Read them again."))
    if terms.instant and not service.instant:
        raise DomainError(_("This is booked on request now. Load the page again."))


def _check_length(wanted: Slot, service: Service) -> None:
    first = wanted.days[0]
    if service.duration_days:
        expected = of_service(service, first, None, wanted.time_zone)
    else:
        assert service.duration_hours  # service_positive
        expected = for_hours(wanted.start, service.duration_hours, wanted.time_zone)
    if wanted != expected:
        raise DomainError(_("This service does not last that long. Load the page again."))


class MovedMeanwhile(Exception):
    """A row is not as it was read: somebody was faster."""


def as_read(act: Callable[[], Booking]) -> Booking:
    """What this makes of rows that are still as it read them when it writes; otherwise it is undone and done anew."""
    while True:
        try:
            with transaction.atomic():
                return act()
        except MovedMeanwhile:
            continue


def move(
    booking: Booking,
    to: str,
    by: User | None = None,
    reason: str = "",
    *,
    seen_refund: Decimal | None = None,
    missing: str = "",
) -> Booking:
    """Take the row as it is now to another state; returns that row. `by=None` is the system: time has passed.

    The same move by the same person again, as a double click makes it, changes nothing.

    `seen_refund`: what the page promised would come back; `missing`: whose no-show it is, which staff say. Raises
    IllegalMove where the state does not lead there, DomainError where its time, its reason or that promise does not
    hold, PermissionDenied for whoever may not.
    """
    return as_read(lambda: _move(booking.pk, to, by, reason, seen_refund, missing))


def _move(
    pk: int, to: str, by: User | None, reason: str, seen_refund: Decimal | None, missing: str
) -> Booking:
    found, now = Booking.objects.with_people().get(pk=pk), timezone.now()
    side = moves.side_of(found, by)
    if found.state == to and by and _took_it_there(found, by):
        return found
    moves.check(found, to, side, reason, now)
    if to in moves.AGREEING:
        people.check_now(found.traveler, found.expert)
    if seen_refund is not None and seen_refund != moves.refund(found, side, now):
        raise DomainError(_("What comes back has changed since you opened the page. Look at it again."))
    found.missing = moves.missing(to, side, missing)
    return _take(found, to, by, side, reason, now)


def _took_it_there(booking: Booking, by: User) -> bool:
    """To the state that it is in: a booking comes to each of them once."""
    return audit.history_of(Booking, booking.pk).filter(actor=by, detail__after=booking.state).exists()


def _take(booking: Booking, to: str, by: User | None, side: Side, reason: str, now: datetime) -> Booking:
    """Told and recorded first, then written if it is still as it was: nobody waits for an expert meanwhile."""
    was = {name: getattr(booking, name) for name in ("state", "period", "expires_at", "refund")}
    before, detail = booking.state, {"reason": reason.strip()} if reason.strip() else {}
    # Nobody pays for an expert who did not come.
    gives_back = to == State.CANCELLED or booking.missing == Booking.Missing.EXPERT
    back = moves.refund(booking, side, now) if gives_back else Decimal(0)
    if gives_back and before == State.CONFIRMED:
        booking.refund = (booking.refund or Decimal(0)) + back
        detail |= {"refund": str(booking.refund)}
    booking.cancelled_by_expert = to == State.CANCELLED and side == Side.EXPERT
    booking.state, booking.expires_at = State(to), _until(to, booking.period.lower, now)
    event = audit.record(
        action=f"booking.{booking.missing}_missing" if booking.missing else f"booking.{to}",
        target=booking,
        by=by,
        before=before,
        after=str(to),
        side=side.value,
        **detail,
    )
    notices.of_booking(booking, event)
    slots.lock(booking.expert_id)
    if moves.settles_itself(to, side):
        _keep_undisputed(booking)
    written = ("state", "expires_at", "refund", "cancelled_by_expert", "missing")
    rows = Booking.objects.filter(pk=booking.pk, **was)
    if not rows.update(**{name: getattr(booking, name) for name in written}):
        raise MovedMeanwhile
    _settle(booking, back)
    if before == State.CONFIRMED:
        _end_proposals(booking, now)
    return booking


def _keep_undisputed(booking: Booking) -> None:
    """A dispute locks the booking that it is opened about: whoever opens one now sees how this ended."""
    Booking.objects.select_for_update(of=("self",)).get(pk=booking.pk)
    if moves.is_disputed(booking):
        raise MovedMeanwhile


def cancel_as_decided(booking: Booking, by: User, outcome: str) -> None:
    """A dispute about it has given back all of its price. In that transaction, which has locked the row and tells the
    two of it.
    """
    now, before = timezone.now(), booking.state
    booking.state = State.CANCELLED
    booking.save(update_fields=["state"])
    audit.record(
        action="booking.cancelled",
        target=booking,
        by=by,
        before=before,
        after=State.CANCELLED.value,
        side=Side.STAFF.value,
        reason=outcome,
        refund=str(booking.refund),
    )
    _end_proposals(booking, now)


def _end_proposals(booking: Booking, now: datetime) -> None:
    booking.proposals.filter(state="open").update(state="expired", decided_at=now)


def _settle(booking: Booking, back: Decimal = Decimal(0)) -> None:
    """`back`: what comes back now, as part of `booking.refund`."""
    if booking.state == State.CONFIRMED:
        ledger.agree(booking)
        payments.provider().collect(booking)
    elif back:
        ledger.give_back(booking, back)
        payments.provider().give_back(booking, back)
    elif booking.state == State.COMPLETED:
        aggregates.recount([booking.expert_id])


def expire_overdue(expert_id: int) -> None:
    """What has run out gives its time back now, swept up or not. Mostly nothing has, and then no lock is taken."""
    overdue = Booking.objects.overdue(timezone.now()).filter(expert=expert_id).order_by("pk")
    if overdue.exists():
        slots.lock(expert_id)
        for booking in overdue:
            move(booking, State.EXPIRED)

"""Offers inside a thread: one function makes every move of theirs, whoever asks for it.

offered → accepted    by the other side, once, before time is up
        → countered   by the other side, with an offer of their own
        → withdrawn   by the side that made it
        → expired     by the system
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from bookings import threads
from bookings.idempotency import KeyReused
from bookings.models import MOST_OPEN, Inquiry, Message, Offer, Side
from bookings.periods import slot
from experts.models import Service

State = Offer.State
# What two clicks with the same form have in common.
AGREED = ("service_id", "title", "people", "price", "currency", "start", "end")
AT_ONCE = 100  # expired by one sweep; the next takes the rest

# Called as (offer, by, key) in the transaction that accepts an offer: what raises DomainError here undoes it.
accepted: list[Callable[[Offer, User, str], None]] = []


@transaction.atomic
def make(*, offer: Offer, by: User, note: str = "") -> Offer:
    """Store a new offer in its thread. A second click with the same key finds the first one.

    DomainError: the thread is closed, the times have passed or can't be booked, the thread holds too many open offers,
    or the key was used for another offer.
    """
    inquiry = threads.lock(offer.inquiry_id)
    if earlier := _earlier(inquiry, offer.key):
        return _same(earlier, offer, note)
    _check_new(inquiry, offer, by)
    return _add(inquiry, offer, by, note)


@transaction.atomic
def counter(*, offer: Offer, new: Offer, by: User, note: str = "") -> Offer:
    """Answer an offer with another, in one step: never are both open, never neither."""
    inquiry = threads.lock(offer.inquiry_id)
    if earlier := _earlier(inquiry, new.key):
        return _same(earlier, new, note)
    new.inquiry, new.counters = inquiry, offer
    move(offer=offer, to=State.COUNTERED, by=by)
    _check_new(inquiry, new, by)
    return _add(inquiry, new, by, note)


def accept(*, offer: Offer, by: User) -> Offer:
    return move(offer=offer, to=State.ACCEPTED, by=by)


def withdraw(*, offer: Offer, by: User) -> Offer:
    return move(offer=offer, to=State.WITHDRAWN, by=by)


@transaction.atomic
def move(*, offer: Offer, to: str, by: User | None) -> Offer:
    """Take the move on the row as it is now; returns that row. `by=None` is the system, for expiry alone.

    The same move by the same side again, as a double click makes it, changes nothing. IllegalMove: the offer does
    not lead there any more; DomainError: not this side's to make, the thread is closed, or the booking failed.
    """
    inquiry = threads.lock(offer.inquiry_id)
    offer = Offer.objects.select_for_update(of=("self",)).select_related("service").get(pk=offer.pk)
    offer.inquiry = inquiry
    side = inquiry.side_of(by) if by else Side.SYSTEM
    _check_side(offer, to, side)
    if offer.state == to and to != State.COUNTERED:
        return offer
    _check_move(offer, to)
    if by and to != State.WITHDRAWN:
        threads.check_open(inquiry, by)
    before, offer.state, offer.moved_at = offer.state, to, timezone.now()
    offer.save(update_fields=["state", "moved_at"])
    audit.record(action=f"offer.{to}", target=offer, by=by, before=before, after=to, inquiry=inquiry.pk)
    _tell(inquiry, offer, side)
    if to == State.ACCEPTED and by:
        for act in accepted:
            act(offer, by, f"offer-{offer.pk}")
    return offer


def too_many(service: Service | None, people: int) -> str:
    """Why nobody could ever accept it: seats are counted, whatever two people agree on. Empty where somebody can."""
    if service is None or not service.shared or people <= service.group_size_max:
        return ""
    return _("Each start of this service has %(seats)s seats.") % {"seats": service.group_size_max}


def unusual(service: Service | None, people: int) -> str:
    """What both should know of it; what an expert offers is their own word, so it is refused to nobody."""
    if service is None or people <= service.group_size_max:
        return ""
    return _("More people than this service usually takes (%(count)s).") % {"count": service.group_size_max}


def expire_due() -> int:
    """Close the offers whose time is up; how many there were."""
    due = list(Offer.objects.due().order_by("expires_at")[:AT_ONCE])
    for offer in due:
        with transaction.atomic():
            threads.lock(offer.inquiry_id)
            if Offer.objects.due().filter(pk=offer.pk).exists():  # nobody was faster
                move(offer=offer, to=State.EXPIRED, by=None)
    return len(due)


def _check_side(offer: Offer, to: str, side: str) -> None:
    allowed = {
        State.ACCEPTED: Side(offer.side).other,
        State.COUNTERED: Side(offer.side).other,
        State.WITHDRAWN: offer.side,
        State.EXPIRED: Side.SYSTEM,
    }
    if allowed.get(State(to)) != side:
        raise DomainError(_("This is not yours to decide: the offer waits for the other side."))


def _check_move(offer: Offer, to: str) -> None:
    is_late = offer.state_now == State.EXPIRED and to != State.EXPIRED
    if is_late or to not in Offer.MOVES[offer.state]:
        now = State(offer.state_now)
        allowed = [] if is_late else sorted(str(State(state).label) for state in Offer.MOVES[offer.state])
        raise IllegalMove(now=str(now.label), asked=str(State(to).label), allowed=allowed)


def _check_new(inquiry: Inquiry, offer: Offer, by: User) -> None:
    threads.check_open(inquiry, by)
    if offer.expires_at <= timezone.now():
        raise DomainError(_("An offer must begin, and stay open, in the future."))
    slot(offer.start, offer.end, offer.time_zone)  # what nobody can book nobody could accept
    if offer.service and offer.service.expert_id != inquiry.expert_id:
        raise DomainError(_("This service belongs to another expert."))
    if why := too_many(offer.service, offer.people):
        raise DomainError(why)
    if Offer.objects.waiting().filter(inquiry=inquiry).count() >= MOST_OPEN:
        raise DomainError(
            _("%(most)s offers wait for an answer here already. Withdraw one first.") % {"most": MOST_OPEN}
        )


def _earlier(inquiry: Inquiry, key: UUID) -> Offer | None:
    return Offer.objects.filter(inquiry=inquiry, key=key).first()


def _same(earlier: Offer, offer: Offer, note: str) -> Offer:
    """How long it stays open is counted from the click, so two clicks differ in it."""
    said = Message.objects.filter(offer=earlier, kind=Message.Kind.OFFER, body=note)
    if all(getattr(earlier, name) == getattr(offer, name) for name in AGREED) and said.exists():
        return earlier
    raise KeyReused


def _add(inquiry: Inquiry, offer: Offer, by: User, note: str) -> Offer:
    offer.inquiry, offer.side = inquiry, inquiry.side_of(by)
    offer.save(force_insert=True)
    audit.record(action="offer.offered", target=offer, by=by, inquiry=inquiry.pk, price=str(offer.price))
    threads.post(inquiry, side=offer.side, kind=Message.Kind.OFFER, offer=offer, body=note)
    return offer


def _tell(inquiry: Inquiry, offer: Offer, side: str) -> None:
    """An entry in the thread, and so a notice; a counter-offer is one itself."""
    if offer.state != State.COUNTERED:
        threads.post(inquiry, side=side, kind=Message.Kind(offer.state), offer=offer)

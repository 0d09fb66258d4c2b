"""A thread as one of its two sees it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts import fragments
from accounts.compiled import CompiledQuery, Parameter
from accounts.models import User
from accounts.pagination import NewestFirst, Page
from bookings import cancellation, offers, shown, slots, threads, worded
from bookings.models import Attachment, Inquiry, Message, Offer, Side
from bookings.periods import Slot
from bookings.slots import SlotTaken, Wish
from markets import moments
from markets.formats import dated

A_PAGE = 20


@dataclass(frozen=True)
class Seat:
    """A thread and the side from which it is seen. `closed`: why nothing can be written, empty where it can."""

    inquiry: Inquiry
    side: Side
    zone: str
    closed: str

    @property
    def me(self) -> User:
        return self.inquiry.person(self.side)

    @property
    def other(self) -> User:
        return self.inquiry.person(self.side.other)

    @property
    def acquainted(self) -> bool:
        return bool(self.inquiry.acquainted)  # type: ignore[attr-defined]  # annotated

    @property
    def has_blocked(self) -> bool:
        by_traveler, by_expert = self.inquiry.blocked_by_traveler, self.inquiry.blocked_by_expert  # type: ignore[attr-defined]  # annotated
        return bool(by_traveler if self.side == Side.TRAVELER else by_expert)


THREAD = CompiledQuery(lambda: Inquiry.objects.of(Parameter("user")).for_thread().filter(pk=Parameter("pk")))


def take(request: HttpRequest, pk: int) -> Seat:
    """404 for everybody but the two."""
    user = request.user
    assert isinstance(user, User)
    return seat_of(THREAD.one_or_404(user=user.pk, pk=pk), user)


def seat_of(inquiry: Inquiry, user: User) -> Seat:
    return Seat(inquiry, inquiry.side_of(user), user.time_zone, threads.closed_because(inquiry, user))


def rows(inquiry: Inquiry) -> QuerySet[Message]:
    return _rows(inquiry).prefetch_related("attachments")


def _rows(inquiry: Inquiry | Parameter) -> QuerySet[Message]:
    return Message.objects.filter(inquiry=inquiry).select_related("offer__service")


PAGES = NewestFirst(lambda: _rows(Parameter("inquiry")), size=A_PAGE)


def page(inquiry: Inquiry, request: HttpRequest) -> Page[Message]:
    found = PAGES.page(request, inquiry=inquiry.pk)
    prefetch_related_objects(found.items, "attachments")
    return found


@dataclass(frozen=True)
class Terms:
    """An offer with its times as they are read: by the clock of the place, and by the reader's own. `gone`: why it
    can't be accepted any more although it is open; `unusual`: what to know of it before.
    """

    offer: Offer
    title: str
    when: str
    zone: str
    own_when: str
    own_zone: str
    until: str
    refunds: list[str]
    gone: str
    unusual: str
    can_answer: bool
    can_withdraw: bool

    @property
    def state(self) -> str:
        return str(Offer.State(self.offer.state_now).label)

    @property
    def can_accept(self) -> bool:
        return self.can_answer and not self.gone


def title_of(offer: Offer, seat: Seat) -> str:
    return shown.text(offer.title, acquainted=seat.acquainted)


Gone = Mapping[int | None, str]


def gone(offers: Iterable[Offer], seat: Seat) -> Gone:
    """Of those that are open, whose hours are booked meanwhile, and how that is said. What the expert's calendar says
    is nothing to an offer, so it is asked for bookings alone: one query, and none where nothing is open.
    """
    waiting = [offer for offer in offers if offer.is_open]
    refusals = slots.refusals([_wish(offer, seat) for offer in waiting])
    return {offer.pk: _why(refusal) for offer, refusal in zip(waiting, refusals, strict=True) if refusal}


def _wish(offer: Offer, seat: Seat) -> Wish:
    slot = Slot(offer.start, offer.end, offer.time_zone)
    return Wish(seat.inquiry.expert, offer.service, slot, offer.people)


def _why(refusal: SlotTaken) -> str:
    return _("No longer free: these hours were booked.") if refusal.whole else str(refusal)


def terms(offer: Offer, seat: Seat, gone: Gone) -> Terms:
    there = moments.span(offer.start, offer.end, offer.time_zone, dated)
    own = moments.span(offer.start, offer.end, seat.zone, dated)
    return Terms(
        offer,
        title_of(offer, seat),
        there,
        moments.zone_name(offer.time_zone),
        own if own != there else "",
        moments.zone_name(seat.zone),
        f"{moments.moment(offer.expires_at, seat.zone)} ({moments.zone_name(seat.zone)})",
        _refunds(offer, seat.zone),
        gone.get(offer.pk, ""),
        _unusual(offer),
        can_answer=offer.is_open and offer.side != seat.side and not seat.closed,
        can_withdraw=offer.is_open and offer.side == seat.side,
    )


def _unusual(offer: Offer) -> str:
    return offers.unusual(offer.service, offer.people) if offer.is_open else ""


def _refunds(offer: Offer, zone: str) -> list[str]:
    """What comes back after a cancellation, once it is a booking."""
    kept = cancellation.snapshot(offer.policy)
    return worded.terms_of(kept, start=offer.start, price=offer.price, currency=offer.currency, zone=zone)


@dataclass(frozen=True)
class Entry:
    """One message as it is shown. `title`: of its offer; `files`: each with its name; `hides`: contact details."""

    message: Message
    writer: str
    mine: bool
    when: str
    title: str
    pieces: shown.Pieces
    files: Sequence[tuple[Attachment, str]]
    terms: Terms | None
    seen: bool

    @property
    def hides(self) -> bool:
        offer = self.message.offer
        in_names = any(name != file.name for file, name in self.files)
        in_title = self.terms is not None and offer is not None and self.title != offer.title
        return in_title or in_names or any(kind for _text, kind in self.pieces)


def entries(messages: Iterable[Message], seat: Seat, *, plain: bool = False) -> list[str]:
    """Rendered, in the order of reading; `messages` come newest first. `plain`: without buttons."""
    found = list(messages)
    taken = gone((one.offer for one in found if one.offer and one.kind == Message.Kind.OFFER), seat)
    return [_rendered(message, seat, taken, plain=plain) for message in found][::-1]


def _rendered(message: Message, seat: Seat, gone: Gone, *, plain: bool) -> str:
    """Kept for a minute: entries never change, and a page shows twenty. The key says what changes around them."""
    offer = message.offer
    key = (
        message.pk,
        seat.side,
        seat.zone,
        seat.other.name,
        seat.acquainted,
        bool(seat.closed),
        _is_seen(message, seat),
        offer and offer.state_now,
        gone.get(message.offer_id, ""),
        offer and _unusual(offer),
        plain,
    )
    template = "bookings/inquiries/_entry.html"
    return fragments.kept(
        "entry",
        key,
        lambda: render_to_string(template, {"entry": _entry(message, seat, gone), "plain": plain}),
    )


def _is_seen(message: Message, seat: Seat) -> bool:
    return message.side == seat.side and message.pk <= seat.inquiry.read_by(seat.side.other)


def _entry(message: Message, seat: Seat, gone: Gone) -> Entry:
    mine = message.side == seat.side
    shows_terms = message.offer and message.kind in {Message.Kind.OFFER, Message.Kind.ACCEPTED}
    return Entry(
        message,
        _writer(message, seat),
        mine,
        moments.moment(message.created_at, seat.zone),
        title_of(message.offer, seat) if message.offer else "",
        shown.pieces(message, acquainted=seat.acquainted),
        [
            (file, shown.file_name(file.name, acquainted=seat.acquainted))
            for file in message.attachments.all()
        ],
        terms(message.offer, seat, gone) if message.offer and shows_terms else None,
        seen=_is_seen(message, seat),
    )


def _writer(message: Message, seat: Seat) -> str:
    if message.side == Side.SYSTEM:
        return str(Side.SYSTEM.label)
    return _("You") if message.side == seat.side else seat.other.name


@dataclass(frozen=True)
class Line:
    """A thread in the inbox."""

    inquiry: Inquiry
    name: str
    words: str
    when: str
    unread: int


def lines(inquiries: Iterable[Inquiry], side: Side, zone: str) -> list[Line]:
    return [_line(inquiry, side, zone) for inquiry in inquiries]


def _line(inquiry: Inquiry, side: Side, zone: str) -> Line:
    last = inquiry.last_message
    assert last
    return Line(
        inquiry,
        inquiry.person(side.other).name,
        _summary(last, shown.words(last, acquainted=inquiry.acquainted)),  # type: ignore[attr-defined]  # annotated
        moments.moment(last.created_at, zone),
        inquiry.unread(side),
    )


def _summary(last: Message, words: str) -> str:
    if last.kind != Message.Kind.TEXT:
        return f"{last.get_kind_display().capitalize()}. {words}".strip()
    return words or _("A file")


def context(request: HttpRequest, seat: Seat, **more: Any) -> dict[str, Any]:
    return {"seat": seat, "inquiry": seat.inquiry, "trip": seat.inquiry.trip} | more

"""What inquiries, bookings and reviews hold about a person: accounts/personal.py.

Bookings stay, and so do the stars of reviews: both say what happened between two people, one of whom is still here.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import personal
from accounts.models import User
from accounts.personal import Held
from bookings.aggregates import refresh_experts
from bookings.models import (
    Attachment,
    Block,
    Booking,
    Departure,
    Dispute,
    Entry,
    IdempotencyKey,
    Inquiry,
    Message,
    Offer,
    Posting,
    Proposal,
    Report,
    Review,
    Side,
    TravelerReview,
    WaitlistEntry,
    Written,
)
from bookings.signals import review_withdrawn

# By value, whichever of them there are: as long as a booking is one of these, somebody counts on this person.
OPEN = ("requested", "held", "confirmed")


def _participant(user: User, path: str = "") -> Q:
    return Q(**{f"{path}traveler": user}) | Q(**{f"{path}expert__user": user})


def _on_the_side_of(user: User, thread: str, side: str) -> Q:
    """Of messages and offers: those that this person made."""
    as_traveler = Q(**{f"{thread}__traveler": user, side: Side.TRAVELER})
    return as_traveler | Q(**{f"{thread}__expert__user": user, side: Side.EXPERT})


def _unanswered(inquiries: Any) -> None:
    """Threads in which nobody else ever said anything."""
    answers = Message.objects.filter(inquiry=OuterRef("pk"), side=Side.EXPERT)
    inquiries.filter(~Exists(answers)).delete()


def _own_entries(user: User) -> Any:
    expert = Q(
        posting__booking__expert__user=user, account__in=[Entry.Account.EXPERT, Entry.Account.COMMISSION]
    )
    return Entry.objects.filter(expert | Q(posting__booking__traveler=user, account=Entry.Account.TRAVELER))


def _content(attachment: Attachment) -> list[personal.File]:
    return [(attachment.name, attachment.file.chunks())] if attachment.file else []


def _untitle(offers: Any) -> None:
    """In their own words, and nobody took it up: a title that was booked is the books'."""
    offers.filter(service=None, booking=None).update(title="–")


def _open_bookings(user: User) -> str:
    count = Booking.objects.filter(_participant(user), state__in=OPEN).count()
    if not count:
        return ""
    return ngettext(
        "There is %(count)s open booking. Complete or cancel it first: somebody counts on you.",
        "There are %(count)s open bookings. Complete or cancel them first: somebody counts on you.",
        count,
    ) % {"count": count}


def _waitlist(user: User) -> Any:
    """An entry knows no account, but the address may be one of this person's."""
    emails = EmailAddress.objects.filter(user=user).values("email")
    return WaitlistEntry.objects.filter(Q(email=user.email) | Q(email__in=emails))


def _unsay(reviews: Any) -> None:
    """What nobody has read yet goes, of the rest the words do."""
    reviews.filter(state=Written.State.WAITING).delete()
    if reviews.model is Review:
        experts = dict(reviews.values_list("pk", "expert_id"))
        review_withdrawn.send(Review, reviews=experts)
    reviews.update(text="", moderation_reason="")


def _refresh_reviewed(user: User) -> Callable[[], None]:
    experts = list(Review.objects.filter(booking__traveler=user).values_list("expert_id", flat=True))
    return lambda: refresh_experts(experts)


def _about(model: type[Written], path: str) -> Callable[[User], Any]:
    """What the other side wrote and nobody may read yet is not told here either."""
    return lambda user: model._default_manager.filter(**{path: user}).exclude(state=Written.State.WAITING)


def _disputes(user: User) -> Any:
    return Dispute.objects.filter(Q(booking__traveler=user) | Q(booking__expert__user=user))


def _opened(user: User) -> Q:
    return Q(side="traveler", booking__traveler=user) | Q(side="expert", booking__expert__user=user)


def _opened_by_others(user: User) -> Any:
    """What the other side wrote is its own; what was decided concerns both."""
    return _disputes(user).exclude(_opened(user))


def _open_disputes(user: User) -> str:
    if _disputes(user).filter(state=Dispute.State.OPEN).exists():
        return str(_("A dispute about a booking of yours is open. It has to be decided first."))
    return ""


def declare() -> None:
    stars = _("The stars of reviews you wrote, without your name and words, and reviews that others wrote.")
    books = _("Your bookings with their titles, amounts and dates: the books need them.")
    decisions = _(
        "What our team decided about disputes of your bookings, without your words: the books need it."
    )
    events: Any = Booking.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
    threads = _("Conversations, without the words and files you sent: what others wrote to you is theirs.")
    reported = _("That you reported something and what was decided, without your words.")
    personal.say(Booking, "reason")
    no_reply = personal.blank(reply="", replied_at=None)
    personal.block(_open_bookings)
    personal.block(_open_disputes)
    personal.afterwards(_refresh_reviewed)
    personal.hold(
        "bookings",
        Held(
            "attachments",
            lambda user: Attachment.objects.filter(
                _on_the_side_of(user, "message__inquiry", "message__side")
            ),
            personal.delete,
            files=_content,
        ),
        Held(
            "messages",
            lambda user: Message.objects.filter(_on_the_side_of(user, "inquiry", "side")),
            personal.blank(body="", contacts=[]),
        ),
        Held("reports", lambda user: Report.objects.filter(by=user), personal.blank(text=""), stays=reported),
        Held("blocks", lambda user: Block.objects.filter(by=user), personal.delete),
        Held(
            "offers",
            lambda user: Offer.objects.filter(_on_the_side_of(user, "inquiry", "side")),
            _untitle,
            stays=threads,
        ),
        Held("inquiries", lambda user: Inquiry.objects.filter(traveler=user), _unanswered, stays=threads),
        Held(
            "inquiries_to_me",
            lambda user: Inquiry.objects.filter(expert__user=user),
            personal.nothing,
            stays=threads,
        ),
        Held("waitlists", _waitlist, personal.delete),
        Held(
            "reviews_of_experts",
            lambda user: Review.objects.filter(booking__traveler=user),
            _unsay,
            stays=stars,
            without=frozenset({"moderation_reason"}),
        ),
        Held(
            "reviews_of_travelers",
            lambda user: TravelerReview.objects.filter(booking__expert__user=user),
            _unsay,
            stays=stars,
            without=frozenset({"moderation_reason"}),
        ),
        Held(
            "reviews_about_me_as_expert",
            _about(Review, "expert__user"),
            no_reply,
            stays=stars,
            without=frozenset({"moderation_reason"}),
        ),
        Held(
            "reviews_about_me_as_traveler",
            _about(TravelerReview, "traveler"),
            no_reply,
            stays=stars,
            without=frozenset({"moderation_reason"}),
        ),
        Held(
            "proposals",
            lambda user: Proposal.objects.filter(by=user),
            personal.blank(reason=""),
            stays=books,
        ),
        Held("ledger", _own_entries, personal.nothing, stays=books),
        Held("requests", lambda user: IdempotencyKey.objects.filter(user=user), personal.delete),
        Held(
            "disputes",
            lambda user: _disputes(user).filter(_opened(user)),
            personal.blank(text=""),
            stays=decisions,
            without=frozenset({"decided_by"}),
        ),
        Held(
            "disputes_by_others",
            _opened_by_others,
            personal.nothing,
            stays=decisions,
            without=frozenset({"text", "decided_by"}),
        ),
        Held(
            "bookings", lambda user: Booking.objects.filter(_participant(user)), personal.nothing, stays=books
        ),
        Held(
            "booking_history",
            lambda user: events.objects.filter(_participant(user)),
            personal.nothing,
            stays=books,
        ),
    )
    personal.exempt(Posting, "What happened to the money of a booking; its entries are in the archive.")
    personal.exempt(Departure, "A date of a group's tour: the bookings of its seats are in the archive.")

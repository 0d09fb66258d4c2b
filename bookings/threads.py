"""What happens in a thread: entries and read marks, blocks and reports. Offers are in bookings.offers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, contacts
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from bookings import attachments, notices
from bookings.models import Block, Booking, Inquiry, Message, Report, Side
from experts.models import Expert


def lock(inquiry_id: int) -> Inquiry:
    """The thread as it is now, and nobody else's to write to until the transaction ends."""
    return Inquiry.objects.select_for_update(of=("self",)).for_thread().get(pk=inquiry_id)


@transaction.atomic
def of_booking(booking: Booking) -> Inquiry:
    """The thread in which the offer was made, or else that of the two about the trip, begun if there is none yet."""
    if found := Inquiry.objects.filter(offers__booking=booking).first():
        return found
    inquiry, new = Inquiry.objects.get_or_create(
        traveler=booking.traveler,
        expert=booking.expert,
        trip=booking.trip,
        general=booking.trip_id is None,
    )
    if new:
        audit.record(action="inquiry.begun", target=inquiry, by=None, booking=booking.pk)
    return inquiry


def closed_because(inquiry: Inquiry, user: User) -> str:
    """Why this user can write no more here; empty where they can. `inquiry` comes from `for_thread`."""
    side = inquiry.side_of(user)
    name = inquiry.person(side.other).name
    blocked = {Side.TRAVELER: inquiry.blocked_by_traveler, Side.EXPERT: inquiry.blocked_by_expert}  # type: ignore[attr-defined]  # annotated
    if blocked[side]:
        return _("You have blocked %(name)s. Neither of you can write to the other.") % {"name": name}
    if blocked[side.other]:
        return _("%(name)s has closed this conversation. Neither of you can write to the other.") % {
            "name": name
        }
    if not inquiry.person(side.other).is_active:
        return _("This account is closed: nobody reads here any more.")
    if inquiry.expert.status == Expert.Status.SUSPENDED:
        return _("This expert’s profile is suspended, so nobody can write here at present.")
    return ""


def check_open(inquiry: Inquiry, user: User) -> None:
    if reason := closed_because(inquiry, user):
        raise DomainError(reason)


def send(*, inquiry: Inquiry, by: User, body: str, key: UUID, files: Sequence[UploadedFile] = ()) -> Message:
    """A second click with the same key finds the first message.

    DomainError: the thread is closed, a file cannot be sent, or the key was used for other words.
    """
    with attachments.stored(files) as attached, transaction.atomic():
        inquiry = lock(inquiry.pk)
        if earlier := Message.objects.filter(inquiry=inquiry, key=key).first():
            attachments.forget(attached)
            return _same(earlier, inquiry.side_of(by), body)
        check_open(inquiry, by)
        message = post(inquiry, side=inquiry.side_of(by), body=body, key=key)
        attachments.attach(message, attached)
        return message


def _same(earlier: Message, side: str, body: str) -> Message:
    if earlier.body == body and earlier.side == side:
        return earlier
    raise DomainError(_("A message from this form was sent before. Send again to send these words as well."))


def post(inquiry: Inquiry, *, side: str, **fields: Any) -> Message:
    """Add an entry to a locked thread, and tell its readers."""
    found = [list(one) for one in contacts.find(fields.get("body", ""))]
    message = Message.objects.create(inquiry=inquiry, side=side, contacts=found, **fields)
    readers = [reader for reader in (Side.TRAVELER, Side.EXPERT) if reader != side]
    counts = {f"{reader}_unread": F(f"{reader}_unread") + 1 for reader in readers}
    Inquiry.objects.filter(pk=inquiry.pk).update(last_message=message, **counts)
    notices.of_message(message)
    return message


def mark_read(inquiry: Inquiry, side: str, upto: int) -> None:
    """Entries that came after `upto` stay unread: nobody has seen them.

    One statement that takes off what it has read: a count of the rest would miss an entry that commits meanwhile.
    """
    mark, unread = f"{side}_read", f"{side}_unread"
    seen = Message.objects.filter(inquiry=OuterRef("pk"), pk__gt=OuterRef(mark), pk__lte=upto).exclude(
        side=side
    )
    count = Coalesce(Subquery(seen.order_by().values("inquiry").values(count=Count("pk"))), 0)
    Inquiry.objects.filter(pk=inquiry.pk, **{f"{mark}__lt": upto}).update(
        **{mark: upto, unread: F(unread) - count}
    )


# Every open page asks twice a minute: two partial indexes answer, and no query has to be written.
_UNREAD = """
    SELECT (SELECT count(*) FROM bookings_inquiry WHERE traveler_id = %(user)s AND traveler_unread > 0),
        (SELECT count(*) FROM bookings_inquiry i JOIN experts_expert x ON x.id = i.expert_id
         WHERE x.user_id = %(user)s AND i.expert_unread > 0)
"""


def unread(user: User) -> dict[str, int]:
    """By side, how many threads hold something that the user has not read."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, {"user": user.pk})
        as_traveler, as_expert = cursor.fetchone()
    return {Side.TRAVELER.value: as_traveler, Side.EXPERT.value: as_expert}


@transaction.atomic
def block(*, inquiry: Inquiry, by: User) -> None:
    whom = inquiry.person(inquiry.side_of(by).other)
    _, new = Block.objects.get_or_create(by=by, whom=whom)
    if new:
        audit.record(action="inquiry.block", target=inquiry, by=by, whom=whom.pk)


@transaction.atomic
def unblock(*, inquiry: Inquiry, by: User) -> None:
    whom = inquiry.person(inquiry.side_of(by).other)
    if Block.objects.filter(by=by, whom=whom).delete()[0]:
        audit.record(action="inquiry.unblock", target=inquiry, by=by, whom=whom.pk)


@transaction.atomic
def report(*, inquiry: Inquiry, message: Message | None, by: User, reason: str, text: str) -> Report:
    """A second report of the same thing by the same person adds its words to the first, until that is decided."""
    found, new = Report.objects.select_for_update(of=("self",)).get_or_create(
        inquiry=inquiry,
        message=message,
        by=by,
        state=Report.State.OPEN,
        defaults={"reason": reason, "text": text},
    )
    if not new:
        if (reason, text) == (found.reason, found.text) or _said(reason, text) in found.text:
            return found
        found.text = f"{found.text}\n\n{_said(reason, text)}".strip()
        found.save(update_fields=["text"])
    audit.record(action="report.made", target=found, by=by, reason=reason, inquiry=inquiry.pk)
    return found


def _said(reason: str, text: str) -> str:
    return f"{Report.Reason(reason).label}: {text}".strip(": ")


def may_decide(report: Report, user: User) -> bool:
    """Nobody decides about a conversation of their own."""
    inquiry = report.inquiry
    own = user.pk in {report.by_id, inquiry.traveler_id, inquiry.expert.user_id}
    return not own and user.has_perm("bookings.decide_report")


@transaction.atomic
def decide(*, report: Report, to: str, by: User, outcome: str) -> Report:
    """Uphold or dismiss, once; whoever reported hears of it. What follows for people is decided elsewhere."""
    report = _locked_report(report.pk)
    if not may_decide(report, by):
        raise PermissionDenied
    allowed = Report.MOVES[report.state]
    if to not in allowed:
        raise IllegalMove(
            now=report.get_state_display(),
            asked=str(Report.State(to).label),
            allowed=[str(Report.State(state).label) for state in allowed],
        )
    if not outcome.strip():
        raise DomainError(_("Say what was decided and why."))
    report.state, report.outcome, report.decided_by, report.decided_at = to, outcome, by, timezone.now()
    report.save(update_fields=["state", "outcome", "decided_by", "decided_at"])
    event = audit.record(action=f"report.{to}", target=report, by=by, outcome=outcome)
    notices.of_report(report, event)
    return report


def _locked_report(pk: int) -> Report:
    rows = Report.objects.select_related("by", "inquiry__traveler", "inquiry__expert__user")
    return rows.select_for_update(of=("self",)).get(pk=pk)

"""The money of bookings as double entries. What is written here balances, or the database takes none of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from bookings.amounts import share
from bookings.models import Booking, Dispute, Entry, Posting

Account = Entry.Account
Lines = Mapping[Account, Decimal]
# In one statement: others wait for the expert meanwhile.
_POST = """
    WITH posting AS (
        INSERT INTO bookings_posting (booking_id, kind, dispute_id, at)
        VALUES (%(booking)s, %(kind)s, %(dispute)s, %(at)s) RETURNING id
    )
    INSERT INTO bookings_entry (posting_id, account, amount, currency)
    SELECT posting.id, account, amount, %(currency)s
    FROM posting CROSS JOIN unnest(%(accounts)s::text[], %(amounts)s::numeric[]) line (account, amount)
"""


def agree(booking: Booking) -> None:
    """It is confirmed: the traveler owes the price, of which the expert is owed all but the commission."""
    _post(booking, Posting.Kind.AGREED, _agreed(booking))


def _agreed(booking: Booking) -> Lines:
    return {
        Account.TRAVELER: booking.price,
        Account.EXPERT: booking.commission - booking.price,
        Account.COMMISSION: -booking.commission,
    }


def give_back(booking: Booking, refund: Decimal, dispute: Dispute | None = None) -> None:
    """So much of what was agreed is owed no more, commission and all in the same proportion.

    `booking.refund` is what came back in all, this included. The commission is what the whole takes back of it less
    what the parts before did: rounded each by itself, parts would not add up.
    """
    in_all = booking.refund or refund
    commission = _commission_of(booking, in_all) - _commission_of(booking, in_all - refund)
    lines = {
        Account.TRAVELER: -refund,
        Account.EXPERT: refund - commission,
        Account.COMMISSION: commission,
    }
    _post(booking, Posting.Kind.REFUND, lines, dispute)


def _commission_of(booking: Booking, refund: Decimal) -> Decimal:
    return share(refund, booking.price, booking.commission, booking.currency)


def kept(booking: Booking) -> tuple[Decimal, Decimal]:
    """Of the agreed price our commission and what is the expert's, after what came back."""
    back = booking.refund or Decimal(0)
    commission = booking.commission - _commission_of(booking, back)
    return commission, booking.price - back - commission


def settled_outside(booking: Booking) -> None:
    """The traveler pays the expert, who then owes us the commission."""
    _post(booking, Posting.Kind.SETTLED, _settled(booking))


def _settled(booking: Booking) -> Lines:
    return {Account.TRAVELER: -booking.price, Account.EXPERT: booking.price}


def refunded_outside(booking: Booking, refund: Decimal, dispute: Dispute | None = None) -> None:
    lines = {Account.TRAVELER: refund, Account.EXPERT: -refund}
    _post(booking, Posting.Kind.REFUNDED, lines, dispute)


def balances(booking: Booking) -> dict[str, Decimal]:
    """By account what is still owed (positive) or to be had (negative)."""
    entries = Entry.objects.filter(posting__booking=booking)
    return dict(entries.values_list("account").annotate(Sum("amount")).order_by("account"))


def history(booking: Booking) -> list[tuple[Posting, list[Entry]]]:
    """What was agreed and settled when it was booked, not stored: of a booking that is loaded, not made here."""
    done = {Posting.Kind.AGREED: _agreed(booking), Posting.Kind.SETTLED: _settled(booking)}
    return [
        (
            Posting(booking=booking, kind=kind, at=booking.created_at),
            [
                Entry(account=account, amount=amount, currency=booking.currency)
                for account, amount in lines.items()
                if amount
            ],
        )
        for kind, lines in done.items()
    ]


def _post(booking: Booking, kind: str, lines: Lines, dispute: Dispute | None = None) -> None:
    if not any(lines.values()):
        return
    given = {account.value: amount for account, amount in lines.items() if amount}
    values: dict[str, Any] = {
        "booking": booking.pk,
        "kind": kind,
        "dispute": dispute and dispute.pk,
        "at": timezone.now(),
        "currency": booking.currency,
        "accounts": list(given),
        "amounts": list(given.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_POST, values)

"""Who moves the money. So far nobody here does: traveler and expert settle it between them."""

from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from bookings import ledger
from bookings.models import Booking, Dispute


class Provider(Protocol):
    """Called in the transaction that moves the booking or decides its dispute, after the ledger says what is owed.

    One that has to call out enqueues a durable job there (`jobs/`) and lets that call: nothing leaves the system
    while a transaction is open, and nothing before it is committed.
    """

    def collect(self, booking: Booking) -> None: ...

    def give_back(self, booking: Booking, refund: Decimal, dispute: Dispute | None = None) -> None: ...


class SettledOutside:
    """The traveler pays the expert directly."""

    def collect(self, booking: Booking) -> None:
        ledger.settled_outside(booking)

    def give_back(self, booking: Booking, refund: Decimal, dispute: Dispute | None = None) -> None:
        ledger.refunded_outside(booking, refund, dispute)


def provider() -> Provider:
    made: Provider = import_string(settings.BOOKING_PAYMENTS)()
    return made

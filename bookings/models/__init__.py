from bookings.models.bookings import Booking, BookingQuerySet, Departure
from bookings.models.idempotency import IdempotencyKey
from bookings.models.inquiries import Inquiry, InquiryQuerySet
from bookings.models.money import Entry, Posting
from bookings.models.rescheduling import Proposal
from bookings.models.reviews import Review
from bookings.models.waitlist import WaitlistEntry

__all__ = [
    "Booking",
    "BookingQuerySet",
    "Departure",
    "Entry",
    "IdempotencyKey",
    "Inquiry",
    "InquiryQuerySet",
    "Posting",
    "Proposal",
    "Review",
    "WaitlistEntry",
]

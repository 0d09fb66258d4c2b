from bookings.models.bookings import Booking, BookingQuerySet, Departure
from bookings.models.disputes import Dispute
from bookings.models.idempotency import IdempotencyKey
from bookings.models.inquiries import Block, Inquiry, InquiryQuerySet, Side
from bookings.models.messages import LONGEST_MESSAGE, Attachment, Message, Report
from bookings.models.money import Entry, Posting
from bookings.models.offers import MOST_OPEN, Offer
from bookings.models.rescheduling import Proposal
from bookings.models.reviews import Review, TravelerReview, Written
from bookings.models.waitlist import WaitlistEntry

__all__ = [
    "LONGEST_MESSAGE",
    "MOST_OPEN",
    "Attachment",
    "Block",
    "Booking",
    "BookingQuerySet",
    "Departure",
    "Dispute",
    "Entry",
    "IdempotencyKey",
    "Inquiry",
    "InquiryQuerySet",
    "Message",
    "Offer",
    "Posting",
    "Proposal",
    "Report",
    "Review",
    "Side",
    "TravelerReview",
    "WaitlistEntry",
    "Written",
]

from bookings.models.bookings import Booking
from bookings.models.inquiries import Block, Inquiry, InquiryQuerySet, Side
from bookings.models.messages import LONGEST_MESSAGE, Attachment, Message, Report
from bookings.models.offers import MOST_OPEN, Offer
from bookings.models.reviews import Review, TravelerReview, Written
from bookings.models.waitlist import WaitlistEntry

__all__ = [
    "LONGEST_MESSAGE",
    "MOST_OPEN",
    "Attachment",
    "Block",
    "Booking",
    "Inquiry",
    "InquiryQuerySet",
    "Message",
    "Offer",
    "Report",
    "Review",
    "Side",
    "TravelerReview",
    "WaitlistEntry",
    "Written",
]

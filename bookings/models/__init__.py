from bookings.models.bookings import Booking
from bookings.models.inquiries import Inquiry, InquiryQuerySet
from bookings.models.reviews import Review, TravelerReview, Written
from bookings.models.waitlist import WaitlistEntry

__all__ = ["Booking", "Inquiry", "InquiryQuerySet", "Review", "TravelerReview", "WaitlistEntry", "Written"]

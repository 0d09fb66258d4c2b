"""Bookings stand below matching and may not call it: whoever has quoted a review listens here."""

from django.dispatch import Signal

# Sent with `reviews=`, the experts' keys by the reviews', inside the transaction that hides them or takes their words.
review_withdrawn = Signal()

"""Travelers stand below matching and may not call it: whoever acts on a new brief listens here."""

from django.dispatch import Signal

# Sent with `trip=` inside the transaction that stores a new or changed trip.
trip_described = Signal()

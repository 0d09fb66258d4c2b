"""Experts stand below matching and may not call it: whoever counts what came of a list listens here."""

from django.dispatch import Signal

# Sent with `request=`, `expert=` (its key) and `trip=`: the number of the trip that the visitor claims to come from.
profile_opened = Signal()

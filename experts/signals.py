"""Experts stand below bookings and matching and may not call them: whoever counts what came of a list, or tells those
whom a step concerns, listens here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from experts.models import Expert

# Sent with `request=`, `expert=` (its key) and `trip=`: the number of the trip that the visitor claims to come from.
profile_opened = Signal()
# Sent with `expert=` and `event=`, the audit event, inside the transaction that suspends or reinstates them.
suspension_moved = Signal()
# Asked before staff suspend an expert: what stands open with them, as one line for this member of staff; empty where
# nothing does. Whoever knows of some is appended.
standing: "list[Callable[[Expert], str]]" = []

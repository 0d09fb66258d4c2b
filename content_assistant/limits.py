"""How much of their share of questions an expert has left, for pages."""

from datetime import datetime
from typing import NamedTuple

from accounts.models import User
from llm import door


class Left(NamedTuple):
    hour: int
    hour_limit: int
    day: int
    day_limit: int
    lifts_at: datetime | None  # set while nothing is left

    @property
    def tightest(self) -> int:
        return min(self.hour, self.day)


def left(user: User) -> Left | None:
    """None: nobody can tell at the moment."""
    try:
        uses = door.uses(user)
    except door.LLMError:
        return None
    return Left(
        max(uses.hour_limit - uses.hour_used, 0),
        uses.hour_limit,
        max(uses.day_limit - uses.day_used, 0),
        uses.day_limit,
        uses.lifts_at,
    )

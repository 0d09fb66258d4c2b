from typing import Any

from django.utils.translation import gettext as _


class DomainError(Exception):
    """A rule of the marketplace says no. `str()` is a sentence fit for a page."""


class IllegalMove(DomainError):
    """A state was asked for that the present one does not lead to."""

    def __init__(self, *, now: str, asked: str, allowed: list[str]) -> None:
        self.allowed = allowed
        text = (
            _("From “%(now)s” this can't become “%(asked)s”. Possible: %(allowed)s.")
            if allowed
            else _("This is “%(now)s” by now, so it can't become “%(asked)s”.")
        )
        super().__init__(text % {"now": now, "asked": asked, "allowed": ", ".join(allowed)})

    @staticmethod
    def of(row: Any, to: str) -> "IllegalMove":
        """Of a row with `state`, its model's `State` and `MOVES`."""
        return IllegalMove(
            now=row.get_state_display(),
            asked=str(row.State(to).label),
            allowed=sorted(str(row.State(one).label) for one in row.MOVES[row.state]),
        )

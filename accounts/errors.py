from django.utils.translation import gettext as _


class DomainError(Exception):
    """A rule of the marketplace says no. `str()` is a sentence fit for a page."""


class IllegalMove(DomainError):
    """A state was asked for that the present one does not lead to."""

    def __init__(self, *, now: str, asked: str, allowed: list[str]) -> None:
        self.allowed = allowed
        super().__init__(
            _("From “%(now)s” this can't become “%(asked)s”. Possible: %(allowed)s.")
            % {"now": now, "asked": asked, "allowed": ", ".join(allowed) or _("nothing")}
        )

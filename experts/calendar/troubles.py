"""Why a calendar could not be read: what is stored of it, and what the expert reads."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Trouble(StrEnum):
    ADDRESS = "address"
    PRIVATE = "private"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    REDIRECTS = "redirects"
    REFUSED = "refused"
    MISSING = "missing"
    ANSWER = "answer"
    TOO_BIG = "too_big"
    TOO_MANY = "too_many"
    NO_CALENDAR = "no_calendar"


WORDS = {
    Trouble.ADDRESS: _(
        "This is no address we can read. It begins with https:// and names no port and no password."
    ),
    Trouble.PRIVATE: _("This address does not lead to the public internet, so we don’t read it."),
    Trouble.UNREACHABLE: _("The other server could not be reached."),
    Trouble.SLOW: _("The other server took too long to answer."),
    Trouble.REDIRECTS: _("The address leads from one place to the next without an end."),
    Trouble.REFUSED: _("The other server refuses us. Is it the secret or public address of the calendar?"),
    Trouble.MISSING: _("The other server knows no calendar at this address."),
    Trouble.ANSWER: _("The other server answered with an error."),
    Trouble.TOO_BIG: _("The calendar is larger than 2 MB."),
    Trouble.TOO_MANY: _("The calendar has more than ten thousand events in the next year."),
    Trouble.NO_CALENDAR: _("What is there is no iCalendar file."),
}


class Unreadable(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble

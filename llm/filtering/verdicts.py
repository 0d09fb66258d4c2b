from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    PROFANITY = "profanity"
    SLUR = "slur"
    CONTACT = "contact"  # an address, a number or a handle smuggled into public text
    LINK = "link"
    SPAM = "spam"
    LEAK = "leak"  # the canary, or a long stretch of our instructions
    UNSUPPORTED = "unsupported"  # a checkable claim that no given source bears out


class Verdict(NamedTuple):
    """`start` and `end` are offsets into the text as it was given; `span` is the text between them."""

    reason: Reason
    start: int
    end: int
    span: str
    detail: str = ""  # what exactly, for staff

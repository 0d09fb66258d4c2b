"""What a model wrote, checked before anyone publishes it. Verdicts are reasons; the caller decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from llm.filtering import echoes
from llm.prompt import Audience


class Reason(StrEnum):
    PROFANITY = "profanity"
    SLUR = "slur"
    CONTACT = "contact"  # an address, a number or a handle smuggled into public text
    LINK = "link"
    SPAM = "spam"
    LEAK = "leak"  # the canary, or a long stretch of our instructions
    UNSUPPORTED = "unsupported"  # a checkable claim that no given source bears out


@dataclass(frozen=True)
class Verdict:
    """`start` and `end` are offsets into the text as it was given; `span` is the text between them."""

    reason: Reason
    start: int
    end: int
    span: str
    detail: str = ""  # what exactly, for staff


def check(
    text: str,
    *,
    audience: Audience,
    canary: str = "",
    instructions: str = "",
    sources: Sequence[str] | None = None,
) -> tuple[Verdict, ...]:
    """What speaks against the text, in order of place.

    Everyone's text is checked for leaks. Text that people read is also checked for profanity, slurs and spam; public
    text for contact details and links; and where `sources` are given, for claims that none of them bears out.
    """
    spans = [echoes.find_canary(text, canary) if canary else None]
    spans.append(echoes.find_echo(text, instructions) if instructions else None)
    return tuple(Verdict(Reason.LEAK, *span, text[slice(*span)]) for span in spans if span)

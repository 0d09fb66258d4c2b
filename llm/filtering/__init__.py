"""What a model wrote, checked before anyone publishes it. Verdicts are reasons; the caller decides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from llm.filtering import contacts, echoes, spam, words
from llm.filtering.reading import Reading
from llm.filtering.verdicts import Reason, Verdict
from llm.prompt import Audience

_Found = tuple[int, int, Reason, str]  # start, end, reason, detail; offsets into the text as it was given

__all__ = ["Reason", "Verdict", "check"]


def check(
    text: str,
    *,
    audience: Audience,
    canary: str = "",
    instructions: str = "",
    sources: Sequence[str] | None = None,
) -> tuple[Verdict, ...]:
    """What speaks against the text, in order of place.

    Everyone's text is checked for leaks. Text that people read is also checked for profanity, slurs and spam, and where
    `sources` are given, for claims that none of them bears out. Contact details and links are a reason against public
    text; in a private one they may be just what was asked for, so that there only those count which no source has.
    """
    found = list(_leaks(text, canary, instructions))
    if audience is not Audience.CODE:
        reading = Reading(text)
        found += _language(reading)
        if audience is Audience.PUBLIC:
            found += _contacts(reading)
    return tuple(_verdicts(text, found))


def _leaks(text: str, canary: str, instructions: str) -> Iterator[_Found]:
    if canary and (span := echoes.find_canary(text, canary)):
        yield *span, Reason.LEAK, "canary"
    if instructions and (span := echoes.find_echo(text, instructions)):
        yield *span, Reason.LEAK, "instructions"


def _language(reading: Reading) -> Iterator[_Found]:
    for reason, start, end in words.find(reading):
        yield *reading.span(start, end), reason, reading.text[start:end]
    for start, end in spam.find(reading):
        yield *reading.span(start, end), Reason.SPAM, "wording"
    for start, end in spam.shouting(reading.given):
        yield start, end, Reason.SPAM, "shouting"


def _contacts(reading: Reading) -> Iterator[_Found]:
    for reason, start, end in contacts.details(reading):
        yield start, end, reason, "detail"
    for reason, start, end in contacts.find(reading):
        yield *reading.span(start, end), reason, "elsewhere"


def _verdicts(text: str, found: Iterable[_Found]) -> list[Verdict]:
    """Spans of one reason that overlap become one, and a link within an e-mail address is part of the contact."""
    verdicts: list[Verdict] = []
    latest: dict[Reason, int] = {}
    for start, end, reason, detail in sorted(found, key=lambda item: (item[0], -item[1])):
        group = Reason.CONTACT if reason is Reason.LINK else reason
        index = latest.get(group, -1)
        if index >= 0 and start < verdicts[index].end:
            before = verdicts[index]
            end = max(end, before.end)
            verdicts[index] = replace(before, end=end, span=text[before.start : end])
            continue
        latest[group] = len(verdicts)
        verdicts.append(Verdict(reason, start, end, text[start:end], detail))
    return verdicts

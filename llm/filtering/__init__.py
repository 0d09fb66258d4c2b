"""What a model wrote, checked before anyone publishes it. Verdicts are reasons; the caller decides."""

from collections.abc import Iterable, Iterator, Sequence

from llm.filtering import claims, contacts, echoes, spam, words
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
    reading = Reading(text)
    found = list(_leaks(reading, canary, instructions))
    if audience is not Audience.CODE:
        found += _language(reading)
        found += _claims(reading, sources) if sources is not None else ()
    if audience is Audience.PUBLIC:
        found += _contacts(reading)
    elif audience is Audience.PRIVATE and sources is not None:
        found += _invented_contacts(reading, sources)
    return tuple(_verdicts(text, found))


def _leaks(reading: Reading, canary: str, instructions: str) -> Iterator[_Found]:
    if canary and (span := echoes.find_canary(reading, canary)):
        yield *span, Reason.LEAK, "canary"
    if instructions and (span := echoes.find_echo(reading, instructions)):
        yield *span, Reason.LEAK, "instructions"


def _language(reading: Reading) -> Iterator[_Found]:
    for reason, start, end in words.find(reading):
        yield *reading.span(start, end), reason, reading.text[start:end]
    for start, end in spam.find(reading):
        yield *reading.span(start, end), Reason.SPAM, "wording"
    for start, end in spam.shouting(reading.given):
        yield start, end, Reason.SPAM, "shouting"


def _contacts(reading: Reading) -> Iterator[_Found]:
    yield from _details(reading)
    yield from _links(reading)
    for start, end in contacts.elsewhere(reading):
        yield *reading.span(start, end), Reason.CONTACT, "elsewhere"


def _details(reading: Reading) -> Iterator[_Found]:
    for kind, start, end in contacts.details(reading):
        yield start, end, Reason.CONTACT, kind


def _links(reading: Reading) -> Iterator[_Found]:
    for start, end in contacts.links(reading):
        yield *reading.span(start, end), Reason.LINK, "link"


def _invented_contacts(reading: Reading, sources: Sequence[str]) -> Iterator[_Found]:
    known = " ".join(Reading(source).letters for source in sources)
    for start, end, reason, _ in (*_details(reading), *_links(reading)):
        if Reading(reading.given[start:end]).letters not in known:
            yield start, end, reason, "in no source"


def _claims(reading: Reading, sources: Sequence[str]) -> Iterator[_Found]:
    for kind, start, end in claims.find(reading, sources):
        yield *reading.span(start, end), Reason.UNSUPPORTED, kind


def _verdicts(text: str, found: Iterable[_Found]) -> Iterator[Verdict]:
    """Spans of one reason that overlap become one, and a link within an e-mail address is part of the contact."""
    merged: list[_Found] = []
    latest: dict[Reason, int] = {}
    for start, end, reason, detail in sorted(found, key=lambda item: (item[0], -item[1])):
        group = Reason.CONTACT if reason is Reason.LINK else reason
        before = merged[latest[group]] if group in latest else None
        if before and start < before[1]:
            merged[latest[group]] = (before[0], max(end, before[1]), *before[2:])
        else:
            latest[group] = len(merged)
            merged.append((start, end, reason, detail))
    for start, end, reason, detail in merged:
        yield Verdict(reason, start, end, text[start:end], detail)

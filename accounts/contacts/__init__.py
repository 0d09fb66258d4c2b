"""Ways to reach somebody, in what two people write to each other before they have a booking, and in what all may read.

`find` says where they are. A message is stored as it was written, and what is shown leaves them out; what is published
is asked to do without them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.contacts import addresses, handles, links, numbers
from accounts.contacts.kinds import Contact, Found
from llm import folding
from llm.privacy import detect
from llm.privacy.kinds import Kind

__all__ = ["Contact", "Found", "find", "pieces", "refuse"]

_OURS = {Kind.EMAIL: Contact.EMAIL, Kind.PHONE: Contact.PHONE}


def find(text: str) -> list[Found]:
    """In order of place, none touching another."""
    folded = folding.plain(text)
    found = sorted(_candidates(folded.text))
    return [Found(*folded.span(one.start, one.end), one.kind) for one in _apart(found)]


def pieces(text: str, contacts: Iterable[Sequence[Any]]) -> Iterator[tuple[str, Contact | None]]:
    """The text in pieces: words with None, and for each contact its kind alone, without a letter of it."""
    at = 0
    for start, end, kind in contacts:
        if text[at:start]:
            yield text[at:start], None
        yield "", Contact(kind)
        at = end
    if text[at:]:
        yield text[at:], None


def refuse(text: str) -> None:
    """A validator of what is published. The writer mends it: with parts left out nobody would know what it said."""
    for found in find(text):
        quoted = {"text": text[found.start : found.end], "kind": found.kind.label}
        raise ValidationError(
            _("Everybody reads this: leave out “%(text)s” (%(kind)s).") % quoted, code="contact"
        )


def _candidates(text: str) -> Iterator[Found]:
    for one in detect.find(text, (Kind.EMAIL, Kind.PHONE)):
        if one.kind in _OURS:
            yield Found(one.start, one.end, _OURS[one.kind])
    for detector in (addresses, links, handles, numbers):
        yield from detector.find(text)


def _apart(found: Iterable[Found]) -> Iterator[Found]:
    """What overlaps is one, of the longer one's kind."""
    last: Found | None = None
    for one in found:
        if last and one.start < last.end:
            longer = max(last, one, key=lambda found: found.end - found.start)
            last = Found(last.start, max(last.end, one.end), longer.kind)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last

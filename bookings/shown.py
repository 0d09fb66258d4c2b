"""What two people write to each other, as the other one reads it: before a booking without contact details."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from django.utils.translation import gettext as _

from accounts import contacts
from accounts.contacts import Contact
from bookings.models import Message

Pieces = Sequence[tuple[str, Contact | None]]


def pieces(message: Message, *, acquainted: bool) -> Pieces:
    """All of it where the two are acquainted; else without contact details, which are pieces of no text."""
    if acquainted or not message.body:
        return [(message.body, None)] if message.body else []
    found = message.contacts if message.contacts is not None else contacts.find(message.body)
    return list(contacts.pieces(message.body, found))


def words(message: Message, *, acquainted: bool) -> str:
    """As plain text, with what is kept back named in its place."""
    return _joined(pieces(message, acquainted=acquainted))


def text(written: str, *, acquainted: bool) -> str:
    """The same of what is no message: the title of an offer, the reason of a refusal."""
    return written if acquainted else _joined(contacts.pieces(written, contacts.find(written)))


def file_name(name: str, *, acquainted: bool) -> str:
    """Its ending stays: to the eye of a reader of links “tour.zip” would be one."""
    if acquainted:
        return name
    path = PurePath(name)
    spaced = path.stem.replace("_", " ")  # as long, so what is found in it is found there
    found = contacts.find(path.stem) or contacts.find(spaced)
    return f"{_joined(contacts.pieces(path.stem, found))}{path.suffix}"


def _joined(pieces: Iterable[tuple[str, Contact | None]]) -> str:
    return "".join(
        words if kind is None else _("[%(kind)s hidden]") % {"kind": kind.label} for words, kind in pieces
    )

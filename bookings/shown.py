"""A message's words as others read them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from bookings import contacts
from bookings.contacts import Contact
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
    return "".join(
        text if kind is None else _("[%(kind)s hidden]") % {"kind": kind.label}
        for text, kind in pieces(message, acquainted=acquainted)
    )

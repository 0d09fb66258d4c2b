"""What stands in a file, as far as it can be read, to find contact details in it before a booking.

Texts are read and PDFs that hold text, up to a length; pictures, scans and what is locked or broken are not.
"""

from collections.abc import Iterator
from pathlib import Path

import structlog
from django.utils.translation import gettext as _

from accounts import bounded, contacts
from accounts.errors import DomainError
from bookings.models import Attachment

log = structlog.get_logger(__name__)

WORKER = Path(__file__).with_name("text_worker.py")
MEMORY = 512 * 1024**2
CPU_SECONDS = 8
SECONDS = 15
MOST_PAGES = 40
MOST_LETTERS = 60_000
# Looked through in pieces: what finds contact details is made for messages, and takes longer than twice as long for a
# text of twice the length. No contact is longer than the overlap.
PIECE, OVERLAP = 2000, 200


def holds_contacts(data: bytes, kind: str) -> bool:
    """DomainError: others' files are being read, and that takes long."""
    return any(contacts.find(piece) for piece in _pieces(_text(data, kind)))


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE - OVERLAP):
        yield text[start : start + PIECE]


def _text(data: bytes, kind: str) -> str:
    if kind == Attachment.Kind.TEXT:
        return data.decode("utf-8-sig")[:MOST_LETTERS]
    return _of_pdf(data) if kind == Attachment.Kind.PDF else ""


def _of_pdf(data: bytes) -> str:
    limits = {"memory": MEMORY, "cpu": CPU_SECONDS, "seconds": SECONDS}
    try:
        done = bounded.run(WORKER, str(MOST_PAGES), str(MOST_LETTERS), data=data, **limits)
    except bounded.Busy:
        raise DomainError(_("Other files are being read. Try again in a moment.")) from None
    if done.code:
        log.info("pdf_unread", code=done.code, said=done.said)
    return done.output.decode(errors="replace")

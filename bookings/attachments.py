"""Files that come with messages: what may come, judged by the bytes alone, and how it is handed out again."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import leftovers
from accounts.errors import DomainError
from bookings import contents
from bookings.models import Attachment, Message
from bookings.models.messages import FOLDER, private_storage

MOST_FILES = 5
MOST_BYTES = 10 * 1024 * 1024
_SUFFIXES = {
    Attachment.Kind.PDF: (".pdf",),
    Attachment.Kind.JPEG: (".jpg", ".jpeg"),
    Attachment.Kind.PNG: (".png",),
    Attachment.Kind.WEBP: (".webp",),
    Attachment.Kind.TEXT: (".txt",),
}
_CONTACTS = gettext_lazy(
    "“%(name)s” holds contact details: an e-mail address, phone number, link or messenger name. Contact details are"
    " shared once a booking is agreed. Until then, send it without them."
)
ACCEPT = ",".join(suffix for suffixes in _SUFFIXES.values() for suffix in suffixes)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Controls, what turns the direction of a name around ("gpj.exe" reads as "exe.jpg"), and what paths are made of.
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\\/:*?\"<>|]+")


def kind_of(data: bytes) -> Attachment.Kind | None:
    """By what the bytes are, whatever name or type they come with; None for what is not taken."""
    if data.startswith(b"%PDF-"):
        return Attachment.Kind.PDF
    if data.startswith(b"\xff\xd8\xff"):
        return Attachment.Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Attachment.Kind.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Attachment.Kind.WEBP
    return Attachment.Kind.TEXT if _is_text(data) else None


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and not _CONTROL.search(text)


def tidy_name(name: str, kind: Attachment.Kind) -> str:
    """The sender's name for it, with an ending that tells the truth."""
    path = PurePath(_NOT_IN_NAMES.sub(" ", name).strip(" .") or "file")
    suffixes = _SUFFIXES[kind]
    if path.suffix.lower() in suffixes:
        return f"{path.stem[:100].rstrip()}{path.suffix.lower()}"
    return f"{path.name[:100].rstrip()}{suffixes[0]}"


class NotTaken(DomainError):
    """A file, or so many of them: what stands beside the field."""


def _checked(file: UploadedFile, *, acquainted: bool) -> Attachment:
    told = {"name": file.name, "most": MOST_BYTES // 1024 // 1024}
    if not file.size or file.size > MOST_BYTES:
        raise NotTaken(_("“%(name)s” is empty or larger than %(most)s MB.") % told)
    file.seek(0)
    data = file.read()
    kind = kind_of(data)
    if kind is None:
        raise NotTaken(_("“%(name)s” is no PDF, JPEG, PNG, WebP or plain text file.") % told)
    if not acquainted and contents.holds_contacts(data, kind):
        raise NotTaken(_CONTACTS % told)
    attachment = Attachment(name=tidy_name(file.name or "", kind), kind=kind, size=len(data))
    attachment.file.save("", ContentFile(data), save=False)
    return attachment


@contextmanager
def stored(files: Sequence[UploadedFile], *, acquainted: bool) -> Iterator[list[Attachment]]:
    """Files on disk while the block stores their rows, and gone again if it fails. Of people who are not acquainted
    those with contact details in them are not taken: no part of a file can be hidden.

    NotTaken names the file that cannot be sent, and why.
    """
    attachments: list[Attachment] = []
    try:
        if len(files) > MOST_FILES:
            raise NotTaken(_("At most %(most)s files can be sent at once.") % {"most": MOST_FILES})
        for file in files:
            attachments.append(_checked(file, acquainted=acquainted))
        yield attachments
    except BaseException:
        forget(attachments)
        raise


def attach(message: Message, attachments: Iterable[Attachment]) -> None:
    for attachment in attachments:
        attachment.message = message
        attachment.save(force_insert=True)


def forget(attachments: Iterable[Attachment]) -> None:
    for attachment in attachments:
        attachment.file.delete(save=False)


def remove_leftovers() -> int:
    """Files of no attachment; how many there were."""
    return leftovers.remove(private_storage(), FOLDER, _unknown)


def _unknown(names: list[str]) -> set[str]:
    paths = {f"{FOLDER}/{name[:2]}/{name}": name for name in names}
    known = Attachment.objects.filter(file__in=paths).values_list("file", flat=True)
    return set(names) - {paths[path] for path in known}


def answer(attachment: Attachment, name: str) -> FileResponse:
    """To be saved, never shown in place: a page of ours that somebody else wrote would be theirs."""
    response = FileResponse(
        attachment.file.open("rb"), as_attachment=True, filename=name, content_type=attachment.kind
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response

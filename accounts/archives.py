"""All that is held about a person as one ZIP: asked for, made by a worker, downloaded by its owner, deleted."""

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import ManyToManyField, Model, QuerySet
from django.utils import timezone

from accounts import audit, personal
from accounts.models import Archive, ArchivePart, User
from accounts.personal import Held

KEPT = timedelta(days=7)
PART = 1 << 20
ROWS_AT_ONCE = 500


class Encoder(DjangoJSONEncoder):
    """With what Postgres has and JSON has not, as text."""

    def default(self, o: Any) -> Any:
        if isinstance(o, bytes | memoryview):
            return f"{len(o)} bytes"
        try:
            return super().default(o)
        except TypeError:
            return str(o)


@transaction.atomic
def request(*, user: User, by: User) -> Archive:
    """Ask for an archive. While one is being made, that is the one."""
    from accounts.tasks import make_archive  # noqa: PLC0415  # the tasks import this module

    archive, is_new = Archive.objects.get_or_create(
        user=user, state=Archive.State.WAITING, defaults={"asked_by": by}
    )
    if is_new:
        audit.record(action="personal.request", target=user, by=by, archive=archive.pk)
        make_archive.enqueue(archive_id=archive.pk, unique_key=str(archive.pk))
    return archive


def downloadable(user: User) -> QuerySet[Archive]:
    """The owner alone, for seven days."""
    return Archive.objects.filter(user=user, state=Archive.State.READY, ready_at__gt=timezone.now() - KEPT)


def over() -> QuerySet[Archive]:
    """Whose days are over: seven after they were ready, and seven after a failed one was asked for."""
    end = timezone.now() - KEPT
    ready = Archive.objects.filter(state=Archive.State.READY, ready_at__lte=end)
    return ready | Archive.objects.filter(state=Archive.State.FAILED, asked_at__lte=end)


def write(user: User, out: IO[bytes]) -> None:
    """One JSON file for each kind of row, and the attachments below files/."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for app, one in personal.held():
            rows = one.rows(user)
            with archive.open(f"{app}/{one.name}.json", "w") as file:
                _write_rows(one, rows, file)
            if one.files:
                _write_files(archive, f"files/{app}/{one.name}", one, rows)


def _write_rows(one: Held, rows: Any, file: IO[bytes]) -> None:
    file.write(b"[")
    for place, row in enumerate(rows.order_by("pk").iterator(ROWS_AT_ONCE)):
        text = json.dumps(_said(row, one.without), cls=Encoder, ensure_ascii=False, indent=2)
        file.write((",\n" if place else "\n").encode() + text.encode())
    file.write(b"\n]\n")


def _write_files(archive: zipfile.ZipFile, folder: str, one: Held, rows: Any) -> None:
    assert one.files
    for row in rows.order_by("pk").iterator(ROWS_AT_ONCE):
        for name, pieces in one.files(row):
            # Whoever named the file does not say where it is unpacked.
            plain = "".join(letter if letter.isalnum() or letter in ".-_ " else "_" for letter in name)
            with archive.open(f"{folder}/{row.pk}/{plain.lstrip('.') or 'file'}", "w") as file:
                for piece in pieces:
                    file.write(piece)


def _said(row: Model, without: frozenset[str]) -> dict[str, Any]:
    meta = row._meta
    fields = [field for field in meta.concrete_fields if field.name not in without]
    said = {field.attname: field.value_from_object(row) for field in fields}
    for field in meta.many_to_many:
        if isinstance(field, ManyToManyField) and field.name not in without:
            said[field.name] = [str(one) for one in getattr(row, field.name).all()]
    return said


def parts(archive: Archive) -> Iterator[bytes]:
    """The file in pieces, each read when it is sent."""
    numbers = ArchivePart.objects.filter(archive=archive).order_by("number").values_list("pk", flat=True)
    for pk in list(numbers):
        yield bytes(ArchivePart.objects.values_list("data", flat=True).get(pk=pk))


def made(user: User) -> "IO[bytes]":
    """The ZIP of this person in a temporary file, to be read from its beginning."""
    file = TemporaryFile()  # noqa: SIM115  # the caller closes it
    write(user, file)
    file.seek(0)
    return file


def store(archive: Archive, file: IO[bytes]) -> None:
    """Keep the file and say that it is ready. In the caller's transaction."""
    size = 0
    for number, data in enumerate(iter(lambda: file.read(PART), b"")):
        ArchivePart.objects.create(archive=archive, number=number, data=data)
        size += len(data)
    Archive.objects.filter(pk=archive.pk).update(
        state=Archive.State.READY, ready_at=timezone.now(), size=size
    )
    audit.record(action="personal.ready", target=archive.user, by=None, archive=archive.pk, size=size)

"""An expert's portrait and gallery: rows here, files in the storage, and neither without the other for long.

Files have names nobody can guess and never change, so that they may be kept by browsers for ever. New ones are written
before the row names them; old ones go once the row has let go of them.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Case, Max, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit, leftovers
from accounts.errors import DomainError
from accounts.models import User
from experts import editing, pictures
from experts.models import Expert, Photo
from experts.pictures import Size

PORTRAIT: Mapping[str, Size] = {"s": Size("square", 128), "m": Size("square", 320)}
GALLERY: Mapping[str, Size] = {"m": Size("fit", 640), "l": Size("fit", 1600)}
SIZES = sorted(PORTRAIT.keys() | GALLERY.keys())
FOLDER = "photos"
_NAME = re.compile(rf"[\w-]+-(?:{'|'.join(SIZES)})\.webp", re.ASCII)


def path(token: str, size: str) -> str:
    return f"{FOLDER}/{token[:2]}/{token}-{size}.webp"


def url(token: str, size: str) -> str:
    return reverse("experts:photo", args=[token, size])


def read(file: File[bytes]) -> bytes:
    """What was sent. NoPicture: it is longer than any picture we take."""
    if (file.size or 0) > pictures.MOST_BYTES:
        raise pictures.NoPicture("bytes")
    return file.read()


def set_portrait(*, expert: Expert, by: User, data: bytes) -> Expert:
    """Replace the portrait. NoPicture: why it is not taken."""
    picture = pictures.prepare(data, PORTRAIT)  # slow, hence before the transaction
    token = _store(picture.files)
    with _or_delete(token):
        _change_portrait(expert, by, token, action="expert.photo")
    return expert


def remove_portrait(*, expert: Expert, by: User) -> None:
    with transaction.atomic():
        _change_portrait(expert, by, "", action="expert.photo_removed")


def add_to_gallery(*, expert: Expert, by: User, data: bytes, caption: str) -> Photo:
    """The photo; the first one where the same file is sent again. NoPicture, DomainError: why it is not taken."""
    digest = hashlib.sha256(data).hexdigest()
    if known := expert.photos.filter(digest=digest).first():
        return known
    _check_room(expert)
    picture = pictures.prepare(data, GALLERY)
    token = _store(picture.files)
    with _or_delete(token):
        _locked(expert)
        if known := expert.photos.filter(digest=digest).first():  # a double click was quicker
            _delete_on_commit([token])
            return known
        _check_room(expert)
        photo = Photo.objects.create(
            expert=expert,
            token=token,
            digest=digest,
            caption=caption,
            position=1 + (expert.photos.aggregate(last=Max("position"))["last"] or 0),
            width=picture.width,
            height=picture.height,
        )
        audit.record(action="expert.gallery_added", target=expert, by=by, photo=photo.pk)
    return photo


@transaction.atomic
def set_caption(*, photo: Photo, by: User, text: str) -> None:
    """Say otherwise what it shows. DomainError: reviewers are reading."""
    expert = photo.expert
    editing.check_open(_locked(expert))
    if Photo.objects.filter(pk=photo.pk).exclude(caption=text).update(caption=text):
        audit.record(action="expert.gallery_captioned", target=expert, by=by, photo=photo.pk)


@transaction.atomic
def move(*, photo: Photo, by: User, to: int) -> int:
    """Let it stand at this place of the gallery, or the nearest that there is; which it is, from 1 on. The others
    keep their order. DomainError: reviewers are reading.
    """
    expert = photo.expert
    editing.check_open(_locked(expert))
    before = list(expert.photos.order_by("position").values_list("pk", flat=True))
    if photo.pk not in before:
        raise DomainError(_("This photo is not in the gallery any more."))
    after = [pk for pk in before if pk != photo.pk]
    after.insert(max(to, 1) - 1, photo.pk)
    if after != before:
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(after, 1)]
        expert.photos.update(position=Case(*places))
        audit.record(action="expert.gallery_moved", target=expert, by=by, photo=photo.pk)
    return after.index(photo.pk) + 1


@transaction.atomic
def remove_from_gallery(*, photo: Photo, by: User) -> None:
    expert = photo.expert
    _locked(expert)
    audit.record(action="expert.gallery_removed", target=expert, by=by, photo=photo.pk)
    photo.delete()  # its files: `forget` hears of it


def forget(tokens: Iterable[str]) -> None:
    """Delete the files once the present transaction is through."""
    _delete_on_commit([token for token in tokens if token])


def pieces(token: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The files of a picture, by size."""
    for size in SIZES:
        if token and default_storage.exists(path(token, size)):
            yield size, default_storage.open(path(token, size)).chunks()


def remove_leftovers() -> int:
    """Files of no portrait and no photo; how many there were."""
    return leftovers.remove(default_storage, FOLDER, _unknown)


def _unknown(names: list[str]) -> set[str]:
    """Of names that `path` makes; what else lies there is not ours."""
    tokens = {name: name.rpartition("-")[0] for name in names if _NAME.fullmatch(name)}
    portraits = Expert.objects.filter(photo__in=tokens.values()).values_list("photo", flat=True)
    gallery = Photo.objects.filter(token__in=tokens.values()).values_list("token", flat=True)
    known = {*portraits, *gallery}
    return {name for name, token in tokens.items() if token not in known}


def _change_portrait(expert: Expert, by: User, token: str, *, action: str) -> None:
    before = _locked(expert).photo
    Expert.objects.filter(pk=expert.pk).update(photo=token)
    expert.photo = token
    audit.record(action=action, target=expert, by=by)
    forget([before])


def _locked(expert: Expert) -> Expert:
    """The row as it is now. Written to, so that pages kept by its version are made anew."""
    found = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    Expert.objects.filter(pk=expert.pk).update(photo=found.photo)
    return found


def _check_room(expert: Expert) -> None:
    if expert.photos.count() >= Photo.MOST:
        raise DomainError(_("A gallery holds %(count)s photos. Remove one first.") % {"count": Photo.MOST})


def _store(files: Mapping[str, bytes]) -> str:
    token = secrets.token_urlsafe(16)
    for size, data in files.items():
        default_storage.save(path(token, size), ContentFile(data))
    return token


@contextmanager
def _or_delete(token: str) -> Iterator[None]:
    """A transaction whose files go if it fails."""
    try:
        with transaction.atomic():
            yield
    except BaseException:
        _delete([token])
        raise


def _delete_on_commit(tokens: list[str]) -> None:
    transaction.on_commit(lambda: _delete(tokens))


def _delete(tokens: Iterable[str]) -> None:
    for token in tokens:
        for size in SIZES:
            default_storage.delete(path(token, size))

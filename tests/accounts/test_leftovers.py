"""Files that no row knows go in the night, and no others."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts import leftovers
from bookings import attachments, threads
from bookings import tasks as booking_tasks
from bookings.models import Attachment
from experts import photos
from experts import tasks as expert_tasks
from tests.factories import make_expert, make_inquiry
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """A day later, without waiting for it."""

    def pass_time(**time):
        monkeypatch.setattr(leftovers, "YOUNGEST", leftovers.YOUNGEST - timedelta(**time))

    return pass_time


def night():
    booking_tasks.ask_to_remove_leftover_attachments()
    expert_tasks.ask_to_remove_leftover_photos()
    run_jobs()


def sent():
    inquiry = make_inquiry()
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    threads.send(inquiry=inquiry, by=inquiry.traveler, body="Look", key=uuid4(), files=[file])
    return Attachment.objects.get()


def lost(storage, path):
    return storage.save(path, ContentFile(b"x"))


def picture():
    file = BytesIO()
    Image.new("RGB", (120, 80)).save(file, "JPEG")
    return file.getvalue()


def test_an_attachment_without_its_row_goes_and_the_others_stay(later):
    private, kept = storages["private"], sent()
    orphan = lost(private, "attachments/ab/ab12")
    beside = lost(private, f"{kept.file.name[:14]}/{kept.file.name[12:14]}00")
    later(days=1, minutes=1)
    night()
    assert private.exists(kept.file.name)
    assert not private.exists(orphan)
    assert not private.exists(beside)


def test_what_is_younger_than_a_day_stays(later):
    orphans = [
        (storages["private"], lost(storages["private"], "attachments/cd/cd12")),
        (default_storage, lost(default_storage, "photos/cd/cd12-m.webp")),
    ]
    later(hours=23)
    night()
    assert all(storage.exists(path) for storage, path in orphans)
    later(hours=2)
    night()
    assert not any(storage.exists(path) for storage, path in orphans)


def test_portraits_and_galleries_stay_and_what_they_replaced_without_an_end_goes(later):
    expert = make_expert()
    photos.set_portrait(expert=expert, by=expert.user, data=picture())
    photo = photos.add_to_gallery(expert=expert, by=expert.user, data=picture(), caption="A walk")
    orphans = [lost(default_storage, f"photos/ef/ef-gh_1-{size}.webp") for size in photos.SIZES]
    later(days=1, minutes=1)
    night()
    assert all(default_storage.exists(photos.path(expert.photo, size)) for size in photos.PORTRAIT)
    assert all(default_storage.exists(photos.path(photo.token, size)) for size in photos.GALLERY)
    assert not any(map(default_storage.exists, orphans))


def test_what_somebody_else_put_there_is_not_ours(later):
    path = lost(default_storage, "photos/xy/README.txt")
    later(days=1, minutes=1)
    night()
    assert default_storage.exists(path)


def test_a_site_without_any_file_is_no_trouble(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert photos.remove_leftovers() == 0


def test_the_age_is_read_from_the_storage():
    path = lost(default_storage, "photos/zz/zz-m.webp")
    assert timezone.now() - default_storage.get_modified_time(path) < timedelta(minutes=1)
    assert attachments.remove_leftovers() == photos.remove_leftovers() == 0

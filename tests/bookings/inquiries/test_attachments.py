"""Files that come with messages: what is taken, and who gets it back, how."""

from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.errors import DomainError
from bookings import attachments, threads
from bookings.models import Attachment
from tests.admin.conftest import in_role
from tests.factories import make_expert, make_inquiry, make_user
from tests.pages import signed_in

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00"
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 "


@pytest.fixture
def inquiry():
    return make_inquiry(make_expert(name="Mei Tanaka"), make_user("Rosa Traveler"))


def send(client, inquiry, *files, body="Look"):
    uploads = [SimpleUploadedFile(name, data, content_type=kind) for name, data, kind in files]
    return client.post(inquiry.get_absolute_url(), {"key": str(uuid4()), "body": body, "attached": uploads})


def stored(attachment):
    """Its name on disk."""
    return str(attachment.file.name)


def address(attachment):
    return reverse("inquiries:attachment", args=[attachment.pk])


@pytest.mark.parametrize(
    ("name", "data", "kind", "kept"),
    [
        ("plan.pdf", PDF, "application/pdf", "plan.pdf"),
        ("photo.JPEG", JPEG, "image/jpeg", "photo.jpeg"),
        ("photo.png", PNG, "image/png", "photo.png"),
        ("photo.webp", WEBP, "image/webp", "photo.webp"),
        ("notes.txt", "Gärten: 3".encode(), "text/plain", "notes.txt"),
        ("evil.html", b"<script>alert(1)</script>", "text/plain", "evil.html.txt"),
        ("photo.exe", JPEG, "image/jpeg", "photo.exe.jpg"),
        ("../../etc/passwd", b"root:x:0:0", "text/plain", "passwd.txt"),
    ],
)
def test_a_file_is_what_its_bytes_are(inquiry, rosa, name, data, kind, kept):
    assert send(rosa, inquiry, (name, data, "text/html")).status_code == 302
    attachment = Attachment.objects.get()
    assert (attachment.kind, attachment.name, attachment.size) == (kind, kept, len(data))
    assert "passwd" not in stored(attachment)
    answer = rosa.get(address(attachment))
    assert b"".join(answer.streaming_content) == data
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00",
        b"GIF89a\x01",
        b"PK\x03\x04",
        b"\x00\x01\x02",
        b"a\x00b",
        b"\xff\xfe",
        b"",
        b"   ",
        b"RIFF\x01\x00\x00\x00AVI ",
    ],
)
def test_anything_else_is_named_and_the_words_are_kept(inquiry, rosa, data):
    answer = send(rosa, inquiry, ("good.pdf", PDF, ""), ("photo.jpg", data, "image/jpeg"), body="See this")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "See this" in page
    assert "photo.jpg" in page or "empty" in page
    assert not Attachment.objects.exists()
    assert inquiry.messages.count() == 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("cod\u202egpj.exe", "cod gpj.exe.pdf"),
        ("", "file.pdf"),
        (" .. ", "file.pdf"),
        ("a" * 300, f"{'a' * 100}.pdf"),
    ],
)
def test_a_name_says_what_it_is_and_fits(name, kept):
    assert attachments.tidy_name(name, Attachment.Kind.PDF) == kept


def test_a_file_alone_is_a_message(inquiry, rosa):
    assert send(rosa, inquiry, ("plan.pdf", PDF, ""), body="").status_code == 302
    assert "plan.pdf" in rosa.get(inquiry.get_absolute_url()).content.decode()


def test_ten_megabytes_and_five_files_are_the_most(inquiry, rosa, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_BYTES", 100)
    assert "larger than" in send(rosa, inquiry, ("a.pdf", PDF + b"x" * 100, "")).content.decode()
    assert "At most 5 files" in send(rosa, inquiry, *[("a.pdf", PDF, "")] * 6).content.decode()
    assert send(rosa, inquiry, *[("a.pdf", PDF, "")] * 5).status_code == 302
    assert Attachment.objects.count() == 5


def test_the_real_limit_is_ten_megabytes():
    assert attachments.MOST_BYTES == 10 * 1024 * 1024


def test_a_double_click_with_a_file_is_one_file(inquiry):
    key = uuid4()
    before = len(saved())
    for _ in range(2):
        file = SimpleUploadedFile("a.pdf", PDF)
        threads.send(inquiry=inquiry, by=inquiry.traveler, body="", key=key, files=[file])
    assert (Attachment.objects.count(), len(saved()) - before) == (1, 1)


def saved():
    """The names on disk."""
    found = []
    folders, _ = (
        storages["private"].listdir("attachments") if storages["private"].exists("attachments") else ([], [])
    )
    for folder in folders:
        found += storages["private"].listdir(f"attachments/{folder}")[1]
    return found


def test_what_is_refused_leaves_no_file_behind(inquiry):
    before = sorted(saved())
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", b"MZ\x90\x00")]
    with pytest.raises(DomainError):
        threads.send(inquiry=inquiry, by=inquiry.traveler, body="", key=uuid4(), files=files)
    threads.block(inquiry=inquiry, by=inquiry.traveler)
    with pytest.raises(DomainError):
        threads.send(inquiry=inquiry, by=inquiry.traveler, body="", key=uuid4(), files=files[:1])
    assert sorted(saved()) == before


def test_the_bytes_go_with_the_account(inquiry, rosa, django_capture_on_commit_callbacks):
    send(rosa, inquiry, ("plan.pdf", PDF, ""))
    name = stored(Attachment.objects.get())
    assert storages["private"].exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        inquiry.traveler.delete()
    assert not storages["private"].exists(name)


def test_only_the_two_get_it(inquiry, rosa):
    send(rosa, inquiry, ("plan.pdf", PDF, ""))
    attachment = Attachment.objects.get()
    assert signed_in(inquiry.expert.user).get(address(attachment)).status_code == 200
    for user in (make_user(), make_expert().user, make_user(is_staff=True, is_superuser=True)):
        assert signed_in(user).get(address(attachment)).status_code == 404
    assert Client().get(address(attachment)).status_code == 302


def test_a_file_that_is_gone_from_disk_is_not_found(inquiry, rosa):
    send(rosa, inquiry, ("plan.pdf", PDF, ""))
    attachment = Attachment.objects.get()
    storages["private"].delete(stored(attachment))
    assert rosa.get(address(attachment)).status_code == 404


def test_staff_who_may_get_it_through_the_admin_and_leave_a_trace(inquiry, rosa):
    send(rosa, inquiry, ("plan.pdf", PDF, ""))
    url = reverse("admin:bookings_attachment_download", args=[Attachment.objects.get().pk])
    assert in_role("Analyst").get(url).status_code == 403
    answer = in_role("Reviewer").get(url)
    assert (b"".join(answer.streaming_content), answer.headers["X-Content-Type-Options"]) == (PDF, "nosniff")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert audit.history(inquiry)[0].action == "attachment.read"

"""The archive: everything about its owner, for its owner alone, for seven days."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import archives, audit, personal, tasks
from accounts.models import Archive, ArchivePart
from accounts.personal import Held
from accounts.tasks import archive_failed, make_archive
from bookings.models import Inquiry
from bookings.services import send_inquiry
from jobs.models import Job
from tests.factories import make_booking, make_expert, make_review, make_traveler_review, make_trip, make_user
from tests.worker import run_jobs
from travelers.models import Trip

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(client):
    user = make_user("Rosa Traveler", email="rosa@example.com")
    client.force_login(user)
    return user


def made(user):
    archives.request(user=user, by=user)
    run_jobs()
    return Archive.objects.get(user=user, state="ready")


def opened(archive):
    return zipfile.ZipFile(io.BytesIO(b"".join(archives.parts(archive))))


def rows(user, name):
    return json.loads(opened(made(user)).read(f"{name}.json"))


def address(archive):
    return reverse("account_data_archive", args=[archive.pk])


def test_asking_makes_it_and_mails_its_owner(client, rosa):
    client.post(reverse("account_data_export"))
    assert "is being made" in client.get(reverse("account_data")).content.decode()
    run_jobs()
    assert mail.outbox[-1].to == ["rosa@example.com"]
    page = client.get(reverse("account_data")).content.decode()
    assert address(Archive.objects.get()) in page


def test_two_clicks_make_one(client, rosa):
    for _ in range(2):
        client.post(reverse("account_data_export"))
    assert (Archive.objects.count(), Job.objects.count()) == (1, 1)


def test_the_owner_downloads_a_zip_and_that_is_noted(client, rosa):
    trip = make_trip(traveler=rosa, brief="Gardens, please")
    archive = made(rosa)
    answer = client.get(address(archive))
    content = b"".join(answer.streaming_content)
    assert (answer.headers["Content-Type"], len(content)) == ("application/zip", archive.size)
    (row,) = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("travelers/trips.json"))
    assert (row["id"], row["brief"]) == (trip.pk, "Gardens, please")
    actions = list(audit.history(rosa).order_by("id").values_list("action", flat=True))
    assert actions == ["personal.request", "personal.ready", "personal.download"]


def test_nobody_else_downloads_it_staff_included(rosa):
    archive = made(rosa)
    for fields in ({}, {"is_staff": True, "is_superuser": True}):
        other = Client()
        other.force_login(make_user(**fields))
        assert other.get(address(archive)).status_code == 404
    assert Client().get(address(archive)).status_code == 302


def test_after_seven_days_it_is_not_found_and_then_deleted(client, rosa):
    archive = made(rosa)
    Archive.objects.update(ready_at=timezone.now() - timedelta(days=7))
    assert client.get(address(archive)).status_code == 404
    tasks.delete_old_archives()
    assert (Archive.objects.count(), ArchivePart.objects.count()) == (0, 0)


def test_a_younger_one_is_kept(rosa):
    made(rosa)
    Archive.objects.update(ready_at=timezone.now() - timedelta(days=6, hours=23))
    tasks.delete_old_archives()
    assert Archive.objects.count() == 1


def test_there_is_a_file_for_each_kind_of_row(rosa):
    names = {f"{app}/{one.name}.json" for app, one in personal.held()}
    assert set(opened(made(rosa)).namelist()) == names


def test_no_secret_is_in_it(rosa):
    archive = opened(made(rosa))
    (account,) = json.loads(archive.read("accounts/account.json"))
    assert account["email"] == "rosa@example.com"
    assert "password" not in account


def test_nothing_of_others_is_in_it(rosa):
    other = make_user("Ben Other", email="ben@example.com")
    make_trip(traveler=other, brief="Secret plans")
    send_inquiry(by=other, expert=make_expert(), trip=None, message="Secret question")
    archive = opened(made(rosa))
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Secret" not in everything
    assert b"ben@example.com" not in everything


def test_what_is_said_about_me_is_in_it_once_it_is_published(rosa):
    expert = make_expert()
    make_traveler_review(expert, rosa, text="Always on time.")
    make_traveler_review(expert, rosa, text="Still waiting.", state="waiting", published_at=None)
    found = rows(rosa, "bookings/reviews_about_me_as_traveler")
    assert [row["text"] for row in found] == ["Always on time."]


def test_an_expert_gets_what_is_theirs():
    expert = make_expert(bio="I walk with guests.")
    make_review(expert, text="Lovely.")
    archive = opened(made(expert.user))
    assert json.loads(archive.read("experts/expert.json"))[0]["bio"] == "I walk with guests."
    assert json.loads(archive.read("bookings/reviews_about_me_as_expert.json"))[0]["text"] == "Lovely."
    assert len(json.loads(archive.read("bookings/bookings.json"))) == 1


def test_attachments_come_along_and_their_names_lead_nowhere(rosa, monkeypatch):
    trip = make_trip(traveler=rosa)
    attached = Held(
        "plans",
        lambda user: Trip.objects.filter(traveler=user),
        personal.nothing,
        files=lambda row: [("../../etc/plan.pdf", [b"one", b"two"])],
    )
    monkeypatch.setattr(personal, "_held", {"travelers": [attached]})
    archive = opened(made(rosa))
    assert archive.namelist()[-1] == f"files/travelers/plans/{trip.pk}/_.._etc_plan.pdf"
    assert archive.read(archive.namelist()[-1]) == b"onetwo"


def test_a_large_archive_is_kept_in_pieces(rosa, monkeypatch):
    monkeypatch.setattr(archives, "PART", 100)
    archive = made(rosa)
    assert archive.parts.count() > 3
    assert opened(archive).testzip() is None


def test_one_that_cannot_be_made_says_so(client, rosa):
    archive = archives.request(user=rosa, by=rosa)
    archive_failed(archive_id=archive.pk)
    assert "could not be made" in client.get(reverse("account_data")).content.decode()
    make_archive.enqueue(archive_id=archive.pk)
    run_jobs()
    assert Archive.objects.get().state == "failed"


def test_a_row_for_each_inquiry_and_booking(rosa):
    expert = make_expert()
    send_inquiry(by=rosa, expert=expert, trip=None, message="Hello, are you free?")
    make_booking(expert, rosa)
    archive = opened(made(rosa))
    (inquiry,) = json.loads(archive.read("bookings/inquiries.json"))
    assert inquiry["id"] == Inquiry.objects.get().pk
    (message,) = json.loads(archive.read("bookings/messages.json"))
    assert message["body"] == "Hello, are you free?"
    assert json.loads(archive.read("bookings/bookings.json"))[0]["price"] == "200.00"

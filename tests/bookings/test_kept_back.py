"""Ways to reach each other stay hidden before a booking, wherever two people can write something."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Notice
from accounts.roles import OPERATOR
from bookings import booking, offers, shown, threads
from bookings.models import Attachment
from tests.admin.conftest import in_role
from tests.factories import make_booking, make_expert, make_inquiry, make_offer, make_user

pytestmark = pytest.mark.django_db

NUMBER = "+44 7700 900123"


def page(user, address):
    client = Client()
    client.force_login(user)
    return client.get(address)


def text(user, address):
    return page(user, address).content.decode()


@pytest.fixture
def inquiry():
    return make_inquiry(make_expert(name="Mei Tanaka"), make_user("Rosa Traveler"))


@pytest.fixture
def offer(inquiry):
    return make_offer(inquiry, title=f"Walk, call {NUMBER}", service=None)


@pytest.mark.parametrize("name", ["thread", "accept", "counter"])
def test_the_title_of_an_offer_shows_none(inquiry, offer, name):
    key = inquiry.pk if name == "thread" else offer.pk
    read = text(inquiry.traveler, reverse(f"inquiries:{name}", args=[key]))
    assert NUMBER not in read
    assert "Walk, call [phone number hidden]" in read


def test_the_thread_says_why(inquiry, offer):
    said = "Contact details are hidden until you two have a confirmed booking."
    assert said in text(inquiry.traveler, inquiry.get_absolute_url())


def test_nor_does_the_notice_of_it(inquiry, offer):
    told = Notice.objects.get(kind="offer.made")
    assert told.facts["what"] == "Walk, call [phone number hidden]"


def test_nor_what_is_said_when_it_ends(inquiry, offer):
    offers.withdraw(offer=offer, by=inquiry.expert.user)
    read = text(inquiry.traveler, inquiry.get_absolute_url())
    assert "Walk, call [phone number hidden]” is withdrawn" in read


def test_from_the_booking_on_all_of_it_is_read(inquiry, offer):
    offers.accept(offer=offer, by=inquiry.traveler)
    assert f"Walk, call {NUMBER}" in text(inquiry.traveler, inquiry.get_absolute_url())


def test_the_name_of_a_file_shows_none(inquiry):
    file = SimpleUploadedFile(f"call {NUMBER}.pdf", b"%PDF-1.7\n1 0 obj")
    threads.send(inquiry=inquiry, by=inquiry.expert.user, body="Look", key=uuid4(), files=[file])
    attachment = Attachment.objects.get()
    assert NUMBER in attachment.name
    read = text(inquiry.traveler, inquiry.get_absolute_url())
    assert (NUMBER in read, "call [phone number hidden].pdf" in read) == (False, True)
    download = page(inquiry.traveler, reverse("inquiries:attachment", args=[attachment.pk]))
    assert "900123" not in download.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20261127_101500.jpg",
        "PXL_20261127_101500123.jpg",
        "WhatsApp Image 2026-11-27 at 10.15.00.jpeg",
        "Rechnung 2026-11-27.pdf",
        "map.of.kyoto.pdf",
        "tour.zip.txt",
    ],
)
def test_files_as_cameras_and_people_call_them_keep_their_names(name):
    assert shown.file_name(name, acquainted=False) == name


@pytest.mark.parametrize("name", ["whatsapp_+447700900123.png", "rosa@example.com.pdf", "ig rosa_88.pdf"])
def test_contacts_in_names_of_files_are_found(name):
    assert "hidden]" in shown.file_name(name, acquainted=False)


def test_a_reason_shows_none(inquiry):
    asked = make_booking(inquiry.expert, inquiry.traveler, state="requested")
    booking.move(asked, "declined", by=inquiry.expert.user, reason=f"Full. Call me at {NUMBER}.")
    read = text(inquiry.traveler, asked.get_absolute_url())
    assert (NUMBER in read, "Call me at [phone number hidden]." in read) == (False, True)
    assert "are shown once you two have a confirmed booking." in read
    told = Notice.objects.get(user=inquiry.traveler, kind="booking.declined")
    assert told.facts["reason"] == "Full. Call me at [phone number hidden]."


def test_in_the_language_of_who_reads_it(inquiry):
    inquiry.traveler.language = "de"
    inquiry.traveler.save()
    asked = make_booking(inquiry.expert, inquiry.traveler, state="requested")
    booking.move(asked, "declined", by=inquiry.expert.user, reason=f"Full. {NUMBER}.")
    told = Notice.objects.get(user=inquiry.traveler, kind="booking.declined")
    assert "[Telefonnummer ausgeblendet]" in told.facts["reason"]


def test_what_staff_say_is_read_whole(inquiry):
    asked = make_booking(inquiry.expert, inquiry.traveler, state="requested")
    booking.move(asked, "declined", by=in_role(OPERATOR).user, reason=f"Call us: {NUMBER}.")
    assert f"Call us: {NUMBER}." in text(inquiry.traveler, asked.get_absolute_url())
    told = Notice.objects.get(user=inquiry.traveler, kind="booking.declined")
    assert told.facts["reason"] == f"Call us: {NUMBER}."


def test_no_dispute_is_a_way_around_it(inquiry):
    """It is read by the other side: so there is none about what was cancelled before anything was agreed."""
    asked = make_booking(inquiry.expert, inquiry.traveler, state="requested")
    booking.move(asked, "cancelled", by=inquiry.traveler)
    answer = page(inquiry.traveler, asked.get_absolute_url())
    assert answer.context["may_dispute"] is False

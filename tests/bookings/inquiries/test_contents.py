"""Contact details inside of files, before the two have a booking and after it."""

import time
import zlib
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import bounded
from bookings import contents
from bookings.models import Attachment
from tests.factories import make_booking, make_expert, make_inquiry

pytestmark = pytest.mark.django_db

REFUSED = "Contact details are shared once a booking is agreed."
PNG = b"\x89PNG\r\n\x1a\n\x00\x00"
PLAN = "Day 1, 9:30: temple walk, 3 hours, 4,500 yen each. Bring 2 bottles of water. Bus 205 leaves at 10:15."


@pytest.fixture
def inquiry():
    return make_inquiry(make_expert(name="Mei Tanaka"))


@pytest.fixture
def rosa(inquiry):
    client = Client()
    client.force_login(inquiry.traveler)
    return client


def pdf(*pages, link="", extra=b""):
    """A whole one, with a line of text a page, and a link on each."""
    kids = " ".join(f"{3 * number + 3} 0 R" for number in range(len(pages)))
    parts: list[str | bytes] = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
    ]
    linked = f"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI ({link}) >> >>]" if link else ""
    font = "<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    for number, text in enumerate(pages):
        content = f"BT /F 12 Tf 72 700 Td ({text}) Tj ET".encode() + extra
        packed = zlib.compress(content)
        first = 3 * number + 3
        parts += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 1} 0 R "
            f"/Resources {first + 2} 0 R {linked} >>",
            f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode() + packed + b"\nendstream",
            font,
        ]
    return _written(parts)


def _written(parts):
    out, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        body = part if isinstance(part, bytes) else part.encode()
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(parts) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


def send(client, inquiry, *files, body="Have a look"):
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(inquiry.get_absolute_url(), {"key": str(uuid4()), "body": body, "attached": uploads})


def is_taken(client, inquiry, name, data):
    answer = send(client, inquiry, (name, data))
    assert (answer.status_code == 302) is Attachment.objects.exists()
    return answer.status_code == 302


HOLDING = [
    ("plan.txt", b"Write to mei@example.com, it is quicker."),
    ("plan.txt", "\ufeffRuf mich an: +49 170 1234567".encode()),
    ("plan.txt", b"x " * 20_000 + b"my Telegram is mei_k"),
    ("plan.pdf", pdf(PLAN, "Write to mei@example.com, it is quicker.")),
    ("plan.pdf", pdf("Call me: +81 75 123 4567")),
    ("plan.pdf", pdf("Write to me", link="mailto:mei@example.com")),
]


@pytest.mark.parametrize(("name", "data"), HOLDING)
def test_a_file_with_contact_details_is_refused_beside_its_field_and_the_words_are_kept(
    inquiry, rosa, name, data
):
    answer = send(rosa, inquiry, ("fine.png", PNG), (name, data), body="See my plan")
    assert list(answer.context["form"].errors) == ["attached"]
    shown = answer.content.decode()
    assert all(part in shown for part in (f"“{name}” holds contact details", REFUSED, "See my plan"))
    assert (Attachment.objects.count(), inquiry.messages.count()) == (0, 1)


@pytest.mark.parametrize(("name", "data"), HOLDING)
def test_once_a_booking_is_agreed_it_is_taken(inquiry, rosa, name, data):
    make_booking(inquiry.expert, inquiry.traveler, state="confirmed")
    assert is_taken(rosa, inquiry, name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plan.txt", PLAN.encode()),
        ("plan.pdf", pdf(*[PLAN] * 5)),
        ("plan.pdf", pdf("")),
        ("broken.pdf", b"%PDF-1.7\n1 0 obj"),
        ("loop.pdf", pdf(PLAN).replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")),
        ("photo.png", PNG + b"mei@example.com"),
    ],
)
def test_plans_are_taken_and_so_is_what_nobody_can_read(inquiry, rosa, name, data):
    assert is_taken(rosa, inquiry, name, data)


def test_one_that_would_take_for_ever_is_given_up_and_what_was_read_counts(inquiry, rosa, monkeypatch):
    """Nine megabytes of drawing behind a page that is quickly read."""
    monkeypatch.setattr(contents, "CPU_SECONDS", 2)
    slow = pdf("Nothing here", extra=b" q 1 0 0 1 0 0 cm Q" * 2_000_000)
    began = time.monotonic()
    assert is_taken(rosa, inquiry, "slow.pdf", slow)
    assert time.monotonic() - began < contents.SECONDS


def test_no_more_is_read_than_so_many_pages_and_letters(monkeypatch):
    monkeypatch.setattr(contents, "MOST_PAGES", 2)
    assert not contents.holds_contacts(pdf(PLAN, PLAN, "mei@example.com"), "application/pdf")
    monkeypatch.setattr(contents, "MOST_LETTERS", 50)
    assert not contents.holds_contacts(pdf(PLAN, "mei@example.com"), "application/pdf")
    assert contents.holds_contacts(pdf("mei@example.com"), "application/pdf")


def test_a_text_made_to_be_slow_to_look_through_is_not():
    began = time.monotonic()
    assert not contents.holds_contacts(b"_" * 10_000_000, "text/plain")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("before", range(1700, 2010, 7))
def test_nothing_is_lost_between_two_pieces(before):
    assert contents.holds_contacts(b"x" * (before - 1) + b" mei@example.com " + b"x" * 500, "text/plain")


def test_while_others_are_read_it_says_so(inquiry, rosa, monkeypatch):
    def busy(*_arguments, **_limits):
        raise bounded.Busy

    monkeypatch.setattr(bounded, "run", busy)
    answer = send(rosa, inquiry, ("plan.pdf", pdf(PLAN)), body="See my plan")
    assert all(part in answer.content.decode() for part in ("Try again in a moment.", "See my plan"))
    assert not Attachment.objects.exists()

"""No page asks the database more because there is more to show."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.notices.posting import send_notice_mail
from accounts.notices.telling import tell
from bookings import threads
from bookings.models import Inquiry
from content_assistant.models import Draft
from experts.models import Expert, Favourite
from jobs.models import Job
from matching import runs, services
from tests.content_assistant.rows import make_version
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_message,
    make_offer,
    make_review,
    make_service,
    make_traveler_review,
    make_trip,
    make_user,
    numbers,
)
from tests.test_public_pages import BUTTONS, NAMED, address, made, owner_of, people, rows  # noqa: F401  # fixtures


def asked(client, name, rows):  # noqa: F811
    client.get(address(name, rows))
    with CaptureQueriesContext(connection) as queries:
        client.get(address(name, rows))
    return len(queries)


def grow(rows):  # noqa: F811
    """One more of everything that a list shows, for the traveler and for the expert."""
    rosa, expert = owner_of(rows), Expert.objects.get(slug=rows["expert"])
    for guide, traveler in ((make_expert(expert.market), rosa), (expert, make_user())):
        trip = make_trip(guide.market, traveler=traveler)
        run = services.request_match(trip)
        runs.store(run, runs.compute(run))
        thread = make_inquiry(guide, traveler, trip=trip)
        make_message(thread, "expert", "Gladly.")
        for state in ("completed", "confirmed", "requested", "cancelled"):
            make_booking(guide, traveler, state=state, trip=trip)
        booked = make_booking(guide, traveler)
        make_review(guide, booking=booked, text="Good.", reply="Thanks.", replied_at=timezone.now())
        make_traveler_review(guide, booking=booked, text="Kind.")
        Favourite.objects.create(user=traveler, expert=guide)
    in_one_thread(rows, rosa)
    of_an_expert(expert)
    tell(user=rosa, kind="inquiry.message", key=f"{uuid4()}", facts={"who": "Mei"}, url="/trips/new/")
    tell(user=expert.user, kind="review.reply", key=f"{uuid4()}", facts={"who": "Ada"}, url="/trips/new/")
    Job.objects.filter(kind=send_notice_mail.name).delete()


def in_one_thread(rows, rosa):  # noqa: F811
    thread = Inquiry.objects.get(pk=rows["inquiry"])
    make_offer(thread, "traveler")
    file = SimpleUploadedFile("a.txt", b"a walk")
    threads.send(inquiry=thread, by=rosa, body="More", key=uuid4(), files=[file])


def of_an_expert(expert):
    number = next(numbers)
    days = DateRange(
        timezone.localdate() + timedelta(days=number), timezone.localdate() + timedelta(days=number + 1)
    )
    make_service(expert)
    expert.photos.create(
        token=f"{number}", digest=f"{number}", position=number, caption="A walk", width=4, height=3
    )
    expert.calendar_exceptions.create(kind="free", days=days)
    expert.unavailable.create(days=days)
    expert.calendar_sources.create(name="Work", content=f"{number}", fingerprint=f"{number}")
    for draft in Draft.objects.filter(expert=expert):
        make_version(draft, draft.versions.count() + 1)


@pytest.mark.parametrize("who", range(3), ids=["traveler", "expert", "listed"])
def test_no_page_asks_more_for_three_than_for_two_of_everything(rows, who):  # noqa: F811
    client, names = people(rows)[who], sorted(set(NAMED) - BUTTONS)
    grow(rows)
    before = {name: asked(client, name, rows) for name in names}
    grow(rows)
    grow(rows)
    after = {name: asked(client, name, rows) for name in names}
    assert {name: (before[name], count) for name, count in after.items() if count != before[name]} == {}

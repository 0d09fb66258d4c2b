"""Walks every address of the public site as people who have no business there."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import fragments
from accounts.models import Archive, User
from accounts.notices.choices import unsubscribe_token
from accounts.notices.posting import send_notice_mail
from accounts.notices.telling import tell
from bookings import threads, waitlist
from bookings.models import WaitlistEntry
from experts import photos
from experts.calendar.models import CalendarFeed
from jobs.models import Job
from matching import runs, services
from tests.content_assistant.rows import make_rows
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_market,
    make_offer,
    make_review,
    make_service,
    make_traveler_review,
    make_trip,
    make_user,
)
from tests.pages import signed_in
from travelers.models import Trip

# By url name: which row the address names.
NAMED = {
    "home": [],
    "language": [],
    "markets:search": [],
    "travelers:trip_list": [],
    "travelers:trip_create": [],
    "travelers:trip_edit": ["trip"],
    "matching:results": ["trip"],
    "matching:results_fragment": ["trip"],
    "matching:fit": [],
    "matching:fit_report": [],
    "matching:fit_feedback": ["score"],
    "matching:weigh": ["trip"],
    "matching:receipt": ["trip", "shown"],
    "robots": [],
    "sitemap": [],
    "sitemap_section": ["section"],
    "experts:browse": [],
    "experts:compare": [],
    "experts:city": ["city"],
    "experts:favourites": [],
    "experts:favourite": ["expert"],
    "experts:profile": ["expert"],
    "experts:calendar": ["expert"],
    "experts:calendar_public_day": ["expert", "day"],
    "experts:calendar_feed": ["secret"],
    "experts:calendar_month": [],
    "experts:calendar_day": ["day"],
    "experts:calendar_hours": [],
    "experts:calendar_exceptions": [],
    "experts:calendar_exception_remove": ["exception"],
    "experts:calendar_away_remove": ["away"],
    "experts:calendar_import": [],
    "experts:calendar_source": ["source"],
    "experts:calendar_own_feed": [],
    "bookings:inquire": ["expert"],
    "bookings:inquiry_sent": ["expert"],
    "bookings:join_waitlist": ["market"],
    "inquiries:inbox": [],
    "inquiries:unread": [],
    "inquiries:thread": ["inquiry"],
    "inquiries:news": ["inquiry"],
    "inquiries:offer": ["inquiry"],
    "inquiries:block": ["inquiry"],
    "inquiries:report": ["inquiry"],
    "inquiries:counter": ["offer"],
    "inquiries:accept": ["offer"],
    "inquiries:withdraw": ["own_offer"],
    "inquiries:attachment": ["file"],
    "bookings:leave_waitlist": ["token"],
    "bookings:offered": ["expert"],
    "bookings:book": ["expert", "service"],
    "bookings:list": [],
    "bookings:detail": ["booking"],
    "bookings:move": ["booking"],
    "bookings:propose": ["booking"],
    "bookings:talk": ["booking"],
    "bookings:answer": ["booking", "proposal"],
    "bookings:dispute": ["booking"],
    "bookings:review": ["reviewed"],
    "bookings:review_reply": ["reviewed"],
    "bookings:guest_reviews": ["reviewed"],
    "bookings:reviews": [],
    "bookings:reviews_as_traveler": [],
    "account_data": [],
    "account_data_export": [],
    "account_data_archive": ["archive"],
    "account_data_erase": [],
    "notices:list": [],
    "notices:open": ["notice"],
    "notices:bell": [],
    "notices:preferences": [],
    "notices:unsubscribe": ["unsubscribe"],
    "assistant:home": [],
    "assistant:token": [],
    "assistant:create": ["tool"],
    "assistant:draft": ["draft"],
    "assistant:writing": ["draft"],
    "assistant:facts": ["draft"],
    "assistant:compare": ["draft"],
    "assistant:again": ["draft"],
    "assistant:save": ["draft"],
    "assistant:confirm": ["draft"],
    "assistant:restore": ["draft", "number"],
    "assistant:use": ["draft"],
    "assistant:move": ["draft"],
    "assistant:itinerary": ["plan"],
    "bookings:dashboard": [],
    "experts:apply": [],
    "experts:apply_step": ["step"],
    "experts:edit": [],
    "experts:pause": [],
    "experts:photo": ["picture", "size"],
    "experts:photo_edit": ["photo"],
    "experts:photo_move": ["photo"],
    "experts:photo_remove": ["photo"],
    "experts:photos": [],
    "experts:portrait_remove": [],
    "experts:preview": [],
    "experts:resume": [],
    "experts:service_create": [],
    "experts:service_edit": ["service"],
    "experts:service_offer": ["service"],
    "experts:services": [],
}
# There for programs, who are told in JSON: tests/content_assistant/core/test_pages.py asks them. Slack signs what it
# sends: tests/social/test_slack.py.
OF_PROGRAMS = {"assistant:generate", "assistant:api_draft", "social:slack"}
# Nothing to look at: a button leads there.
POSTED = {"bookings:move", "bookings:propose", "bookings:answer", "bookings:talk"}
FORMS = {"travelers:trip_create", "travelers:trip_edit", "bookings:inquire", "bookings:join_waitlist"}
FORMS |= {"matching:receipt", "matching:fit_feedback", "bookings:book", "notices:list", "notices:preferences"}
FORMS |= {"bookings:dispute", "bookings:review", "bookings:review_reply"}
OF_THREADS = {
    f"inquiries:{name}" for name in ("thread", "offer", "block", "report", "counter", "accept", "withdraw")
}
FORMS |= OF_THREADS
FORMS |= {"experts:calendar_hours", "experts:calendar_exceptions", "experts:calendar_import"}
# Buttons without a page of their own.
BUTTONS = (
    POSTED
    | {"experts:favourite", "account_data_export", "account_data_erase"}
    | {f"experts:calendar_{name}" for name in ("exception_remove", "away_remove", "source", "own_feed")}
)
BUTTONS |= {f"assistant:{name}" for name in ("again", "save", "confirm", "restore", "move")}
BUTTONS |= {
    f"experts:{name}" for name in ("photo_move", "photo_remove", "portrait_remove", "resume", "service_offer")
}
FORMS |= BUTTONS | {f"assistant:{name}" for name in ("create", "use", "token", "itinerary")}
OWN_FORMS = ("apply_step", "edit", "pause", "photo_edit", "photos", "service_create", "service_edit")
FORMS |= {f"experts:{name}" for name in OWN_FORMS}
# Pressed by mail programs: the signed address is the permission, see tests/accounts/notices/test_unsubscribing.py and
# tests/bookings/test_waitlist.py.
SIGNED = {"notices:unsubscribe", "bookings:leave_waitlist"}
# What answers otherwise than with a page: one leads on, the other has nothing to say yet.
LEADS_ON = {"notices:open": 302, "matching:fit_report": 204}
# There for experts alone: tests/matching/test_fit_page.py, tests/experts/calendar/test_pages.py and
# tests/experts/test_own_pages.py read them as one.
OF_EXPERTS = {
    "matching:fit",
    "matching:fit_report",
    "matching:fit_feedback",
    "bookings:guest_reviews",
    *(BUTTONS - POSTED),
}
OF_EXPERTS |= {f"experts:calendar_{name}" for name in ("month", "day", "hours", "exceptions", "import")}
OF_EXPERTS |= {f"experts:{name}" for name in (*OWN_FORMS, "apply", "photo", "preview", "services")}
OF_EXPERTS |= {"bookings:dashboard"}
# tests/content_assistant/test_queries.py reads them for each of the six tools.
OF_EXPERTS |= {name for name in NAMED if name.startswith("assistant:")}
OF_A_TRIP = sorted(name for name, rows in NAMED.items() if rows == ["trip"])
# Say publicly which cities have experts.
OF_THE_MARKET = {"home", "markets:search", "experts:browse", "experts:city"}
MOST_QUERIES = 8
# For everybody, also for visitors.
OPEN = {"home", "language", "robots", "sitemap", "sitemap_section", "notices:bell", "inquiries:unread"}
OPEN |= OF_THE_MARKET | {"travelers:trip_list", "travelers:trip_create", "bookings:join_waitlist"}
OPEN |= {"bookings:offered", "bookings:inquiry_sent", "experts:compare", "experts:profile", "experts:photo"}
OPEN |= {f"experts:{name}" for name in ("calendar", "calendar_public_day", "calendar_feed")}
# Rows that belong to somebody. Whoever sees one of another's has come through a view that lost its check.
PRIVATE = {"trip", "score", "exception", "away", "source", "inquiry", "offer", "own_offer", "file", "booking"}
PRIVATE |= {"proposal", "reviewed", "archive", "notice", "draft", "number", "plan", "photo"}
OF_SOMEBODY = sorted(name for name, rows in NAMED.items() if PRIVATE & {*rows})
OF_SOMEBODY += ["experts:service_edit", "experts:service_offer"]
# What would do something, wherever it is taken.
ANSWERS = {
    "to": "cancelled",
    "answer": "accept",
    "act": "remove",
    "offered": "0",
    "reason": "other",
    "number": "1",
}
ANSWERS |= {
    "email": "eve@example.com",
    "destination": "Kyoto",
    "key": "a" * 32,
    "rating": "1",
    "useful": "yes",
}
ANSWERS |= dict.fromkeys(
    ["body", "text", "title", "caption", "reply", "note", "name"], "Mine now, as you see."
)
MODELS = [
    model
    for app in ("accounts", "experts", "travelers", "bookings", "matching", "content_assistant")
    for model in apps.get_app_config(app).get_models()
    if not model._meta.proxy
]
SECRETS = ["Hidden Valley", "quiet-proposal", "Rosa Owner", "rosa@example.com", "a letter to Mei"]
ODD = [
    "\0",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "9" * 30,
    "-1",
    "🎏",
    "مدينة",
    "%s{{7*7}}",
    "x" * 5000,
]


@pytest.fixture(scope="module")
def made(module_db):
    """A trip with all that belongs to it, `shown` on its list; `expert` and `market` are public."""
    rosa = make_user("Rosa Owner", email="rosa@example.com")
    valley = make_market("Hidden Valley")
    expert = make_expert(make_market("Kyoto"))
    make_review(expert)
    shown = make_expert(valley, name="Hana of Hidden Valley")
    trip = make_trip(valley, traveler=rosa, brief="quiet-proposal", must_haves="quiet-proposal")
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    inquiry = make_inquiry(expert, rosa, trip=trip, message="a letter to Mei")
    tomorrow = timezone.localdate() + timedelta(days=1)
    days = DateRange(tomorrow, tomorrow + timedelta(days=1))
    entered = {
        "exception": expert.calendar_exceptions.create(kind="free", days=days, note="a letter to Mei").pk,
        "away": expert.unavailable.create(days=days, reason="quiet-proposal").pk,
        "source": expert.calendar_sources.create(name="Hidden Valley", content="x", fingerprint="x").pk,
        "secret": CalendarFeed.objects.create(expert=expert, address="s" * 43).address,
        "day": tomorrow.isoformat(),
    }
    notice = tell(
        user=rosa, kind="inquiry.message", key="1", facts={"text": "a letter to Mei"}, url="/trips/"
    )
    Job.objects.filter(kind=send_notice_mail.name).delete()
    found = entered | {
        "notice": notice.pk,
        "unsubscribe": unsubscribe_token(rosa.pk, "inquiry.message"),
        "trip": trip.pk,
        "shown": shown.slug,
        "expert": expert.slug,
        "market": expert.market_id,
        "city": expert.market.slug,
        "section": "experts",
        "step": "about",
        "picture": "t" * 32,
        "size": "m",
    }
    picture = {"token": found["picture"], "digest": "x", "position": 1, "width": 4, "height": 3}
    found["photo"] = expert.photos.create(caption="A lane", **picture).pk
    default_storage.save(photos.path(found["picture"], found["size"]), ContentFile(b"a lane"))
    entry = WaitlistEntry.objects.create(market=expert.market, email="wanda@example.com")
    found["token"] = waitlist.token(entry)
    booking = make_booking(expert, rosa, trip=trip, state="confirmed")
    proposal = booking.proposals.create(by=rosa, period=booking.period, expires_at=booking.period.lower)
    found |= {"service": make_service(expert).pk, "booking": booking.pk, "proposal": proposal.pk}
    reviewed = make_booking(expert, rosa)
    make_review(expert, booking=reviewed)
    make_traveler_review(expert, booking=reviewed)
    archive = Archive.objects.create(user=rosa, state="ready", ready_at=timezone.now())
    archive.parts.create(number=0, data=b"a letter to Mei")
    found |= {"reviewed": reviewed.pk, "archive": archive.pk}
    drafts = make_rows(expert, rosa)
    found |= {"tool": "inquiry", "draft": drafts["inquiry"].pk, "number": 1, "plan": drafts["itinerary"].pk}
    thread = {"inquiry": inquiry.pk, "offer": make_offer(inquiry).pk}
    thread["own_offer"] = make_offer(inquiry, "traveler").pk
    letter = SimpleUploadedFile("a.txt", b"a letter to Mei")
    file = threads.send(inquiry=inquiry, by=rosa, body="", key=uuid4(), files=[letter])
    return found | thread | {"score": run.scores.get().pk, "file": file.attachments.get().pk}


@pytest.fixture
def rows(made, undone):
    return dict(made)


@pytest.fixture(params=["visitor", "traveler", "expert", "staff"])
def stranger(request, rows):
    client = Client()
    if request.param == "traveler":
        client.force_login(make_user())
    elif request.param == "expert":
        client.force_login(make_expert().user)
    elif request.param == "staff":
        client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def owner(rows, **options):
    client = Client(**options)
    client.force_login(User.objects.get(trips=rows["trip"]))
    return client


def people(rows):
    """Whom the pages are for: the traveler, their expert, and one on the traveler's list."""
    slugs = [rows["expert"], rows["shown"]]
    return [owner(rows), *(signed_in(User.objects.get(expert__slug=slug)) for slug in slugs)]


def rows_of(model):
    return {
        row["pk"]: row
        for row in model._base_manager.values("pk", *(f.attname for f in model._meta.concrete_fields))
    }


def names(patterns, space=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) not in {"admin/", "accounts/"}:
                yield from names(
                    pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space
                )
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


def address(name, rows):
    return reverse(name, args=[rows[row] for row in NAMED[name]])


def owner_of(rows):
    traveler = Trip.objects.get(pk=rows["trip"]).traveler
    assert traveler
    return traveler


def test_every_address_is_walked():
    assert sorted(names(get_resolver().url_patterns)) == sorted(NAMED.keys() | OF_PROGRAMS)


def test_the_owner_sees_what_others_must_not(rows):
    owner = Client()
    owner.force_login(owner_of(rows))
    pages = [owner.get(address(name, rows)).content.decode() for name in [*OF_A_TRIP, "travelers:trip_list"]]
    assert all("Hidden Valley" in page for page in pages)
    assert "quiet-proposal" in pages[OF_A_TRIP.index("travelers:trip_edit")]


@pytest.mark.parametrize("name", sorted(NAMED))
def test_no_page_fails_or_shows_anything_of_somebody_elses_trip(stranger, rows, name):
    for query in ({}, {"trip": rows["trip"], "q": "Hid", "destination": "Kyoto"}):
        response = stranger.get(address(name, rows), query)
        assert response.status_code in ({405} if name in BUTTONS else {200, 204, 286, 302, 404})
        shown = response.getvalue().decode()
        allowed = {"Hidden Valley"} if name in OF_THE_MARKET else set()
        assert [secret for secret in SECRETS if secret in shown and secret not in allowed] == []


@pytest.mark.parametrize("name", sorted(set(NAMED) - BUTTONS))
def test_every_page_opens_and_takes_eight_queries_at_most_also_the_first_time(rows, name):
    answers = set()
    for client in people(rows):
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                answers.add(client.get(address(name, rows)).status_code)
            assert len(queries) <= MOST_QUERIES, [query["sql"][:150] for query in queries]
        fragments.forget_all()
    assert answers & {LEADS_ON.get(name, 200)}


@pytest.mark.parametrize("name", OF_SOMEBODY)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_what_is_somebody_elses_is_not_there(stranger, rows, name, method):
    response = getattr(stranger, method)(address(name, rows), ANSWERS)
    taken = name in FORMS if method == "post" else name not in BUTTONS
    found = 404 if "_auth_user_id" in stranger.session else {"trip": 404}.get(NAMED[name][0], 302)
    assert response.status_code == (found if taken else 405)


@pytest.mark.parametrize("name", sorted(set(NAMED) - OPEN - SIGNED - BUTTONS))
def test_whoever_is_nobody_signs_in_first(client, rows, name):
    response = client.get(address(name, rows))
    assert (response.status_code, response.headers.get("Location", "").split("?")[0]) in {
        (302, reverse("account_login")),
        (404, ""),
    }


@pytest.mark.parametrize(
    "name", sorted(OF_EXPERTS - BUTTONS - OPEN - {"experts:apply", "experts:apply_step"})
)
def test_pages_of_experts_are_for_experts(rows, name):
    for method in ("get", "post"):
        response = getattr(signed_in(owner_of(rows)), method)(address(name, rows), ANSWERS)
        assert response.status_code in {404, 405}


@pytest.fixture
def was(rows):
    """All rows of all tables, before anybody else is there."""
    return {model: rows_of(model) for model in MODELS}


def test_no_post_of_a_stranger_changes_what_was_there(was, stranger, rows):
    for name in sorted(FORMS):
        stranger.post(address(name, rows), ANSWERS | {"trip": rows["trip"], "message": "Hello"})
    now = {model: rows_of(model) for model in MODELS}
    changed = {
        model._meta.label for model in MODELS for pk, row in was[model].items() if now[model].get(pk) != row
    }
    assert changed == set()


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_what_a_page_does_not_do_it_refuses(client, rows, name, method):
    assert getattr(client, method)(address(name, rows)).status_code == 405


@pytest.mark.parametrize("name", sorted(set(NAMED) - FORMS - SIGNED - {"language"}))
def test_pages_without_a_form_take_no_post(stranger, rows, name):
    assert stranger.post(address(name, rows), {"trip": rows["trip"]}).status_code == 405


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_from_another_site_is_refused(rows, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner_of(rows))
    response = client.post(address(name, rows), {"message": "Hello"})
    assert response.status_code == 403


@pytest.mark.parametrize("name", sorted(set(NAMED) - OF_EXPERTS - BUTTONS - LEADS_ON.keys()))
@pytest.mark.parametrize("odd", ODD, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_odd_queries_break_no_page(rows, name, odd):
    client = Client()
    client.force_login(owner_of(rows))
    fields = ["trip", "q", "before", "after", "destination", "destination_id", "next"]
    response = client.get(address(name, rows), dict.fromkeys(fields, odd))
    assert response.status_code in {200, 204}  # nothing new is nothing
    assert "<script>alert" not in response.getvalue().decode()


@pytest.mark.parametrize("name", sorted(FORMS - OF_EXPERTS - BUTTONS))
@pytest.mark.parametrize("odd", ODD, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_odd_answers_break_no_form(rows, name, odd):
    client = Client()
    client.force_login(owner_of(rows))
    fields = [*client.get(address(name, rows)).context["form"].fields, "nobody-asked"]
    response = client.post(address(name, rows), dict.fromkeys(fields, odd))
    assert response.status_code in {200, 302, 422}
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("name", sorted(POSTED - {"bookings:talk"}))  # which asks for nothing
@pytest.mark.parametrize("odd", ODD, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_odd_answers_press_no_button(rows, name, odd):
    client = Client()
    client.force_login(owner_of(rows))
    fields = ["to", "reason", "refund", "day", "time", "key", "answer"]
    response = client.post(address(name, rows), dict.fromkeys(fields, odd))
    assert response.status_code in {409, 422}
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/trips/0/", "/trips/99999999999999999999/experts/", "/trips/-1/", "/trips/x/"]
)
def test_a_number_no_trip_has_is_not_found(stranger, path):
    assert stranger.get(path).status_code == 404

"""Walks every address of the public site as people who have no business there."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.notices.choices import unsubscribe_token
from accounts.notices.posting import send_notice_mail
from accounts.notices.telling import tell
from bookings.models import Inquiry
from jobs.models import Job
from matching import runs, services
from tests.factories import make_expert, make_market, make_review, make_trip, make_user
from travelers.models import Trip

pytestmark = pytest.mark.django_db

# By url name: which row the address names.
NAMED = {
    "home": [],
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
    "experts:profile": ["expert"],
    "bookings:inquire": ["expert"],
    "bookings:inquiry_sent": ["expert"],
    "bookings:join_waitlist": ["market"],
    "notices:list": [],
    "notices:open": ["notice"],
    "notices:bell": [],
    "notices:preferences": [],
    "notices:unsubscribe": ["unsubscribe"],
}
FORMS = {"travelers:trip_create", "travelers:trip_edit", "bookings:inquire", "bookings:join_waitlist"}
FORMS |= {"matching:receipt", "matching:fit_feedback", "notices:list", "notices:preferences"}
# Pressed by mail programs: the signed address is the permission, see tests/accounts/notices/test_unsubscribing.py.
SIGNED = {"notices:unsubscribe"}
LEADS_ON = {"notices:open"}
# There for experts alone: tests/matching/test_fit_page.py reads them as one.
OF_EXPERTS = {"matching:fit", "matching:fit_report", "matching:fit_feedback"}
OF_A_TRIP = sorted(name for name, rows in NAMED.items() if rows == ["trip"])
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


@pytest.fixture
def rows():
    """A trip with all that belongs to it, `shown` on its list; `expert` and `market` are public."""
    rosa = make_user("Rosa Owner", email="rosa@example.com")
    valley = make_market("Hidden Valley")
    expert = make_expert(make_market("Kyoto"))
    make_review(expert)
    shown = make_expert(valley, name="Hana of Hidden Valley")
    trip = make_trip(valley, traveler=rosa, brief="quiet-proposal", must_haves="quiet-proposal")
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    Inquiry.objects.create(traveler=rosa, expert=expert, trip=trip, message="a letter to Mei")
    notice = tell(
        user=rosa, kind="inquiry.message", key="1", facts={"text": "a letter to Mei"}, url="/trips/"
    )
    Job.objects.filter(kind=send_notice_mail.name).delete()
    token = unsubscribe_token(rosa.pk, "inquiry.message")
    found = {
        "notice": notice.pk,
        "unsubscribe": token,
        "trip": trip.pk,
        "shown": shown.slug,
        "expert": expert.slug,
        "market": expert.market_id,
    }
    return found | {"score": run.scores.get().pk}


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
    assert sorted(names(get_resolver().url_patterns)) == sorted(NAMED)


def test_the_owner_sees_what_others_must_not(rows):
    owner = Client()
    owner.force_login(owner_of(rows))
    pages = [owner.get(address(name, rows)).content.decode() for name in [*OF_A_TRIP, "travelers:trip_list"]]
    assert all("Hidden Valley" in page for page in pages)
    assert "quiet-proposal" in pages[OF_A_TRIP.index("travelers:trip_edit")]


@pytest.mark.parametrize("name", NAMED)
def test_no_page_fails_or_shows_anything_of_somebody_elses_trip(stranger, rows, name):
    for query in ({}, {"trip": rows["trip"], "q": "Hid", "destination": "Kyoto"}):
        response = stranger.get(address(name, rows), query)
        assert response.status_code in {200, 204, 286, 302, 404}
        shown = response.content.decode()
        allowed = {"Hidden Valley"} if name in {"home", "markets:search"} else set()
        assert [secret for secret in SECRETS if secret in shown and secret not in allowed] == []


@pytest.mark.parametrize("name", OF_A_TRIP)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_somebody_elses_trip_is_not_there(stranger, rows, name, method):
    expected = 405 if method == "post" and name not in FORMS else 404
    assert getattr(stranger, method)(address(name, rows)).status_code == expected


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_what_a_page_does_not_do_it_refuses(client, rows, name, method):
    assert getattr(client, method)(address(name, rows)).status_code == 405


@pytest.mark.parametrize("name", sorted(set(NAMED) - FORMS - SIGNED))
def test_pages_without_a_form_take_no_post(stranger, rows, name):
    assert stranger.post(address(name, rows), {"trip": rows["trip"]}).status_code == 405


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_from_another_site_is_refused(rows, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner_of(rows))
    response = client.post(address(name, rows), {"message": "Hello"})
    assert response.status_code == 403


@pytest.mark.parametrize("name", sorted(FORMS))
def test_no_post_of_a_stranger_changes_a_trip(stranger, rows, name):
    before = Trip.objects.filter(pk=rows["trip"]).values().get()
    stranger.post(
        address(name, rows),
        {"trip": rows["trip"], "message": "Hello", "email": "eve@example.com", "destination": "Kyoto"},
    )
    assert Trip.objects.filter(pk=rows["trip"]).values().get() == before


@pytest.mark.parametrize("name", sorted(set(NAMED) - OF_EXPERTS - LEADS_ON))
@pytest.mark.parametrize("odd", ODD, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_odd_queries_break_no_page(rows, name, odd):
    client = Client()
    client.force_login(owner_of(rows))
    fields = ["trip", "q", "before", "after", "destination", "destination_id", "next"]
    response = client.get(address(name, rows), dict.fromkeys(fields, odd))
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("name", sorted(FORMS - OF_EXPERTS))
@pytest.mark.parametrize("odd", ODD, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_odd_answers_break_no_form(rows, name, odd):
    client = Client()
    client.force_login(owner_of(rows))
    fields = [*client.get(address(name, rows)).context["form"].fields, "nobody-asked"]
    response = client.post(address(name, rows), dict.fromkeys(fields, odd))
    assert response.status_code in {200, 302}
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/trips/0/", "/trips/99999999999999999999/experts/", "/trips/-1/", "/trips/x/"]
)
def test_a_number_no_trip_has_is_not_found(stranger, path):
    assert stranger.get(path).status_code == 404

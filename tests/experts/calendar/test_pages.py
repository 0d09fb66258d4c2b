"""What experts change and travelers read, page by page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from experts.calendar.models import CalendarException, CalendarFeed, CalendarSource, WeeklyHours
from experts.models import Expert, UnavailablePeriod
from tests.experts.calendar.cases import HOUR, away, except_, office_hours
from tests.factories import make_expert, make_market, make_service, make_user
from tests.pages import form_answers

pytestmark = pytest.mark.django_db

OWN = ["calendar_month", "calendar_hours", "calendar_exceptions", "calendar_import"]


def next_monday(weeks=2):
    today = timezone.now().date()
    return today + timedelta(days=7 * weeks - today.weekday())


@pytest.fixture
def mine(client, expert):
    client.force_login(expert.user)
    return client


def url(name, *args):
    return reverse(f"experts:{name}", args=args)


def html(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def save_hours(client, **days):
    return client.post(url("calendar_hours"), {f"day{number}": "" for number in range(7)} | days)


# The weekly plan.


def test_a_plan_is_saved_and_comes_back_as_it_was_written(mine, expert):
    save_hours(mine, day0="9-12, 14:00 – 18.30", day5="20:00–02:00")
    rows = expert.weekly_hours.values_list("weekday", "opens", "closes")
    assert list(rows) == [(0, 540, 720), (0, 840, 1110), (5, 1200, 1560)]
    answers = form_answers(mine.get(url("calendar_hours")).content.decode())
    assert answers["day0"] == ["09:00–12:00, 14:00–18:30"]
    assert answers["day5"] == ["20:00–02:00"]
    save_hours(mine, **{name: words[0] for name, words in answers.items()})
    assert list(rows.all()) == [(0, 540, 720), (0, 840, 1110), (5, 1200, 1560)]
    assert AuditEvent.objects.filter(action="calendar.hours").count() == 1


@pytest.mark.parametrize(
    ("days", "field", "words"),
    [
        ({"day0": "nine to five"}, "day0", "Write it like"),
        ({"day0": "09:00"}, "day0", "Write it like"),
        ({"day2": "25:00–26:00"}, "day2", "00:00 to 24:00"),
        ({"day2": "09:60–10:00"}, "day2", "00:00 to 24:00"),
        ({"day2": "09:00–09:00"}, "day2", "00:00 to 24:00"),
        ({"day1": "09:00–12:00, 11:00–13:00"}, "day1", "run into each other"),
        ({"day1": "20:00–03:00", "day2": "02:00–04:00"}, "day1", "run into each other"),
        ({"day6": "20:00–03:00", "day0": "02:00–04:00"}, "day6", "run into each other"),
        ({"day3": ", ".join(["1-2"] * 13)}, "day3", "At most 12"),
    ],
)
def test_hours_that_make_no_sense_are_named_and_nothing_typed_is_lost(mine, expert, days, field, words):
    office_hours(expert)
    response = save_hours(mine, day4="10:00–11:00", **days)
    assert words in str(response.context["form"].errors[field])
    assert form_answers(response.content.decode())["day4"] == ["10:00–11:00"]
    assert expert.weekly_hours.count() == 5


def test_an_emptied_plan_is_no_plan_and_both_sides_read_what_that_means(mine, expert):
    office_hours(expert)
    assert "no weekly plan" not in html(mine, url("calendar_month"))
    save_hours(mine)
    assert not WeeklyHours.objects.exists()
    assert "You keep no weekly plan, so you are free at all hours" in html(mine, url("calendar_month"))
    public = html(Client(), url("calendar", expert.slug))
    assert "Mei Tanaka keeps no weekly plan: all hours of all days are open" in public


# Exceptions and days off.


def add_exception(client, first, **fields):
    given = {"kind": "blocked", "first": first, "last": "", "hours": "", "note": ""}
    return client.post(url("calendar_exceptions"), given | fields)


def test_blocked_days_go_where_matching_looks(mine, expert):
    monday = next_monday()
    add_exception(mine, monday, last=monday + timedelta(days=2), note="Knee surgery")
    (period,) = expert.unavailable.all()
    assert (period.days.lower, period.days.upper) == (monday, monday + timedelta(days=3))
    assert period.reason == "Knee surgery"
    assert not CalendarException.objects.exists()


def test_hours_and_free_days_are_exceptions(mine, expert):
    add_exception(mine, next_monday(), hours="14–16")
    add_exception(mine, next_monday(), kind="free")
    assert sorted(expert.calendar_exceptions.values_list("kind", "opens", "closes")) == [
        ("blocked", 840, 960),
        ("free", None, None),
    ]


@pytest.mark.parametrize("fields", [{}, {"hours": "14–16"}, {"kind": "free"}])
def test_a_double_click_adds_once(mine, fields):
    for _ in range(2):
        assert add_exception(mine, next_monday(), **fields).status_code == 302
    assert CalendarException.objects.count() + UnavailablePeriod.objects.count() == 1
    assert AuditEvent.objects.filter(action__startswith="calendar.").count() == 1


def test_days_that_are_blocked_already_are_named(mine, expert):
    monday = next_monday()
    away(expert, monday, monday + timedelta(days=3))
    response = add_exception(mine, monday + timedelta(days=2))
    assert "Some of these days are blocked already" in response.content.decode()
    assert expert.unavailable.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first": "2020-01-01"}, "first"),
        ({"first": "2999-01-01"}, "first"),
        ({"first": "soon"}, "first"),
        ({"last": "2020-01-01"}, "last"),
        ({"hours": "9-10, 11-12"}, "hours"),
        ({"hours": "noon"}, "hours"),
        ({"kind": "maybe"}, "kind"),
    ],
)
def test_an_exception_that_makes_no_sense_is_refused(mine, fields, field):
    response = add_exception(mine, **{"first": next_monday()} | fields)
    assert field in response.context["form"].errors
    assert not CalendarException.objects.exists()


def test_what_is_removed_is_free_again_and_twice_is_no_harm(mine, expert):
    row = except_(expert, "blocked", next_monday(), opens=9, closes=10)
    period = away(expert, next_monday(), next_monday() + timedelta(days=1))
    mine.post(url("calendar_exception_remove", row.pk))
    mine.post(url("calendar_away_remove", period.pk))
    assert not CalendarException.objects.exists()
    assert not UnavailablePeriod.objects.exists()
    assert mine.post(url("calendar_away_remove", period.pk)).status_code == 404


# Calendars from and for elsewhere.

ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"


def test_a_file_is_taken(mine, expert):
    file = SimpleUploadedFile("mine.ics", b"\xef\xbb\xbf" + ICS)
    assert mine.post(url("calendar_import"), {"name": "Mine", "file": file}).status_code == 302
    assert expert.calendar_sources.get().content == ICS.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "one of the two"),
        ({"url": "https://a.example/", "file": ICS}, "one of the two"),
        ({"file": b"\x89PNG"}, "no iCalendar file"),
        ({"file": ICS + b" " * 2_000_000}, "larger than 2 MB"),
        ({"url": "http://user:pass@a.example/"}, "names no port and no password"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_a_reason(mine, given, words):
    if "file" in given:
        given = given | {"file": SimpleUploadedFile("a.ics", given["file"])}
    response = mine.post(url("calendar_import"), {"name": "Mine"} | given)
    assert words in response.content.decode().replace("’", "'")
    assert not CalendarSource.objects.exists()


def test_the_page_says_why_a_calendar_cannot_be_read(mine, expert):
    expert.calendar_sources.create(
        name="Work", url="https://a.example/", fingerprint="a", state="failed", trouble="refused", left_out=2
    )
    page = html(mine, url("calendar_import"))
    assert "The other server refuses us." in page
    assert "2 events were left out" in page


def test_a_calendar_is_read_again_and_removed(mine, expert):
    source = expert.calendar_sources.create(
        name="Work", url="https://a.example/", fingerprint="a", state="read"
    )
    mine.post(url("calendar_source", source.pk), {"act": "read"})
    source.refresh_from_db()
    assert source.state == "waiting"
    mine.post(url("calendar_source", source.pk), {"act": "remove"})
    assert not CalendarSource.objects.exists()


def test_the_secret_address_is_made_replaced_and_closed(mine, expert):
    for _ in range(2):
        mine.post(url("calendar_own_feed"), {"act": "open"})
    first = CalendarFeed.objects.get().address
    assert url("calendar_feed", first) in html(mine, url("calendar_import"))
    mine.post(url("calendar_own_feed"), {"act": "renew", "address": first})
    assert CalendarFeed.objects.get().address != first
    mine.post(url("calendar_own_feed"), {"act": "close"})
    assert not CalendarFeed.objects.exists()


# Nobody else's.


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("who", ["visitor", "traveler"])
def test_the_experts_pages_are_for_experts(client, name, who):
    if who == "traveler":
        client.force_login(make_user())
    assert client.get(url(name)).status_code == (302 if who == "visitor" else 404)


def test_another_expert_finds_nothing_to_remove_or_read(client, expert):
    client.force_login(make_expert(expert.market).user)
    row = except_(expert, "blocked", next_monday(), opens=9, closes=10)
    period = away(expert, next_monday(), next_monday() + timedelta(days=1))
    source = expert.calendar_sources.create(name="Work", content="x", fingerprint="a")
    for address in (
        url("calendar_exception_remove", row.pk),
        url("calendar_away_remove", period.pk),
        url("calendar_source", source.pk),
    ):
        assert client.post(address, {"act": "remove"}).status_code == 404
    assert "Work" not in html(client, url("calendar_import"))
    assert CalendarSource.objects.count() == CalendarException.objects.count() == 1


def test_who_is_not_public_has_no_public_calendar(client, expert):
    Expert.objects.filter(pk=expert.pk).update(status=Expert.Status.SUSPENDED)
    assert client.get(url("calendar", expert.slug)).status_code == 404
    assert client.get(url("calendar_public_day", expert.slug, next_monday())).status_code == 404


# The month and the day, on the reader's clock.


def test_both_zones_are_named_and_times_are_the_readers(client, expert):
    office_hours(expert)
    day = next_monday()
    page = html(client, url("calendar_public_day", expert.slug, day), zone="Asia/Calcutta")
    assert "Times are shown in Asia/Calcutta (UTC+05:30)." in page
    assert "Mei Tanaka lives by Asia/Tokyo (UTC+09:00)." in page
    assert "5:30 AM – 1:30 PM" in page.replace("\u202f", " ")


def test_a_city_is_a_zone_as_well_and_what_is_none_is_said(client, expert):
    page = html(client, url("calendar", expert.slug), zone="berlin")
    assert "Europe/Berlin (UTC+" in page
    page = html(client, url("calendar", expert.slug), zone="Atlantis")
    assert "We know no zone “Atlantis”" in page
    assert "That is the zone of Mei Tanaka too." in page


def test_an_account_with_a_zone_reads_on_its_own_clock(client, expert):
    client.force_login(make_user(time_zone="US/Pacific"))
    assert "Times are shown in US/Pacific" in html(client, url("calendar", expert.slug))


def test_hours_over_the_readers_midnight_stand_in_both_days(client, expert):
    office_hours(expert)
    monday = next_monday()
    shown = {}
    for day in (monday - timedelta(days=1), monday):
        page = html(client, url("calendar_public_day", expert.slug, day), zone="America/Sao_Paulo")
        shown[day] = page.replace("\u202f", " ")
    assert "9:00 PM – 12:00 AM" in shown[monday - timedelta(days=1)]
    assert "12:00 AM – 5:00 AM" in shown[monday]


def test_the_month_shows_open_hours_and_closed_days(client, expert):
    office_hours(expert)
    monday = next_monday(6)
    away(expert, monday, monday + timedelta(days=1))
    response = client.get(url("calendar", expert.slug), {"month": f"{monday:%Y-%m}"})
    page = response.content.decode().replace("\u202f", " ")
    assert "9:00 AM – 5:00 PM" in page
    assert "closed" in page


def test_travelers_read_why_and_no_more_while_the_expert_reads_all(mine, expert, imported, take):
    start = datetime.combine(next_monday(), datetime.min.time(), tzinfo=UTC)
    imported(start, start + HOUR, "Dentist")
    take(expert, start + 2 * HOUR, start + 3 * HOUR, "Rosa, temple walk")
    away(expert, next_monday() + timedelta(days=1), next_monday() + timedelta(days=2), "Knee surgery")
    own = html(mine, url("calendar_day", next_monday()))
    public = html(Client(), url("calendar_public_day", expert.slug, next_monday()))
    assert "Dentist" in own
    assert "Rosa" in own
    assert [word for word in ("Dentist", "Rosa", "Private") if word in public] == []
    assert "Mei Tanaka has other plans" in public
    assert "Already taken" in public
    after = url("calendar_public_day", expert.slug, next_monday() + timedelta(days=1))
    assert "Mei Tanaka is away" in html(Client(), after)
    assert "Knee" not in html(Client(), after)


def test_the_parts_of_a_day_leave_no_gap(client, expert, take):
    office_hours(expert)
    start = datetime.combine(next_monday(), datetime.min.time(), tzinfo=UTC)
    take(expert, start + 2 * HOUR, start + 3 * HOUR)
    response = client.get(url("calendar_public_day", expert.slug, next_monday()))
    spans = [part["span"].split(" – ") for part in response.context["segments"]]
    assert [one[1] for one in spans[:-1]] == [other[0] for other in spans[1:]]
    assert spans[0][0] == spans[-1][1]  # from midnight to midnight
    assert [part["open"] for part in response.context["segments"]] == [False, True, False, True, False]


def test_the_starts_of_a_service_are_those_of_the_readers_day(client, expert):
    office_hours(expert)
    service = make_service(expert, duration_hours=7)
    page = client.get(
        url("calendar_public_day", expert.slug, next_monday()),
        {"zone": "Asia/Calcutta", "service": service.pk},
    )
    found = [one.replace("\u202f", " ") for one in page.context["starts"]]
    assert found == ["5:30 AM – 12:30 PM", "6:00 AM – 1:00 PM", "6:30 AM – 1:30 PM"]


@pytest.mark.parametrize(
    "day", ["2020-01-01", "2199-01-01", "tomorrow", "2027-13-01", "9" * 40, "0001-01-01"]
)
def test_days_there_is_nothing_to_say_about_are_not_found(mine, expert, day):
    assert mine.get(url("calendar_day", day)).status_code == 404
    assert mine.get(url("calendar_public_day", expert.slug, day)).status_code == 404


@pytest.mark.parametrize("month", ["", "x", "2020-01", "2199-12", "2027-99", "\0", "9" * 50])
def test_any_month_that_is_asked_for_shows_one(client, expert, month):
    assert client.get(url("calendar", expert.slug), {"month": month}).status_code == 200


def test_today_is_in_the_calendar_and_the_past_hours_of_it_are_over(client):
    expert = make_expert(make_market(time_zone="UTC"))
    response = client.get(url("calendar_public_day", expert.slug, datetime.now(UTC).date()))
    parts = response.context["segments"]
    if datetime.now(UTC).hour:
        assert parts[0]["why"] == "This time has begun already or is over."
    assert parts[-1]["open"] is True


@pytest.mark.parametrize("events", [1, 30])
def test_every_page_takes_at_most_eight_queries(
    mine, expert, imported, events, django_assert_max_num_queries
):
    office_hours(expert)
    make_service(expert)
    start = datetime.combine(next_monday(), datetime.min.time(), tzinfo=UTC)
    for number in range(events):
        imported(start + number * HOUR, start + (number + 1) * HOUR, f"Event {number}")
        except_(expert, "blocked", date.today() + timedelta(days=number), opens=9, closes=10)
    pages = [*map(url, OWN), url("calendar_day", next_monday()), url("calendar", expert.slug)]
    for page in [*pages, url("calendar_public_day", expert.slug, next_monday())]:
        with django_assert_max_num_queries(8):
            mine.get(page)

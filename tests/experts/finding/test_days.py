"""Who is found for some days: not away, at work on one of them, and not taken through all of them by one thing."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from bookings.models import Booking
from tests.experts.calendar.cases import HOUR, except_, plan
from tests.factories import make_booking, make_expert, make_market, make_service, make_user

pytestmark = pytest.mark.django_db
BROWSE = "/experts/"
FRIDAY, SATURDAY, SUNDAY, MONDAY = 4, 5, 6, 0
DAY = timedelta(days=1)


@pytest.fixture
def mei():
    return make_expert(make_market("Kyoto"), name="Mei")


def coming(weekday):
    """Within the seventh week from now."""
    day = timezone.localdate() + timedelta(weeks=6)
    return day + (weekday - day.weekday()) % 7 * DAY


def is_found(first, last=None, **query):
    """By the list and by the counts beside it."""
    response = Client().get(BROWSE, {"start": first, "end": last or first, **query})
    assert response.context["problems"] == {}
    found = [card.name for card in response.context["found"].cards]
    counted = [choice.number for choice in response.context["panel"].languages]
    assert (found, counted) in [(["Mei"], ["1"]), ([], [])]
    return found == ["Mei"]


def at(day, hour=0, zone="Asia/Tokyo"):
    return datetime.combine(day, time(), ZoneInfo(zone)) + hour * HOUR


def imports(expert, start, end):
    source = expert.calendar_sources.create(name="Private", content="x", fingerprint="x", state="read")
    source.events.create(start=start, end=end)


# Days of work


def test_without_a_weekly_plan_every_day_is_a_day_of_work(mei):
    assert all(is_found(coming(weekday)) for weekday in range(7))


def test_a_day_off_alone_is_not_enough(mei):
    plan(mei, *((weekday, 9, 17) for weekday in range(5)))
    assert [is_found(coming(weekday)) for weekday in range(7)] == [True] * 5 + [False] * 2
    assert not is_found(coming(SATURDAY), coming(SATURDAY) + DAY)
    assert is_found(coming(SATURDAY), coming(SATURDAY) + 2 * DAY)
    assert is_found(coming(SATURDAY), coming(SATURDAY) + 30 * DAY)
    mei.weekly_hours.all().delete()
    assert is_found(coming(SATURDAY))


def test_an_exception_opens_a_day_off(mei):
    plan(mei, (MONDAY, 9, 17))
    exception = except_(mei, "free", coming(SATURDAY), opens=9, closes=12)
    assert [is_found(coming(weekday)) for weekday in (FRIDAY, SATURDAY, SUNDAY)] == [False, True, False]
    assert not is_found(coming(SATURDAY) + 7 * DAY)
    exception.kind = "blocked"
    exception.save()
    assert not is_found(coming(SATURDAY))


def test_what_goes_on_after_midnight_is_work_on_the_next_day(mei):
    plan(mei, (FRIDAY, 22, 26), (SUNDAY, 20, 24))
    assert [is_found(coming(weekday)) for weekday in (FRIDAY, SATURDAY, SUNDAY, MONDAY)] == [
        True,
        True,
        True,
        False,
    ]
    mei.weekly_hours.filter(weekday=SUNDAY).update(closes=25 * 60)
    assert is_found(coming(MONDAY))
    wednesday = coming(2)
    except_(mei, "free", wednesday, opens=23, closes=25)
    assert [is_found(wednesday + number * DAY) for number in (-1, 0, 1)] == [False, True, True]


def test_a_day_off_within_days_away_opens_nothing(mei):
    saturday = coming(SATURDAY)
    mei.unavailable.create(days=(saturday, saturday + DAY))
    except_(mei, "free", saturday)
    assert not is_found(saturday - DAY, saturday)


# Taken


@pytest.mark.parametrize(
    "zone", ["Asia/Tokyo", "Asia/Calcutta", "Pacific/Kiritimati", "Etc/GMT+12", "America/Santiago"]
)
@pytest.mark.parametrize("by", ["booking", "event"])
def test_who_is_taken_through_the_days_by_one_thing_is_left_out(zone, by):
    mei = make_expert(make_market("Kyoto", time_zone=zone), name="Mei")
    first = coming(SATURDAY)
    last = first + DAY
    if by == "booking":
        make_booking(mei, state="confirmed", start=first, end=last)
    else:
        imports(mei, at(first, zone=zone), at(last + DAY, zone=zone))
    assert not is_found(first)
    assert not is_found(last)
    assert not is_found(first, last)
    assert is_found(first - DAY, first)
    assert is_found(first, last + DAY)
    assert is_found(first - DAY)
    assert is_found(last + DAY)


@pytest.mark.parametrize(
    "period", [(9, 11), (0.5, 24), (0, 23.5), (-12, 23), (1, 30)], ids=lambda period: f"{period}"
)
def test_a_part_of_the_day_leaves_the_rest(mei, period):
    day = coming(SATURDAY)
    start, end = (at(day, hour) for hour in period)
    make_booking(mei, state="confirmed", period=(start, end))
    imports(mei, start, end)
    assert is_found(day)
    assert is_found(day, day + DAY)


def test_what_takes_a_day_and_more_takes_the_day(mei):
    day = coming(SATURDAY)
    imports(mei, at(day, -3), at(day, 26))
    assert not is_found(day)


@pytest.mark.parametrize(
    ("state", "hours", "takes"),
    [
        ("requested", 1, True),
        ("held", 1, True),
        ("held", -1, False),  # run out, swept up or not
        ("confirmed", None, True),
        ("cancelled", None, False),
        ("declined", None, False),
    ],
)
def test_bookings_take_days_while_they_occupy(mei, state, hours, takes):
    day = coming(SATURDAY)
    expires = timezone.now() + hours * HOUR if hours else None
    make_booking(mei, state=state, start=day, end=day, expires_at=expires)
    assert is_found(day) == (not takes)


def test_a_departure_takes_its_days_once_it_is_full(mei):
    day = coming(SATURDAY)
    service = make_service(mei, shared=True, duration_hours=None, duration_days=1, group_size_max=3)
    departure = mei.departures.create(
        service=service, seats=3, period=(at(day), at(day + DAY)), occupied=(at(day), at(day + DAY))
    )
    booked = make_booking(
        mei, state="confirmed", start=day, end=day, service=service, departure=departure, people=2
    )
    assert is_found(day)
    Booking.objects.filter(pk=booked.pk).update(people=3)
    assert not is_found(day)


# The page


def test_the_page_says_what_free_means(client, mei):
    said = "Experts who are not away then and take travelers on at least one of these days."
    assert said in client.get(BROWSE).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_all_filters_at_once_take_eight_queries_at_most(count, django_assert_num_queries):
    kyoto, day = make_market("Kyoto"), coming(MONDAY)
    for _ in range(count):
        expert = make_expert(kyoto, specialties={"street-food": 1}, verified=True)
        plan(expert, (MONDAY, 9, 17))
        make_booking(expert, state="confirmed", start=day + DAY, end=day + DAY)
    client = Client()
    client.force_login(make_user())
    query = {"destination": "Kyoto", "q": "streets", "specialty": "street-food", "language": "en"}
    query |= {"start": day, "end": day, "price_min": "1", "price_max": "500", "verified": "1"}
    for queries in (8, 7):
        with django_assert_num_queries(queries):
            response = client.get(BROWSE, query)
    assert len(response.context["found"].cards) == count

"""Pages of single rows: they cost the same however much belongs to the row, and say it in the reader's words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from bookings import ledger
from bookings.models import Departure, Proposal, WaitlistEntry
from experts.models import Specialty
from matching import runs, services
from matching.models import MatchScore
from tests.admin.conftest import in_role
from tests.factories import (
    make_booking,
    make_expert,
    make_market,
    make_review,
    make_run,
    make_service,
    make_trip,
    make_user,
)
from travelers.models import TravelerProfile

pytestmark = pytest.mark.django_db

SKILLS = ["street-food", "restaurants", "day-hikes", "museums", "wine", "surfing", "crafts", "street-art"]
LANGUAGES = ["en", "de", "fr", "it", "es", "ja", "pt", "nl"]


def page(row, name="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def listed(model, **query):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=query)


def cost(client, url):
    ContentType.objects.get_for_models(*apps.get_models())  # each is looked up once in a process
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def an_expert(size):
    expert = make_expert(
        status="submitted",
        specialties=dict.fromkeys(SKILLS[:size], 3),
        languages=dict.fromkeys(LANGUAGES[:size], 4),
    )
    for number in range(size):
        make_service(expert)
        expert.unavailable.create(days=DateRange(date(2027, 1 + number, 1), date(2027, 1 + number, 9)))
        audit.record(action="expert.submit", target=expert, by=expert.user)
        a_calendar(expert, number)
    return expert


def a_calendar(expert, number):
    expert.weekly_hours.create(weekday=number % 7, opens=60 * number, closes=60 * number + 30)
    days = DateRange(date(2027, 1, 1), date(2027, 1, 3))
    expert.calendar_exceptions.create(kind="blocked", days=days, opens=number, closes=600)
    expert.calendar_sources.create(name="Private", content=f"{number}", fingerprint=f"{number}")


def a_booking(size):
    booking = make_booking(make_expert(), state="confirmed")
    ledger.agree(booking)
    for _ in range(size):
        dispute = booking.disputes.create(
            side="expert", reason="other", text="x", outcome="y", state="dismissed", decided_at=timezone.now()
        )
        audit.record(action="dispute.open", target=dispute, by=booking.traveler)
        later = timezone.now() + timedelta(days=1)
        booking.proposals.create(
            by=make_user(), period=booking.period, expires_at=later, state=Proposal.State.DECLINED
        )
    return booking


def a_departure(size):
    expert = make_expert()
    days = make_booking(expert).period
    tour = make_service(expert, shared=True)
    departure = Departure.objects.create(expert=expert, service=tour, period=days, occupied=days, seats=20)
    for _ in range(size):
        make_booking(expert, departure=departure)
    return departure


def a_trip(size):
    trip = make_trip(interests=SKILLS[:size], traveler=make_user(), languages=LANGUAGES[:size])
    for _ in range(size):
        make_run(trip, state="stale")
    return trip


def a_run(size):
    market = make_market()
    for _ in range(size):
        make_expert(market, reindex=False)
    run = services.request_match(make_trip(market))
    runs.store(run, runs.compute(run))
    return run


def a_profile(size):
    profile = TravelerProfile.objects.create(user=make_user(), languages=LANGUAGES[:size])
    profile.interests.set(Specialty.objects.all()[:size])
    return profile


def a_market(size):
    market = make_market()
    for number in range(size):
        make_expert(market)
        WaitlistEntry.objects.create(market=market, email=f"{number}@example.com")
    return market


@pytest.mark.parametrize("name", ["change", "history"])
@pytest.mark.parametrize("make", [an_expert, a_trip, a_run, a_profile, a_market, a_booking, a_departure])
def test_a_page_costs_the_same_for_one_and_eight_of_what_belongs_to_it(root, make, name):
    assert cost(root, page(make(1), name)) == cost(root, page(make(8), name))


@pytest.mark.parametrize("step", ["approve", "send_back"])
def test_a_decision_costs_the_same_whatever_the_case(root, step):
    assert cost(root, page(an_expert(1), step)) == cost(root, page(an_expert(8), step))


def test_the_scores_of_a_large_run_cost_what_those_of_a_small_one_do(analyst):
    small, large = a_run(1), a_run(12)
    costs = [cost(analyst, listed(MatchScore, run__id__exact=run.pk)) for run in (small, large)]
    assert costs[0] == costs[1]
    shown = analyst.get(listed(MatchScore, run__id__exact=large.pk)).context["cl"].result_list
    assert [score.rank for score in shown] == list(range(1, 13))


def test_scores_can_be_narrowed_to_a_reason(analyst):
    run = a_run(7)
    hidden = MatchScore.Hidden.NOT_IN_TOP
    found = analyst.get(listed(MatchScore, run__id__exact=run.pk, hidden__exact=hidden.value))
    assert [score.rank for score in found.context["cl"].result_list] == [6, 7]


def test_a_flexible_trip_is_listed_by_its_month(operator):
    trip = make_trip(start=None, flexible_month=date(2027, 4, 1), days=9, budget=Decimal(900))
    for url in (listed(type(trip)), page(trip)):
        html = operator.get(url).content.decode()
        assert "April 2027" in html
        assert "$900" in html


def test_a_trip_of_a_visitor_is_nobodys(operator):
    assert "not signed in" in operator.get(page(make_trip())).content.decode()


@pytest.mark.parametrize("role", ["Operator", "Reviewer"])
def test_what_travelers_wrote_is_text_for_staff_whether_it_is_a_link_or_none(role):
    attack = "<script>alert(1)</script>"
    client, traveler = in_role(role), make_user(attack)
    trip = make_trip(make_market(attack), traveler=traveler, brief=attack, must_haves=attack)
    expert = make_expert(trip.destination, name=attack, headline=attack, bio=attack)
    review = make_review(expert, traveler, text=attack)
    booking = make_booking(expert, traveler, trip=trip)
    for row in (trip, expert, review, booking):
        for url in (page(row), listed(type(row))):
            shown = client.get(url).content.decode()
            assert (attack in shown, "&lt;script&gt;" in shown) == (False, True)


def test_a_receipt_is_read_in_german_by_who_reads_german(analyst):
    run = a_run(1)
    response = analyst.get(page(run.scores.get()), headers={"accept-language": "de"})
    lines = response.context["lines"]
    assert [line.label for line in lines][:2] == ["Fachwissen", "Kommunikation"]
    assert "An allen 5 Tagen deiner Reise frei" in response.content.decode()
    assert sum(line.points for line in lines) == run.scores.get().score


def test_a_ranking_shows_each_factor_and_why_somebody_is_hidden(analyst):
    run = a_run(7)
    html = analyst.get(page(run)).content.decode()
    assert html.count("not in the top five") == 2
    for score in run.scores.all():
        assert f'href="{page(score)}"' in html

"""What the tables themselves refuse, whoever writes to them. Those of jobs/ are in tests/jobs/test_invariants.py."""

from datetime import date

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models.fields import PositiveIntegerRelDbTypeMixin

from accounts.models import Notice, NoticeMail, NoticePreference, User
from bookings.models import Booking, Inquiry, Review, WaitlistEntry
from experts.models import (
    Evidence,
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    Service,
    Specialty,
    UnavailablePeriod,
)
from markets.models import ExchangeRate, Market, MarketName
from matching.models import AlgorithmVersion, Exposure, Feedback, MatchRun, MatchScore
from tests.admin.rows import make_rows, make_version
from travelers.models import TravelerProfile, Trip, TripInterest

pytestmark = pytest.mark.django_db

APPS = ["accounts", "markets", "experts", "travelers", "bookings", "matching"]
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models() if not model._meta.proxy]
MONTH = date(2027, 2, 1)

# The constraint, the model, and values that no row may have.
REFUSED = [
    ("user_email_lower_case", User, {"email": "Ada@example.com"}),
    ("notice_url", Notice, {"url": "https://evil.example/"}),
    ("notice_url", Notice, {"url": "//evil.example/"}),
    ("notice_url", Notice, {"url": "/\\evil.example/"}),
    ("notice_delivery", Notice, {"delivery": "site"}),
    ("notice_delivery", Notice, {"delivery": "pigeon"}),
    ("notice_mail_sent", NoticeMail, {"state": "sent"}),
    ("notice_mail_sent", NoticeMail, {"sent_at": "2027-01-01T00:00Z"}),
    ("notice_mail_sent", NoticeMail, {"state": "lost"}),
    ("notice_preference_delivery", NoticePreference, {"delivery": "pigeon"}),
    ("market_coordinates", Market, {"latitude": 90.1}),
    ("market_coordinates", Market, {"latitude": -91}),
    ("market_coordinates", Market, {"longitude": 180.5}),
    ("market_coordinates", Market, {"longitude": float("nan")}),
    ("market_currency", Market, {"currency": "eur"}),
    ("market_currency", Market, {"currency": "EU"}),
    ("rate_currency", ExchangeRate, {"currency": "$"}),
    ("rate_positive", ExchangeRate, {"per_usd": 0}),
    ("expert_price_range", Expert, {"price_min": 0}),
    ("expert_price_range", Expert, {"price_min": 50, "price_max": "49.99"}),
    ("expert_currency", Expert, {"currency": ""}),
    ("expert_response_hours", Expert, {"response_hours": "-0.1"}),
    ("expert_rating_aggregates", Expert, {"review_count": 2, "rating_sum": 11}),
    ("expert_rating_aggregates", Expert, {"review_count": 2, "rating_sum": 1}),
    ("expert_rating_aggregates", Expert, {"review_count": 0, "rating_sum": 0, "recent_review_count": 1}),
    ("expert_specialty_depth", ExpertSpecialty, {"depth": 0}),
    ("expert_language_level", ExpertLanguage, {"level": 0}),
    ("expert_language_level", ExpertLanguage, {"level": 8}),
    ("service_positive", Service, {"price": 0}),
    ("service_positive", Service, {"duration_hours": 0}),
    ("service_positive", Service, {"group_size_max": 0}),
    ("unavailable_days_bounded", UnavailablePeriod, {"days": (MONTH, MONTH)}),
    ("unavailable_days_bounded", UnavailablePeriod, {"days": (None, MONTH)}),
    ("unavailable_days_bounded", UnavailablePeriod, {"days": (MONTH, None)}),
    ("traveler_budget_range", TravelerProfile, {"budget_min": 200, "budget_max": 100}),
    ("traveler_budget_range", TravelerProfile, {"budget_min": -1, "budget_max": 100}),
    ("traveler_budget_range", TravelerProfile, {"budget_min": -1}),
    ("traveler_budget_range", TravelerProfile, {"budget_max": -1}),
    ("trip_dates_or_month", Trip, {"start": MONTH, "end": date(2027, 1, 31)}),
    ("trip_dates_or_month", Trip, {"start": None, "end": None}),
    ("trip_dates_or_month", Trip, {"end": None}),
    ("trip_dates_or_month", Trip, {"flexible_month": MONTH}),
    ("trip_days", Trip, {"days": 0}),
    ("trip_days", Trip, {"days": 91}),
    ("trip_group_size", Trip, {"adults": 0}),
    ("trip_group_size", Trip, {"children": 51}),
    ("trip_budget", Trip, {"budget": 0}),
    ("inquiry_general", Inquiry, {"general": True}),
    ("booking_sane", Booking, {"start": MONTH, "end": date(2027, 1, 31)}),
    ("booking_sane", Booking, {"price": 0}),
    *[
        ("review_stars", Review, {name: stars})
        for name in ("rating", "communication", "knowledge", "value", "flexibility", "responsiveness")
        for stars in (0, 6)
    ],
    ("match_score_adds_up", MatchScore, {"trust_points": 121}),
    ("match_score_range", MatchScore, {"score_tenths": 1001, "trust_points": 321}),
    ("match_score_range", MatchScore, {"score_tenths": -1, "trust_points": -681}),
    ("algorithm_weights_add_up", AlgorithmVersion, {"trust_weight": 151}),
    ("algorithm_share", AlgorithmVersion, {"share": 101}),
    ("match_score_shift", MatchScore, {"expertise_shift": 151}),
    ("match_score_shift", MatchScore, {"communication_shift": -151}),
    ("match_score_position", MatchScore, {"position": None}),
    ("match_score_position", MatchScore, {"hidden": 5}),
    ("exposure_on_the_page", Exposure, {"position": 6}),
    ("exposure_on_the_page", Exposure, {"position": 0}),
    ("exposure_propensity", Exposure, {"propensity": 0}),
    ("exposure_propensity", Exposure, {"propensity": 1.1}),
]

# What may not be there twice, and in which columns the second row differs.
TWICE = [
    ("User.email", User, {}),
    ("notice_told_once", Notice, {"kind": "booking.cancelled"}),
    ("notice_mail_one_digest_a_day", NoticeMail, {}),
    ("notice_preference_unique", NoticePreference, {"delivery": "site"}),
    ("Market.geoname_id", Market, {"slug": "another"}),
    ("Market.slug", Market, {"geoname_id": 1_000_000}),
    ("market_name_unique", MarketName, {"name": "Written otherwise"}),
    ("Specialty.slug", Specialty, {}),
    ("Expert.user", Expert, {"slug": "another"}),
    ("Expert.slug", Expert, {"user": lambda: User.objects.get(expert=None, is_staff=True)}),
    ("expert_specialty_unique", ExpertSpecialty, {"depth": 9}),
    ("expert_language_unique", ExpertLanguage, {"level": 1}),
    ("unavailable_no_overlap", UnavailablePeriod, {"days": (date(2026, 12, 4), date(2026, 12, 9))}),
    ("evidence_source_unique", Evidence, {"text": "Another text."}),
    ("TravelerProfile.user", TravelerProfile, {}),
    ("trip_interest_unique", TripInterest, {"must": True}),
    ("inquiry_unique", Inquiry, {"message": "Another message."}),
    ("Review.booking", Review, {"rating": 1}),
    ("waitlist_unique", WaitlistEntry, {"email": lambda: WaitlistEntry.objects.get().email.upper()}),
    ("match_run_one_current", MatchRun, {"state": "queued"}),
    ("match_score_rank", MatchScore, {}),
    ("AlgorithmVersion.name", AlgorithmVersion, {"status": "draft", "share": 0}),
    ("algorithm_one_active", AlgorithmVersion, {"name": "another", "status": "active", "share": 0}),
    ("algorithm_one_challenger", AlgorithmVersion, {"name": "another"}),
    ("exposure_position", Exposure, {}),
    ("feedback_unique", Feedback, {"text": "Another text."}),
]


@pytest.fixture(autouse=True)
def rows():
    make_rows()
    make_version(status="shadow", share=10)
    NoticeMail.objects.update(day=MONTH)
    user = Notice.objects.get().user
    NoticePreference.objects.create(user=user, kind="booking.confirmed", delivery="digest")


def refused(act):
    """The name of the constraint for which the database does not take it."""
    with pytest.raises(IntegrityError) as refusal:
        to_the_end(act)
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name


@transaction.atomic
def to_the_end(act):
    """With what is checked at the end of a transaction alone."""
    act()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def again(model, **changes):
    """Insert the newest row of the model a second time."""
    row = model.objects.latest("pk")
    row.pk, row._state.adding = None, True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def unique_name(model, field):
    """How Postgres calls the constraint behind unique=True."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    column = model._meta.get_field(field).column
    return {name for name, one in found.items() if one["unique"] and one["columns"] == [column]}


@pytest.mark.parametrize(("name", "model", "values"), REFUSED)
def test_a_row_cannot_hold_what_makes_no_sense(name, model, values):
    row = model.objects.latest("pk")
    assert refused(lambda: model.objects.filter(pk=row.pk).update(**values)) == name


@pytest.mark.parametrize(("name", "model", "changes"), TWICE)
def test_a_row_that_is_one_of_a_kind_stays_alone(name, model, changes):
    changes = {column: value() if callable(value) else value for column, value in changes.items()}
    constraint = refused(lambda: again(model, **changes))
    assert constraint == name or constraint in unique_name(model, name.partition(".")[2])


def test_two_inquiries_without_a_trip_are_one_as_well():
    Inquiry.objects.update(trip=None, general=True)
    assert refused(lambda: again(Inquiry)) == "inquiry_unique"


def test_a_run_that_was_replaced_makes_room_for_the_next():
    MatchRun.objects.update(state="stale")
    again(MatchRun)
    assert list(MatchRun.objects.order_by("pk").values_list("state", flat=True)) == ["stale", "stale"]


def test_days_that_only_touch_are_no_overlap():
    again(UnavailablePeriod, days=(date(2026, 12, 5), date(2026, 12, 6)))
    assert UnavailablePeriod.objects.count() == 2


@pytest.mark.parametrize(
    ("model", "field"),
    [
        pytest.param(model, field.name, id=f"{model.__name__}.{field.name}")
        for model in MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, PositiveIntegerRelDbTypeMixin)
    ],
)
def test_no_count_is_negative(model, field):
    assert refused(lambda: model.objects.update(**{field: -1}))


def test_every_constraint_is_exercised_here():
    declared = {constraint.name for model in MODELS for constraint in model._meta.constraints}
    unique = {
        f"{model.__name__}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    }
    assert {name for name, _, _ in REFUSED + TWICE} == declared | unique

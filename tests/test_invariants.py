"""What the tables themselves refuse, whoever writes to them. Those of jobs/ are in tests/jobs/test_invariants.py."""

from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.db.models.fields import PositiveIntegerRelDbTypeMixin

from accounts.models import Archive, ArchivePart, Notice, NoticeMail, NoticePreference, User
from bookings.models import (
    Block,
    Booking,
    Departure,
    Dispute,
    Entry,
    IdempotencyKey,
    Inquiry,
    Message,
    Offer,
    Posting,
    Proposal,
    Report,
    Review,
    TravelerReview,
    WaitlistEntry,
)
from experts.calendar.models import (
    CalendarException,
    CalendarFeed,
    CalendarSource,
    ImportedEvent,
    WeeklyHours,
)
from experts.models import (
    Application,
    Evidence,
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    Favourite,
    Photo,
    Service,
    Specialty,
    UnavailablePeriod,
    Verification,
)
from markets.models import ExchangeRate, Market, MarketName
from matching.models import AlgorithmVersion, Exposure, Feedback, MatchRun, MatchScore
from social.models import (
    Alert,
    AlertRead,
    Author,
    Campaign,
    Contact,
    Idea,
    IdeaRound,
    Lead,
    LeadSample,
    Monitor,
    Outreach,
    Post,
    PostDraft,
    PostSample,
    Run,
    Sighting,
    SlackPress,
    SlackUser,
    SocialSettings,
    Spending,
    Trend,
    TrendPost,
    TrendSample,
    ViralMoment,
)
from tests.admin.rows import make_rows, make_version
from tests.factories import make_expert, make_user
from tests.social.rows import make_author
from travelers.models import TravelerProfile, Trip, TripInterest

pytestmark = pytest.mark.usefixtures("rows", "undone")

APPS = ["accounts", "markets", "experts", "travelers", "bookings", "matching", "social"]
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models() if not model._meta.proxy]
MONTH = date(2027, 2, 1)
MIDNIGHT = datetime(2027, 2, 1, tzinfo=UTC)
FAR = datetime(2127, 2, 1, tzinfo=UTC)
NOON, LATER = datetime(2027, 2, 1, 12, tzinfo=UTC), datetime(2027, 2, 1, 15, tzinfo=UTC)
# Empty, without an end, with the wrong bounds, and not within what they occupy.
NO_PERIODS = [
    {"period": (NOON, NOON)},
    {"period": (NOON, None), "occupied": (None, None)},
    {"period": (None, NOON), "occupied": (None, None)},
    {"occupied": (None, LATER)},
    {"period": DateTimeTZRange(NOON, LATER, "[]"), "occupied": DateTimeTZRange(NOON, LATER, "[]")},
    {"period": (NOON, LATER), "occupied": (LATER, LATER.replace(hour=18))},
]

DECIDED = {"state": "upheld", "decided_at": MIDNIGHT, "outcome": "Half."}

# The constraint, the model, and values that no row may have.
REFUSED = [
    ("user_email_lower_case", User, {"email": "Ada@example.com"}),
    ("archive_ready", Archive, {"state": "ready"}),
    ("archive_ready", Archive, {"ready_at": MIDNIGHT}),
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
    ("expert_price_named", Expert, {"price_min": 0}),
    ("expert_price_range", Expert, {"price_min": 50, "price_max": "49.99"}),
    ("expert_paused_until", Expert, {"paused_until": MONTH}),
    ("expert_currency", Expert, {"currency": ""}),
    ("expert_response_hours", Expert, {"response_hours": "-0.1"}),
    ("expert_rating_aggregates", Expert, {"review_count": 2, "rating_sum": 11}),
    ("expert_rating_aggregates", Expert, {"review_count": 2, "rating_sum": 1}),
    ("expert_rating_aggregates", Expert, {"review_count": 0, "rating_sum": 0, "recent_review_count": 1}),
    ("expert_slug_reserved", Expert, {"slug": "compare"}),
    ("expert_slug_reserved", Expert, {"slug": "in"}),
    ("expert_specialty_depth", ExpertSpecialty, {"depth": 0}),
    ("expert_language_level", ExpertLanguage, {"level": 0}),
    ("expert_language_level", ExpertLanguage, {"level": 8}),
    ("service_positive", Service, {"price": 0}),
    ("service_positive", Service, {"duration_hours": 0}),
    ("service_positive", Service, {"duration_hours": None}),
    ("service_positive", Service, {"group_size_max": 0}),
    ("unavailable_days_bounded", UnavailablePeriod, {"days": (MONTH, MONTH)}),
    ("unavailable_days_bounded", UnavailablePeriod, {"days": (None, MONTH)}),
    ("unavailable_days_bounded", UnavailablePeriod, {"days": (MONTH, None)}),
    ("weekly_hours_of_a_day", WeeklyHours, {"weekday": 7}),
    ("weekly_hours_of_a_day", WeeklyHours, {"opens": 1440, "closes": 1500}),
    ("weekly_hours_of_a_day", WeeklyHours, {"opens": 600, "closes": 600}),
    ("weekly_hours_of_a_day", WeeklyHours, {"opens": 600, "closes": 2041}),
    ("exception_days_bounded", CalendarException, {"days": (MONTH, MONTH)}),
    ("exception_days_bounded", CalendarException, {"days": (None, MONTH)}),
    ("exception_days_bounded", CalendarException, {"days": (MONTH, None)}),
    ("exception_hours", CalendarException, {"kind": "blocked", "opens": None, "closes": None}),
    ("exception_hours", CalendarException, {"kind": "free", "opens": None}),
    ("exception_hours", CalendarException, {"opens": 600, "closes": 600}),
    ("exception_hours", CalendarException, {"opens": 600, "closes": 2041}),
    ("feed_address_is_long", CalendarFeed, {"address": "short"}),
    ("feed_address_is_long", CalendarFeed, {"address": "x" * 40 + "/../"}),
    ("source_url_or_content", CalendarSource, {"url": "https://a.example/"}),
    ("source_url_or_content", CalendarSource, {"content": ""}),
    ("source_url_or_content", CalendarSource, {"state": "read", "trouble": "slow"}),
    ("imported_event_not_empty", ImportedEvent, {"end": F("start")}),
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
    ("block_of_another", Block, {"by": F("whom")}),
    ("message_kind", Message, {"kind": "offer"}),
    ("message_kind", Message, {"offer": lambda: Offer.objects.latest("pk")}),
    ("offer_sane", Offer, {"price": 0}),
    ("offer_sane", Offer, {"people": 0}),
    ("offer_sane", Offer, {"currency": "usd"}),
    ("offer_times", Offer, {"end": F("start")}),
    ("offer_times", Offer, {"expires_at": F("end")}),
    ("offer_side", Offer, {"side": "system"}),
    ("report_decided", Report, {"state": "upheld"}),
    ("report_decided", Report, {"decided_at": MIDNIGHT}),
    ("booking_sane", Booking, {"start": MONTH, "end": date(2027, 1, 31)}),
    ("booking_sane", Booking, {"price": 0, "commission": 0}),
    ("booking_sane", Booking, {"people": 0}),
    *[("booking_period", Booking, values) for values in NO_PERIODS],
    *[("departure_period", Departure, values) for values in NO_PERIODS],
    ("proposal_period", Proposal, {"period": (NOON, NOON)}),
    ("proposal_period", Proposal, {"period": (None, NOON)}),
    ("booking_expiry", Booking, {"state": "requested"}),
    ("booking_expiry", Booking, {"state": "held"}),
    ("booking_expiry", Booking, {"expires_at": NOON}),
    ("booking_amounts", Booking, {"commission": -1}),
    ("booking_amounts", Booking, {"commission": "200.01"}),
    ("booking_amounts", Booking, {"refund": "200.01"}),
    ("booking_amounts", Booking, {"refund": -1}),
    ("booking_currency", Booking, {"currency": "usd"}),
    ("booking_missing", Booking, {"state": "no_show", "expires_at": None}),
    ("booking_missing", Booking, {"missing": "expert"}),
    ("booking_zone_days", Booking, {"start": date(2020, 1, 1)}),
    ("booking_zone_days", Booking, {"end": date(2090, 1, 1)}),
    ("dispute_side", Dispute, {"side": "system"}),
    ("dispute_decided", Dispute, {"state": "upheld"}),
    ("dispute_decided", Dispute, {"state": "upheld", "decided_at": MIDNIGHT}),
    ("dispute_decided", Dispute, {"outcome": "Half."}),
    ("dispute_decided", Dispute, {"decided_at": MIDNIGHT}),
    ("dispute_decided", Dispute, {"state": "shelved", "decided_at": MIDNIGHT, "outcome": "Half."}),
    ("dispute_refund", Dispute, {"refund": 1}),
    ("dispute_refund", Dispute, {"refund": -1, **DECIDED}),
    ("dispute_refund", Dispute, {"refund": 1, **DECIDED, "state": "dismissed"}),
    ("departure_seats", Departure, {"seats_taken": 7}),
    ("departure_seats", Departure, {"seats": 0, "seats_taken": 0}),
    ("entry_amount", Entry, {"amount": 0}),
    ("entry_amount", Entry, {"currency": "usd"}),
    *[
        ("review_stars", Review, {name: stars})
        for name in ("rating", "communication", "knowledge", "value", "flexibility", "responsiveness")
        for stars in (0, 6)
    ],
    ("travelerreview_stars", TravelerReview, {"rating": 0}),
    ("travelerreview_stars", TravelerReview, {"rating": 6}),
    *[
        (f"{name}_{rule}", model, values)
        for name, model in (("review", Review), ("travelerreview", TravelerReview))
        for rule, values in (
            ("published", {"published_at": None}),
            ("published", {"state": "waiting"}),
            ("published", {"state": "hidden", "published_at": None}),
            ("published", {"state": "shown"}),
            ("reply", {"reply": "Thank you."}),
            ("reply", {"replied_at": MIDNIGHT}),
            (
                "reply",
                {"reply": "Yes.", "replied_at": MIDNIGHT, "state": "waiting", "published_at": None},
            ),
        )
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
    ("idea_round_finished", IdeaRound, {"state": "done"}),
    ("idea_round_finished", IdeaRound, {"finished_at": MIDNIGHT}),
    ("idea_round_cost", IdeaRound, {"cost": "-0.01"}),
    ("social_settings_one_row", SocialSettings, {"id": 2}),
    ("social_settings_hours", SocialSettings, {"quiet_from": 24}),
    ("monitor_interval", Monitor, {"interval": 4}),
    ("monitor_interval", Monitor, {"interval": 1441}),
    ("monitor_cost_cap", Monitor, {"cost_cap": "-0.01"}),
    ("social_run_window", Run, {"until": F("since")}),
    ("social_run_cost", Run, {"cost": -1}),
    ("social_run_gap", Run, {"gap_until": F("since")}),
    ("social_run_gap", Run, {"gap_until": FAR}),
    ("social_run_gap", Run, {"gap_until": F("until"), "complete": True}),
    ("spending_usd", Spending, {"usd": "-0.01"}),
    ("social_run_finished", Run, {"state": "done"}),
    ("social_run_finished", Run, {"finished_at": MIDNIGHT}),
    ("author_handle", Author, {"handle": "Aiko"}),
    ("author_handle", Author, {"handle": "@aiko"}),
    ("author_handle", Author, {"handle": ""}),
    ("post_id", Post, {"external_id": "1/2"}),
    ("post_id", Post, {"external_id": ""}),
    ("post_source", Post, {"source": "web"}),
    ("viral_reason", ViralMoment, {"likes": 1000}),
    ("viral_reason", ViralMoment, {"reason": "reposts", "reposts": 100}),
    ("viral_reason", ViralMoment, {"reason": "growth", "likes": 149}),
    ("viral_reason", ViralMoment, {"reason": "luck"}),
    ("trend_sentiment", Trend, {"sentiment": "negative"}),
    ("trend_sentiment", Trend, {"sentiment_score": 101}),
    ("trend_sentiment", Trend, {"sentiment_score": 19}),
    ("trend_merged", Trend, {"merged_into": F("id")}),
    ("trend_merged", Trend, {"kept_apart": True}),
    ("trend_decided", Trend, {"state": "approved"}),
    ("trend_decided", Trend, {"decided_at": MIDNIGHT}),
    ("trend_valid", Trend, {"valid_until": F("last_seen")}),
    ("trend_valid", Trend, {"valid_until": FAR}),
    ("trend_valid", Trend, {"first_seen": FAR}),
    ("lead_high_potential", Lead, {"followers": None}),
    ("lead_high_potential", Lead, {"followers": 9_999}),
    ("lead_high_potential", Lead, {"engagement": None}),
    ("lead_high_potential", Lead, {"engagement": "2.99"}),
    ("lead_high_potential", Lead, {"fit": "medium"}),
    ("lead_high_potential", Lead, {"opted_out_at": MIDNIGHT}),
    ("lead_engagement", Lead, {"high_potential": False, "engagement": -1}),
    ("outreach_approved", Outreach, {"approved_by": None}),
    ("outreach_approved", Outreach, {"approved_at": None}),
    ("outreach_approved", Outreach, {"text": ""}),
    ("outreach_approved", Outreach, {"state": "declined", "approved_by": None}),
    ("outreach_sent", Outreach, {"sent_at": None}),
    ("outreach_skipped", Outreach, {"state": "skipped"}),
    ("outreach_value", Outreach, {"value": 1181}),
    ("outreach_value", Outreach, {"value": None}),
    ("outreach_value", Outreach, {"value_reach": None}),
    ("outreach_send_after", Outreach, {"send_after": MIDNIGHT}),
    ("outreach_replied", Outreach, {"state": "replied"}),
    ("outreach_claimed", Outreach, {"claimed_by": F("approved_by")}),
    ("contact_until", Contact, {"until": F("at")}),
    ("contact_until", Contact, {"until": None}),
    ("contact_until", Contact, {"kind": "opt_out"}),
    ("contact_until", Contact, {"kind": "pigeon"}),
    ("idea_rest", Idea, {"rests_until": F("made_on")}),
    ("campaign_days", Campaign, {"ends_on": date(2020, 1, 1)}),
    ("campaign_budget", Campaign, {"budget": -1}),
    ("campaign_budget", Campaign, {"currency": "$"}),
    ("post_draft_published", PostDraft, {"state": "published"}),
    ("post_draft_published", PostDraft, {"published_at": MIDNIGHT}),
    ("alert_url", Alert, {"url": "https://evil.example/"}),
    ("alert_url", Alert, {"url": "//evil.example/"}),
    ("alert_delivered", Alert, {"state": "delivered"}),
    ("alert_delivered", Alert, {"delivered_at": MIDNIGHT}),
    ("alert_failed", Alert, {"state": "failed"}),
]

# What may not be there twice, and in which columns the second row differs.
TWICE = [
    ("User.email", User, {}),
    ("archive_one_waiting", Archive, {}),
    ("archive_part", ArchivePart, {}),
    ("notice_told_once", Notice, {"kind": "booking.cancelled"}),
    ("notice_mail_one_digest_a_day", NoticeMail, {}),
    ("notice_preference_unique", NoticePreference, {"delivery": "site"}),
    ("Market.geoname_id", Market, {"slug": "another"}),
    ("Market.slug", Market, {"geoname_id": 1_000_000}),
    ("market_name_unique", MarketName, {"name": "Written otherwise"}),
    ("Specialty.slug", Specialty, {}),
    ("Expert.user", Expert, {"slug": "another"}),
    ("Expert.slug", Expert, {"user": lambda: User.objects.get(expert=None, is_staff=True)}),
    ("Application.user", Application, {}),
    ("Photo.token", Photo, {"digest": "another"}),
    ("photo_of_expert_once", Photo, {"token": "another", "position": 2}),
    ("photo_position", Photo, {"token": "another", "digest": "another"}),
    ("Service.form_key", Service, {}),
    ("verification_standing", Verification, {"note": "Seen again."}),
    ("expert_specialty_unique", ExpertSpecialty, {"depth": 9}),
    ("expert_language_unique", ExpertLanguage, {"level": 1}),
    ("unavailable_no_overlap", UnavailablePeriod, {"days": (date(2026, 12, 4), date(2026, 12, 9))}),
    ("weekly_hours_no_overlap", WeeklyHours, {"opens": 1019, "closes": 1100}),
    ("weekly_hours_no_overlap", WeeklyHours, {"weekday": 6, "opens": 1200, "closes": 1440 + 541}),
    ("exception_unique", CalendarException, {"note": "Another note."}),
    ("CalendarFeed.expert", CalendarFeed, {"address": "y" * 43}),
    ("CalendarFeed.address", CalendarFeed, {"expert": lambda: make_expert()}),
    ("source_unique", CalendarSource, {"name": "Another name"}),
    ("imported_event_unique", ImportedEvent, {}),
    ("favourite_unique", Favourite, {}),
    ("evidence_source_unique", Evidence, {"text": "Another text."}),
    ("TravelerProfile.user", TravelerProfile, {}),
    ("trip_interest_unique", TripInterest, {"must": True}),
    ("inquiry_unique", Inquiry, {"expert_unread": 3}),
    ("block_unique", Block, {}),
    ("message_key", Message, {"body": "Another message."}),
    (
        "message_of_offer",
        Message,
        {"kind": "offer", "offer": lambda: Offer.objects.latest("pk"), "key": uuid4},
    ),
    ("offer_key", Offer, {"counters": None, "booking": None}),
    ("Offer.counters", Offer, {"key": uuid4, "booking": None}),
    ("Offer.booking", Offer, {"key": uuid4, "counters": None}),
    ("report_unique", Report, {"text": "Another text."}),
    ("Review.booking", Review, {"rating": 1}),
    ("TravelerReview.booking", TravelerReview, {"rating": 1}),
    ("booking_no_overlap", Booking, {"state": "confirmed", "departure": None}),
    ("departure_unique", Departure, {"seats": 9, "seats_taken": 0}),
    ("departure_no_overlap", Departure, {"service": None}),
    ("posting_once", Posting, {}),
    ("dispute_one_open", Dispute, {"text": "Once more."}),
    ("entry_once", Entry, {"amount": 1}),
    ("idempotency_key_unique", IdempotencyKey, {"body": "1" * 64}),
    ("proposal_one_open", Proposal, {}),
    ("waitlist_unique", WaitlistEntry, {"email": lambda: WaitlistEntry.objects.get().email.upper()}),
    ("match_run_one_current", MatchRun, {"state": "queued"}),
    ("match_score_rank", MatchScore, {}),
    ("AlgorithmVersion.name", AlgorithmVersion, {"status": "draft", "share": 0}),
    ("algorithm_one_active", AlgorithmVersion, {"name": "another", "status": "active", "share": 0}),
    ("algorithm_one_challenger", AlgorithmVersion, {"name": "another"}),
    ("exposure_position", Exposure, {}),
    ("feedback_unique", Feedback, {"text": "Another text."}),
    ("Monitor.market", Monitor, {"paused": True}),
    ("social_run_once", Run, {"state": "done", "finished_at": MIDNIGHT}),
    ("social_run_one_open", Run, {"slot": MIDNIGHT}),
    ("Author.handle", Author, {"name": "Another name"}),
    ("Post.external_id", Post, {"text": "Another text."}),
    ("sighting_unique", Sighting, {}),
    ("post_sample_unique", PostSample, {"likes": 1}),
    ("ViralMoment.post", ViralMoment, {"reposts": 1}),
    ("trend_key", Trend, {"topic": "Another topic"}),
    ("trend_post_unique", TrendPost, {"example": True}),
    ("trend_sample_unique", TrendSample, {"mentions": 5}),
    ("Lead.author", Lead, {"followers": 20_000}),
    ("Lead.expert", Lead, {"author": lambda: make_author(), "expert": lambda: an_expert_who_was_a_lead()}),
    ("lead_sample_unique", LeadSample, {"posts_counted": 5}),
    ("outreach_one_open", Outreach, {"state": "approved"}),
    ("SlackPress.signature", SlackPress, {"act": "skip"}),
    ("Contact.outreach", Contact, {"at": MIDNIGHT, "until": MIDNIGHT.replace(year=2029)}),
    ("contact_silence", Contact, {"outreach": None}),
    ("contact_said_once", Contact, {"person": lambda: opted_out(), "kind": "opt_out", "until": None}),
    ("contact_opted_out", Contact, {"person": lambda: opted_out(), "kind": "message", "until": FAR}),
    ("idea_not_repeated", Idea, {"channel": "blog"}),
    ("idea_round_one_open", IdeaRound, {"asked_at": MIDNIGHT}),
    ("post_draft_unique", PostDraft, {"text": "Another text."}),
    ("Alert.key", Alert, {"facts": {}}),
    ("alert_read_unique", AlertRead, {}),
    ("SlackUser.slack_id", SlackUser, {"user": lambda: make_user()}),
    ("SlackUser.user", SlackUser, {"slack_id": "U9999"}),
]


@pytest.fixture(scope="module")
def rows(module_db):
    make_rows()
    make_version(status="shadow", share=10)
    Service.objects.filter(pk=Service.objects.latest("pk").pk).update(form_key=uuid4())
    Offer.objects.filter(pk=Offer.objects.latest("pk").pk).update(booking=Booking.objects.latest("pk"))
    mail = NoticeMail.objects.latest("pk")
    NoticeMail.objects.filter(pk=mail.pk).update(day=MONTH)
    user = mail.user
    NoticePreference.objects.create(user=user, kind="booking.confirmed", delivery="digest")


def an_expert_who_was_a_lead():
    expert = make_expert()
    Lead.objects.update(expert=expert)
    return expert


def opted_out():
    return Contact.objects.create(person=7, kind="opt_out").person


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
    values = {column: value() if callable(value) else value for column, value in values.items()}
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


@pytest.mark.parametrize("hours", [(0, 1020, 1100), (6, 1200, 1440 + 540), (0, 480, 540)])
def test_hours_that_only_touch_are_no_overlap(hours):
    weekday, opens, closes = hours
    again(WeeklyHours, weekday=weekday, opens=opens, closes=closes)
    assert WeeklyHours.objects.count() == 2


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


def test_what_a_dispute_gives_back_is_a_refund():
    """Nothing that is posted can be changed, so the row is a new one."""
    of_dispute = {"dispute": Dispute.objects.get(), "kind": "agreed"}
    assert refused(lambda: again(Posting, **of_dispute)) == "posting_of_dispute"


def test_every_constraint_is_exercised_here():
    declared = {constraint.name for model in MODELS for constraint in model._meta.constraints}
    unique = {
        f"{model.__name__}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    }
    # Written in SQL: Django has no words for it. The others of that kind are in tests/bookings/.
    in_sql = {"booking_zone_days", "contact_opted_out"}
    of_its_own = {"posting_of_dispute"}
    assert {name for name, _, _ in REFUSED + TWICE} | of_its_own == declared | unique | in_sql

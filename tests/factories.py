"""Makers of rows with sensible defaults. Each returns a saved instance."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from bookings import cancellation, offers, periods, threads
from bookings.aggregates import refresh_experts
from bookings.models import Booking, Offer, Review, TravelerReview
from bookings.services import send_inquiry
from experts import search
from experts.models import Expert, ExpertLanguage, ExpertSpecialty, Service, Specialty
from markets import cities
from markets.models import Market, MarketName
from matching.models import MatchRun
from matching.services import new_run
from travelers.models import Trip, TripInterest

numbers = count(1)


def make_user(name="Ada Example", **fields):
    fields = {"email": f"user{next(numbers)}@example.com", "password": "correct horse battery"} | fields
    return User.objects.create_user(name=name, **fields)


def make_market(name="Kyoto", *, names=(), **fields):
    """An active market that the search finds by its name and by the alternate `names`."""
    number = next(numbers)
    defaults = {
        "geoname_id": number,
        "slug": f"{slugify(name)}-{number}",
        "country_code": "JP",
        "time_zone": "Asia/Tokyo",
        "latitude": 35.0,
        "longitude": 135.8,
        "currency": "USD",
        "population": 1_400_000,
        "status": Market.Status.ACTIVE,
    }
    market = Market.objects.create(name=name, **defaults | fields)
    MarketName.objects.bulk_create(
        MarketName(
            market=market, name=as_written, folded=folded, population=market.population, is_primary=primary
        )
        for as_written, folded, primary in cities.names(name, names)
    )
    return market


def make_expert(market=None, *, name="Mei Tanaka", specialties=None, languages=None, reindex=True, **fields):
    """An active expert. `specialties` maps slugs to depths, `languages` codes to levels of 1 to 7."""
    defaults = {
        "slug": f"expert-{next(numbers)}",
        "status": Expert.Status.ACTIVE,
        "headline": "Guide to quiet places",
        "bio": "I walk with guests through old streets.",
        "price_min": Decimal(80),
        "price_max": Decimal(120),
        "currency": "USD",
        "active_since": date(2025, 1, 1),
    }
    user = fields.pop("user", None) or make_user(name)
    expert = Expert.objects.create(user=user, market=market or make_market(), **defaults | fields)
    known = Specialty.objects.in_bulk(list(specialties or {}), field_name="slug")
    ExpertSpecialty.objects.bulk_create(
        ExpertSpecialty(expert=expert, specialty=known[slug], depth=depth)
        for slug, depth in (specialties or {}).items()
    )
    ExpertLanguage.objects.bulk_create(
        ExpertLanguage(expert=expert, language=code, level=level)
        for code, level in ({"en": 7} if languages is None else languages).items()
    )
    if reindex:
        search.reindex([expert.pk])
        expert.refresh_from_db()
    return expert


def make_complete(expert):
    """With all that an application needs before it can be handed in."""
    expert.bio = "I walk with guests through old streets. " * 4
    expert.save(update_fields=["bio"])
    if not expert.specialties.exists():
        ExpertSpecialty.objects.create(expert=expert, specialty=Specialty.objects.all()[0], depth=1)
    make_service(expert)
    return expert


def make_service(expert, **fields):
    defaults = {
        "title": "Temple walk at dawn",
        "description": "We meet before the crowds and walk the old path.",
        "kind": Service.Kind.TOUR,
        "duration_hours": Decimal(3),
        "price": Decimal(90),
        "currency": "USD",
    }
    return Service.objects.create(expert=expert, **defaults | fields)


def make_booking(expert, traveler=None, **fields):
    """Whole days of the expert's, `start` to `end`, or a `period` of instants.

    One that occupies them lies ahead, each on days of its own, so that two never meet by chance.
    """
    state = fields.setdefault("state", Booking.State.COMPLETED)
    occupies = state in Booking.OCCUPYING
    ahead = timedelta(days=30 + 2 * next(numbers)) if occupies else timedelta(days=-40)
    start = fields.pop("start", None) or timezone.localdate() + ahead
    zone = expert.market.time_zone
    if period := fields.pop("period", None):
        slot = periods.slot(period[0], period[1], zone)
    else:
        slot = periods.whole_days(start, fields.pop("end", start + timedelta(days=1)), zone)
    first, last = slot.days
    price = Decimal(fields.pop("price", 200))
    defaults = {
        "period": slot.period,
        "occupied": slot.period,
        "time_zone": zone,
        "start": first,
        "end": last,
        "price": price,
        "currency": "USD",
        "title": service.title if (service := fields.get("service")) else "A day in town",
        "commission": price / 4,
        "cancellation": cancellation.snapshot("moderate"),
        "expires_at": timezone.now() + timedelta(hours=24) if state in Booking.WAITING else None,
        "missing": Booking.Missing.TRAVELER if state == Booking.State.NO_SHOW else "",
    }
    return Booking.objects.create(expert=expert, traveler=traveler or make_user(), **defaults | fields)


def make_review(expert, traveler=None, *, rating=5, text="We would book again.", **fields):
    stars = dict.fromkeys(["communication", "knowledge", "value", "flexibility", "responsiveness"], rating)
    published = {"state": Review.State.PUBLISHED, "published_at": timezone.now()}
    review = Review.objects.create(
        booking=fields.pop("booking", None) or make_booking(expert, traveler),
        expert=expert,
        rating=rating,
        text=text,
        **stars | published | fields,
    )
    refresh_experts([expert.pk])
    return review


def make_traveler_review(expert, traveler=None, *, rating=5, text="A guest to wish for.", **fields):
    booking = fields.pop("booking", None) or make_booking(expert, traveler)
    published = {"state": Review.State.PUBLISHED, "published_at": timezone.now()}
    return TravelerReview.objects.create(
        booking=booking, traveler=booking.traveler, rating=rating, text=text, **published | fields
    )


def make_inquiry(expert=None, traveler=None, *, trip=None, message="Could you show us a garden?"):
    """A thread with its first message, which the expert has not read."""
    return send_inquiry(
        by=traveler or make_user("Rosa Traveler"), expert=expert or make_expert(), trip=trip, message=message
    )


def make_message(inquiry, side="traveler", body="Hello", **fields):
    with transaction.atomic():
        return threads.post(threads.lock(inquiry.pk), side=side, body=body, **fields)


def make_offer(inquiry, side="expert", **fields):
    """Three hours in thirty days, waiting for three."""
    start = fields.pop("start", timezone.now() + timedelta(days=30))
    defaults = {
        "title": "Temple walk",
        "people": 2,
        "price": Decimal(240),
        "currency": "USD",
        "start": start,
        "end": start + timedelta(hours=3),
        "time_zone": "Asia/Tokyo",
        "expires_at": timezone.now() + timedelta(days=3),
        "key": uuid4(),
    }
    offer = Offer(inquiry=inquiry, **defaults | fields)
    return offers.make(offer=offer, by=inquiry.person(side), note="Shall we?")


def make_run(trip=None, **fields):
    """A run as it is asked for, without its job."""
    run = new_run(trip or make_trip())
    MatchRun.objects.filter(pk=run.pk).update(**fields)
    return MatchRun.objects.select_related("version").get(pk=run.pk)


def make_trip(destination=None, *, interests=(), musts=(), **fields):
    """Five days from sixty days on, for two, for whoever is passed as `traveler`."""
    start = fields.pop("start", timezone.localdate() + timedelta(days=60))
    days = fields.pop("days", 5)
    defaults = {
        "start": start,
        "end": start and start + timedelta(days=days - 1),
        "days": days,
        "kind": Trip.Kind.CULTURE,
        "purpose": Trip.Purpose.GUIDE,
        "languages": ["en"],
        "currency": "USD",
    }
    trip = Trip.objects.create(destination=destination or make_market(), **defaults | fields)
    known = Specialty.objects.in_bulk([*interests, *musts], field_name="slug")
    TripInterest.objects.bulk_create(
        TripInterest(trip=trip, specialty=specialty, must=slug in musts) for slug, specialty in known.items()
    )
    return trip

"""Makers of rows with sensible defaults. Each returns a saved instance."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from bookings.models import Booking, Review
from bookings.services import publish_review
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
    start = fields.pop("start", timezone.localdate() - timedelta(days=40))
    defaults = {
        "start": start,
        "end": start + timedelta(days=1),
        "state": Booking.State.COMPLETED,
        "price": Decimal(200),
        "currency": "USD",
    }
    return Booking.objects.create(expert=expert, traveler=traveler or make_user(), **defaults | fields)


def make_review(expert, traveler=None, *, rating=5, text="We would book again.", **fields):
    stars = dict.fromkeys(["communication", "knowledge", "value", "flexibility", "responsiveness"], rating)
    review = Review(
        booking=make_booking(expert, traveler),
        expert=expert,
        rating=rating,
        text=text,
        **stars | {"published_at": timezone.now()} | fields,
    )
    return publish_review(review=review)


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

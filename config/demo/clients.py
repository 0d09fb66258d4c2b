"""Who travels, books, reviews, asks and waits in the demo."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from accounts.models import User
from bookings import amounts, cancellation
from bookings.models import Booking, Inquiry, Message, Review, Side
from bookings.periods import whole_days
from config.demo import material, writing
from config.demo.material import City
from config.demo.people import Person, full_name, nice, trades
from config.demo.writing import Slots
from experts import taxonomy
from experts.models import CommunicationStyle, Expert, Service
from markets import currency
from markets.models import Market
from travelers.models import Experience, GroupKind, TravelerProfile, TravelStyle, Trip

# Language, currency and zone of the places where travelers live.
HOMES = [
    ("en", "USD", "America/New_York"),
    ("en", "USD", "America/Los_Angeles"),
    ("en", "GBP", "Europe/London"),
    ("en", "GBP", "Europe/London"),
    ("en", "CAD", "America/Toronto"),
    ("en", "AUD", "Australia/Adelaide"),
    ("en", "INR", "Asia/Kolkata"),
    ("de", "EUR", "Europe/Berlin"),
    ("de", "CHF", "Europe/Zurich"),
    ("fr", "EUR", "Europe/Paris"),
    ("es", "EUR", "Europe/Madrid"),
    ("es", "MXN", "America/Mexico_City"),
    ("it", "EUR", "Europe/Rome"),
    ("nl", "EUR", "Europe/Amsterdam"),
    ("pt", "BRL", "America/Sao_Paulo"),
    ("ja", "JPY", "Asia/Tokyo"),
    ("sv", "SEK", "Europe/Stockholm"),
]
KINDS = {
    "food-and-drink": Trip.Kind.FOOD,
    "nature": Trip.Kind.NATURE,
    "active": Trip.Kind.NATURE,
    "sea": Trip.Kind.BEACH,
    "history": Trip.Kind.CULTURE,
    "arts-and-design": Trip.Kind.CULTURE,
    "faith-and-tradition": Trip.Kind.CULTURE,
}
PURPOSES = [*[Trip.Purpose.GUIDE] * 4, *[Trip.Purpose.PLAN] * 3, Trip.Purpose.ADVICE, Trip.Purpose.LOGISTICS]
DIETS = ["", "", "", "vegetarian", "vegan", "no pork", "gluten-free", "nut allergy", "halal"]
ACCESS = ["", "", "", "", "", "uses a wheelchair", "no long stairs", "hard of hearing"]
MOST_BOOKINGS = 24


def full_names(rng: Random, count: int) -> list[str]:
    """From everywhere, all different."""
    sources = [*material.abroad().values(), *(city.names for city in material.cities().values())]
    found: dict[str, None] = {}
    while len(found) < count:
        found[full_name(rng, rng.choice(sources), is_woman=rng.random() < 0.5)[1]] = None
    return list(found)


def traveler(rng: Random, user: User) -> TravelerProfile:
    """The row; its interests follow once it is stored."""
    language, money, user.time_zone = rng.choice(HOMES)
    low = nice(float(currency.convert(Decimal(rng.randint(40, 250)), "USD", money, currency.rates())))
    return TravelerProfile(
        user=user,
        travel_style=rng.choice(TravelStyle.values),
        budget_min=low,
        budget_max=nice(float(low) * rng.uniform(1.3, 3)),
        currency=money,
        languages=sorted({language, "en"}),
        dietary_needs=rng.choice(DIETS),
        accessibility_needs=rng.choice(ACCESS),
        group_kind=rng.choice(GroupKind.values),
        experience=rng.choice(Experience.values),
        communication_style=rng.choice(["", *CommunicationStyle.values]),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """A trip with the specialties it wants, and whether each is a must."""

    trip: Trip
    wanted: dict[str, bool]


def plan(rng: Random, owner: TravelerProfile, city: City, market: Market, today: date) -> Plan:
    """A brief with its form filled in the way its writer would."""
    topic, other, *more = trades(rng, city, city.subjects, rng.randint(2, 4))
    fact = rng.choice(city.facts[topic.slug])
    first, days = (
        today + timedelta(days=rng.randint(5, 300)),
        rng.choice([1, 2, 3, 4, 4, 5, 5, 6, 7, 7, 9, 10, 14]),
    )
    slots = Slots(
        city=market.name,
        area=rng.choice(list(city.areas)),
        topic=topic.topic,
        other=other.topic,
        name=fact.name,
        clause=fact.clause,
        days=str(days),
        who=rng.choice(material.words()["brief"]["who"]),
    )
    words = material.words()["brief"]
    group, brief = rng.choice(words["templates"]).split(" | ", 1)
    adults, children = map(int, group.split("+"))
    musts, nices = (rng.choice(words[kind]).format_map(slots) for kind in ("musts", "nices"))
    trip = Trip(
        traveler=owner.user,
        destination=market,
        **_when(rng, first, days),
        kind=KINDS.get(topic.group, Trip.Kind.CITY),
        purpose=rng.choice(PURPOSES),
        must_haves=musts,
        nice_to_haves=nices,
        adults=adults,
        children=children,
        budget=_budget(rng, owner, city, market, (adults + children) * days),
        currency=owner.currency,
        languages=owner.languages,
        communication_style=owner.communication_style,
        time_zone=owner.user.time_zone,
        brief=brief.format_map(slots),
    )
    likes = dict.fromkeys([t.slug for t in (topic, other, *more)] + taxonomy.recognise(nices), False)
    return Plan(trip, likes | dict.fromkeys(taxonomy.recognise(musts), True))


def _when(rng: Random, first: date, days: int) -> dict[str, date | int]:
    if rng.random() < 0.25:
        return {"flexible_month": (first + timedelta(days=31)).replace(day=1), "days": days}
    return {"start": first, "end": first + timedelta(days=days - 1), "days": days}


def _budget(
    rng: Random, owner: TravelerProfile, city: City, market: Market, person_days: int
) -> Decimal | None:
    if rng.random() < 0.15:
        return None
    low, high = city.prices
    spent = Decimal(rng.triangular(low * 0.6, high, low * 1.4) * person_days)
    # Large groups pay less a head.
    spent /= Decimal(1 + person_days / 40)
    return nice(float(currency.convert(spent, market.currency, owner.currency, currency.rates())))


def bookings(
    rng: Random, who: Person, expert: Expert, services: Sequence[Service], guests: Sequence[User], today: date
) -> Iterator[Booking]:
    """The past ones of an expert, and sometimes one to come."""
    if who.active_since is None:
        return
    months = (today - who.active_since).days / 30
    clients: list[User] = []
    for _ in range(min(int(months * rng.uniform(0, 0.75)), MOST_BOOKINGS)):
        clients.append(rng.choice(clients if clients and rng.random() < 0.12 else guests))
        start = who.active_since + timedelta(days=rng.randint(0, max((today - who.active_since).days - 4, 0)))
        state = Booking.State.COMPLETED if rng.random() < 0.95 else Booking.State.CANCELLED
        booking = _booking(rng, expert, rng.choice(services), clients[-1], start, state)
        if booking.end < today:
            yield booking
    if rng.random() < 0.2:
        start = today + timedelta(days=rng.randint(3, 90))
        yield _booking(rng, expert, rng.choice(services), rng.choice(guests), start, Booking.State.CONFIRMED)


def trip_booking(rng: Random, trip: Trip, expert: Expert, services: Sequence[Service]) -> Booking:
    """One to come, of an expert who was found by a match."""
    first, after = trip.window()
    assert trip.traveler
    booking = _booking(rng, expert, rng.choice(services), trip.traveler, first, Booking.State.CONFIRMED)
    booking.trip = trip
    return _on_days(booking, first, min(booking.end, after - timedelta(days=1)))


def _booking(rng: Random, expert: Expert, service: Service, guest: User, start: date, state: str) -> Booking:
    days = rng.choice([1, 1, 1, 2, 3])
    booking = Booking(
        traveler=guest,
        expert=expert,
        service=service,
        title=service.title,
        state=state,
        price=service.price * days,
        currency=service.currency,
        commission=amounts.commission_on(service.price * days, service.currency),
        cancellation=cancellation.snapshot(service.cancellation_policy),
        created_at=datetime.combine(start - timedelta(days=rng.randint(9, 40)), time(12), tzinfo=UTC),
    )
    return _on_days(booking, start, start + timedelta(days=days - 1))


def _on_days(booking: Booking, first: date, last: date) -> Booking:
    booking.time_zone = booking.expert.time_zone
    days = whole_days(first, last, booking.time_zone)
    booking.period = booking.occupied = days.period
    booking.start, booking.end = days.days
    return booking


def review(rng: Random, who: Person, booking: Booking, today: date) -> Review | None:
    """Two of three guests write one, some days later."""
    day = min(booking.end + timedelta(days=rng.randint(0, 12)), today - timedelta(days=1))
    if booking.state != Booking.State.COMPLETED or day < booking.end or rng.random() < 0.33:
        return None
    rating = _stars(rng, 3.1 + 2 * who.skill)
    trade = next(
        (
            t
            for t in who.profile.trades
            if any(booking.title == writing.title(who.profile, o) for o in t.offers)
        ),
        who.profile.trades[0],
    )
    written = Review(
        booking=booking,
        expert=booking.expert,
        rating=rating,
        communication=_stars(rng, rating),
        knowledge=_stars(rng, rating + 0.3),
        value=_stars(rng, rating - 0.2),
        flexibility=_stars(rng, rating),
        responsiveness=_stars(rng, rating),
        text=writing.review(rng, who.profile, trade, rating),
        state=Review.State.PUBLISHED,
        published_at=datetime.combine(day, time(rng.randint(7, 22), rng.randint(0, 59)), tzinfo=UTC),
    )
    assert written.published_at
    written.written_at = written.published_at
    return written


def _stars(rng: Random, mean: float) -> int:
    return min(max(round(rng.gauss(mean, 0.6)), 1), 5)


def inquiry(rng: Random, who: Person, expert: Expert, trip: Trip, now: datetime) -> Message:
    """The first message of a thread, with the thread."""
    slots, fact = who.profile.slots, rng.choice(who.profile.facts)
    slots = Slots(slots, name=fact.name, topic=rng.choice(who.profile.trades).topic)
    body = rng.choice(material.words()["inquiry"]["templates"]).format_map(slots)
    at = now - timedelta(hours=rng.randint(1, 600))
    thread = Inquiry(traveler=trip.traveler, expert=expert, trip=trip, created_at=at)
    return Message(inquiry=thread, side=Side.TRAVELER, body=body, contacts=[], created_at=at)


def start_threads(openings: Sequence[Message]) -> None:
    """Store them with their threads, where they wait for the experts."""
    Inquiry.objects.bulk_create([opening.inquiry for opening in openings])
    for opening in Message.objects.bulk_create(openings):
        opening.inquiry.last_message, opening.inquiry.expert_unread = opening, 1
    Inquiry.objects.bulk_update([opening.inquiry for opening in openings], ["last_message", "expert_unread"])

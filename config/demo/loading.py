"""Brings the demo market into an empty database, in one transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from operator import attrgetter
from random import Random
from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Model, OuterRef, Subquery
from django.utils import timezone
from django.utils.text import slugify
from psycopg.types.json import Jsonb

from accounts import roles
from accounts.bulk import copy_rows, next_keys
from accounts.models import AuditEvent, User
from bookings import ledger
from bookings.models import Booking, WaitlistEntry
from bookings.services import refresh_experts
from config.demo import attention, clients, material, people, talk
from config.demo.clients import Plan
from config.demo.people import Person
from experts.models import (
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    ExpertTerm,
    Service,
    Specialty,
    UnavailablePeriod,
    Verification,
)
from markets import cities
from markets.folding import fold
from markets.models import Market
from matching import runs
from matching.models import MatchRun
from matching.services import new_run
from travelers.models import TravelerProfile, Trip, TripInterest

PASSWORD = "traveloure"  # noqa: S105  # everybody may know it: the demo loads in development only
DOMAIN = "traveloure.example"
SIZES = {
    "kyoto": 46,
    "lisbon": 42,
    "mexico-city": 40,
    "marrakesh": 36,
    "istanbul": 36,
    "cape-town": 34,
    "hanoi": 32,
    "buenos-aires": 32,
    "new-orleans": 30,
    "jaipur": 28,
    "reykjavik": 24,
    "kathmandu": 20,
}
TRAVELERS, GUESTS, TRIPS, INQUIRIES, WAITING = 60, 500, 150, 40, 45
# The traveler who can sign in has these first trips.
OWN_TRIPS = 6
BATCH = 2000
Status = Expert.Status
Row = TypeVar("Row", bound=Model)


class Refused(Exception):
    """The demo must not load here; the message says why."""


@dataclass
class Demo:
    """The rows in the making, and what they are drawn from."""

    seed: str
    today: date
    markets: Mapping[str, Market]
    specialties: Mapping[str, Specialty]
    no_password: str = field(default_factory=partial(make_password, None))
    taken: Counter[str] = field(default_factory=Counter)

    def rng(self, part: str) -> Random:
        return Random(f"{self.seed}/{part}")

    def instant(self, day: date, hour: int = 9) -> datetime:
        return datetime.combine(day, time(hour), tzinfo=UTC)

    def slug(self, name: str) -> str:
        plain = slugify(fold(name))
        self.taken[plain] += 1
        return plain if self.taken[plain] == 1 else f"{plain}-{self.taken[plain]}"


def load(*, seed: int = 1, experts: int | None = None, market: str = "kyoto") -> str:
    """Load the demo, or a load test's `experts` in one market; says what was loaded. Refused: nothing was."""
    check()
    if not Market.objects.exists():
        cities.load()
    sizes = SIZES if experts is None else {market: experts}
    with transaction.atomic():
        return _load(str(seed), sizes, is_load_test=experts is not None)


def check() -> None:
    if settings.PRODUCTION:
        raise Refused("The demo market is for development: TRAVELOURE_ENV is production.")
    if User.objects.filter(is_demo=False).exists():
        raise Refused("This database holds real users. Load the demo market into an empty one.")
    if User.objects.exists():
        raise Refused("The demo market is loaded already.")


def _load(seed: str, sizes: Mapping[str, int], *, is_load_test: bool) -> str:
    demo = Demo(seed, timezone.localdate(), open_markets(sizes), Specialty.objects.in_bulk(field_name="slug"))
    _check_keys_at_once()
    staff = _staff(demo)
    guests = _guests(demo, max(GUESTS, sum(sizes.values()) // 5))
    made = [
        each for key, size in sizes.items() for each in experts_of(demo, key, size, all_active=is_load_test)
    ]
    _may_sign_in(next(e.expert.user for e in made if e.expert.status == Status.ACTIVE), f"expert@{DOMAIN}")
    _let_postgres_count()
    _careers(demo, made, staff)
    _histories(demo, made, guests)
    _let_postgres_count()
    with indexed_at_the_end(ExpertTerm):
        refresh_experts([each.expert.pk for each in made])
    plans = _plans(demo, sizes, _travelers(demo))
    if not is_load_test:
        _waitlist(demo)
        _inquiries(demo, made, [plan.trip for plan in plans])
        for plan in plans:
            _match(plan.trip)
        offers = {each.expert.pk: (each.person, each.expert, each.services) for each in made}
        attention.pay(demo.rng("attention"), offers, timezone.now())
        talk.load(demo.rng("talk"), demo.markets, staff, timezone.now())
        _ledger()
    return f"{len(made)} experts in {len(sizes)} markets, {TRAVELERS} travelers, {len(plans)} trips"


def _let_postgres_count() -> None:
    """What it plans by is minutes old otherwise, and may say that the tables are empty: minutes instead of seconds."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _match(trip: Trip) -> None:
    """Do here what a worker would, so that a first start neither waits for one nor fills its log.

    No model is asked about trips that nobody makes.
    """
    run = new_run(trip)
    runs.store(run, runs.compute(run))
    run.close_review(MatchRun.Review.NONE)


def _ledger() -> None:
    """All entries in one statement, at the end of which each posting must balance."""
    agreed = Booking.objects.filter(state__in=[Booking.State.CONFIRMED, Booking.State.COMPLETED])
    written = [pair for booking in agreed for pair in ledger.history(booking)]
    _copy(posting for posting, _entries in written)
    for posting, entries in written:
        for entry in entries:
            entry.posting = posting
    _copy(entry for _posting, entries in written for entry in entries)


def _put(rows: Iterable[Row]) -> list[Row]:
    rows = list(rows)
    return type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH) if rows else []


def _copy(rows: Iterable[Row]) -> list[Row]:
    """As `_put` and much faster, for rows whose every value is there already, as Postgres wants it."""
    rows = list(rows)
    if rows:
        meta = rows[0]._meta
        for row, key in zip(rows, next_keys(meta.db_table, len(rows)), strict=True):
            row.pk, row._state.adding = key, False
        columns = {field.attname: field.column for field in meta.concrete_fields if field.column}
        copy_rows(meta.db_table, list(columns.values()), map(_as_json, map(attrgetter(*columns), rows)))
    return rows


def _as_json(values: tuple[object, ...]) -> list[object]:
    return [Jsonb(value) if isinstance(value, dict) else value for value in values]


@contextmanager
def indexed_at_the_end(model: type[Model]) -> Iterator[None]:
    """To build an index at once is faster than to keep it in order row by row."""
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
        yield
        for index in model._meta.indexes:
            editor.add_index(model, index)


def _check_keys_at_once() -> None:
    """Otherwise each row of the history's trigger goes through all keys that wait for the commit: n² of them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def open_markets(sizes: Mapping[str, int]) -> dict[str, Market]:
    numbers = {material.cities()[key].geoname_id: key for key in sizes}
    chosen = Market.objects.filter(geoname_id__in=numbers)
    chosen.update(status=Market.Status.ACTIVE)
    return {numbers[market.geoname_id]: market for market in chosen.order_by("pk")}


def _user(demo: Demo, name: str, email: str, joined: date, **fields: Any) -> User:
    return User(
        email=email,
        name=name,
        is_demo=True,
        date_joined=demo.instant(joined),
        **{"password": demo.no_password} | fields,
    )


def _may_sign_in(user: User, email: str) -> User:
    """With the password that everybody knows, and an address that counts as confirmed."""
    user.email = email
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _staff(demo: Demo) -> User:
    """One who may do everything: all roles, and what only a superuser may."""
    joined = demo.today - timedelta(days=1600)
    user = _user(demo, "Robin Castellan", "", joined, is_staff=True, is_superuser=True)
    _may_sign_in(user, f"staff@{DOMAIN}")
    user.groups.set(Group.objects.filter(name__in=[roles.REVIEWER, roles.OPERATOR, roles.ANALYST]))
    return user


def _guests(demo: Demo, count: int) -> list[User]:
    rng = demo.rng("guests")
    names = clients.full_names(rng, count)
    return _put(
        _user(
            demo, name, f"guest{number}@guests.{DOMAIN}", demo.today - timedelta(days=rng.randint(30, 1600))
        )
        for number, name in enumerate(names, 1)
    )


@dataclass(frozen=True, slots=True)
class Made:
    """An expert with the person the rows were made from."""

    person: Person
    expert: Expert
    services: list[Service]

    def takes_clients_in(self, market_id: int) -> bool:
        expert = self.expert
        return expert.market_id == market_id and expert.status == Status.ACTIVE and expert.accepting_clients


def experts_of(demo: Demo, key: str, size: int, *, all_active: bool) -> list[Made]:
    rng, market, city = demo.rng(f"experts/{key}"), demo.markets[key], material.cities()[key]
    status = Status.ACTIVE if all_active else ""
    persons = [
        people.person(rng, city, market.name, market.currency, demo.today, status) for _ in range(size)
    ]
    slugs = [demo.slug(person.profile.name) for person in persons]
    users = _put(
        _user(demo, who.profile.name, f"{slug}@experts.{DOMAIN}", who.joined, time_zone=market.time_zone)
        for slug, who in zip(slugs, persons, strict=True)
    )
    rows = [people.expert(rng, who) for who in persons]
    for row, user, slug in zip(rows, users, slugs, strict=True):
        row.user, row.market, row.slug = user, market, slug
        row.accepting_clients |= all_active
    made = [Made(who, row, people.services(rng, who)) for who, row in zip(persons, _put(rows), strict=True)]
    _copy(_services(made))
    _copy(_specialties(demo, made))
    _copy(_languages(made))
    _copy(_verifications(demo, demo.rng(f"verifications/{key}"), made))
    _copy(_away(demo, rng, made))
    return made


def _services(made: Iterable[Made]) -> Iterator[Service]:
    for each in made:
        for service in each.services:
            service.expert = each.expert
            yield service


def _specialties(demo: Demo, made: Iterable[Made]) -> Iterator[ExpertSpecialty]:
    for each in made:
        for trade, depth in zip(each.person.profile.trades, each.person.profile.depths, strict=True):
            yield ExpertSpecialty(expert=each.expert, specialty=demo.specialties[trade.slug], depth=depth)


def _languages(made: Iterable[Made]) -> Iterator[ExpertLanguage]:
    for each in made:
        for code, level in each.person.languages.items():
            yield ExpertLanguage(expert=each.expert, language=code, level=level)


def _verifications(demo: Demo, rng: Random, made: Iterable[Made]) -> Iterator[Verification]:
    kinds = Verification.Kind
    for each in made:
        others = [kinds.PHONE, kinds.ADDRESS, kinds.LICENCE, kinds.REFERENCES]
        chosen = [kinds.IDENTITY, *rng.sample(others, rng.randint(0, 2))]
        for kind in chosen if each.expert.verified else []:
            checked = demo.instant(each.expert.active_since or demo.today)
            yield Verification(expert=each.expert, kind=kind, checked_at=checked, note="Made by load_demo.")


def _away(demo: Demo, rng: Random, made: Iterable[Made]) -> Iterator[UnavailablePeriod]:
    for each in made:
        for days, reason in people.away(rng, demo.today):
            yield UnavailablePeriod(expert=each.expert, days=days, reason=reason)


def _careers(demo: Demo, made: Sequence[Made], staff: User) -> None:
    """The application of each expert, and what was decided, as their History pages show it."""
    joined = User.objects.filter(expert=OuterRef("pk")).values("date_joined")[:1]
    Expert.objects.filter(user__is_demo=True).update(created_at=Subquery(joined))
    events = (event for each in made for event in _events(demo, each, staff))
    _put(sorted(events, key=attrgetter("at")))  # lists show the newest row first


def _events(demo: Demo, made: Made, staff: User) -> Iterator[AuditEvent]:
    expert, who = made.expert, made.person
    for action, before, after, day in people.career(who, demo.today):
        yield AuditEvent(
            at=demo.instant(day),
            actor=expert.user if action in {"submit", "pause"} else staff,
            action=f"expert.{action}",
            target_type=Expert._meta.label_lower,
            target_id=expert.pk,
            detail={
                "before": before,
                "after": after,
                "reason": expert.status_reason if after == who.status else "",
            },
        )


def _histories(demo: Demo, made: Sequence[Made], guests: Sequence[User]) -> None:
    rng, today = demo.rng("histories"), demo.today
    booked = [
        (each.person, booking)
        for each in made
        for booking in clients.bookings(rng, each.person, each.expert, each.services, guests, today)
    ]
    _copy(booking for _, booking in booked)
    reviews = filter(None, [clients.review(rng, who, booking, today) for who, booking in booked])
    _copy(sorted(reviews, key=attrgetter("published_at")))


def _travelers(demo: Demo) -> list[TravelerProfile]:
    rng = demo.rng("travelers")
    joined = [demo.today - timedelta(days=rng.randint(1, 700)) for _ in range(TRAVELERS)]
    users = [
        _user(demo, name, f"traveler{number}@travelers.{DOMAIN}", day)
        for number, (name, day) in enumerate(zip(clients.full_names(rng, TRAVELERS), joined, strict=True), 1)
    ]
    profiles = [clients.traveler(rng, user) for user in users]
    _put(users)
    _may_sign_in(users[0], f"traveler@{DOMAIN}")
    for profile in _put(profiles):
        slugs = rng.sample(sorted(demo.specialties), k=rng.randint(2, 6))
        profile.interests.set([demo.specialties[slug] for slug in slugs])
    return profiles


def _plans(demo: Demo, sizes: Mapping[str, int], travelers: Sequence[TravelerProfile]) -> list[Plan]:
    rng, keys = demo.rng("trips"), list(sizes)
    plans = []
    for number in range(TRIPS):
        key = keys[0] if number == 0 else rng.choices(keys, list(sizes.values()))[0]
        owner = travelers[0] if number < OWN_TRIPS else rng.choice(travelers[1:])
        plans.append(clients.plan(rng, owner, material.cities()[key], demo.markets[key], demo.today))
    _put(plan.trip for plan in plans)
    _put(
        TripInterest(trip=plan.trip, specialty=demo.specialties[slug], must=must)
        for plan in plans
        for slug, must in plan.wanted.items()
    )
    return plans


def _waitlist(demo: Demo) -> None:
    """For big cities where nobody is yet."""
    rng = demo.rng("waitlist")
    recruiting = Market.objects.filter(status=Market.Status.RECRUITING).order_by("-population", "pk")[:40]
    cities_wanted = [rng.choice(recruiting) for _ in range(WAITING)]
    _put(
        WaitlistEntry(
            market=market,
            email=f"hopeful{number}@guests.{DOMAIN}",
            created_at=demo.instant(demo.today - timedelta(days=rng.randint(0, 90))),
        )
        for number, market in enumerate(cities_wanted, 1)
    )


def _inquiries(demo: Demo, made: Sequence[Made], trips: Sequence[Trip]) -> None:
    rng, sent = demo.rng("inquiries"), []
    for trip in rng.sample(trips, k=INQUIRIES):
        there = [each for each in made if each.takes_clients_in(trip.destination_id)]
        if there:
            each = rng.choice(there)
            sent.append(clients.inquiry(rng, each.person, each.expert, trip, demo.instant(demo.today)))
    clients.start_threads(sent)

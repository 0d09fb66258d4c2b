"""Whether the same time is ever sold twice: `python -m bench booking_races`.

ATTEMPTS over CONNECTIONS at once, half of them on five hot slots of one expert by every way to book, the others on
random hours of four more whose bookings are accepted, confirmed, moved, declined and cancelled meanwhile, and on
the few seats of another one's shared tour. Then once more, smaller, without lock and constraints: a harness that
finds nothing there either would prove nothing.
"""

import json
import multiprocessing
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from django.core.management import call_command
from django.db import Error, connection
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import User
from bookings import booking, rescheduling, slots
from bookings.models import Booking, Departure, Offer
from bookings.periods import slot
from bookings.slots import Taken, Wish
from experts.models import Expert, Service
from markets.models import Market

Row = TypeVar("Row")

ATTEMPTS, UNPROTECTED, CONNECTIONS = 10_000, 2_000, 32
# As many as serve the site with four threads each. In one, whoever holds a lock would wait for Python's turns.
PROCESSES = 8
PATIENCE_SECONDS = 30.0
HOT_SLOTS, TRAVELERS = 5, 40
SEAT_TURNS = 60  # after so many attempts the next day's departure is the one that everybody wants
CONSTRAINTS = {
    "bookings_booking": ["booking_no_overlap"],
    "bookings_departure": ["departure_no_overlap", "departure_seats"],
}
# Of bookings that occupy: two of one expert that meet, unless they sit in the same departure.
_OVERLAPS = """
    SELECT count(*) FROM bookings_booking a JOIN bookings_booking b
        ON b.expert_id = a.expert_id AND b.id > a.id AND b.occupied && a.occupied
        AND (a.departure_id IS NULL OR a.departure_id IS DISTINCT FROM b.departure_id)
    WHERE a.state IN ('requested', 'held', 'confirmed') AND b.state IN ('requested', 'held', 'confirmed')
"""
_OVERFULL = """
    SELECT count(*) FROM bookings_departure d WHERE seats < (
        SELECT coalesce(sum(people), 0) FROM bookings_booking b
        WHERE b.departure_id = d.id AND b.state IN ('requested', 'held', 'confirmed')
    )
"""


@dataclass
class Stage:
    """Who is booked by whom."""

    travelers: list[User]
    hot: list[Service]  # of the first expert: on request, instant
    free: list[Expert]
    shared: Service
    first: datetime
    seconds: list[float] = field(default_factory=list)  # of each call, as a page would make it

    def timed(self, act: Callable[..., Row], *given: Any, **named: Any) -> Row:
        began = time.perf_counter()
        try:
            return act(*given, **named)
        finally:
            self.seconds.append(time.perf_counter() - began)

    def slot_of(self, number: int) -> datetime:
        return self.first + timedelta(days=number)


@dataclass
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    seen_overlaps: int = 0
    seen_overfull: int = 0

    def add(self, other: "Tally") -> None:
        self.outcomes += other.outcomes
        self.wrong += other.wrong
        self.seconds += other.seconds


def measure() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    found = race(ATTEMPTS, CONNECTIONS)
    with unprotected():
        naked, rushed = race(UNPROTECTED, CONNECTIONS, seed=2), rush()
    if not (naked["overlaps"] and rushed["overlaps"] and rushed["overfull"]):
        raise SystemExit(f"Without protection too little was found: {naked} {rushed}")
    if found["overlaps"] or found["overfull"] or found["wrong"] or set(found["winners"]) != {1}:
        raise SystemExit(f"Not every slot has exactly one winner: {found}")
    return found | {"unprotected_overlaps": naked["overlaps"], "unprotected_overfull": rushed["overfull"]}


def race(attempts: int, connections: int, *, processes: int = PROCESSES, seed: int = 1) -> dict[str, Any]:
    stage, tally, ended = set_stage(), Tally(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(stage, tally, ended))
    _anywhere(stage, random.Random(seed), -1)  # what starts with the first booking, started
    stage.seconds.clear()
    connection.close()  # before it forks: each process opens its own
    began = time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        shares = [range(first, connections, processes) for first in range(processes)]
        futures = [pool.submit(_share, stage, seed, attempts, share, connections) for share in shares]
        watcher.start()
        try:
            for future in futures:
                tally.add(future.result())
        finally:
            ended.set()
    took = time.perf_counter() - began
    watcher.join()
    return _figures(stage, tally, attempts, connections, took)


def _share(stage: Stage, seed: int, attempts: int, numbers: range, connections: int) -> Tally:
    """What one process does, with a thread for each of its connections."""
    tally = Tally()
    with ThreadPoolExecutor(len(numbers)) as pool:
        futures = [pool.submit(_attempts, stage, tally, seed, attempts, n, connections) for n in numbers]
        for future in futures:
            future.result()
    tally.seconds = stage.seconds
    return tally


def _figures(stage: Stage, tally: Tally, attempts: int, connections: int, took: float) -> dict[str, Any]:
    winners = Counter(
        Booking.objects.occupying()
        .filter(expert=stage.hot[0].expert)
        .values_list("period__startswith", flat=True)
    )
    return {
        "attempts": attempts,
        "connections": connections,
        "winners": sorted(winners.values()),
        "overlaps": _count(_OVERLAPS) + tally.seen_overlaps,
        "overfull": max(tally.seen_overfull, _count(_OVERFULL)),
        "outcomes": dict(sorted(tally.outcomes.items())),
        "wrong": tally.wrong[:5],
        "per_second": round(attempts / took),
        "p50_ms": round(statistics.median(tally.seconds) * 1000, 1),
        "p99_ms": round(statistics.quantiles(tally.seconds, n=100)[-1] * 1000, 1),
    }


def _watch(stage: Stage, tally: Tally, ended: threading.Event) -> None:
    """Also what was there for a moment only is found."""
    while not ended.wait(0.5):
        tally.seen_overlaps = max(tally.seen_overlaps, _count(_OVERLAPS))
        tally.seen_overfull = max(tally.seen_overfull, _count(_OVERFULL))
    connection.close()


def _attempts(stage: Stage, tally: Tally, seed: int, attempts: int, number: int, connections: int) -> None:
    rng = random.Random(f"{seed}-{number}")
    paths = [_hot] * 5 + [_anywhere] * 2 + [_seat] + [_act] * 2
    for turn in range(number, attempts, connections):
        path = rng.choice(paths)
        tally.outcomes[f"{path.__name__[1:]} {_outcome(path, stage, rng, turn, tally)}"] += 1
    connection.close()


Path = Callable[[Stage, random.Random, int], object]


def _outcome(path: Path, stage: Stage, rng: random.Random, turn: int, tally: Tally) -> str:
    try:
        path(stage, rng, turn)
    except slots.SlotTaken:
        return "taken"
    except DomainError:
        return "refused"
    except Error as error:  # a deadlock, or a constraint that no sentence was found for
        tally.wrong.append(f"{path.__name__}: {error}")
        return "wrong"
    return "done"


def _hot(stage: Stage, rng: random.Random, turn: int) -> Booking:
    """One of the slots everybody wants: asked for, at once, or as an offer that is a little longer."""
    service, start = rng.choice([*stage.hot, None]), stage.slot_of(rng.randrange(HOT_SLOTS))
    by, expert = rng.choice(stage.travelers), stage.hot[0].expert
    if service is None:
        return _offered(stage, by, expert, start, start + timedelta(hours=4), turn)
    return stage.timed(
        booking.request,
        by=by,
        expert=expert,
        service=service,
        start=start,
        end=start + timedelta(hours=3),
        people=2,
        price=service.price,
        currency=service.currency,
        instant=service.instant,
        key=f"race-{turn}",
    )


def _anywhere(stage: Stage, rng: random.Random, turn: int) -> Booking:
    start, end = _hours(stage, rng)
    return _offered(
        stage,
        rng.choice(stage.travelers),
        rng.choice(stage.free),
        start,
        end,
        turn,
        instant=rng.random() < 0.5,
    )


def _hours(stage: Stage, rng: random.Random) -> tuple[datetime, datetime]:
    start = stage.first + timedelta(minutes=15 * rng.randrange(96 * 8))
    return start, start + timedelta(minutes=15 * rng.randint(1, 24))


def _offered(
    stage: Stage, by: User, expert: Expert, start: datetime, end: datetime, turn: int, *, instant: bool = True
) -> Booking:
    return stage.timed(
        booking.request,
        by=by,
        expert=expert,
        offer=Offer(pk=expert.pk, title="A walk"),  # only its number is noted
        start=start,
        end=end,
        people=2,
        price=Decimal(100),
        currency="USD",
        instant=instant,
        key=f"race-{turn}",
    )


def _seat(stage: Stage, rng: random.Random, turn: int) -> Booking:
    start, people = stage.slot_of(turn // SEAT_TURNS), rng.randint(1, 3)
    start += timedelta(hours=rng.choice([0, 1]))  # the two starts of a day meet: only one of them can depart
    return _sit(stage, rng.choice(stage.travelers), start, people, turn)


def _sit(stage: Stage, by: User, start: datetime, people: int, turn: int) -> Booking:
    return stage.timed(
        booking.request,
        by=by,
        expert=stage.shared.expert,
        service=stage.shared,
        start=start,
        end=start + timedelta(hours=3),
        people=people,
        price=stage.shared.price,
        currency=stage.shared.currency,
        instant=True,
        key=f"race-{turn}",
    )


def _act(stage: Stage, rng: random.Random, turn: int) -> object:
    """Do to some booking what its people may: the time it gives back or moves to is fought for as well."""
    rows = Booking.objects.occupying().filter(expert__in=[*stage.free, stage.shared.expert])
    number = rng.choice(list(rows.values_list("pk", flat=True)[:400]) or [0])
    booked = Booking.objects.with_people().filter(pk=number).first()
    if booked is None:
        return None
    if booked.state == Booking.State.CONFIRMED and rng.random() < 0.6 and booked.departure_id is None:
        return _reschedule(stage, rng, booked, turn)
    to = rng.choice(
        [Booking.State.HELD, Booking.State.CONFIRMED, Booking.State.CANCELLED, Booking.State.DECLINED]
    )
    by = booked.expert.user if to in {"held", "declined"} else booked.traveler
    return stage.timed(booking.move, booked, to, by=by, reason="Because.")


def _reschedule(stage: Stage, rng: random.Random, booked: Booking, turn: int) -> Booking:
    wanted = slot(*_hours(stage, rng), booked.time_zone)
    proposal = stage.timed(
        rescheduling.propose, booking=booked, by=booked.traveler, slot=wanted, key=f"race-{turn}"
    )
    try:
        return stage.timed(rescheduling.accept, proposal=proposal, by=booked.expert.user)
    except slots.SlotTaken:
        stage.timed(rescheduling.withdraw, proposal=proposal, by=booked.traveler)
        raise


@contextmanager
def unprotected() -> Iterator[None]:
    """Without lock and constraints: the look before the write is all that is left."""
    lock, kept = slots.LOCK, _definitions()
    for table, names in CONSTRAINTS.items():
        for name in names:
            _run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    slots.LOCK = "SELECT %(space)s, %(expert)s"
    try:
        yield
    finally:
        slots.LOCK = lock
        _clear()
        for (table, name), definition in kept.items():
            _run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def rush() -> dict[str, int]:
    """Where all have looked before the first of them writes, the look alone is not enough, however fast the machine:
    two people want the same hours, and one more than there are seats the same departure. Without protection only.
    """
    stage = set_stage()
    start, people = stage.first, stage.travelers
    end = start + timedelta(hours=3)
    _together([partial(_offered, stage, by, stage.free[0], start, end, 0) for by in people[:2]])
    _together([partial(_sit, stage, by, start, 1, 1) for by in people[: stage.shared.group_size_max + 1]])
    return {"overlaps": _count(_OVERLAPS), "overfull": _count(_OVERFULL)}


def _together(acts: list[Callable[[], object]]) -> None:
    place, looked = slots.place, threading.Barrier(len(acts))

    def place_together(wish: Wish, running: Taken | None) -> dict[str, Any]:
        looked.wait(PATIENCE_SECONDS)
        return place(wish, running)

    def act_and_close(act: Callable[[], object]) -> None:
        try:
            act()
        finally:
            connection.close()

    slots.place = place_together
    try:
        with ThreadPoolExecutor(len(acts)) as pool:
            list(pool.map(act_and_close, acts))
    finally:
        slots.place = place


def _definitions() -> dict[tuple[str, str], str]:
    found = {}
    with connection.cursor() as cursor:
        for table, names in CONSTRAINTS.items():
            for name in names:
                cursor.execute(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
                )
                found[table, name] = cursor.fetchone()[0]
    return found


def _clear() -> None:
    """What overlaps cannot stay where the constraints come back."""
    _run("TRUNCATE bookings_booking, bookings_departure CASCADE")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def set_stage() -> Stage:
    number = Market.objects.count() + 900_000_000
    market = Market.objects.create(
        geoname_id=number,
        slug=f"race-{number}",
        name="Race",
        country_code="JP",
        time_zone="Asia/Tokyo",
        latitude=35,
        longitude=135,
        currency="USD",
        status=Market.Status.ACTIVE,
    )
    first = (timezone.now() + timedelta(days=30)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hot, shared, *free = (_expert(market, f"{number}-{n}") for n in range(6))
    return Stage(
        travelers=User.objects.bulk_create(
            User(email=f"racer{n}-{number}@example.com", name=f"Racer {n}") for n in range(TRAVELERS)
        ),
        hot=[_service(hot, instant=False), _service(hot, instant=True, buffer_minutes=30)],
        free=free,
        shared=_service(shared, instant=True, shared=True, group_size_max=6),
        first=first,
    )


def _expert(market: Market, slug: str) -> Expert:
    user = User.objects.create(email=f"{slug}@example.com", name="Mei Tanaka")
    return Expert.objects.create(
        user=user,
        market=market,
        slug=slug,
        status=Expert.Status.ACTIVE,
        headline="Guide",
        bio="Walks.",
        price_min=80,
        price_max=120,
        currency="USD",
    )


def _service(expert: Expert, **fields: Any) -> Service:
    return Service.objects.create(
        expert=expert,
        title="Temple walk",
        description="Early.",
        kind=Service.Kind.TOUR,
        duration_hours=3,
        price=Decimal(90),
        currency="USD",
        **fields,
    )


def departures_are_right() -> bool:
    """Every counter is the sum of its rows."""
    for departure in Departure.objects.all():
        people = sum(departure.bookings.filter(state__in=Booking.OCCUPYING).values_list("people", flat=True))
        if people != departure.seats_taken:
            return False
    return True


if __name__ == "__main__":
    result, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(measure()), file=result)

"""Who looked at which list in the demo, and what came of it: profiles opened, inquiries, a few bookings.

People look at the top first, and book the better ones more often, so that analytics has something to find.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from random import Random

from bookings.models import Booking, Inquiry, Message
from config.demo import clients
from config.demo.people import Person
from experts.models import Expert, Service
from matching.models import Exposure, MatchRun
from travelers.models import Trip

DAYS = 30
SEEN = 0.9
OPENED = (0.6, 0.45, 0.35, 0.25, 0.2)  # by position
ASKED = 0.4  # of the opened
BOOKED = 0.9  # of the asked with a score of 100; of those with 50 nobody

Offer = tuple[Person, Expert, Sequence[Service]]


@dataclass(frozen=True)
class Attention:
    exposures: list[Exposure]
    inquiries: list[Message]
    bookings: list[Booking]
    taken: dict[int, list[Booking]]  # by expert, of the time to come

    def book(self, booking: Booking) -> None:
        """Unless somebody else has one of these days."""
        others = self.taken[booking.expert_id]
        if all(booking.end < other.start or other.end < booking.start for other in others):
            others.append(booking)
            self.bookings.append(booking)


def pay(rng: Random, offers: Mapping[int, Offer], now: datetime) -> None:
    """Let the runs be spread over the last month, and their travelers look at them. `offers`: by expert."""
    _spread(rng, now)
    asked = set(Inquiry.objects.values_list("trip", "expert"))
    listed = Exposure.objects.select_related("run__trip__traveler", "score").order_by("run", "position")
    paid = Attention([], [], [], _taken())
    for run, shown in groupby(listed, attrgetter("run")):
        if rng.random() < SEEN:
            _look(rng, run, list(shown), offers, paid)
    Exposure.objects.bulk_update(paid.exposures, ["seen_at", "opened_at"])
    clients.start_threads(
        [one for one in paid.inquiries if (one.inquiry.trip_id, one.inquiry.expert_id) not in asked]
    )
    Booking.objects.bulk_create(paid.bookings)


def _taken() -> dict[int, list[Booking]]:
    taken = defaultdict(list)
    for booking in Booking.objects.occupying():
        taken[booking.expert_id].append(booking)
    return taken


def _spread(rng: Random, now: datetime) -> None:
    """The runs keep their order, and each trip was described just then."""
    runs = list(MatchRun.objects.select_related("trip").order_by("pk"))
    ages = sorted((timedelta(days=rng.uniform(0.1, DAYS)) for _ in runs), reverse=True)
    for run, age in zip(runs, ages, strict=True):
        assert run.finished_at
        took = run.finished_at - run.created_at
        run.created_at = run.trip.created_at = now - age
        run.finished_at = run.created_at + took
    MatchRun.objects.bulk_update(runs, ["created_at", "finished_at"])
    Trip.objects.bulk_update([run.trip for run in runs], ["created_at"])


def _look(
    rng: Random, run: MatchRun, shown: Sequence[Exposure], offers: Mapping[int, Offer], paid: Attention
) -> None:
    """At the whole list, then at some profiles, of whom some are asked and at most one is booked."""
    seen = run.created_at + timedelta(seconds=rng.randint(2, 30))
    for exposure in shown:
        exposure.seen_at = seen
    opened = list(_opened(rng, shown, seen))
    paid.exposures.extend(shown)
    for exposure in opened:
        if rng.random() < ASKED:
            offer = offers[exposure.score.expert_id]
            paid.inquiries.append(_inquiry(rng, run.trip, offer, exposure))
            if rng.random() < BOOKED * (exposure.score.score_tenths / 500 - 1):
                paid.book(clients.trip_booking(rng, run.trip, offer[1], offer[2]))
                return


def _opened(rng: Random, shown: Iterable[Exposure], seen: datetime) -> Iterator[Exposure]:
    for exposure, chance in zip(shown, OPENED, strict=False):
        if rng.random() < chance:
            exposure.opened_at = seen + timedelta(seconds=rng.randint(10, 900))
            yield exposure


def _inquiry(rng: Random, trip: Trip, offer: Offer, exposure: Exposure) -> Message:
    assert exposure.opened_at
    opening = clients.inquiry(rng, offer[0], offer[1], trip, exposure.opened_at)
    opening.created_at = exposure.opened_at + timedelta(minutes=rng.randint(2, 40))
    opening.inquiry.created_at = opening.created_at
    return opening

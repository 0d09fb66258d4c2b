"""What is left of bookings when the web server dies over them: `python -m bench booking_kills`.

The web server is killed KILLS times, with its workers, while CLIENTS book over HTTP, and started again each time. What
was answered as booked has to be there; what was cut off is sent again with its key, and so is what was answered: there
is one booking for it. And none is half made: state, history, ledger, notices, mails and key agree.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.management import call_command
from django.db.models import Count

from accounts import audit
from accounts.models import Notice
from bench.booking_http import Page, booked, free_times, open_pages
from bench.booking_races import Stage, departures_are_right, set_stage
from bench.website import UNREACHABLE, Answer, Website
from bookings import ledger
from bookings.models import Booking, IdempotencyKey
from jobs.models import Job

KILLS, CLIENTS, VISITORS = 50, 8, 40
DAYS, HOURS = 300, 8  # so many starts that most attempts find theirs free
State = Booking.State
# By the state, which events a booking of this bench has, and who hears of the last: the expert asked, or both.
EVENTS = {
    State.REQUESTED: ["booking.requested"],
    State.CONFIRMED: ["booking.requested", "booking.confirmed"],
}
TOLD = {State.REQUESTED: 1, State.CONFIRMED: 2}


@dataclass
class Attempt:
    """One press of a button; sent again, it is the same one."""

    page: Page
    answers: dict[str, str]
    numbers: list[int] = field(default_factory=list)  # of the booking, in each answer
    cut: bool = False
    refused: bool = False

    def send(self) -> Answer | None:
        """None: the server died over it."""
        try:
            return self.page.send(self.answers)
        except UNREACHABLE:
            return None


@dataclass
class Siege:
    site: Website
    stage: Stage
    pages: list[Page]
    rng: random.Random
    attempts: list[Attempt] = field(default_factory=list)
    answered: int = 0
    wrong: list[str] = field(default_factory=list)

    def book_until_killed(self) -> list[Attempt]:
        """Everybody books, until after a few answers the server is killed. Returns what was tried."""
        tried: list[Attempt] = []
        enough, before = self.rng.randint(1, 2 * CLIENTS), self.answered
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [
                pool.submit(self._book, tried, random.Random(self.rng.random())) for _ in range(CLIENTS)
            ]
            while self.answered < before + enough and not all(client.done() for client in clients):
                time.sleep(0.002)
            time.sleep(self.rng.random() * 0.05)
            self.site.kill()
            for client in clients:
                client.result()
        self.attempts += tried
        return tried

    def _book(self, tried: list[Attempt], rng: random.Random) -> None:
        while True:
            page = rng.choice(self.pages)
            start = self.stage.first + timedelta(days=rng.randrange(DAYS), hours=rng.randrange(HOURS))
            attempt = Attempt(page, page.answers(start))
            tried.append(attempt)
            answer = attempt.send()
            if answer is None:
                attempt.cut = True
                return
            self.note(attempt, answer)

    def note(self, attempt: Attempt, answer: Answer) -> None:
        self.answered += 1
        if number := booked(answer):
            attempt.numbers.append(number)
        elif free_times(answer):
            attempt.refused = True
        else:
            self.wrong.append(f"{answer.status} {answer.body[:300]}")

    def send_again(self, tried: list[Attempt]) -> None:
        """The same keys once more, now that the server is back."""

        def again(attempt: Attempt) -> None:
            if attempt.refused:
                return
            answer = attempt.send()
            if answer is None:
                self.wrong.append("The server died by itself.")
            else:
                self.note(attempt, answer)

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(again, tried))


def measure() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    found = siege(KILLS)
    if found["lost"] or found["made_twice"] or found["half_made"] or found["wrong"]:
        raise SystemExit(f"A kill did harm: {found}")
    if not found["cut_off"] or not found["cut_off_but_booked"]:
        raise SystemExit(f"No kill came at a bad moment, so nothing is shown: {found}")
    return found


def siege(kills: int, *, visitors: int = VISITORS, seed: int = 1) -> dict[str, Any]:
    stage = set_stage()
    with Website() as site:
        pages = open_pages(site, stage, visitors, [*stage.hot, stage.shared])
        held = Siege(site, stage, pages, random.Random(seed))
        booked_meanwhile = 0
        for _ in range(kills):
            tried = held.book_until_killed()
            booked_meanwhile += _keys_of(one for one in tried if one.cut)
            site.start()
            held.send_again(tried)
    return _figures(held, kills, booked_meanwhile)


def _keys_of(attempts: Iterator[Attempt]) -> int:
    """How many of these had been made though nobody was told."""
    return IdempotencyKey.objects.filter(key__in=[one.answers["key"] for one in attempts]).count()


def _figures(held: Siege, kills: int, booked_meanwhile: int) -> dict[str, Any]:
    there = dict(Booking.objects.values_list("pk", "traveler_id"))
    told = [one for one in held.attempts if one.numbers]
    return {
        "kills": kills,
        "attempts": len(held.attempts),
        "booked": len(there),
        "refused": sum(one.refused for one in held.attempts),
        "cut_off": sum(one.cut for one in held.attempts),
        "cut_off_but_booked": booked_meanwhile,
        "lost": sum(there.get(one.numbers[0]) != one.page.visitor.user.pk for one in told),
        "made_twice": sum(len(set(one.numbers)) > 1 for one in told) + len(there) - len(told),
        "half_made": half_made(),
        "wrong": held.wrong[:5],
    }


def half_made() -> list[str]:
    """Every booking of which one part says something else than another."""
    found = [f"{booking.pk}: {fault}" for booking in Booking.objects.all() for fault in _faults(booking)]
    if not departures_are_right():
        found.append("Seats are counted that nobody has.")
    bookings = IdempotencyKey.objects.filter(answer_type="bookings.booking")
    orphans = bookings.exclude(answer_id__in=Booking.objects.values("pk")).count()
    return found + [f"{orphans} keys without a booking"] * bool(orphans)


def _faults(booking: Booking) -> Iterator[str]:
    if booking.state not in EVENTS:
        yield f"It is {booking.state}."
        return
    state = State(booking.state)
    events = list(audit.history(booking).order_by("pk"))
    if [event.action for event in events] != EVENTS[state]:
        yield f"{state} after {[event.action for event in events]}"
    keys = IdempotencyKey.objects.filter(answer_type="bookings.booking", answer_id=booking.pk).count()
    if keys != 1:
        yield f"{keys} keys"
    if _postings(booking) != _expected_postings(booking):
        yield f"The ledger says {_postings(booking)}."
    notices = Notice.objects.filter(key__in=[f"event-{event.pk}" for event in events])
    mails = [f"{mail}" for mail in notices.values_list("mail_id", flat=True) if mail]
    jobs = Job.objects.filter(kind__endswith="send_notice_mail", unique_key__in=mails).count()
    if not len(notices) == len(mails) == jobs == TOLD[state]:
        yield f"{len(notices)} notices, {len(mails)} mails, {jobs} jobs"


def _postings(booking: Booking) -> tuple[dict[str, int], dict[str, Decimal]]:
    kinds = dict(booking.postings.values_list("kind").annotate(Count("pk")).order_by("kind"))
    return kinds, ledger.balances(booking)


def _expected_postings(booking: Booking) -> tuple[dict[str, int], dict[str, Decimal]]:
    """The traveler has paid the expert, who owes us the commission."""
    if booking.state == State.REQUESTED:
        return {}, {}
    owed = {"traveler": Decimal(0), "expert": booking.commission, "commission": -booking.commission}
    return {"agreed": 1, "settled": 1}, dict(sorted(owed.items()))


if __name__ == "__main__":
    result, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(measure()), file=result)

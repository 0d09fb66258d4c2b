"""Who gets a slot that everybody presses the button for: `python -m bench booking_http`.

ATTEMPTS by CLIENTS at once over HTTP, against the real web server, on the five hot slots of one expert: half of them
as a browser sends the form, half as a program that wants JSON. Each slot has to have one winner, and every other
answer has to say why and name the next free times, of which one is taken at its word.
"""

import html
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.urls import reverse

from bench.booking_races import HOT_SLOTS, Stage, set_stage
from bench.website import Answer, Visitor, Website
from bookings.models import Booking
from experts.models import Service

ATTEMPTS, CLIENTS = 1_000, 32
PEOPLE = 2
TAKEN = (
    "This time was just taken. Nothing was booked.",
    "There are not that many seats left at this start.",
)
_CHOICE = re.compile(r'<a href="[^"]*/book/\?([^"]*day=[^"]*)">')
_BOOKED = re.compile(r"^/bookings/(\d+)/$")


def address(service: Service) -> str:
    return reverse("bookings:book", args=[service.expert.slug, service.pk])


def when(start: datetime, service: Service) -> dict[str, str]:
    """As the form asks for it: by the expert's clock."""
    local = start.astimezone(ZoneInfo(service.expert.time_zone))
    return {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}


def open_pages(site: Website, stage: Stage, visitors: int, services: list[Service]) -> "list[Page]":
    """Before anything is booked: each of so many people has the page of one of these services open."""
    pages = []
    for number, user in enumerate(stage.travelers[:visitors]):
        visitor, service = Visitor(site.port, user), services[number % len(services)]
        form = visitor.form(address(service), **when(stage.first, service), people=PEOPLE)
        pages.append(Page(visitor, service, form))
    return pages


@dataclass(frozen=True)
class Page:
    """With the button that books, as it stands open in somebody's browser."""

    visitor: Visitor
    service: Service
    form: dict[str, str]

    def answers(self, start: datetime) -> dict[str, str]:
        """For another start, with a key of its own, as the page loaded anew would have it."""
        return self.form | when(start, self.service) | {"key": uuid4().hex}

    def send(self, answers: dict[str, str], *, as_program: bool = True) -> Answer:
        return self.visitor.post(address(self.service), answers, as_program=as_program)


def booked(answer: Answer) -> int | None:
    """The number of the booking that the answer promises, if it promises one."""
    if answer.status == 201:
        return int(json.loads(answer.body)["id"])
    found = _BOOKED.search(answer.location) if answer.status == 302 else None
    return int(found[1]) if found else None


def free_times(answer: Answer) -> int:
    """How many next free times a refusal names; none where it does not say what is the matter."""
    if answer.status != 409 or not any(reason in answer.body for reason in TAKEN):
        return 0
    if answer.body.startswith("{"):
        return len(json.loads(answer.body)["next_free"])
    return len(_CHOICE.findall(answer.body)) if "The next free times" in answer.body else 0


@dataclass
class Tally:
    statuses: Counter[int] = field(default_factory=Counter)
    winners: dict[int, int] = field(default_factory=dict)  # booking, slot
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def measure() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    found = race(ATTEMPTS, CLIENTS)
    if found["winners"] != [1] * HOT_SLOTS or found["wrong"]:
        raise SystemExit(f"Not every slot has exactly one winner and every refusal its reason: {found}")
    return found


def race(attempts: int, clients: int, *, visitors: int = 40) -> dict[str, Any]:
    stage, tally = set_stage(), Tally()
    with Website() as site:
        pages = open_pages(site, stage, visitors, stage.hot)
        began = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda turn: _attempt(stage, tally, pages, turn), range(attempts)))
        took = time.perf_counter() - began
        _check_rows(stage, tally)
        _take_at_its_word(stage, pages[0], tally)
    return {
        "attempts": attempts,
        "clients": clients,
        "visitors": visitors,
        "winners": sorted(Counter(tally.winners.values()).values()),
        "statuses": dict(sorted(tally.statuses.items())),
        "wrong": tally.wrong[:5],
        "per_second": round(attempts / took),
        "p50_ms": round(statistics.median(tally.seconds) * 1000, 1),
        "p99_ms": round(statistics.quantiles(tally.seconds, n=100)[-1] * 1000, 1),
    }


def _attempt(stage: Stage, tally: Tally, pages: list[Page], turn: int) -> None:
    page, slot = pages[turn % len(pages)], random.Random(turn).randrange(HOT_SLOTS)
    answers = page.answers(stage.slot_of(slot))
    began = time.perf_counter()
    answer = page.send(answers, as_program=turn % 4 < 2)
    tally.seconds.append(time.perf_counter() - began)
    tally.statuses[answer.status] += 1
    if number := booked(answer):
        tally.winners[number] = slot
    elif not free_times(answer):
        tally.wrong.append(f"{answer.status} {answer.body[:300]}")


def _check_rows(stage: Stage, tally: Tally) -> None:
    """What was answered is what is there."""
    rows = Booking.objects.occupying().filter(expert=stage.hot[0].expert)
    starts = dict(rows.values_list("pk", "period__startswith"))
    told = {number: stage.slot_of(slot) for number, slot in tally.winners.items()}
    if starts != told:
        tally.wrong.append(f"There is {starts}, but told was {told}.")


def _take_at_its_word(stage: Stage, page: Page, tally: Tally) -> None:
    """What a refusal names can be booked, whoever it is said to."""
    for as_program in (True, False):
        refusal = page.send(page.answers(stage.slot_of(0)), as_program=as_program)
        if not free_times(refusal):
            tally.wrong.append(f"Not refused: {refusal.status}")
            continue
        answer = page.send(page.answers(stage.slot_of(0)) | _first_named(refusal, page.service))
        if not booked(answer):
            tally.wrong.append(f"Named as free, but {answer.status}: {answer.body[:300]}")


def _first_named(refusal: Answer, service: Service) -> dict[str, str]:
    if refusal.body.startswith("{"):
        return when(datetime.fromisoformat(json.loads(refusal.body)["next_free"][0]["start"]), service)
    given = dict(parse_qsl(html.unescape(_CHOICE.findall(refusal.body)[0])))
    return {name: given[name] for name in ("day", "time")}


if __name__ == "__main__":
    result, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(measure()), file=result)

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from matching import cards, runs, services
from matching.cards import Card
from matching.models import Factor, MatchRun
from matching.tasks import review_match
from travelers.models import Trip


class Command(BaseCommand):
    help = "Print the ranked, explained list of a trip; rank it first where no worker has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("trip", type=int, help="the trip's id")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        trip = Trip.objects.with_names().filter(pk=options["trip"]).first()
        if trip is None:
            raise CommandError(f"There is no trip {options['trip']}.")
        run = _finished_run(trip)
        listed = cards.cards(run)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(run, listed), ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"{trip.destination}: {len(listed)} of {run.candidates} experts, algorithm {run.algorithm}"
        )
        for place, card in enumerate(listed, start=1):
            self._print(place, card)

    def _print(self, place: int, card: Card) -> None:
        self.stdout.write(f"\n{place}. {card.expert.name}  {card.score} of 100  ({card.band.label})")
        self.stdout.write("   " + " + ".join(f"{name} {points}" for name, _, points, _ in card.points))
        self.stdout.write(f"   {card.why.text}")
        for sign, remarks in (("+", card.strengths), ("-", card.considerations)):
            for remark in remarks:
                self.stdout.write(f"   {sign} {remark.text}")


def _finished_run(trip: Trip) -> MatchRun:
    run = trip.runs.current().first()
    if run is None or run.state == MatchRun.State.FAILED:
        run = services.request_match(trip)
    if run.state == MatchRun.State.QUEUED:
        run.trip = trip
        outcome = runs.compute(run)
        with transaction.atomic():
            if runs.store(run, outcome):
                review_match.enqueue(run_id=run.pk, unique_key=str(run.pk))
        run.refresh_from_db()
    return run


def _as_json(run: MatchRun, listed: list[Card]) -> dict[str, Any]:
    return {
        "trip": run.trip_id,
        "run": run.pk,
        "algorithm": run.algorithm,
        "version": run.version.name,
        "review": run.get_review_display(),
        "candidates": run.candidates,
        "experts": [
            {
                "rank": place,
                "expert": card.expert.slug,
                "name": card.expert.name,
                "score": float(card.score),
                "band": card.band.value,
                "points": _by_factor(points for _, _, points, _ in card.points),
                "values": _by_factor(value for _, value, _, _ in card.points),
                "strengths": [said.text for said in card.strengths],
                "considerations": [said.text for said in card.considerations],
            }
            for place, card in enumerate(listed, start=1)
        ],
    }


def _by_factor(numbers: Iterable[Decimal]) -> dict[str, float]:
    return {factor.value: float(number) for factor, number in zip(Factor, numbers, strict=True)}

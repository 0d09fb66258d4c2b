import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from matching import runs, services, wording
from matching.models import Factor, MatchRun, MatchScore
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
        scores = list(run.scores.shown())
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(run, scores), ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"{trip.destination}: {len(scores)} of {run.candidates} experts, algorithm {run.algorithm}"
        )
        for score in scores:
            self._print(score)

    def _print(self, score: MatchScore) -> None:
        receipt = score.receipt
        self.stdout.write(f"\n{score.rank}. {score.expert.name}  {score.score} of 100  ({score.band.label})")
        parts = [f"{factor.label} {points}" for factor, points in zip(Factor, score.points, strict=True)]
        self.stdout.write("   " + " + ".join(parts))
        self.stdout.write(f"   {wording.why(score.expert.user.get_short_name(), receipt.strengths)}")
        for sign, remarks in (("+", receipt.strengths), ("-", receipt.considerations)):
            for remark in wording.remarks(remarks):
                self.stdout.write(f"   {sign} {remark}")


def _finished_run(trip: Trip) -> MatchRun:
    run = trip.runs.current().first()
    if run is None or run.state == MatchRun.State.FAILED:
        run = services.request_match(trip)
    if run.state == MatchRun.State.QUEUED:
        run.trip = trip
        outcome = runs.compute(run)
        with transaction.atomic():
            runs.store(run, outcome)
        run.refresh_from_db()
    return run


def _as_json(run: MatchRun, scores: list[MatchScore]) -> dict[str, Any]:
    return {
        "trip": run.trip_id,
        "run": run.pk,
        "algorithm": run.algorithm,
        "candidates": run.candidates,
        "experts": [
            {
                "rank": score.rank,
                "expert": score.expert.slug,
                "name": score.expert.name,
                "score": float(score.score),
                "band": score.band.value,
                "points": {
                    factor.value: float(points) for factor, points in zip(Factor, score.points, strict=True)
                },
                "values": {
                    factor.value: float(value) for factor, value in zip(Factor, score.values, strict=True)
                },
                "strengths": wording.remarks(score.receipt.strengths),
                "considerations": wording.remarks(score.receipt.considerations),
            }
            for score in scores
        ],
    }

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching import replay
from matching.models import MatchRun


class Command(BaseCommand):
    help = (
        "Compute a run again from its stored inputs and say what differs from what was stored, if anything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, help="the match run's id")

    def handle(self, *args: Any, **options: Any) -> None:
        run = MatchRun.objects.with_parts().filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no match run {options['run']}.")
        try:
            replayed = replay.replay(run)
        except replay.NotReplayable as error:
            raise CommandError(str(error)) from error
        for line in replayed.differences:
            self.stdout.write(line)
        if replayed.differences:
            raise CommandError(f"{len(replayed.differences)} differences in {replayed.compared} scores.")
        self.stdout.write(
            f"{replayed.compared} scores computed again from the stored inputs: "
            "every value, point and rank is the same."
        )

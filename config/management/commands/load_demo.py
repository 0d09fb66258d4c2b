from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo import loading, material


class Command(BaseCommand):
    help = "Fill an empty database with the demo market: experts of twelve cities, travelers, trips."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="The same seed gives the same rows.")
        parser.add_argument("--experts", type=int, help="For load tests: so many experts, all in one market.")
        parser.add_argument("--market", choices=list(material.cities()), default="kyoto", help="That market.")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {name: options[name] for name in ("seed", "experts", "market")}
        try:
            told = loading.load(**chosen)
        except loading.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["verbosity"]:
            self.stdout.write(f"The demo market is loaded: {told}.")

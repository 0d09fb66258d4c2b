from typing import Any

from django.core.management.base import BaseCommand

from markets import cities


class Command(BaseCommand):
    help = "Load the world's cities as markets. Running it again corrects them and leaves their status alone."

    def handle(self, *args: Any, **options: Any) -> None:
        number = cities.load()
        if options["verbosity"]:
            self.stdout.write(f"{number} cities are loaded.")

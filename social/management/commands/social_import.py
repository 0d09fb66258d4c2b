"""Store posts from a file: `manage.py social_import posts.jsonl --market kyoto`. docs/social.md has the form."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from markets.models import Market
from social import posts, rounds, tasks, viral
from social.models import Monitor, Post
from social.sources import jsonl


class Command(BaseCommand):
    help = "Stores the posts of a JSON Lines file for a market. The same file twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--market", required=True, help="the market's slug")

    def handle(self, *args: Any, file: Path, market: str, **options: Any) -> None:
        place = Market.objects.filter(slug=market).first()
        if place is None:
            raise CommandError(f"There is no market {market!r}.")
        try:
            with file.open(encoding="utf-8") as lines:
                found = jsonl.read(lines)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        now = timezone.now()
        rounds.watch_new_markets()
        with transaction.atomic():
            stored = posts.store(found.posts, market=place, source=Post.Source.FILE, now=now)
            moments = viral.find(place, now)
            rounds.note_unread(place, stored.here)
            monitor = Monitor.objects.select_related("market").filter(market=place, unread__gt=0).first()
            if monitor:
                tasks.think_of_imported(monitor, now)
        for dropped in found.drops:
            self.stderr.write(f"left out: {dropped['text'][:60]} ({dropped['why']})")
        said = [
            ngettext("%(count)s post", "%(count)s posts", stored.seen) % {"count": stored.seen},
            _("%(count)s new") % {"count": stored.new},
            ngettext("%(count)s viral moment", "%(count)s viral moments", len(moments))
            % {"count": len(moments)},
        ]
        self.stdout.write(", ".join(said))

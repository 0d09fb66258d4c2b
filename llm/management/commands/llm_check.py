from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from llm import pricing, probe, routing
from llm.catalogue import Unusable
from llm.routing import Route
from llm.wire import Usage, usd

TYPICAL = Usage(input=2_000, output=500)


class Command(BaseCommand):
    help = "Say of each route to a language model whether it works and what a call costs, by asking it a tiny question."
    requires_system_checks = ()  # what they refuse is what this is run to see

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-call", action="store_true", help="Only look at the settings; ask nobody.")

    def handle(self, *args: Any, **options: Any) -> None:
        working = {
            tier: [self._tell(name, call=not options["no_call"]) for name in self._headed(tier)]
            for tier in settings.LLM_TIERS
        }
        self._tell_embeddings()
        if not any(routing.routes(tier) for tier in settings.LLM_TIERS):
            self.stdout.write("\nNo provider is connected. The offline writers answer, and say so.")
        elif dead := [tier for tier, works in working.items() if not any(works)]:
            raise CommandError(f"No route works for: {', '.join(dead)}.")

    def _headed(self, tier: str) -> Iterator[str]:
        self.stdout.write(f"\n{tier}")
        yield from settings.LLM_TIERS[tier]

    def _tell(self, name: str, *, call: bool) -> bool:
        try:
            route = routing.route(name)
        except Unusable as error:
            self.stdout.write(f"  {name:<32} left out: {error}")
            return False
        works, words = _asked(name) if call else (True, "configured, not asked")
        self.stdout.write(f"  {name:<32} {words}; {_typical(route)}")
        return works

    def _tell_embeddings(self) -> None:
        try:
            route = routing.for_embeddings()
        except Unusable as error:
            words = f"left out: {error}"
        else:
            words = f"{route.name}, not asked" if route else "none (LLM_EMBEDDINGS is not set)"
        self.stdout.write(f"\nembeddings\n  {words}")


def _asked(name: str) -> tuple[bool, str]:
    outcome = probe.ask(name)
    took = "" if outcome.milliseconds is None else f" after {outcome.milliseconds} ms"
    if outcome.words:
        return False, f"fails{took}: {outcome.words}"
    cost = "an unknown amount" if outcome.cost is None else _dollars(outcome.cost)
    return True, f"works{took}, which cost {cost}"


def _typical(route: Route) -> str:
    if route.free:
        return "its calls are free"
    cost = _dollars(usd(pricing.cost_ticks(route, TYPICAL)))
    return f"{TYPICAL.input} tokens in and {TYPICAL.output} out cost {cost}"


def _dollars(amount: Decimal) -> str:
    return f"${amount.normalize():f}"

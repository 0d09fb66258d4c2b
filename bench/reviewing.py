"""What the second stage costs in a market of N experts: `python -m bench reviewing`.

A loopback provider rates with a mind of its own. Bytes sent stand for tokens: they must not grow with the market.
"""

import argparse
import json
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from matching import judging, review, runs
from matching.models import MatchRun
from matching.services import request_match
from travelers.models import Trip

TRIPS = 10


def measure(experts: int) -> dict[str, Any]:
    from tests.matching.review.minds import Mind  # noqa: PLC0415  # the settings are read by now
    from tests.provider import Provider, point  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("load_demo", experts=experts, verbosity=0)
    with Provider() as provider:
        point(settings, provider.url)
        settings.LLM_TIERS = {"fast": [], "reasoning": ["xai/grok-4.7"]}
        provider.mind = Mind(usual=2)
        took = [reviewed(trip) for trip in Trip.objects.order_by("pk")[:TRIPS]]
        asked = [len(json.dumps(request.body)) for request in provider.requests]
    done = MatchRun.objects.filter(review="done")
    return {
        "experts": experts,
        "runs": len(took),
        "reviewed": done.count(),
        "calls_per_run": round(len(asked) / len(took), 2),
        "kb_per_call": round(sum(asked) / len(asked) / 1000, 1),
        "kb_per_run": round(sum(asked) / len(took) / 1000, 1),
        "dropped_per_run": sum(done.values_list("dropped", flat=True)) / len(took),
        "own_ms_per_run": round(1000 * sum(took) / len(took)),
    }


def reviewed(trip: Trip) -> float:
    """Seconds that judging and storing took, the provider's included."""
    run = MatchRun.objects.with_parts().get(pk=request_match(trip).pk)
    with transaction.atomic():
        runs.store(run, runs.compute(run))
    began = time.perf_counter()
    judged = judging.judge(run)
    with transaction.atomic():
        review.store(run, judged)
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experts", type=int)
    print(json.dumps(measure(parser.parse_args().experts)))

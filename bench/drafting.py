"""How soon experts read the first words: `python -m bench drafting`.

EXPERTS press "Write it" for a bio in the same moment, on the real web server and workers. A provider on loopback takes
LATENCY seconds to its first token and then writes at a model's pace. Measured is, for each expert, from that first
token to the first answer of the page with text in it, asked for as often as the page asks.
"""

import itertools
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection

from bench.submitting import PATIENCE_SECONDS, POLL_SECONDS, site, wait_for
from bench.website import Visitor
from experts.models import Expert

EXPERTS, ROUNDS = 10, 3
LATENCY = 1.0  # a model's first token
PACE = 0.03  # between its pieces
BIO = (
    "On the first morning I walk with you to the stall that opens before the trains do. I grew up two streets "
    "from the market, and its people still ask how my mother is. I have worked as a cook and as a teacher, and "
    "I guide because I like questions better than answers. We eat standing up, we take the long way round, and "
    "we stop where something smells good. What I know I know from my neighbours.\n\n"
    "Some guests come for the kitchens and stay for the gardens. Others want to learn how a knife is held, and "
    "go home with flour on their sleeves. Both are right. I plan slowly, I listen first, and I tell you when a "
    "famous place is not worth your morning. Children are welcome, and so is everybody who walks with a stick.\n\n"
    "Tell me what you had for breakfast on the best day of your life. I shall find the street here where it "
    "tastes like that."
)


def measure() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    call_command("load_demo", experts=EXPERTS, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    experts = list(Expert.objects.filter(status="active").select_related("user").order_by("pk")[:EXPERTS])
    waits: list[float] = []
    clicks: list[float] = []
    with provider() as said, site() as url:
        wait_for(url)
        visitors = [Visitor(int(url.rpartition(":")[2]), expert.user) for expert in experts]
        generate(visitors[0], said, threading.Barrier(1))  # what starts with the first request, started
        for _ in range(ROUNDS):
            start = threading.Barrier(EXPERTS)
            with ThreadPoolExecutor(EXPERTS) as pool:
                futures = [pool.submit(generate, visitor, said, start) for visitor in visitors]
                for future in futures:
                    after_token, after_click = future.result()
                    waits.append(after_token)
                    clicks.append(after_click)
    return {
        "experts_at_once": EXPERTS,
        "provider_first_token_s": LATENCY,
        "after_first_token_p50_s": round(statistics.median(waits), 2),
        "after_first_token_max_s": round(max(waits), 2),
        "after_click_p50_s": round(statistics.median(clicks), 2),
        "after_click_max_s": round(max(clicks), 2),
    }


class Said:
    """When the provider said its first word to whom, by the wish in the question."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}

    def __call__(self, asked: Any) -> Any:
        from tests.speech import Answer  # noqa: PLC0415  # the benches' servers alone need the tests' provider

        body = json.dumps(asked.body)
        mark = body.partition("wish-")[2][:8]
        self.at.setdefault(mark, time.perf_counter() + LATENCY)
        return Answer(text=BIO)


@contextmanager
def provider() -> Iterator[Said]:
    from tests.provider import Provider, Reply  # noqa: PLC0415  # as above

    with Provider() as running:
        said = Said()
        running.mind = said
        running.otherwise = Reply(latency=LATENCY, pace=PACE)
        os.environ |= {
            "OPENAI_API_KEY": "bench",
            "LLM_OPENAI_URL": f"{running.url}/v1",
            "LLM_FAST": "openai/gpt-6-luna",
        }
        yield said


# Letters, because long numbers are withheld from models.
_lock = threading.Lock()
_marks = map("".join, itertools.product("bdfgklmn", repeat=8))


def generate(visitor: Visitor, said: Said, start: threading.Barrier) -> tuple[float, float]:
    """Seconds from the provider's first token, and from the click, to the first text on the page."""
    with _lock:
        mark = next(_marks)
    answers = visitor.form("/expert/assistant/new/bio/") | {
        "language": "en",
        "tie": f"wish-{mark} by the river.",
    }
    start.wait()
    began = time.perf_counter()
    page = visitor.post("/expert/assistant/new/bio/", answers, as_program=False).location
    if not page:
        raise SystemExit("The form was refused.")
    while time.perf_counter() - began < PATIENCE_SECONDS:
        time.sleep(POLL_SECONDS)
        if "draft-text" in visitor.get(f"{page}writing/").body:
            seen = time.perf_counter()
            return seen - said.at[mark], seen - began
    raise SystemExit("A text did not come.")


if __name__ == "__main__":
    result, sys.stdout = sys.stdout, sys.stderr  # the parts say what they do, and stdout is for the figures
    print(json.dumps(measure()), file=result)

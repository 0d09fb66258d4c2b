"""What the model door adds to a call: `python -m bench door`.

A provider on loopback answers after LATENCY seconds, from a process of its own. The bare client and the whole door
(limits, budget, cache, ledger, disclosure, privacy, filter) ask it in turns, alone and with 50 calls in flight.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pydantic import BaseModel

ROUTE = "openai/gpt-6-luna"
LATENCY = 0.5  # a fast model's; fifty at once are then a hundred calls a second
ROUNDS = 6
CALLS = {1: 12, 50: 150}  # of each kind in a round, by calls in flight
BIO = "I have cooked with guests in Kyoto for twelve years and know every tofu maker of the east side. " * 6
_numbers = count()


class Facts(BaseModel):
    bio: str


def measure() -> dict[str, Any]:
    with provider() as url:
        prepare(url)
        bare, door = askers(url)
        results: dict[str, Any] = {}
        for in_flight, calls in CALLS.items():
            results |= compare(in_flight, calls, bare, door)
        results |= {"hit_ms_p50": round(hit_milliseconds(), 2)}
    return results | {"import_ms": round(import_milliseconds(), 1)}


@contextmanager
def provider() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.provider", "--port", "0", "--latency", str(LATENCY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def prepare(url: str) -> None:
    from tests import provider as loopback  # noqa: PLC0415  # only now is the address known

    call_command("migrate", verbosity=0)
    loopback.point(settings, url)
    settings.LLM_TIERS = {"fast": [ROUTE], "reasoning": []}
    settings.LLM_ALLOWANCES = dict.fromkeys(settings.LLM_ALLOWANCES, (10**6, 10**6))
    settings.LLM_PURPOSES = {"drafting": 600}


def askers(url: str) -> tuple[Callable[[], None], Callable[[], None]]:
    import openai  # noqa: PLC0415  # as the door does: when first used

    from accounts.models import User  # noqa: PLC0415  # after the migrations
    from llm import door  # noqa: PLC0415

    client = openai.OpenAI(api_key="key", base_url=f"{url}/v1", max_retries=0)
    user = User.objects.create_user("bench@traveloure.example")
    prompt = door.Prompt(
        name="bench.bio",
        version=1,
        purpose="drafting",
        template="Write a headline for the section bio.",
        facts=Facts,
        output=str,
        audience=door.Audience.PUBLIC,
        restores=frozenset({"person"}),
    )

    def bare() -> None:
        bio = f"{BIO} {next(_numbers)}"
        response = client.responses.create(
            model=ROUTE.partition("/")[2],
            instructions=prompt.template,
            input=bio,
            max_output_tokens=2_000,
            store=False,
        )
        assert response.output_text

    def asked() -> None:
        facts = Facts(bio=f"{BIO} {next(_numbers)}")
        answer = door.ask(prompt, facts, user=user, about=[user], people=["Mei Tanaka"])
        assert answer.origin == "model", answer.notice

    return bare, asked


def compare(in_flight: int, calls: int, bare: Callable[[], None], door: Callable[[], None]) -> dict[str, Any]:
    """Rounds of one and the other in turns, so that what else the machine does meets both."""
    with ThreadPoolExecutor(in_flight) as pool:
        for ask in (bare, door):
            milliseconds(pool, ask, in_flight)  # connections and caches
        took: dict[str, list[float]] = {"bare": [], "door": []}
        for _ in range(ROUNDS):
            took["bare"] += milliseconds(pool, bare, calls)
            took["door"] += milliseconds(pool, door, calls)
        list(pool.map(lambda _: connection.close(), range(in_flight * 3)))
    result: dict[str, Any] = {}
    for name, at in {"p50": 50, "p95": 95}.items():
        of = {kind: statistics.quantiles(values, n=100)[at - 1] for kind, values in took.items()}
        result[f"bare_{in_flight}_ms_{name}"] = round(of["bare"], 2)
        result[f"added_{in_flight}_ms_{name}"] = round(of["door"] - of["bare"], 2)
    return result


def milliseconds(pool: ThreadPoolExecutor, ask: Callable[[], None], calls: int) -> list[float]:
    """Each asker starts a little after the one before, as people do, not all in one moment."""
    start = threading.Semaphore(1)

    def once(_number: int) -> float:
        with start:
            time.sleep(LATENCY / pool._max_workers)
        began = time.perf_counter()
        ask()
        return (time.perf_counter() - began) * 1000

    return list(pool.map(once, range(calls)))


def hit_milliseconds() -> float:
    from llm import door  # noqa: PLC0415
    from llm.prompt import declared  # noqa: PLC0415

    prompt, facts = declared()["bench.bio"], Facts(bio=BIO)
    door.ask(prompt, facts)
    took = []
    for _ in range(200):
        began = time.perf_counter()
        assert door.ask(prompt, facts).origin == "cache"
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


IMPORTS = """
import openai, django
django.setup()
import llm.door
"""
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|( +)(\S+)")


def import_milliseconds() -> float:
    """What the modules of llm, and what only they bring along, add once the client and Django are there."""
    with tempfile.TemporaryDirectory() as bytecode:
        return min(_imported(bytecode) for _ in range(4))  # the first compiles


def _imported(bytecode: str) -> float:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", IMPORTS],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPYCACHEPREFIX": bytecode,
            "PYTHONDONTWRITEBYTECODE": "",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    # A module is printed after those it imports, which are indented deeper.
    lines = [(int(us), len(indent), name) for us, indent, name in LINE.findall(done.stderr)]
    total, depth_of_llm = 0, None
    for microseconds, depth, name in reversed(lines):
        if depth_of_llm is not None and depth <= depth_of_llm:
            depth_of_llm = None
        if depth_of_llm is None and name.split(".")[0] == "llm":
            depth_of_llm = depth
        if depth_of_llm is not None and name.split(".")[0] not in ELSEWHERE:
            total += microseconds
    return total / 1000


# Loaded by the rest of the project in any case.
ELSEWHERE = {
    "django",
    "accounts",
    "structlog",
    "redis",
    "psycopg",
    "unfold",
    "celery",
    "billiard",
    "jobs",
    "markets",
}

if __name__ == "__main__":
    print(json.dumps(measure()))

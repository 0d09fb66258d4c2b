"""Run the benches: `make bench`, or `python -m bench NAME …` for some of them.

Each runs in a process of its own on throwaway servers. A readable table goes to stderr, one JSON object to stdout.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from config.local.services import throwaway

REQUESTS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "travel_requests"
BENCHES = {
    "ranking 100": ["bench.ranking", "100"],
    "ranking 1000": ["bench.ranking", "1000"],
    "ranking 10000": ["bench.ranking", "10000"],
    "submitting": ["bench.submitting"],
    "reviewing 50": ["bench.reviewing", "50"],
    "reviewing 5000": ["bench.reviewing", "5000"],
    "booking_races": ["bench.booking_races"],
    "booking_http": ["bench.booking_http"],
    "booking_kills": ["bench.booking_kills"],
    "pages": ["bench.pages"],
    "finding": ["bench.finding"],
    "drafting": ["bench.drafting"],
    "cities": ["bench.cities", "--json"],
    "door": ["bench.door"],
    "social": ["bench.social"],
    "texts": ["bench.texts"],
    "market": ["bench.market"],
    "expertise": ["bench.expertise", "--data", str(REQUESTS), "--json"],
}


def main(chosen: list[str]) -> int:
    names = [name for name in BENCHES if not chosen or name.split()[0] in chosen]
    results: dict[str, Any] = {}
    for name in names:
        print(f"{name} …", file=sys.stderr)
        results[name] = run(BENCHES[name])
        print(table(results[name]), file=sys.stderr)
    print(json.dumps(results, indent=2))
    return int(any("failed" in result for result in results.values()))


def run(command: list[str]) -> dict[str, Any]:
    with throwaway() as local:
        servers = {"DATABASE_URL": local.database_url(), "REDIS_URL": local.redis_url}
        with (
            subprocess.Popen(
                [sys.executable, "-m", *command],
                env=os.environ | servers,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
            ThreadPoolExecutor(1) as reader,
        ):
            assert process.stdout  # both are pipes
            assert process.stderr
            printed = reader.submit(process.stdout.read)
            said = list(_passed_on(process.stderr))
    if process.returncode:
        # The last words say why: a missing data folder, for one.
        return {"failed": said[-1:] or [f"exit {process.returncode}"]}
    return dict(json.loads(printed.result()))


def _passed_on(lines: Iterable[str]) -> Iterator[str]:
    """All lines; what a bench says of its progress is shown at once."""
    for line in lines:
        if line.startswith("· "):
            print(f"    {line.rstrip()}", file=sys.stderr, flush=True)
        if line.strip():
            yield line.strip()


def table(result: dict[str, Any]) -> str:
    return "\n".join(f"    {key:<28} {value}" for key, value in result.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

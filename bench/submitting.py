"""How long travelers wait for their first ranking: `python -m bench submitting`.

The real web server and worker, a market of EXPERTS, and TRIPS trips that are submitted in the same moment. Measured is
the time from pressing the button to the first answer that holds the list, asked for as often as the page asks.
"""

import json
import os
import re
import socket
import statistics
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from config.local.parts import Part, workers
from experts.models import Expert
from matching.models import MatchRun

EXPERTS, TRIPS, ROUNDS = 1_000, 20, 3
POLL_SECONDS = 0.4  # as the page does
PATIENCE_SECONDS = 60.0
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def measure() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    call_command("load_demo", experts=EXPERTS, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    destination = Expert.objects.values_list("market_id", "market__name")[0]
    with site() as url:
        wait_for(url)
        submit(url, *destination, Barrier(1))  # what starts with the first request, started
        waits: list[float] = []
        for _ in range(ROUNDS):
            start = Barrier(TRIPS)
            with ThreadPoolExecutor(TRIPS) as pool:
                futures = [pool.submit(submit, url, *destination, start) for _ in range(TRIPS)]
                waits += [future.result() for future in futures]
    ranked = MatchRun.objects.filter(state="done").values_list("created_at", "finished_at")
    ready = [(finished - asked).total_seconds() for asked, finished in ranked if finished]
    return {
        "experts": EXPERTS,
        "trips_at_once": TRIPS,
        "on_page_p50_s": round(statistics.median(waits), 2),
        "on_page_p95_s": round(statistics.quantiles(waits, n=20)[-1], 2),
        "ranked_p50_s": round(statistics.median(ready), 2),
        "ranked_p95_s": round(statistics.quantiles(ready, n=20)[-1], 2),
    }


Barrier = threading.Barrier


@contextmanager
def site() -> Iterator[str]:
    """Web server and worker as `make run` starts them, on a free port. Each visitor has an address of their own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    os.environ |= {"TRUSTED_PROXIES": "1", "LOG_LEVEL": "WARNING", "SITE_URL": f"http://127.0.0.1:{port}"}
    parts = [Part("web", ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]), *workers()]
    with ExitStack() as stack:
        for part in parts:
            part.revive()
            stack.callback(part.wait)
            stack.callback(part.terminate)
        yield f"http://127.0.0.1:{port}"


def wait_for(url: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/api/health") as answer:  # noqa: S310  # our own server
                if json.load(answer)["status"] == "online":
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("The site did not come up.")


def submit(url: str, market: int, city: str, start: threading.Barrier) -> float:
    """Seconds until the list was there."""
    address = (
        f"10.{threading.get_ident() % 200}.{time.monotonic_ns() % 250}.{time.monotonic_ns() // 250 % 250}"
    )
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    opener.addheaders = [("X-Forwarded-For", address)]
    with opener.open(f"{url}/trips/new/") as form:
        token = TOKEN.search(form.read().decode())
    assert token
    first = timezone.localdate() + timedelta(days=45)
    answers = {
        "csrfmiddlewaretoken": token[1],
        "destination": city,
        "destination_id": market,
        "timing": "fixed",
        "start": first.isoformat(),
        "end": (first + timedelta(days=6)).isoformat(),
        "kind": "food",
        "purpose": "guide",
        "interests": ["street-food", "restaurants"],
        "adults": 2,
        "children": 0,
        "budget": 1400,
        "currency": "USD",
        "languages": ["en"],
        "brief": "We love markets, small kitchens and gardens, and would like to learn how it is all done.",
    }
    start.wait()
    began = time.perf_counter()
    request = urllib.request.Request(f"{url}/trips/new/", urlencode(answers, doseq=True).encode())  # noqa: S310
    with opener.open(request) as page:
        results, html = page.url, page.read().decode()
    assert "/experts/" in results, "The form was refused."
    while "match-top" not in html:
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise SystemExit("A list did not come.")
        time.sleep(POLL_SECONDS)
        with opener.open(f"{results}list/") as fragment:
            html = fragment.read().decode()
    return time.perf_counter() - began


if __name__ == "__main__":
    result, sys.stdout = sys.stdout, sys.stderr  # the parts say what they do, and stdout is for the figures
    print(json.dumps(measure()), file=result)

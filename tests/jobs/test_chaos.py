import json
import subprocess
import sys

import pytest
from django.conf import settings

SIEGE = ["-m", "bench.chaos", "--jobs=300", "--kills=25", "--wipes=5", "--crashes=3"]


def besiege(*options):
    command = [sys.executable, "-W", "ignore", *SIEGE, *options]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)


def report(siege):
    output, _ = siege.communicate(timeout=300)
    return json.loads(output.splitlines()[-1])["chaos"]


@pytest.mark.chaos
def test_no_death_of_worker_redis_or_postgres_loses_or_doubles_work():
    """The one time limit in the tests: that interrupted work goes on within 30 s is what was promised."""
    with besiege() as with_sweeper, besiege("--no-sweeper") as without:
        held, lost = report(with_sweeper), report(without)
    assert (held["jobs"], held["lost"], held["finished_twice"]) == (300, 0, 0)
    assert held["restarted"] > 0
    assert max(held["resumed"].values()) <= 30
    assert lost["lost"] > 0, "The siege is too weak to show anything."

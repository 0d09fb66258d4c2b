"""What each process loads before its first work: in processes of their own, as they are started."""

import os
import subprocess
import sys

import pytest

from config.local.paths import BASE_DIR

WARMED = """
from config import wsgi
from accounts.compiled import CompiledQuery
from config import warmup

warmup.{part}()
written = ["_statement" in vars(query) for query in CompiledQuery._all]
print(len(written) > 20, all(written))
"""


def warmed(part, **environment):
    done = subprocess.run(
        [sys.executable, "-c", WARMED.format(part=part)],
        cwd=BASE_DIR,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout.split()[-2:]


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_process_writes_every_query_before_its_first_work(part):
    assert warmed(part) == ["True", "True"]


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_process_starts_while_postgres_is_away(part):
    assert warmed(part, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none") == ["True", "False"]

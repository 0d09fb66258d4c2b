"""`manage.py` beside or without `make run`."""

import os
import subprocess
import sys

from config.local import postgres
from config.local.paths import BASE_DIR, Local

ASK = "from django.db import connection; connection.ensure_connection(); print('connected')"


def manage(local: Local, *arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "manage.py", *arguments]
    environment = clean | {"TRAVELOURE_LOCAL_DIR": str(local.folder)}
    return subprocess.run(
        command, cwd=BASE_DIR, env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_a_command_has_the_servers_for_its_life_time(tmp_path):
    local = Local(tmp_path / "local")
    assert manage(local, "shell", "--no-imports", "--command", ASK) == "connected\n"
    assert (local.pgdata / "PG_VERSION").exists()
    assert postgres.find(local) is None


def test_a_command_that_needs_no_database_starts_nothing(tmp_path):
    local = Local(tmp_path / "local")
    assert manage(local, "help", "check").startswith("usage: manage.py check")
    assert not local.folder.exists()

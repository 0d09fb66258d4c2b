"""What /api/health says: whether Postgres, Redis and a worker answer, within a bounded time."""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

import redis
from django.conf import settings
from django.db import connections
from redis.backoff import NoBackoff
from redis.retry import Retry

OK = "ok"
ANSWER_SECONDS = 0.3
WORKER_KEY = "traveloure:worker"
# A worker says that it is there every two seconds.
WORKER_SECONDS = 10


class Probe:
    """Runs a check in a thread that may be left behind. A server that hangs costs one thread, not one a question."""

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check
        self.lock = threading.Lock()
        self.answer: Future[None] | None = None
        self.asked_at = 0.0

    def ask(self) -> Future[None]:
        """The answer of the check under way, or of a new one."""
        with self.lock:
            if self.answer is None or self.answer.done():
                self.answer = Future()
                self.asked_at = time.monotonic()
                threading.Thread(target=self._run, args=(self.answer,), daemon=True).start()
            return self.answer

    def wait(self) -> Future[None]:
        """The same, given ANSWER_SECONDS from its start: nobody waits for a check that has hung for longer."""
        answer = self.ask()
        wait([answer], timeout=max(self.asked_at + ANSWER_SECONDS - time.monotonic(), 0))
        return answer

    def _run(self, answer: Future[None]) -> None:
        try:
            self.check()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
            answer.set_exception(error)
        else:
            answer.set_result(None)


def report() -> dict[str, Any]:
    """`status` is what a load balancer should do: without Redis or a worker pages still work and new work waits."""
    for probe in PROBES.values():
        probe.ask()  # all at once, so that their waiting adds up to that of one
    parts = {name: _say(probe.wait()) for name, probe in PROBES.items()}
    status = "online" if parts["database"] == OK else "offline"
    return {"status": status, "message": _message(parts), "parts": parts}


def database_hangs() -> bool:
    return not PROBES["database"].wait().done()


def note_worker(**_: Any) -> None:
    """Called by Celery's worker at each of its heartbeats."""
    with contextlib.suppress(redis.RedisError):  # without Redis nobody can ask for it either
        _redis().set(WORKER_KEY, int(time.time()), ex=WORKER_SECONDS)


def _check_database() -> None:
    connection = connections.create_connection("default")  # of this thread, so that it disturbs no request's
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _check_redis() -> None:
    _redis().ping()


def _check_worker() -> None:
    if not _redis().exists(WORKER_KEY):
        raise LookupError(f"No worker was heard of in the last {WORKER_SECONDS} s.")


def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def _say(answer: "Future[None]") -> str:
    if not answer.done():
        return f"No answer within {ANSWER_SECONDS} s."
    error = answer.exception()
    if isinstance(error, LookupError):
        return str(error)
    # No detail: it would tell a stranger where the servers are.
    return "It cannot be reached." if error else OK


def _message(parts: dict[str, str]) -> str:
    ailing = [name for name, state in parts.items() if state != OK]
    if not ailing:
        return "All parts answer."
    if parts["database"] != OK:
        return "The database does not answer; pages that need it fail."
    return f"Pages work; what is done in the background waits for: {', '.join(ailing)}."


PROBES = {"database": Probe(_check_database), "redis": Probe(_check_redis), "worker": Probe(_check_worker)}

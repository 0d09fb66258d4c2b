"""What /api/health says: whether Postgres, Redis and a worker answer, within a bounded time."""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from redis.backoff import NoBackoff
from redis.retry import Retry

OK = "ok"
ANSWER_SECONDS = 0.3
# A busy machine may take longer than that for a connection. Only what is silent for so long hangs.
HANGS_SECONDS = 2.0
WORKER_KEY = "traveloure:worker"
# A worker says that it is there every two seconds.
WORKER_SECONDS = 10


class Probe:
    """Runs a check, which says OK or what is wrong, in a thread that may be left behind. A server that hangs costs one
    thread, not one a question.
    """

    def __init__(self, check: Callable[[], str]) -> None:
        self.check = check
        self.lock = threading.Lock()
        self.answer: Future[str] | None = None
        self.asked_at = 0.0

    def ask(self) -> Future[str]:
        """The answer of the check under way, or of a new one."""
        with self.lock:
            if self.answer is None or self.answer.done():
                self.answer = Future()
                self.asked_at = time.monotonic()
                threading.Thread(target=self._run, args=(self.answer,), daemon=True).start()
            return self.answer

    def given_time(self, answer: Future[str], seconds: float = ANSWER_SECONDS) -> Future[str]:
        """The same, so long after it was asked for: nobody waits for a check that has hung for longer."""
        wait([answer], timeout=max(self.asked_at + seconds - time.monotonic(), 0))
        return answer

    def _run(self, answer: Future[str]) -> None:
        # No detail: it would tell a stranger where the servers are. It stands too where a check ends in an error that
        # nobody expected: Python reports that one, and the question must not stay open for ever.
        said = "It cannot be reached."
        try:
            with contextlib.suppress(
                DatabaseError, redis.RedisError, OSError
            ):  # what a server that is away causes
                said = self.check()
        finally:
            answer.set_result(said)


def report() -> dict[str, Any]:
    """`status` is what a load balancer should do: without Redis or a worker pages still work and new work waits."""
    # All at once, so that their waiting adds up to that of one.
    asked = {name: probe.ask() for name, probe in PROBES.items()}
    parts = {name: _say(PROBES[name].given_time(answer)) for name, answer in asked.items()}
    status = "online" if parts["database"] == OK else "offline"
    return {"status": status, "message": _message(parts), "parts": parts}


def database_hangs() -> bool:
    probe = PROBES["database"]
    return not probe.given_time(probe.ask(), HANGS_SECONDS).done()


def note_worker(**_: Any) -> None:
    """Called by Celery's worker at each of its heartbeats."""
    with contextlib.suppress(redis.RedisError):  # without Redis nobody can ask for it either
        _redis().set(WORKER_KEY, int(time.time()), ex=WORKER_SECONDS)


def _check_database() -> str:
    connection = connections.create_connection("default")  # of this thread, so that it disturbs no request's
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()
    return OK


def _check_redis() -> str:
    _redis().ping()
    return OK


def _check_worker() -> str:
    return OK if _redis().exists(WORKER_KEY) else f"No worker was heard of in the last {WORKER_SECONDS} s."


def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def _say(answer: Future[str]) -> str:
    return answer.result() if answer.done() else f"No answer within {ANSWER_SECONDS} s."


def _message(parts: dict[str, str]) -> str:
    ailing = [name for name, state in parts.items() if state != OK]
    if not ailing:
        return "All parts answer."
    if parts["database"] != OK:
        return "The database does not answer; pages that need it fail."
    return f"Pages work; what is done in the background waits for: {', '.join(ailing)}."


PROBES = {"database": Probe(_check_database), "redis": Probe(_check_redis), "worker": Probe(_check_worker)}

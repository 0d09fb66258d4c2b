"""The two Redis servers as llm/ sees them: one keeps books and must never evict, the other may forget anything.

A question takes five round trips, and redis-py's own client and pool cost more CPU for one (76 µs) than all else: here
each thread has one connection of its own per server (30 µs). A server that is away is asked briefly and rarely.
"""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha1
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ConnectionError, NoScriptError, RedisError, ResponseError
from redis.retry import Retry

log = structlog.get_logger(__name__)

# A question waits at most this long for a Redis that hangs …
PATIENCE_SECONDS = 1.0
# … and then one question per process and this many seconds does, not each of them.
REST_SECONDS = 5.0

Command = Sequence[str | bytes | int | float]


class Away(Exception):
    """Redis did not do it, or nobody knows whether it did."""


@dataclass(frozen=True)
class Script:
    """A Lua script. It is sent once and then named by its hash."""

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha", sha1(self.text.encode(), usedforsecurity=False).hexdigest())


def script(name: str) -> Script:
    return Script((Path(__file__).parent / f"{name}.lua").read_text())


def books() -> "Server":
    return _server(settings.REDIS_URL)


def cache() -> "Server":
    return _server(settings.CACHE_URL)


class Server:
    """Safe in threads and after a fork. All methods raise Away."""

    def __init__(self, url: str) -> None:
        self._pool = ConnectionPool.from_url(  # only knows how to connect
            url,
            protocol=2,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
            driver_info=None,
        )
        self._own = threading.local()
        self._resting_until = 0.0

    def run(self, *command: str | bytes | int | float, blocks: float = 0.0) -> Any:
        """The reply to one command, which may keep us waiting for `blocks` seconds."""
        return self._known(self._exchange([command], blocks)[0])

    def run_all(self, commands: Sequence[Command]) -> list[Any]:
        """The replies to several commands, in one round trip."""
        return [self._known(reply) for reply in self._exchange(commands)]

    def eval(self, script: Script, keys: Sequence[str], args: Command) -> Any:
        reply = self._exchange([("EVALSHA", script.sha, len(keys), *keys, *args)])[0]
        if isinstance(reply, NoScriptError):
            reply = self._exchange([("EVAL", script.text, len(keys), *keys, *args)])[0]
        return self._known(reply)

    def _exchange(self, commands: Sequence[Command], blocks: float = 0.0) -> list[Any]:
        if time.monotonic() < self._resting_until:
            raise Away
        try:
            return self._talk(commands, blocks)
        except (RedisError, OSError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            log.warning("llm_redis_away", error=str(error), rest_seconds=REST_SECONDS)
            raise Away from error

    def _talk(self, commands: Sequence[Command], blocks: float) -> list[Any]:
        """A broken connection is tried anew once: its server may have restarted, and what is said twice here counts
        once, or does no harm.
        """
        try:
            return _replies(self._line(), commands, blocks)
        except ConnectionError:
            return _replies(self._line(), commands, blocks)

    def _line(self) -> AbstractConnection:
        line: AbstractConnection | None = getattr(self._own, "line", None)
        if line is None or line.pid != os.getpid():
            line = self._own.line = self._pool.connection_class(**self._pool.connection_kwargs)
        return line

    def _known(self, reply: Any) -> Any:
        if isinstance(reply, ResponseError):  # out of memory, read-only replica, …
            log.error("llm_redis_refused", error=str(reply))
            raise Away from reply
        return reply


@lru_cache(maxsize=8)
def _server(url: str) -> Server:
    return Server(url)


def _replies(line: AbstractConnection, commands: Sequence[Command], blocks: float) -> list[Any]:
    try:
        line.send_packed_command(line.pack_commands(commands), check_health=False)
        return [_reply(line, blocks) for _ in commands]
    except BaseException:  # a half-read reply must not answer the next command
        line.disconnect()
        raise


def _reply(line: AbstractConnection, blocks: float) -> Any:
    try:
        return line.read_response(timeout=PATIENCE_SECONDS + blocks) if blocks else line.read_response()
    except ResponseError as error:
        return error

"""Answers that may be given again, for the time settings.LLM_PURPOSES allows; who asks second waits for the first.

Each purpose has a generation, and an answer is visible in its own only: to forget a purpose is to give it another. The
first to ask for what is not there leads under a lease; when it publishes, fails or dies, those who wait look again,
and one of them leads if nothing is there. While Redis is away everybody asks for themselves.
"""

import json
import secrets
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, is_dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from django.conf import settings

from llm import redis

SCRIPT: Final = redis.script("cache")
# Those who wait look up this often even if nobody wakes them: Redis may have lost the leader.
LONGEST_WAIT_SECONDS = 5.0
# Shorter answers are not worth the time to pack them.
PACKED_FROM_BYTES = 2048
PLAIN, PACKED = b"-", b"z"


@dataclass
class Flight:
    """`value` is the answer if there is one; otherwise it is to be made, and published if others may have it."""

    value: bytes | None = None
    _place: "_Place | None" = None
    _generation: bytes | None = None

    def publish(self, value: bytes) -> None:
        """What is published after the purpose was forgotten is seen by nobody."""
        if self._place and self._generation:
            self._place.publish(self._generation, value)
            self._generation = None

    def _land(self) -> None:
        if self._place and self._generation:
            self._place.land(self._generation)


@contextmanager
def flight(purpose: str, key: str, *, lease: float, patience: float) -> Iterator[Flight]:
    """The answer kept under `key`, made by another at this moment (awaited for `patience` seconds), or to be made here.

    The lease, in seconds, must be longer than making it takes: when it ends, another begins.
    """
    if not (lasts := settings.LLM_PURPOSES[purpose]):
        yield Flight()
        return
    flight = _Place(purpose, key, lasts).enter(lease, time.monotonic() + patience)
    try:
        yield flight
    finally:
        flight._land()


def forget(purpose: str) -> bool:
    """Keep nothing of what was answered so far, nor what is being made. False: Redis is away, and nothing changed."""
    try:
        redis.cache().run("SET", _base(purpose) + "generation", secrets.token_hex(8))
    except redis.Away:
        return False
    return True


def digest(*parts: Any) -> str:
    """The same for equal parts in any process: values of JSON, dates, and data classes of these, told apart by class.

    TypeError or ValueError for anything else.
    """
    text = json.dumps(parts, default=_plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


class _Place:
    """Where one answer is kept, as one asker sees it."""

    def __init__(self, purpose: str, key: str, lasts: int) -> None:
        self.lasts = lasts
        self.token = secrets.token_hex(8)
        self.own = f"{_base(purpose)}{key}"
        self.keys = [
            f"{_base(purpose)}generation",
            self.own,
            f"{self.own}:leader",
            f"{self.own}:{self.token}",
        ]

    def enter(self, lease: float, until: float) -> Flight:
        with suppress(redis.Away):
            while True:
                answer, word, *ms = self._do("join", round(lease * 1000))
                if answer == b"kept":
                    return Flight(_unpacked(word))
                if answer == b"lead":
                    return Flight(None, self, word)
                if (left := until - time.monotonic()) <= 0:
                    break
                self._wait(word.decode(), min(left, ms[0] / 1000, LONGEST_WAIT_SECONDS))
        return Flight()

    def publish(self, generation: bytes, value: bytes) -> None:
        with suppress(redis.Away):
            self._do("publish", generation, _packed(value), self.lasts * 1000)

    def land(self, generation: bytes) -> None:
        with suppress(redis.Away):
            self._do("land", generation)

    def _wait(self, leader: str, seconds: float) -> None:
        ms = max(round(seconds * 1000), 1)  # 0 would be for ever
        end = f"{self.own}:{leader}"
        redis.cache().run("XREAD", "BLOCK", ms, "STREAMS", end, "0", blocks=seconds)

    def _do(self, operation: str, *args: str | bytes | int) -> Any:
        return redis.cache().eval(SCRIPT, self.keys, [operation, self.token, *args])


def _base(purpose: str) -> str:
    return f"traveloure:{{llm-{purpose}}}:"


def _packed(value: bytes) -> bytes:
    return PLAIN + value if len(value) < PACKED_FROM_BYTES else PACKED + zlib.compress(value, 1)


def _unpacked(payload: bytes) -> bytes:
    return payload[1:] if payload[:1] == PLAIN else zlib.decompress(payload[1:])


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: vars(value)}
    if isinstance(value, date):
        return {type(value).__name__: value.isoformat()}
    raise TypeError(f"{type(value).__name__} has no place in a key.")

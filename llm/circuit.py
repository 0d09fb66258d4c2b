"""Routes that keep failing rest for a while, in all processes at once.

Closed: tried as usual. Open: rests. Half open, once it has rested: one question gets through, and what becomes of it
closes or opens the route again, each time for twice as long. While Redis is away all routes count as closed: the
deadline of a question bounds what a dead route can cost it.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import structlog

from llm import redis
from llm.errors import FailureKind

log = structlog.get_logger(__name__)

KEYS = ["traveloure:{llm}:circuits"]
SCRIPT: Final = redis.script("circuit")

# One fault is chance, and a question tries a route three times: five in a row are of more than one question.
FAULTS = 5
# Any success starts the count anew, so this only parts two spells of a route that is rarely asked.
WITHIN_SECONDS = 600
# Most troubles of providers are over in seconds; those that are not are asked about once in ten minutes.
REST_SECONDS = 15
LONGEST_REST_SECONDS = 600
# Whoever probes has this long to tell; then somebody else may. Longer than a fast question, and a lost probe costs a
# route no more than a minute.
PROBE_SECONDS = 60

clock_offset_ms = 0  # what tests add to Redis' clock
_blemished: set[str] = set()  # routes that had faults when last looked at: only their successes need telling


class Position(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class State(NamedTuple):
    """A route with faults since its last success. `until` is when its rest ends or ended; None while closed."""

    name: str
    position: Position
    faults: int
    kind: FailureKind
    until: datetime | None


def resting(names: Sequence[str]) -> dict[str, float]:
    """Seconds that routes still rest; those that may be tried are absent.

    The first of `names` that is absent is the asker's to try, and if it was half open, its probe is. So ask again
    before trying another.
    """
    try:
        rests = _eval("resting", PROBE_SECONDS * 1000, *names)
    except redis.Away:
        return {}
    _blemished.difference_update(names)
    _blemished.update(name for name, rest in zip(names, rests, strict=True) if rest >= 0)
    return {name: rest / 1000 for name, rest in zip(names, rests, strict=True) if rest > 0}


def failed(name: str, kind: FailureKind) -> None:
    """Count a fault of the route. Failures that are not its own show that it works, but for a question given up."""
    if kind is FailureKind.CANCELLED:
        _tell("released", name)
        return
    if not kind.fault_of_route:
        succeeded(name)
        return
    _blemished.add(name)
    limits = FAULTS, WITHIN_SECONDS * 1000, REST_SECONDS * 1000, LONGEST_REST_SECONDS * 1000
    if opened := _tell("failed", name, kind.value, *limits):
        rest, faults = opened
        log.warning("llm_route_rests", route=name, kind=kind.value, faults=faults, rest_seconds=rest / 1000)


def succeeded(name: str) -> None:
    if name in _blemished and _tell("succeeded", name):
        log.info("llm_route_back", route=name)


def states() -> list[State]:
    """All routes with faults since their last success, by name. While Redis is away: none."""
    return [_state(*row) for row in sorted(_tell("states") or [])]


def reset(name: str) -> None:
    """Let the route be tried at once, whatever it did."""
    with suppress(redis.Away):
        redis.books().run("HDEL", KEYS[0], name)
    log.info("llm_route_reset", route=name)


def _state(name: bytes, faults: int, kind: bytes, till_ms: int, now_ms: int) -> State:
    position = Position.CLOSED if not till_ms else Position.OPEN if till_ms > now_ms else Position.HALF_OPEN
    until = datetime.fromtimestamp(till_ms / 1000, UTC) if till_ms else None
    return State(name.decode(), position, faults, FailureKind(kind.decode()), until)


def _tell(operation: str, *args: str | int) -> Any:
    try:
        return _eval(operation, *args)
    except redis.Away:
        return None


def _eval(operation: str, *args: str | int) -> Any:
    return redis.books().eval(SCRIPT, KEYS, [operation, clock_offset_ms, *args])

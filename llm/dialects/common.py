"""What the dialects share."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from llm.routing import Route
from llm.wire import TICKS, Capability, Citation, Request, Usage

# Beyond these a number is nonsense, and no column of the ledger would take it.
MOST_TOKENS = 2**31 - 1
MOST_TICKS = 10**5 * TICKS


def instructions(request: Request, schema: Mapping[str, Any] | None) -> str:
    """With the schema of the answer in words, where the provider is not given it as `schema`."""
    if request.schema is None or schema is not None:
        return request.instructions
    words = json.dumps(request.schema, ensure_ascii=False, separators=(",", ":"))
    return (
        f"{request.instructions}\n\nAnswer with one JSON object that fits this JSON schema, and with nothing else "
        f"before or after it:\n{words}"
    )


def native_schema(route: Route, request: Request) -> Mapping[str, Any] | None:
    return request.schema if Capability.JSON_SCHEMA in route.capabilities else None


def citations(found: Iterable[tuple[Any, Any]]) -> tuple[Citation, ...]:
    """Of addresses and titles: each address once, and only those that a browser may be sent to."""
    unique: dict[str, Citation] = {}
    for url, title in found:
        if isinstance(url, str) and _is_web(url):
            unique.setdefault(url, Citation(url, title if isinstance(title, str) else ""))
    return tuple(unique.values())


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def usage(read: Callable[[Any], Usage | None], data: Any) -> Usage | None:
    """Usage that cannot be read is unknown; the answer it came with may be good."""
    try:
        return read(data)
    except (LookupError, TypeError, AttributeError, ValueError):
        return None


def count(value: Any, most: int = MOST_TOKENS) -> int:
    """A number of tokens or calls; providers leave out or send null for none."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError("not a count")
    return value


def ticks(raw: Mapping[str, Any]) -> int | None:
    cost = raw.get("cost_in_usd_ticks")
    return None if cost is None else count(cost, MOST_TICKS)


def with_reasoning(given: int, output: int, reasoning: int, total: Any) -> int:
    """Output tokens, reasoning included. Some count it apart, which only their total tells."""
    return output + reasoning if total == given + output + reasoning else output

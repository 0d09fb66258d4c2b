"""What the dialects share."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from llm.routing import Route
from llm.wire import Capability, Citation, Request


def instructions(route: Route, request: Request) -> str:
    """With the schema in words, where the route cannot be held to it otherwise."""
    if request.schema is None or Capability.JSON_SCHEMA in route.capabilities:
        return request.instructions
    schema = json.dumps(request.schema, ensure_ascii=False, separators=(",", ":"))
    return (
        f"{request.instructions}\n\nAnswer with one JSON object that fits this JSON schema, and with nothing else "
        f"before or after it:\n{schema}"
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


def count(value: Any) -> int:
    """A number of tokens or calls; providers leave out or send null for none."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a count")
    return value

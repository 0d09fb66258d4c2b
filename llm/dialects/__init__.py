"""Asking one route once. The three ways providers speak are modules of this package, all of the same shape:

PATH                    where to post
body(route, request)    what to post, and STREAM what to add to have the answer streamed
fold(whole, event)      adds an event of a stream to what will be the whole answer; returns the text it brings
complete(whole)         whether the stream came to its end
reply(route, data)      reads a whole answer, or raises errors.Failure
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from llm.dialects import faults
from llm.errors import Failure
from llm.routing import Provider, Route
from llm.wire import Reply, Request

# The escapes of NUL, and of halves of characters.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class Speech(Protocol):
    """What a module of a dialect offers."""

    PATH: str
    STREAM: Mapping[str, Any]

    def body(self, route: Route, request: Request) -> dict[str, Any]: ...
    def fold(self, whole: dict[str, Any], event: Mapping[str, Any]) -> str: ...
    def complete(self, whole: Mapping[str, Any]) -> bool: ...
    def reply(self, route: Route, data: Mapping[str, Any]) -> Reply: ...


def send(
    route: Route, request: Request, *, timeout: float, on_text: Callable[[str], None] | None = None
) -> Reply:
    """Ask once. With `on_text` the answer is streamed: it gets every piece of text as it comes, and may raise to stop.

    `timeout` is in seconds and holds for everything, from the first byte sent to the last one read.
    Raises errors.Failure.
    """
    from llm import clients  # noqa: PLC0415  # loads an HTTP client

    speech = cast(Speech, import_module(f"llm.dialects.{route.provider.dialect}"))
    body = {**speech.body(route, request), **(speech.STREAM if on_text else {})}
    with clients.post(route.provider, speech.PATH, body, timeout=timeout) as response:
        chunks = clients.chunks(route.provider, response)
        if on_text:
            return _streamed(speech, route, chunks, on_text)
        whole = parsed(route.provider, b"".join(chunks))
    return _read(speech, route, whole)


def _read(speech: Speech, route: Route, whole: Mapping[str, Any]) -> Reply:
    try:
        return speech.reply(route, whole)
    except (LookupError, TypeError, AttributeError, ValueError):
        raise faults.malformed(route.provider.name) from None


def _streamed(speech: Speech, route: Route, chunks: Iterable[bytes], on_text: Callable[[str], None]) -> Reply:
    """Read like the whole that would have come in one piece. A failure on the way carries the text that had arrived."""
    whole: dict[str, Any] = {}
    arrived: list[str] = []
    try:
        for data in _events(chunks):
            text = _folded(speech, route.provider, whole, data)
            if text:
                arrived.append(text)
                on_text(text)
        if not speech.complete(whole):
            raise faults.cut_off(route.provider.name, arrived)
        return _read(speech, route, whole)
    except Failure as failure:
        if arrived and failure.reply in (None, faults.UNKNOWN):
            failure.reply = Reply("".join(arrived), route.model, None)
        raise


def _folded(speech: Speech, provider: Provider, whole: dict[str, Any], data: bytes) -> str:
    event = parsed(provider, data)
    if event.get("type") == "error" or event.get("error"):
        raise faults.of_event(provider.name, event)
    try:
        return speech.fold(whole, event)
    except (LookupError, TypeError, AttributeError, ValueError):
        raise faults.malformed(provider.name) from None


def _events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of server-sent events. Names, comments and ids are not needed: every event's data says what it is."""
    data: list[bytes] = []
    for line in _lines(chunks):
        if line.startswith(b"data:"):
            data.append(line[5:].strip())
        elif not line and data:
            joined = b"\n".join(data)
            if joined == b"[DONE]":
                return
            yield joined
            data = []


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")


def parsed(provider: Provider, data: bytes) -> dict[str, Any]:
    """A JSON object. Raises errors.Failure."""
    try:
        found = json.loads(data)
        if _UNSTORABLE.search(data):
            found = _storable(found)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise faults.malformed(provider.name)
    return found


def _storable(value: Any) -> Any:
    """Without the characters that JSON can spell and no database takes."""
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value

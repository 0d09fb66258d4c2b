"""A language model provider on loopback, for tests and benches. It speaks the three dialects from one script.

In a test, the fixture `provider` starts one and points the settings at it:

    provider.say("Hello.", citations=[("https://a.example", "A")])
    provider.fail(429, retry_after=2)
    ...
    assert provider.requests[0].instructions == "Be brief."

Replies are taken from the queue in order; when it is empty, `provider.otherwise` is given. In a process of its own:
`python -m tests.provider --port 8123 --latency 0.2 --text "Hello."`.
"""

import argparse
import asyncio
import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from tests import speech
from tests.speech import Answer, Asked

# What a test's settings say the keys are. Whatever leaves them in a log or an error fails a test.
KEYS = {"xai": "key-of-xai", "openai": "key-of-openai", "anthropic": "key-of-anthropic"}


@dataclass(frozen=True)
class Fault:
    """How a reply goes wrong. Of an answer, unless it has a status of its own."""

    status: int = 0
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False  # not a byte
    drips: float = 0.0  # seconds between the bytes of the body, which never ends
    drips_head: float = 0.0  # the same of the headers
    error: str = ""  # half the answer, then an error of this type in its place
    cut: bool = False  # closes the connection halfway
    garbled: bool = False  # a success that holds no JSON


@dataclass(frozen=True)
class Reply:
    answer: Answer = field(default_factory=Answer)
    fault: Fault | None = None
    latency: float = 0.0  # seconds before anything is sent
    pace: float = 0.0  # seconds between the pieces of a stream
    crowd: int = 0  # waits until so many requests have been here at once


class Provider:
    """The server runs in a thread of its own from entering to leaving the context."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Asked] = []
        self.otherwise = Reply()
        # What the model answers to a request, where nothing is queued: see tests/minds.py.
        self.mind: Callable[[Asked], Answer] | None = None
        self.most_at_once = 0
        self.hung_up = 0  # how many did not wait for the end of their answer
        self._at_once = 0
        self._queue: deque[Reply] = deque()
        self._socket = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="provider", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # The script

    def say(
        self, text: str = "Hello.", *, latency: float = 0.0, pace: float = 0.0, crowd: int = 0, **parts: Any
    ) -> None:
        """`parts` as in speech.Answer: citations, tools, usage, ticks, model, stop."""
        self._queue.append(Reply(Answer(text=text, **parts), latency=latency, pace=pace, crowd=crowd))

    def say_json(self, data: Any, **parts: Any) -> None:
        self.say(json.dumps(data), **parts)

    def fail(
        self,
        status: int,
        *,
        code: str = "",
        message: str = "",
        retry_after: float | str | None = None,
        latency: float = 0.0,
    ) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = json.dumps({"error": {"type": code, "code": code, "message": message}})
        self._queue.append(Reply(fault=Fault(status=status, body=body, headers=headers), latency=latency))

    def answer_with(self, body: str, status: int = 200) -> None:
        self._queue.append(Reply(fault=Fault(status=status, body=body)))

    def redirect(self, url: str) -> None:
        self._queue.append(Reply(fault=Fault(status=307, headers={"Location": url})))

    def hang(self) -> None:
        self._queue.append(Reply(fault=Fault(hangs=True)))

    def drip(self, every: float = 0.02) -> None:
        self._queue.append(Reply(fault=Fault(drips=every)))

    def drip_head(self, every: float = 0.02) -> None:
        self._queue.append(Reply(fault=Fault(drips_head=every)))

    def fail_amid(self, error: str, text: str = "Hello there, traveler.") -> None:
        self._queue.append(Reply(Answer(text=text), Fault(error=error)))

    def cut(self, text: str = "Hello there, traveler.") -> None:
        self._queue.append(Reply(Answer(text=text), Fault(cut=True)))

    def garble(self) -> None:
        self._queue.append(Reply(fault=Fault(garbled=True)))

    # The server

    def __enter__(self) -> "Provider":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve_until_closed())

    async def _serve_until_closed(self) -> None:
        """What is still being answered then is cancelled, not waited for."""
        server = await asyncio.start_server(self._serve, sock=self._socket)
        await self._closing.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # asyncio does it only where the socket says that it is of TCP, which create_server's does not
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                asked = await _read(reader, writer.get_extra_info("peername")[1])
                if not await self._answer(asked, writer):
                    break
        writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection can be used again."""
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            self.requests.append(asked)
            reply = self._next(asked)
            if reply.latency:
                await asyncio.sleep(reply.latency)
            while self.most_at_once < reply.crowd:
                await asyncio.sleep(0.01)
            return await _write(writer, asked, reply)
        except ConnectionError:
            self.hung_up += 1
            raise
        finally:
            self._at_once -= 1

    def _next(self, asked: Asked) -> Reply:
        if self._queue:
            return self._queue.popleft()
        return replace(self.otherwise, answer=self.mind(asked)) if self.mind else self.otherwise


async def _read(reader: asyncio.StreamReader, peer: int) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, json.loads(body or b"{}"), peer)


async def _write(writer: asyncio.StreamWriter, asked: Asked, reply: Reply) -> bool:
    fault = reply.fault
    if fault and fault.hangs:
        await asyncio.sleep(3600)
    if fault and fault.drips_head:
        await _drip(writer, b"HTTP/1.1 200 OK\r\nX-", b"a", fault.drips_head)
    if fault and fault.status:
        writer.write(_head(fault.status, {**fault.headers, "Content-Length": len(fault.body.encode())}))
        writer.write(fault.body.encode())
        await writer.drain()
        return True
    pieces = list(speech.pieces(asked, reply.answer))
    writer.write(
        _head(
            200, {"Content-Type": asked.content_type, "Transfer-Encoding": "chunked", "X-Request-Id": "req_1"}
        )
    )
    if fault:
        return await _misbehave(writer, asked, fault, pieces)
    if reply.pace:
        for piece in pieces:
            writer.write(_chunk(piece))
            await writer.drain()
            await asyncio.sleep(reply.pace)
        pieces = []
    writer.write(b"".join(_chunk(piece) for piece in pieces) + b"0\r\n\r\n")
    await writer.drain()
    return True


async def _misbehave(writer: asyncio.StreamWriter, asked: Asked, fault: Fault, pieces: list[bytes]) -> bool:
    if fault.garbled:
        writer.write(_chunk(b"data: {not json\n\n") + b"0\r\n\r\n")
        await writer.drain()
        return True
    if fault.cut:
        whole = b"".join(pieces)
        writer.write(_chunk(whole[: len(whole) * 2 // 3]))
        await writer.drain()
        return False
    if fault.error:
        said = [*pieces[: len(pieces) // 2], speech.error(asked, fault.error)]
        writer.write(b"".join(_chunk(piece) for piece in said) + b"0\r\n\r\n")
        await writer.drain()
        return True
    await _drip(writer, b"", _chunk(b" "), fault.drips)
    return False


async def _drip(writer: asyncio.StreamWriter, first: bytes, rest: bytes, every: float) -> None:
    """Until whoever listens goes away, or for so long that it might as well be for ever."""
    writer.write(first)
    for _ in range(int(120 / every)):
        writer.write(rest)
        await writer.drain()
        await asyncio.sleep(every)


def _head(status: int, headers: Mapping[str, Any]) -> bytes:
    lines = [f"HTTP/1.1 {status} As-Told", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def nobody() -> str:
    """An address at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def point(settings: Any, url: str) -> None:
    """Let all providers of the settings, and a local one, be the server at that address."""
    settings.LLM_KEYS = KEYS
    settings.LLM_BASE_URLS = {"xai": f"{url}/v1", "openai": f"{url}/v1", "anthropic": url}
    settings.LLM_LOCAL = {
        "url": f"{url}/v1",
        "model": "llama",
        "key": "",
        "context_tokens": 32_000,
        "capabilities": ["temperature", "seed"],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--text", default="Hello.")
    options = parser.parse_args()
    with Provider(options.port) as provider:
        provider.otherwise = Reply(Answer(text=options.text), latency=options.latency)
        print(provider.url, flush=True)  # noqa: T201  # whoever started it reads this
        provider._thread.join()


if __name__ == "__main__":
    main()

"""The providers' own clients. Retries, redirects and waiting are ours, not theirs.

Import this module, and with it an HTTP client, only when a call is made.
"""

import logging
import os
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import httpcore2
import httpx2

from llm.dialects import faults
from llm.routing import Dialect, Provider

if TYPE_CHECKING:
    import anthropic
    import openai

CONNECT_SECONDS = 5.0
MOST_BYTES = 16 * 1024 * 1024  # an answer of 10,000 tokens with all its sources has less than one
KEEP_SECONDS = 30.0  # an idle connection: less than providers do, so that they hang up on nobody
CONNECTIONS = 100  # of one process to one provider; how many calls are in flight is limited elsewhere

# When the call that this thread makes must be over, by time.monotonic().
_deadline: ContextVar[float] = ContextVar("llm_deadline", default=float("inf"))


@contextmanager
def post(
    provider: Provider, path: str, body: Mapping[str, Any], *, timeout: float
) -> Iterator[httpx2.Response]:
    """A successful response, to be read with `chunks`. All of it, reading included, takes `timeout` seconds at most.

    Raises errors.Failure.
    """
    client, errors = _client(provider, os.getpid())  # the first time this loads it, which takes a while
    token = _deadline.set(time.monotonic() + timeout)
    try:
        response = _send(provider.name, client, errors, path, body, timeout)
        try:
            yield response
        finally:
            response.close()
    finally:
        _deadline.reset(token)


def chunks(provider: Provider, response: httpx2.Response) -> Iterator[bytes]:
    """The body as it comes. Raises errors.Failure."""
    size = 0
    try:
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > MOST_BYTES:
                raise faults.malformed(provider.name)
            yield chunk
    except httpx2.HTTPError as error:
        raise faults.of_transport(provider.name, error) from None


def _send(
    name: str, client: Any, errors: Any, path: str, body: Mapping[str, Any], timeout: float
) -> httpx2.Response:
    options = {"timeout": httpx2.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))}
    try:
        # The client's own post for any path builds no typed objects of what is read as plain JSON.
        response = client.post(
            path, body=body, cast_to=httpx2.Response, options=options, stream=True, stream_cls=None
        )
    except errors.APIStatusError as error:
        raise faults.of_response(name, error.response) from None
    except errors.APIConnectionError as error:
        raise faults.of_transport(name, error.__cause__) from None
    except httpx2.HTTPError as error:  # while it read the body of an error
        raise faults.of_transport(name, error) from None
    return cast(httpx2.Response, response)


@lru_cache(maxsize=64)
def _client(provider: Provider, pid: int) -> tuple[Any, Any]:
    """The client, and the module of its errors. A forked process must not share its parent's connections."""
    return _anthropic(provider) if provider.dialect is Dialect.MESSAGES else _openai(provider)


def _openai(provider: Provider) -> tuple["openai.OpenAI", Any]:
    import openai  # noqa: PLC0415  # slow, and not needed by whoever talks to nobody

    client = openai.OpenAI(
        api_key=provider.api_key or "none",  # it refuses to start without one
        base_url=provider.base_url,
        max_retries=0,
        http_client=_http_client(),
    )
    # It takes these from the environment. They are meant for OpenAI and nobody else.
    client.organization = client.project = client.admin_api_key = None
    _hush()
    return client, openai


def _anthropic(provider: Provider) -> tuple["anthropic.Anthropic", Any]:
    import anthropic  # noqa: PLC0415

    client = anthropic.Anthropic(
        api_key=provider.api_key or "none",
        base_url=provider.base_url,
        max_retries=0,
        http_client=_http_client(),
        open_telemetry=False,
    )
    _hush()
    return client, anthropic


def _hush() -> None:
    """At the level DEBUG, which an operator may set for everything, they log prompts."""
    for name in ("openai", "anthropic", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _http_client() -> httpx2.Client:
    limits = httpx2.Limits(
        max_connections=CONNECTIONS,
        max_keepalive_connections=CONNECTIONS,
        keepalive_expiry=KEEP_SECONDS,
    )
    client = httpx2.Client(verify=_ssl_context(), limits=limits, follow_redirects=False)
    for transport in (
        client._transport,
        *client._mounts.values(),
    ):  # the latter are proxies of the environment
        if isinstance(transport, httpx2.HTTPTransport):
            transport._pool._network_backend = _Backend(transport._pool._network_backend)
    return client


@lru_cache(maxsize=1)
def _ssl_context() -> ssl.SSLContext:
    """One for all: reading the list of authorities takes 30 ms."""
    return httpx2.create_ssl_context()


def _left(timeout: float | None, over: type[httpcore2.TimeoutException] = httpcore2.ReadTimeout) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise over("The time for the whole call is over.")
    return left if timeout is None else min(left, timeout)


class _Backend(httpcore2.NetworkBackend):
    """Gives each operation on a socket the time that is left until the deadline.

    The client's own timeouts are per read: a server that sends a byte now and then would hold it for ever.
    """

    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        timeout = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._backend.connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        timeout = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

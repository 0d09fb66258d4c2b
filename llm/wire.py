"""What goes to a provider and what comes back, the same for all dialects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

# 1 USD. Costs are whole numbers of these wherever they are added up, so that no rounding creeps in.
TICKS = 10**10


@dataclass(frozen=True)
class WebSearch:
    """Let the model search the web: only in these domains, or in all but these; at most five of either."""

    allowed_domains: tuple[str, ...] = ()
    excluded_domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _one_list_of_at_most(5, self.allowed_domains, self.excluded_domains)


@dataclass(frozen=True)
class XSearch:
    """Let the model search posts on X: by these handles, or all but these; from and to these days, both included."""

    allowed_handles: tuple[str, ...] = ()
    excluded_handles: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        _one_list_of_at_most(10, self.allowed_handles, self.excluded_handles)
        if self.since and self.until and self.since > self.until:
            raise ValueError("since is after until.")


@dataclass(frozen=True)
class CodeExecution:
    """Let the model run code at the provider's."""


Tool = WebSearch | XSearch | CodeExecution


def _one_list_of_at_most(count: int, allowed: tuple[str, ...], excluded: tuple[str, ...]) -> None:
    if allowed and excluded:
        raise ValueError("Allow or exclude, not both.")
    if len(allowed) > count or len(excluded) > count:
        raise ValueError(f"At most {count} can be named.")


class Capability(StrEnum):
    JSON_SCHEMA = "json_schema"  # holds the answer to a schema while it is written
    WEB_SEARCH = "web_search"
    WEB_SEARCH_EXCLUDE = "web_search_exclude"  # can leave out domains, not only allow some
    X_SEARCH = "x_search"
    CODE_EXECUTION = "code_execution"
    SEED = "seed"
    TEMPERATURE = "temperature"
    REPORTS_COST = "reports_cost"  # says what the call cost


class Message(NamedTuple):
    role: str  # "user" or "assistant"
    text: str


@dataclass(frozen=True)
class Request:
    """One request, scrubbed already. `schema` is a JSON schema, None for plain text."""

    instructions: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    schema: Mapping[str, Any] | None = None
    schema_name: str = "answer"
    tools: tuple[Tool, ...] = ()
    max_tool_calls: int = 0
    temperature: float | None = None
    seed: int | None = None


class Citation(NamedTuple):
    url: str
    title: str = ""


class Usage(NamedTuple):
    """Tokens and tool calls of one request.

    `cached` tokens (read from the provider's cache) and `written` ones (put into it) are part of `input`, reasoning
    tokens are part of `output`.
    """

    input: int
    output: int
    cached: int = 0
    written: int = 0
    reasoning: int = 0
    tools: Mapping[str, int] = MappingProxyType({})  # what is billed: web_search, x_post, …
    reported_ticks: int | None = None  # what the provider says it costs
    raw: Mapping[str, Any] = MappingProxyType({})


class Reply(NamedTuple):
    """An answer as it came. `usage` is None where the provider reported none: unknown, not zero."""

    text: str
    model: str  # as the provider resolved it
    usage: Usage | None
    citations: tuple[Citation, ...] = ()
    request_id: str = ""


def usd(ticks: int) -> Decimal:
    """Exact: ten decimal places."""
    return Decimal(ticks).scaleb(-10)

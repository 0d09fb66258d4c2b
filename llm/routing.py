"""Which model serves which tier, by which provider: settings name routes, models.toml knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from llm.wire import Capability


class Dialect(StrEnum):
    RESPONSES = "responses"
    CHAT = "chat"
    MESSAGES = "messages"


@dataclass(frozen=True)
class Provider:
    """Who answers: an address, how it speaks, and the key that opens it (empty: it wants none)."""

    name: str
    dialect: Dialect
    base_url: str
    api_key: str = ""

    def __repr__(self) -> str:  # a traceback must not show the key
        return f"Provider({self.name})"


@dataclass(frozen=True)
class Price:
    """Ticks (10^-10 USD) per token and per tool call. `tool_input_tokens`: the most one tool call adds to the input."""

    input: int
    cached: int
    output: int
    tools: Mapping[str, int]
    tool_input_tokens: int = 0


@dataclass(frozen=True)
class Route:
    """One model at one provider. `price` is None only where the route is marked free."""

    name: str  # "xai/grok-4.3"
    provider: Provider
    model: str
    capabilities: frozenset[Capability]
    context_tokens: int
    max_output_tokens: int
    price: Price | None
    free: bool = False
    retired_on: date | None = None

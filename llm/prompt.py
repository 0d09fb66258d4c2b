"""What a prompt is: declared once, beside its template, by the app that asks it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel

from llm.wire import Tool


class Tier(StrEnum):
    FAST = "fast"
    REASONING = "reasoning"


class Audience(StrEnum):
    """Who reads the answer; public text is checked for more."""

    PUBLIC = "public"
    PRIVATE = "private"
    CODE = "code"  # nobody: ratings and extracts


FactsT = TypeVar("FactsT", bound=BaseModel)
OutputT = TypeVar("OutputT")


@dataclass(frozen=True)
class Prompt(Generic[FactsT, OutputT]):
    """A question that can be asked again and again with other facts.

    `template` is the instructions, in which $name stands for one of `parameters`: fields of the facts that code has
    chosen (numbers, enumerations, short codes), never a person's words. All other fields reach the model as marked
    data sections. `output` is a pydantic model, or str for plain text. `offline` answers from the same facts when no
    model can. `purpose` names a row of settings.LLM_PURPOSES: cache time, switch, reports.
    """

    name: str
    version: int
    purpose: str
    template: str
    facts: type[FactsT]
    output: type[OutputT]
    tier: Tier = Tier.FAST
    parameters: frozenset[str] = frozenset()
    offline: Callable[[FactsT], OutputT] | None = None
    tools: tuple[Tool, ...] = ()
    max_output_tokens: int = 2_000
    max_tool_calls: int = 0
    temperature: float | None = None
    seed: int | None = None
    audience: Audience = Audience.PRIVATE
    # Which replaced details come back in the answer: kinds of llm.privacy, such as "person" or "email".
    restores: frozenset[str] = frozenset()
    # Fields of the facts that claims in the answer must rest on. Empty: claims are not checked.
    sources: frozenset[str] = frozenset()

"""What a prompt is: declared once, beside its template, by the app that asks it."""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from string import Template
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from llm import schema
from llm.wire import Capability, CodeExecution, Tool, WebSearch, XSearch


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


@dataclass(frozen=True, eq=False)
class Prompt(Generic[FactsT, OutputT]):
    """A question that can be asked again and again with other facts.

    `template` is the instructions, in which $name stands for one of `parameters`: fields of the facts that code has
    chosen (numbers, enumerations, short codes), never a person's words. All other fields reach the model as marked
    data sections. `output` is a pydantic model, or str for plain text. `offline` answers from the same facts when no
    model can. `purpose` names a row of settings.LLM_PURPOSES: cache time, switch, reports.

    Raises TypeError or ValueError where it could never be asked.
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
    # Used where the route has them. A route that lacks one is asked without it; one that lacks `tools` is not asked.
    optional_tools: tuple[Tool, ...] = ()
    max_output_tokens: int = 2_000
    max_tool_calls: int = 0
    temperature: float | None = None
    seed: int | None = None
    audience: Audience = Audience.PRIVATE
    # Which replaced details come back in the answer: kinds of llm.privacy, such as "person" or "email".
    restores: frozenset[str] = frozenset()
    # Fields of the facts that claims in the answer must rest on. Empty: claims are not checked.
    sources: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if unknown := (self.parameters | self.sources) - self.facts.model_fields.keys():
            raise ValueError(f"{self.name}: {sorted(unknown)} are no fields of {self.facts.__name__}.")
        if (named := set(Template(self.template).get_identifiers())) != self.parameters:
            raise ValueError(f"{self.name}: the template names {sorted(named)}, not its parameters.")
        if bool(self.tools or self.optional_tools) != bool(self.max_tool_calls):
            raise ValueError(f"{self.name}: tools and max_tool_calls go together.")
        if self.output is not str:
            schema.of(self.model)
        _remember(self)

    @property
    def model(self) -> type[BaseModel]:
        """`output` where it is no plain text."""
        if not issubclass(self.output, BaseModel):
            raise TypeError(f"{self.name}: the output is a pydantic model or str.")
        return self.output

    @property
    def json_schema(self) -> dict[str, Any] | None:
        return None if self.output is str else schema.of(self.model)

    @property
    def needs(self) -> frozenset[Capability]:
        """What a route must be able to do. A schema is no need: routing knows who can be told it in words."""
        needed = set(_needs_of(self.tools))
        if self.temperature is not None:
            needed.add(Capability.TEMPERATURE)
        if self.seed is not None:
            needed.add(Capability.SEED)
        return frozenset(needed)

    def tools_for(self, capabilities: Set[Capability]) -> tuple[Tool, ...]:
        """With those of the optional ones that a route with these capabilities has."""
        return (*self.tools, *(tool for tool in self.optional_tools if capabilities >= _needs_of([tool])))


def _needs_of(tools: Iterable[Tool]) -> set[Capability]:
    return {capability for tool in tools for capability in _needs_of_one(tool)}


def _needs_of_one(tool: Tool) -> set[Capability]:
    match tool:
        case WebSearch(excluded_domains=()):
            return {Capability.WEB_SEARCH}
        case WebSearch():
            return {Capability.WEB_SEARCH, Capability.WEB_SEARCH_EXCLUDE}
        case XSearch():
            return {Capability.X_SEARCH}
        case CodeExecution():
            return {Capability.CODE_EXECUTION}


_declared: dict[str, Prompt[Any, Any]] = {}


def _remember(prompt: Prompt[Any, Any]) -> None:
    """One name, one place: the ledger and the cache know a prompt by its name and version."""
    other = _declared.get(prompt.name)
    if other and other.facts.__module__ != prompt.facts.__module__:
        raise ValueError(f"{prompt.name} is declared in {other.facts.__module__} already.")
    _declared[prompt.name] = prompt


def declared() -> Mapping[str, Prompt[Any, Any]]:
    """All prompts of the modules imported so far, by name."""
    return MappingProxyType(_declared)

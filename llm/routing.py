"""Which model serves which tier, by which provider: settings name routes, models.toml knows them."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.signals import setting_changed
from django.utils.translation import gettext as _

from llm import catalogue
from llm.catalogue import Unusable
from llm.wire import TICKS, Capability, Request

if TYPE_CHECKING:
    from llm.prompt import Prompt

log = structlog.get_logger(__name__)

MILLION = 10**6


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
    include: tuple[str, ...] = ()  # what to have added to answers for which tools were used

    def __repr__(self) -> str:  # a traceback must not show the key
        return f"Provider({self.name})"


class Price(NamedTuple):
    """Ticks (10^-10 USD) per token, and per unit of a tool as Usage.tools counts them.

    `written` is for input that the provider puts into its cache. `calls`: the most that one call of a tool costs.
    `tool_input_tokens`: the most it adds to the input. From `long_from` tokens of input on, `long` holds for all.
    """

    input: int
    cached: int
    output: int
    tools: Mapping[str, int] = MappingProxyType({})
    tool_input_tokens: int = 0
    written: int = 0
    calls: Mapping[str, int] = MappingProxyType({})
    long_from: int = 0
    long: "Price | None" = None


class Route(NamedTuple):
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
    # Without a native JSON schema: may be told it in words. What comes is checked in any case.
    json_by_instruction: bool = False
    dimensions: int = 0  # of the vectors of a model for embeddings


class KeyMissing(Unusable):
    """Nothing wrong with the route, but nobody has given us its key."""


def fitting(prompt: "Prompt[Any, Any]", request: Request) -> tuple[Route, ...]:
    """The routes that can serve this request, in the order in which they are to be tried."""
    routes_of_tier = routes(prompt.tier)
    lacks = {route.name: lacking(route, prompt.needs, request) for route in routes_of_tier}
    found = tuple(route for route in routes_of_tier if not lacks[route.name])
    if routes_of_tier and not found:
        log.warning("llm_no_route_fits", prompt=prompt.name, lacks=lacks)
    return found


def lacking(route: Route, needs: frozenset[Capability], request: Request) -> str:
    """What keeps the route from serving this, in words; empty if nothing does."""
    if missing := needs - route.capabilities:
        return _("It cannot do: %(what)s.") % {"what": ", ".join(sorted(missing))}
    if request.schema and Capability.JSON_SCHEMA not in route.capabilities and not route.json_by_instruction:
        return _("It cannot hold its answer to a schema.")
    if request.max_output_tokens > route.max_output_tokens:
        return _("It writes at most %(most)d tokens, %(asked)d are asked for.") % {
            "most": route.max_output_tokens,
            "asked": request.max_output_tokens,
        }
    if (tokens := most_tokens(request) + request.max_output_tokens) > route.context_tokens:
        return _("Question and answer may have %(tokens)d tokens, it takes %(most)d.") % {
            "tokens": tokens,
            "most": route.context_tokens,
        }
    return ""


def most_tokens(request: Request) -> int:
    """No tokenizer makes more tokens than there are bytes."""
    schema = json.dumps(request.schema) if request.schema else ""
    texts = (request.instructions, schema, *(message.text for message in request.messages))
    return sum(len(text.encode()) for text in texts)


@lru_cache(maxsize=8)
def routes(tier: str) -> tuple[Route, ...]:
    """The usable routes of the tier. What is wrong with the others is told by the system checks."""
    found = []
    for name in settings.LLM_TIERS[tier]:
        try:
            found.append(route(name))
        except Unusable:
            continue
    return tuple(found)


def in_use() -> tuple[Route, ...]:
    """The usable routes of all tiers, each once."""
    return tuple({route.name: route for tier in settings.LLM_TIERS for route in routes(tier)}.values())


@lru_cache(maxsize=64)
def route(name: str) -> Route:
    """Raises Unusable."""
    known = _catalogue()
    if gone := known.retired.get(name):
        raise Unusable(
            _("%(name)s is shut down on %(day)s. Use %(instead)s.")
            % {"name": name, "day": gone["on"].isoformat(), "instead": gone["use"]}
        )
    if name not in known.models:
        raise Unusable(
            _("%(name)s is not known. Take one of %(known)s, or describe it in LLM_MODELS_FILE.")
            % {"name": name, "known": ", ".join(sorted(known.models))}
        )
    return _route(name, known.models[name], _provider(name, known))


def for_embeddings() -> Route | None:
    """Where vectors come from; None: they are not wanted. Raises Unusable."""
    if not settings.LLM_EMBEDDINGS:
        return None
    found = route(settings.LLM_EMBEDDINGS)
    if found.provider.dialect is Dialect.MESSAGES:
        raise Unusable(
            _("%(name)s makes no vectors. Let LLM_EMBEDDINGS name a route that speaks like OpenAI.")
            % {"name": found.name}
        )
    return found


@lru_cache(maxsize=1)
def _catalogue() -> catalogue.Catalogue:
    return catalogue.load()


def _route(name: str, fields: Mapping[str, Any], provider: Provider) -> Route:
    made = Route(
        name=name,
        provider=provider,
        model=name.partition("/")[2],
        capabilities=_capabilities(name, fields.get("capabilities", [])),
        context_tokens=_count(name, fields, "context_tokens"),
        max_output_tokens=_count(name, fields, "max_output_tokens"),
        price=_price(name, fields),
        free=bool(fields.get("free")),
        retired_on=fields.get("retires"),
        json_by_instruction=bool(fields.get("json_by_instruction")),
        dimensions=_count(name, fields, "dimensions") if "dimensions" in fields else 0,
    )
    if made.retired_on and made.retired_on <= datetime.now(UTC).date():
        raise Unusable(
            _("%(name)s was shut down on %(day)s. Name another model.")
            % {"name": name, "day": made.retired_on.isoformat()}
        )
    return made


def _count(name: str, fields: Mapping[str, Any], key: str) -> int:
    value = fields.get(key)
    if not isinstance(value, int) or value < 0:
        raise Unusable(
            _("%(name)s needs %(field)s, a whole number. Add it to LLM_MODELS_FILE.")
            % {"name": name, "field": key}
        )
    return value


def _provider(route_name: str, known: catalogue.Catalogue) -> Provider:
    name = route_name.partition("/")[0]
    fields = known.providers.get(name)
    if not fields:
        raise Unusable(
            _("%(route)s is of the provider %(name)s, which is not described. Add it to LLM_MODELS_FILE.")
            % {"route": route_name, "name": name}
        )
    if fields.get("dialect") not in set(Dialect):
        raise Unusable(
            _("The provider %(name)s has no known dialect. Set it to one of %(known)s.")
            % {"name": name, "known": ", ".join(Dialect)}
        )
    return Provider(
        name=name,
        dialect=Dialect(fields["dialect"]),
        base_url=_base_url(name, fields),
        api_key=_key(name, fields),
        include=tuple(fields.get("include", ())),
    )


def _base_url(name: str, fields: Mapping[str, Any]) -> str:
    url = str(fields.get("base_url", ""))
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise Unusable(
            _(
                "The address of %(name)s, %(url)r, does not begin with https:// or http://. Write it out in full."
            )
            % {"name": name, "url": url.rpartition("@")[2]}  # a password may stand before it
        )
    return url.rstrip("/")


def _key(name: str, fields: Mapping[str, Any]) -> str:
    variable = fields.get("key_variable", "")
    key = fields.get("key") or settings.LLM_KEYS.get(name) or os.environ.get(variable, "")
    if not key and not fields.get("keyless"):
        raise KeyMissing(
            _("There is no key for %(name)s. Set %(variable)s.") % {"name": name, "variable": variable or "…"}
        )
    if not re.fullmatch(r"[!-~]*", key):
        raise Unusable(
            _("The key for %(name)s has characters that no key has. Copy it again.") % {"name": name}
        )
    return str(key)


def _capabilities(name: str, words: list[str]) -> frozenset[Capability]:
    if strange := set(words) - set(Capability):
        raise Unusable(
            _("%(name)s has the capability %(word)r, which means nothing. Known are: %(known)s.")
            % {"name": name, "word": min(strange), "known": ", ".join(Capability)}
        )
    return frozenset(Capability(word) for word in words)


def _price(name: str, fields: Mapping[str, Any]) -> Price | None:
    if fields.get("free"):
        return None
    if "price" not in fields:
        raise Unusable(
            _(
                "%(name)s has no price: what it costs could not be budgeted. Give its price, or mark it as free."
            )
            % {"name": name}
        )
    tools = {kind: _ticks(name, usd, 1) for kind, usd in fields.get("tools", {}).items()}
    most = {kind: _ticks(name, usd, 1) for kind, usd in fields.get("call_most", {}).items()}
    calls = tools | most
    _refuse_unpriced_tools(name, fields, calls)
    added = _count(name, fields, "tool_input_tokens") if tools else 0
    price = Price(**_per_token(name, fields["price"]), tools=tools, tool_input_tokens=added, calls=calls)
    if long := fields.get("long"):
        dearer = price._replace(**_per_token(name, long))
        return price._replace(long_from=_count(name, long, "from"), long=dearer)
    return price


def _refuse_unpriced_tools(name: str, fields: Mapping[str, Any], calls: Mapping[str, int]) -> None:
    tools = {Capability.WEB_SEARCH, Capability.X_SEARCH, Capability.CODE_EXECUTION}
    if unpriced := tools & set(fields.get("capabilities", ())) - calls.keys():
        raise Unusable(
            _("%(name)s has no price for %(tool)s. Give it under tools, or leave that capability out.")
            % {"name": name, "tool": min(unpriced)}
        )


def _per_token(name: str, prices: Mapping[str, Any]) -> dict[str, Any]:
    """Where a provider has no price of its own for what its cache does, that costs as much as other input."""
    usual = prices.get("input")
    amounts = {"cached": usual, "written": usual, "output": None} | dict(prices)
    return {key: _ticks(name, amounts[key], MILLION) for key in ("input", "cached", "written", "output")}


def _ticks(name: str, usd: Any, units: int) -> int:
    """Ticks per unit at this many USD for so many units. Whole, so that sums are exact."""
    try:
        ticks = Decimal(str(usd)) * TICKS / units
    except InvalidOperation:
        ticks = Decimal(-1)
    if ticks < 0 or ticks != ticks.to_integral_value():
        raise Unusable(
            _('%(name)s has the price %(usd)r, which is no amount in USD. Write it like "1.25".')
            % {"name": name, "usd": usd}
        )
    return int(ticks)


def _forget(*, setting: str, **_kwargs: Any) -> None:
    if setting.startswith("LLM_"):
        for resolved in (routes, route, _catalogue):
            resolved.cache_clear()


setting_changed.connect(_forget, dispatch_uid="llm.routing")

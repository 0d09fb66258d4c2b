"""What a call can cost at most before it is made, and what it did cost. Whole ticks: 10^-10 USD."""

from llm.routing import Price, Route, most_tokens
from llm.wire import CodeExecution, Request, Tool, Usage, WebSearch

# What providers put around our words: their own instructions, roles, and how they describe a tool to the model.
FRAME_TOKENS = 2_000
TOOL_FRAME_TOKENS = 3_000


def upper_bound_ticks(route: Route, request: Request) -> int:
    """The most that the provider can bill for this."""
    if route.price is None:
        return 0
    read = _most_input(route, route.price, request)
    price = _of(route.price, read)
    calls = request.max_tool_calls * max((price.calls[kind_of(tool)] for tool in request.tools), default=0)
    return read * max(price.input, price.written) + request.max_output_tokens * price.output + calls


def _most_input(route: Route, price: Price, request: Request) -> int:
    """Every call of a tool is followed by a round that reads again all that came before it."""
    calls = request.max_tool_calls if request.tools else 0
    first = most_tokens(request) + FRAME_TOKENS + TOOL_FRAME_TOKENS * len(request.tools)
    found = price.tool_input_tokens * calls * (calls + 1) // 2
    written = request.max_output_tokens * calls
    return min(first * (calls + 1) + found + written, route.context_tokens * (calls + 1))


def cost_ticks(route: Route, usage: Usage) -> int:
    """What this usage costs by our price list."""
    if route.price is None:
        return 0
    price = _of(route.price, usage.input)
    fresh = max(usage.input - usage.cached - usage.written, 0)
    tokens = fresh * price.input + usage.cached * price.cached + usage.written * price.written
    tools = sum(count * price.tools.get(kind, 0) for kind, count in usage.tools.items())
    return tokens + usage.output * price.output + tools


def _of(price: Price, input_tokens: int) -> Price:
    return price.long if price.long and input_tokens >= price.long_from else price


def kind_of(tool: Tool) -> str:
    if isinstance(tool, CodeExecution):
        return "code_execution"
    return "web_search" if isinstance(tool, WebSearch) else "x_search"

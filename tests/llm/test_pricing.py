from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm import pricing
from llm.pricing import cost_ticks, upper_bound_ticks
from llm.routing import Dialect, Price, Provider, Route, most_tokens
from llm.wire import TICKS, Capability, CodeExecution, Message, Request, Usage, WebSearch, XSearch

PRICE = Price(
    input=10_000,  # USD 1 per million tokens
    cached=1_000,
    written=12_500,
    output=50_000,
    tools={"web_search": TICKS // 100, "x_post": TICKS // 200, "code_execution": TICKS // 50},
    calls={"web_search": TICKS // 100, "x_search": TICKS // 4, "code_execution": TICKS // 50},
    tool_input_tokens=8_000,
)
TIERED = PRICE._replace(
    long_from=200_000, long=PRICE._replace(input=20_000, cached=2_000, written=25_000, output=75_000)
)


def route(price: Price | None = PRICE, **changes) -> Route:
    made = Route(
        name="test/model",
        provider=Provider("test", Dialect.CHAT, "http://127.0.0.1:1"),
        model="model",
        capabilities=frozenset(Capability),
        context_tokens=1_000_000,
        max_output_tokens=100_000,
        price=price,
    )
    return made._replace(**changes)


def request(text: str = "Hello.", most: int = 1_000, **changes) -> Request:
    return Request("Be brief.", (Message("user", text),), max_output_tokens=most, **changes)


# What it cost


def test_tokens_cost_what_they_are():
    usage = Usage(input=1_000, output=200, cached=300, written=100, reasoning=150)
    assert cost_ticks(route(), usage) == 600 * 10_000 + 300 * 1_000 + 100 * 12_500 + 200 * 50_000


def test_tools_cost_by_unit_and_what_has_no_price_costs_nothing():
    usage = Usage(input=0, output=0, tools={"web_search": 3, "x_search": 1, "x_post": 20})
    assert cost_ticks(route(), usage) == 3 * TICKS // 100 + 20 * TICKS // 200


def test_a_long_question_costs_more_for_all_of_it():
    assert cost_ticks(route(TIERED), Usage(199_999, 10)) == 199_999 * 10_000 + 10 * 50_000
    assert cost_ticks(route(TIERED), Usage(200_000, 10)) == 200_000 * 20_000 + 10 * 75_000


def test_a_free_route_costs_nothing():
    free = route(None, free=True)
    assert cost_ticks(free, Usage(10**6, 10**6, tools={"web_search": 9})) == 0
    assert upper_bound_ticks(free, request()) == 0


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_parts_sum_up_exactly(inputs):
    parts = sum(cost_ticks(route(), Usage(tokens, 0)) for tokens in inputs)
    assert parts == cost_ticks(route(), Usage(sum(inputs), 0))


# What it can cost at most


def test_every_byte_may_be_a_token():
    """Four bytes of a flag more may be four tokens more, as input that goes into the cache."""
    more = upper_bound_ticks(route(), request("Hello.🦌")) - upper_bound_ticks(route(), request("Hello."))
    assert more == 4 * 12_500


def test_schema_and_instructions_are_input_too():
    plain = request()
    assert most_tokens(replace(plain, instructions="")) == len("Hello.")
    assert most_tokens(replace(plain, schema={"type": "object"})) == most_tokens(plain) + len(
        '{"type": "object"}'
    )


def test_each_call_of_a_tool_reads_all_that_came_before_again():
    first = most_tokens(request()) + pricing.FRAME_TOKENS + pricing.TOOL_FRAME_TOKENS
    asked = request(most=0, tools=(WebSearch(),), max_tool_calls=2)
    read = first + (first + 8_000) + (first + 16_000)
    assert upper_bound_ticks(route(), asked) == read * 12_500 + 2 * TICKS // 100


def test_the_dearest_tool_may_be_called_every_time():
    asked = request(tools=(WebSearch(), XSearch()), max_tool_calls=4)
    without = upper_bound_ticks(route(PRICE._replace(calls=dict.fromkeys(PRICE.calls, 0))), asked)
    assert upper_bound_ticks(route(), asked) - without == 4 * TICKS // 4


def test_no_round_reads_more_than_the_model_takes():
    small = route(context_tokens=1_000)
    assert upper_bound_ticks(small, request("x" * 5_000, most=0)) == 1_000 * 12_500


@st.composite
def calls(draw):
    """A request, and a usage that stays within its limits."""
    tools = tuple(draw(st.sets(st.sampled_from([WebSearch(), XSearch(), CodeExecution()]), max_size=3)))
    allowed = draw(st.integers(1, 20)) if tools else 0
    asked = request(
        draw(st.text(max_size=400)) * draw(st.integers(1, 600)),
        draw(st.integers(0, 10_000)),
        tools=tools,
        max_tool_calls=allowed,
    )
    made = draw(st.integers(0, allowed))
    output = draw(st.integers(0, asked.max_output_tokens))
    first = draw(
        st.integers(0, most_tokens(asked) + pricing.FRAME_TOKENS + pricing.TOOL_FRAME_TOKENS * len(tools))
    )
    rounds, read = first, first
    for _ in range(made):
        rounds += draw(st.integers(0, PRICE.tool_input_tokens))
        read += rounds
    cached = draw(st.integers(0, read))
    kind = (
        {WebSearch: "web_search", XSearch: "x_post", CodeExecution: "code_execution"}[type(tools[0])]
        if tools
        else ""
    )
    units = {kind: made} if made else {}
    return asked, Usage(read, output, cached, draw(st.integers(0, read - cached)), tools=units)


@pytest.mark.parametrize("price", [PRICE, TIERED], ids=["flat", "tiered"])
@given(call=calls())
def test_no_call_within_its_limits_costs_more_than_was_reserved(price, call):
    asked, usage = call
    assert 0 <= cost_ticks(route(price), usage) <= upper_bound_ticks(route(price), asked)

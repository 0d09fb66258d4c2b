"""Usage as providers really report it, read from answers as they were sent."""

import json
from typing import Any

import pytest

from llm import dialects, pricing, routing
from llm.wire import Citation, Message, Request

REQUEST = Request("Be brief.", (Message("user", "Hello."),), max_output_tokens=100)


def answered(provider, name: str, body: dict):
    provider.answer_with(json.dumps(body))
    return dialects.send(routing.route(name), REQUEST, timeout=30)


def response(usage: dict, *items: dict) -> dict:
    message = {"type": "message", "content": [{"type": "output_text", "text": "Hi.", "annotations": []}]}
    return {"status": "completed", "model": "m", "output": [*items, message], "usage": usage}


def test_what_xai_bills_is_what_we_compute(provider):
    """A call of grok-4.3 in July 2026: 462,629,500 ticks."""
    usage = {
        "input_tokens": 35_493,
        "input_tokens_details": {"cached_tokens": 896},
        "output_tokens": 1_135,
        "output_tokens_details": {"reasoning_tokens": 708},
        "total_tokens": 36_628,
        "cost_in_usd_ticks": 462_629_500,
    }
    reply = answered(provider, "xai/grok-4.3", response(usage))
    assert (
        pricing.cost_ticks(routing.route("xai/grok-4.3"), reply.usage)
        == reply.usage.reported_ticks
        == 462_629_500
    )


def test_tokens_of_thought_that_are_counted_apart_belong_to_the_output(provider):
    """A chat completion of xAI in August 2026: 232,856,000 ticks at the prices of grok-4.3."""
    usage = {
        "prompt_tokens": 10_120,
        "prompt_tokens_details": {"cached_tokens": 128},
        "completion_tokens": 1_499,
        "completion_tokens_details": {"reasoning_tokens": 2_809},
        "total_tokens": 14_428,
    }
    choice = {"message": {"content": "Hi."}, "finish_reason": "stop"}
    reply = answered(provider, "local/llama", {"choices": [choice], "usage": usage})
    assert (reply.usage.output, reply.usage.reasoning) == (4_308, 2_809)
    assert pricing.cost_ticks(routing.route("xai/grok-4.3"), reply.usage) == 232_856_000


def test_xai_says_what_its_tools_fetched(provider):
    details = {
        "web_search_calls": 2,
        "x_search_calls": 3,
        "x_posts_fetched": 12,
        "x_users_fetched": 1,
        "mcp_calls": 0,
    }
    usage = {"input_tokens": 10, "output_tokens": 5, "server_side_tool_usage_details": details}
    call = {"type": "web_search_call", "action": {"type": "search"}}
    reply = answered(provider, "xai/grok-4.3", response(usage, call))
    assert reply.usage.tools == {"web_search": 2, "x_search": 3, "x_post": 12, "x_profile": 1}


def test_openai_leaves_the_counting_to_us(provider):
    """Pages opened after a search are no search, and code that runs twice in a container pays for one."""
    items: list[dict[str, Any]] = [
        {"type": "web_search_call", "action": {"type": "search", "query": "a"}},
        {"type": "web_search_call", "action": {"type": "open_page", "url": "https://a.example"}},
        {"type": "web_search_call", "action": {"type": "search", "query": "b"}},
        {"type": "code_interpreter_call", "container_id": "c1"},
        {"type": "code_interpreter_call", "container_id": "c1"},
        {"type": "reasoning", "summary": []},
    ]
    reply = answered(
        provider, "openai/gpt-6-luna", response({"input_tokens": 10, "output_tokens": 5}, *items)
    )
    assert reply.usage.tools == {"web_search": 2, "code_execution": 1}


def test_what_was_found_follows_what_is_cited(provider):
    sources = {
        "sources": [{"url": "https://found.example"}, {"url": "https://cited.example"}],
        "type": "search",
    }
    body = response({"input_tokens": 1, "output_tokens": 1}, {"type": "web_search_call", "action": sources})
    body["output"][-1]["content"][0]["annotations"] = [
        {"type": "url_citation", "url": "https://cited.example", "title": "Cited"},
        {"type": "file_citation", "file_id": "f"},
    ]
    body["citations"] = ["https://listed.example"]
    assert answered(provider, "xai/grok-4.3", body).citations == (
        Citation("https://cited.example", "Cited"),
        Citation("https://listed.example"),
        Citation("https://found.example"),
    )


def test_asides_are_no_part_of_an_answer(provider):
    aside = {
        "type": "message",
        "phase": "commentary",
        "content": [{"type": "output_text", "text": "Let me look."}],
    }
    body = response({"input_tokens": 1, "output_tokens": 1}, aside)
    assert answered(provider, "openai/gpt-6-luna", body).text == "Hi."


def test_what_anthropic_says_before_it_searches_is_no_part_of_the_answer(provider):
    body = {
        "model": "m",
        "stop_reason": "end_turn",
        "content": [
            {"type": "thinking", "thinking": "…"},
            {"type": "text", "text": "I will search."},
            {"type": "server_tool_use", "name": "web_search", "input": {}},
            {"type": "web_search_tool_result", "content": {"error_code": "max_uses_exceeded"}},
            {"type": "text", "text": "Open "},
            {"type": "text", "text": "at nine."},
        ],
        "usage": {
            "input_tokens": 20,
            "cache_read_input_tokens": 500,
            "cache_creation_input_tokens": 100,
            "output_tokens": 9,
            "server_tool_use": {"web_search_requests": 1},
        },
    }
    reply = answered(provider, "anthropic/claude-haiku-5-5", body)
    usage = reply.usage
    assert reply.text == "Open at nine."
    assert (usage.input, usage.cached, usage.written, usage.tools) == (620, 500, 100, {"web_search": 1})


@pytest.mark.parametrize("tokens", [-1, 1.5, "12", True, {}, 2**31])
def test_usage_that_makes_no_sense_is_unknown_and_the_answer_kept(provider, tokens):
    reply = answered(provider, "xai/grok-4.3", response({"input_tokens": 1, "output_tokens": tokens}))
    assert reply.text == "Hi."
    assert reply.usage is None


def test_all_that_was_reported_is_kept(provider):
    usage = {"input_tokens": 3, "output_tokens": 2, "num_sources_used": 4}
    assert answered(provider, "xai/grok-4.3", response(usage)).usage.raw == usage

"""What goes out, in each dialect: compared whole, so that nothing is sent that nobody means to send."""

from datetime import date

import pytest

from llm import dialects, routing
from llm.wire import CodeExecution, Message, Request, WebSearch, XSearch

SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "integer"}},
    "required": ["score"],
    "additionalProperties": False,
}
MESSAGES = (Message("user", "Rate it."), Message("assistant", "Ten."), Message("user", "As JSON."))


def sent(provider, name: str, *, streamed: bool = False, **changes):
    request = Request("Be brief.", MESSAGES, max_output_tokens=200, **changes)
    on_text = (lambda text: None) if streamed else None
    dialects.send(routing.route(name), request, timeout=30, on_text=on_text)
    return provider.requests[-1].body


CONVERSATION = [
    {"role": "user", "content": "Rate it."},
    {"role": "assistant", "content": "Ten."},
    {"role": "user", "content": "As JSON."},
]


def test_responses(provider):
    assert sent(provider, "xai/grok-4.3") == {
        "model": "grok-4.3",
        "input": [{"role": "system", "content": "Be brief."}, *CONVERSATION],
        "max_output_tokens": 200,
        "store": False,
    }


def test_chat(provider):
    assert sent(provider, "local/llama") == {
        "model": "llama",
        "messages": [{"role": "system", "content": "Be brief."}, *CONVERSATION],
        "max_tokens": 200,
    }


def test_messages(provider):
    assert sent(provider, "anthropic/claude-haiku-5-5") == {
        "model": "claude-haiku-5-5",
        "system": "Be brief.",
        "messages": CONVERSATION,
        "max_tokens": 200,
    }


@pytest.mark.parametrize(
    ("name", "added"),
    [
        ("xai/grok-4.3", {"stream": True}),
        ("local/llama", {"stream": True, "stream_options": {"include_usage": True}}),
        ("anthropic/claude-haiku-5-5", {"stream": True}),
    ],
)
def test_a_stream_is_asked_for_with_its_usage(provider, name, added):
    whole = sent(provider, name)
    assert sent(provider, name, streamed=True) == whole | added


# Schemas


def test_responses_hold_to_a_schema(provider):
    assert sent(provider, "openai/gpt-6-luna", schema=SCHEMA, schema_name="rating")["text"] == {
        "format": {"type": "json_schema", "name": "rating", "schema": SCHEMA, "strict": True}
    }


def test_messages_hold_to_a_schema(provider):
    assert sent(provider, "anthropic/claude-haiku-5-5", schema=SCHEMA)["output_config"] == {
        "format": {"type": "json_schema", "schema": SCHEMA}
    }


def test_chat_holds_to_a_schema_where_the_server_can(provider, settings):
    settings.LLM_LOCAL = settings.LLM_LOCAL | {"capabilities": ["json_schema"]}
    assert sent(provider, "local/llama", schema=SCHEMA)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
    }


def test_a_schema_is_told_in_words_where_the_server_cannot(provider):
    body = sent(provider, "local/llama", schema=SCHEMA)
    assert "response_format" not in body
    assert body["messages"][0]["content"] == (
        "Be brief.\n\nAnswer with one JSON object that fits this JSON schema, and with nothing else before or after "
        'it:\n{"type":"object","properties":{"score":{"type":"integer"}},"required":["score"],'
        '"additionalProperties":false}'
    )


def test_anthropic_gets_a_schema_in_words_beside_its_searches(provider):
    body = sent(provider, "anthropic/claude-haiku-5-5", schema=SCHEMA, tools=(WebSearch(),), max_tool_calls=2)
    assert "output_config" not in body
    assert "fits this JSON schema" in body["system"]


# Tools


def tools_sent(provider, name: str, *tools, calls: int = 3):
    body = sent(provider, name, tools=tools, max_tool_calls=calls)
    return body["tools"], body.get("max_tool_calls")


def test_tools_of_xai(provider):
    week = XSearch(allowed_handles=("kyoto",), since=date(2026, 11, 1), until=date(2026, 11, 7))
    search = WebSearch(excluded_domains=("spam.example",))
    assert tools_sent(provider, "xai/grok-4.3", search, week, CodeExecution()) == (
        [
            {"type": "web_search", "filters": {"excluded_domains": ["spam.example"]}},
            {
                "type": "x_search",
                "allowed_x_handles": ["kyoto"],
                "from_date": "2026-11-01",
                "to_date": "2026-11-07",
            },
            {"type": "code_interpreter", "container": {"type": "auto"}},
        ],
        3,
    )


def test_tools_of_openai(provider):
    search = WebSearch(allowed_domains=("kyoto.travel", "japan.travel"))
    assert tools_sent(provider, "openai/gpt-6-luna", search, CodeExecution(), calls=5) == (
        [
            {"type": "web_search", "filters": {"allowed_domains": ["kyoto.travel", "japan.travel"]}},
            {"type": "code_interpreter", "container": {"type": "auto"}},
        ],
        5,
    )


def test_tools_of_anthropic(provider):
    search = WebSearch(excluded_domains=("spam.example",))
    assert tools_sent(provider, "anthropic/claude-haiku-5-5", search, CodeExecution()) == (
        [
            {
                "type": "web_search_20250305",
                "name": "web_search",
                "max_uses": 3,
                "blocked_domains": ["spam.example"],
            },
            {"type": "code_execution_20250825", "name": "code_execution"},
        ],
        None,
    )


def test_a_search_without_filters_and_one_on_x_without_limits(provider):
    tools, _most = tools_sent(provider, "xai/grok-4.3", WebSearch(), XSearch(excluded_handles=("bot",)))
    assert tools == [{"type": "web_search"}, {"type": "x_search", "excluded_x_handles": ["bot"]}]


def test_sources_are_asked_for_with_tools_alone(provider):
    assert "include" not in sent(provider, "openai/gpt-6-luna")
    body = sent(provider, "openai/gpt-6-luna", tools=(WebSearch(),), max_tool_calls=1)
    assert body["include"] == ["web_search_call.action.sources"]


@pytest.mark.parametrize(
    ("name", "tool"), [("local/llama", WebSearch()), ("anthropic/claude-haiku-5-5", XSearch())]
)
def test_what_a_dialect_has_no_word_for_is_never_left_out_silently(provider, name, tool):
    with pytest.raises(ValueError):
        sent(provider, name, tools=(tool,), max_tool_calls=1)
    assert provider.requests == []


def test_temperature_and_seed_where_they_are_given(provider):
    body = sent(provider, "local/llama", temperature=0.2, seed=7)
    assert (body["temperature"], body["seed"]) == (0.2, 7)
    assert sent(provider, "xai/grok-4.3", temperature=0.0)["temperature"] == 0.0
    assert sent(provider, "anthropic/claude-haiku-4-5", temperature=0.5)["temperature"] == 0.5

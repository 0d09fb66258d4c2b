"""How the tests' provider says one answer in each of the three dialects, in one piece or streamed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

RESPONSES, CHAT, MESSAGES, EMBEDDINGS = "responses", "chat", "messages", "embeddings"
ENDINGS = {
    "/responses": RESPONSES,
    "/chat/completions": CHAT,
    "/messages": MESSAGES,
    "/embeddings": EMBEDDINGS,
}


@dataclass(frozen=True)
class Tokens:
    input: int = 100
    output: int = 20
    cached: int = 0
    written: int = 0
    reasoning: int = 0


@dataclass(frozen=True)
class Answer:
    """`stop` is "", "truncated", "refused" or "filtered". `tools` counts the calls the model made."""

    text: str = "Hello."
    citations: Sequence[tuple[str, str]] = ()
    tools: Mapping[str, int] = field(default_factory=dict)
    usage: Tokens | None = Tokens()
    ticks: int | None = None
    model: str = ""  # empty: the one asked for
    stop: str = ""


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    peer: int = 0  # the port at the other end: the same for all requests of one connection

    @cached_property
    def dialect(self) -> str:
        return next((name for ending, name in ENDINGS.items() if self.path.endswith(ending)), "")

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def content_type(self) -> str:
        return "text/event-stream" if self.streamed else "application/json"

    @property
    def key(self) -> str:
        return self.headers.get("x-api-key", "") or self.headers.get("authorization", "").removeprefix(
            "Bearer "
        )

    @property
    def instructions(self) -> str:
        if self.dialect == MESSAGES:
            return str(self.body["system"])
        return str(self._messages[0]["content"])

    @property
    def texts(self) -> list[str]:
        """Of the messages, the instructions apart."""
        return [str(message["content"]) for message in self._messages if message["role"] != "system"]

    @property
    def _messages(self) -> list[dict[str, Any]]:
        return list(self.body["input"] if self.dialect == RESPONSES else self.body["messages"])

    @property
    def schema(self) -> dict[str, Any] | None:
        if self.dialect == RESPONSES:
            found = self.body.get("text", {}).get("format", {}).get("schema")
        elif self.dialect == CHAT:
            found = self.body.get("response_format", {}).get("json_schema", {}).get("schema")
        else:
            found = self.body.get("output_config", {}).get("format", {}).get("schema")
        return dict(found) if found else None


def pieces(asked: Asked, answer: Answer) -> Iterator[bytes]:
    """The body of the response, in the pieces in which it is sent."""
    if asked.dialect == EMBEDDINGS:
        yield json.dumps(embeddings(asked, answer)).encode()
        return
    whole, stream = {
        RESPONSES: (responses, responses_stream),
        CHAT: (chat, chat_stream),
        MESSAGES: (messages, messages_stream),
    }[asked.dialect]
    if asked.streamed:
        yield from stream(asked, answer)
    else:
        yield json.dumps(whole(asked, answer)).encode()


def error(asked: Asked, kind: str) -> bytes:
    """An error where the rest of the answer should be."""
    nested = {"type": kind, "code": kind, "message": "It quotes the prompt."}
    if not asked.streamed:
        return json.dumps({"status": "failed", "type": "error", "error": nested}).encode()
    if asked.dialect == RESPONSES:
        return _event({"type": "response.failed", "response": {"status": "failed", "error": nested}})
    return _event({"type": "error", "error": nested})


def _words(text: str) -> list[str]:
    """The text in the small pieces in which a model writes it."""
    return [text[start : start + 8] for start in range(0, len(text), 8)]


def _event(data: Any, name: str = "") -> bytes:
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {json.dumps(data)}\n\n".encode()


def _model(asked: Asked, answer: Answer) -> str:
    return answer.model or str(asked.body["model"])


# Responses


def responses(asked: Asked, answer: Answer) -> dict[str, Any]:
    stopped = {"truncated": "max_output_tokens", "filtered": "content_filter"}.get(answer.stop)
    return {
        "id": "resp_1",
        "object": "response",
        "status": "incomplete" if stopped else "completed",
        "incomplete_details": {"reason": stopped} if stopped else None,
        "error": None,
        "model": _model(asked, answer),
        "output": [*_calls(answer), {"type": "message", "role": "assistant", "content": [_part(answer)]}],
        "usage": _responses_usage(answer),
    }


def _calls(answer: Answer) -> list[dict[str, Any]]:
    kinds = {
        "web_search": "web_search_call",
        "x_search": "x_search_call",
        "code_execution": "code_interpreter_call",
    }
    return [
        {"type": kinds[kind], "status": "completed", "action": {"type": "search", "query": "?"}}
        for kind, count in answer.tools.items()
        for _ in range(count)
    ]


def _part(answer: Answer) -> dict[str, Any]:
    if answer.stop == "refused":
        return {"type": "refusal", "refusal": answer.text}
    notes = [{"type": "url_citation", "url": url, "title": title} for url, title in answer.citations]
    return {"type": "output_text", "text": answer.text, "annotations": notes}


def _responses_usage(answer: Answer) -> dict[str, Any] | None:
    if answer.usage is None:
        return None
    used = answer.usage
    usage: dict[str, Any] = {
        "input_tokens": used.input,
        "input_tokens_details": {"cached_tokens": used.cached, "cache_write_tokens": used.written},
        "output_tokens": used.output,
        "output_tokens_details": {"reasoning_tokens": used.reasoning},
        "total_tokens": used.input + used.output,
    }
    return usage if answer.ticks is None else usage | {"cost_in_usd_ticks": answer.ticks}


def responses_stream(asked: Asked, answer: Answer) -> Iterator[bytes]:
    whole = responses(asked, answer)
    yield _event({"type": "response.created", "response": whole | {"status": "in_progress", "output": []}})
    if answer.stop != "refused":
        for piece in _words(answer.text):
            yield _event({"type": "response.output_text.delta", "output_index": 0, "delta": piece})
    ending = "incomplete" if whole["status"] == "incomplete" else "completed"
    yield _event({"type": f"response.{ending}", "response": whole})


# Chat completions


def chat(asked: Asked, answer: Answer) -> dict[str, Any]:
    refused = answer.stop == "refused"
    message = {
        "role": "assistant",
        "content": None if refused else answer.text,
        "refusal": answer.text if refused else None,
        "annotations": _notes(answer),
    }
    return {
        "id": "chatcmpl_1",
        "object": "chat.completion",
        "model": _model(asked, answer),
        "choices": [{"index": 0, "message": message, "finish_reason": _chat_stop(answer)}],
        "usage": _chat_usage(answer),
    }


def _notes(answer: Answer) -> list[dict[str, Any]]:
    return [
        {"type": "url_citation", "url_citation": {"url": url, "title": title}}
        for url, title in answer.citations
    ]


def _chat_stop(answer: Answer) -> str:
    return {"truncated": "length", "filtered": "content_filter"}.get(answer.stop, "stop")


def _chat_usage(answer: Answer) -> dict[str, Any] | None:
    if answer.usage is None:
        return None
    used = answer.usage
    usage: dict[str, Any] = {
        "prompt_tokens": used.input,
        "prompt_tokens_details": {"cached_tokens": used.cached},
        "completion_tokens": used.output,
        "completion_tokens_details": {"reasoning_tokens": used.reasoning},
        "total_tokens": used.input + used.output,
    }
    return usage if answer.ticks is None else usage | {"cost_in_usd_ticks": answer.ticks}


def chat_stream(asked: Asked, answer: Answer) -> Iterator[bytes]:
    head = {"id": "chatcmpl_1", "object": "chat.completion.chunk", "model": _model(asked, answer)}
    key = "refusal" if answer.stop == "refused" else "content"
    for piece in _words(answer.text):
        yield _event(head | {"choices": [{"index": 0, "delta": {key: piece}, "finish_reason": None}]})
    last = {"index": 0, "delta": {"annotations": _notes(answer)}, "finish_reason": _chat_stop(answer)}
    yield _event(head | {"choices": [last]})
    if answer.usage and asked.body.get("stream_options", {}).get("include_usage"):
        yield _event(head | {"choices": [], "usage": _chat_usage(answer)})
    yield b"data: [DONE]\n\n"


# Messages


def messages(asked: Asked, answer: Answer) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": _model(asked, answer),
        "content": [*_searches(answer), _text_block(answer)],
        "stop_reason": _messages_stop(answer),
        "usage": _messages_usage(answer),
    }


def _messages_stop(answer: Answer) -> str:
    return {"truncated": "max_tokens", "refused": "refusal", "filtered": "refusal"}.get(
        answer.stop, "end_turn"
    )


def _searches(answer: Answer) -> list[dict[str, Any]]:
    results = [{"type": "web_search_result", "url": url, "title": title} for url, title in answer.citations]
    call = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "?"}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": results}
    return [call, found] * answer.tools.get("web_search", 0)


def _text_block(answer: Answer) -> dict[str, Any]:
    cited = [
        {"type": "web_search_result_location", "url": url, "title": title, "cited_text": "…"}
        for url, title in answer.citations
    ]
    return {"type": "text", "text": answer.text, "citations": cited or None}


def _messages_usage(answer: Answer) -> dict[str, Any] | None:
    if answer.usage is None:
        return None
    used = answer.usage
    return {
        "input_tokens": used.input - used.cached - used.written,
        "cache_read_input_tokens": used.cached,
        "cache_creation_input_tokens": used.written,
        "output_tokens": used.output,
        "output_tokens_details": {"thinking_tokens": used.reasoning},
        "server_tool_use": {
            "web_search_requests": answer.tools.get("web_search", 0),
            "web_fetch_requests": 0,
        },
    }


def messages_stream(asked: Asked, answer: Answer) -> Iterator[bytes]:
    whole = messages(asked, answer)
    usage = whole["usage"] and whole["usage"] | {"output_tokens": 1}
    yield _event(
        {"type": "message_start", "message": whole | {"content": [], "stop_reason": None, "usage": usage}},
        "message_start",
    )
    yield _event({"type": "ping"}, "ping")
    for index, block in enumerate(whole["content"]):
        yield from _block(index, block)
    yield _event(
        {"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"]}, "usage": whole["usage"]},
        "message_delta",
    )
    yield _event({"type": "message_stop"}, "message_stop")


def _block(index: int, block: dict[str, Any]) -> Iterator[bytes]:
    start = block | {"text": "", "citations": None} if block["type"] == "text" else block
    yield _event(
        {"type": "content_block_start", "index": index, "content_block": start}, "content_block_start"
    )
    for piece in _words(block.get("text", "")):
        delta: dict[str, Any] = {"type": "text_delta", "text": piece}
        yield _event({"type": "content_block_delta", "index": index, "delta": delta}, "content_block_delta")
    for cited in block.get("citations") or ():
        delta = {"type": "citations_delta", "citation": cited}
        yield _event({"type": "content_block_delta", "index": index, "delta": delta}, "content_block_delta")
    yield _event({"type": "content_block_stop", "index": index}, "content_block_stop")


# Embeddings


def embeddings(asked: Asked, answer: Answer) -> dict[str, Any]:
    """A vector of its letters' sums for each text, in no order, as providers are free to send them."""
    texts = asked.body["input"]
    length = 1536 if asked.body["model"] == "text-embedding-3-small" else 8
    data = [{"index": index, "embedding": _vector(text, length)} for index, text in enumerate(texts)]
    usage = {
        "prompt_tokens": sum(len(text) for text in texts),
        "total_tokens": sum(len(text) for text in texts),
    }
    found = {"object": "list", "data": data[::-1], "model": _model(asked, answer)}
    return found | {"usage": usage} if answer.usage else found


def _vector(text: str, dimensions: int) -> list[float]:
    return [float(sum(text.encode()[place::dimensions])) for place in range(dimensions)]

"""Anthropic's Messages API."""

from collections.abc import Iterator, Mapping
from typing import Any

from llm.dialects import common, faults
from llm.errors import FailureKind
from llm.routing import Route
from llm.wire import CodeExecution, Reply, Request, Tool, Usage, WebSearch

PATH = "/v1/messages"
STREAM = {"stream": True}

STOPS = {
    "max_tokens": FailureKind.TRUNCATED,
    "pause_turn": FailureKind.TRUNCATED,  # its tools ran for as long as one answer may take
    "model_context_window_exceeded": FailureKind.TOO_LONG,
    "refusal": FailureKind.REFUSED,
}


def body(route: Route, request: Request) -> dict[str, Any]:
    schema = _schema(route, request)
    content: dict[str, Any] = {
        "model": route.model,
        "system": common.instructions(request, schema),
        "messages": [{"role": message.role, "content": message.text} for message in request.messages],
        "max_tokens": request.max_output_tokens,
    }
    if schema:
        content["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    if request.tools:
        content["tools"] = [_tool(tool, request.max_tool_calls) for tool in request.tools]
    if request.temperature is not None:
        content["temperature"] = request.temperature
    return content


def _schema(route: Route, request: Request) -> Mapping[str, Any] | None:
    """Its searches always cite, and it refuses citations together with a schema."""
    searches = any(isinstance(tool, WebSearch) for tool in request.tools)
    return None if searches else common.native_schema(route, request)


def _tool(tool: Tool, max_uses: int) -> dict[str, Any]:
    if isinstance(tool, CodeExecution):
        return {"type": "code_execution_20250825", "name": "code_execution"}
    if not isinstance(tool, WebSearch):
        raise ValueError("This dialect cannot search X.")
    search: dict[str, Any] = {"type": "web_search_20250305", "name": "web_search", "max_uses": max_uses}
    if tool.allowed_domains:
        search["allowed_domains"] = list(tool.allowed_domains)
    if tool.excluded_domains:
        search["blocked_domains"] = list(tool.excluded_domains)
    return search


def fold(whole: dict[str, Any], event: Mapping[str, Any]) -> str:
    match event.get("type"):
        case "message_start":
            whole.update(event["message"], content=[])
        case "content_block_start":
            whole["content"].append(dict(event["content_block"]))
        case "content_block_delta":
            return _add(whole["content"][event["index"]], event["delta"])
        case "message_delta":
            whole.update(event["delta"])
            if whole.get("usage") and event.get("usage"):
                whole["usage"] |= {key: value for key, value in event["usage"].items() if value is not None}
        case "message_stop":
            whole["complete"] = True
    return ""


def _add(block: dict[str, Any], delta: Mapping[str, Any]) -> str:
    match delta["type"]:
        case "text_delta":
            block["text"] += delta["text"]
            return str(delta["text"])
        case "citations_delta":
            block["citations"] = [*(block.get("citations") or ()), delta["citation"]]
    return ""


def complete(whole: Mapping[str, Any]) -> bool:
    return "complete" in whole


def reply(route: Route, data: Mapping[str, Any]) -> Reply:
    if data.get("type") == "error":
        raise faults.of_event(route.provider.name, data)
    blocks = data["content"]
    answer = Reply(
        text=_text(blocks),
        model=str(data["model"]),
        usage=common.usage(_usage, data.get("usage")),
        citations=common.citations(_sources(blocks)),
        request_id=str(data.get("id") or ""),
    )
    stop = STOPS.get(data["stop_reason"]) or (None if answer.text else FailureKind.MALFORMED)
    if stop:
        raise faults.stopped(route.provider.name, stop, answer)
    return answer


def _text(blocks: list[Mapping[str, Any]]) -> str:
    """The answer begins after the last tool: what was said before is about what it is going to search."""
    texts: list[str] = []
    for block in blocks:
        if block["type"] == "text":
            texts.append(block["text"])
        elif block["type"].endswith("_tool_result"):
            texts.clear()
    return "".join(texts)


def _sources(blocks: list[Mapping[str, Any]]) -> Iterator[tuple[Any, Any]]:
    """What the text cites, then what the searches found."""
    for block in blocks:
        for cited in block.get("citations") or ():
            yield cited.get("url"), cited.get("title")
    for block in blocks:
        found = block.get("content") if block["type"] == "web_search_tool_result" else None
        for result in found if isinstance(found, list) else ():
            yield result.get("url"), result.get("title")


def _usage(raw: Mapping[str, Any] | None) -> Usage | None:
    """It counts what it read from its cache and wrote to it apart from the input."""
    if not raw:
        return None
    cached = common.count(raw.get("cache_read_input_tokens"))
    written = common.count(raw.get("cache_creation_input_tokens"))
    details = raw.get("output_tokens_details") or {}
    searches = common.count((raw.get("server_tool_use") or {}).get("web_search_requests"))
    return Usage(
        input=common.count(raw["input_tokens"]) + cached + written,
        output=common.count(raw["output_tokens"]),
        cached=cached,
        written=written,
        reasoning=common.count(details.get("thinking_tokens")),
        tools={"web_search": searches} if searches else {},
        raw=dict(raw),
    )

"""The Responses API of OpenAI, which xAI speaks too."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from llm.dialects import common, faults
from llm.errors import FailureKind
from llm.routing import Route
from llm.wire import CodeExecution, Reply, Request, Tool, Usage, WebSearch, XSearch

PATH = "/responses"
STREAM = {"stream": True}

STOPS = {"max_output_tokens": FailureKind.TRUNCATED, "content_filter": FailureKind.FILTERED}
CALLS = {
    "web_search_call": "web_search",
    "x_search_call": "x_search",
    "code_interpreter_call": "code_execution",
}


def body(route: Route, request: Request) -> dict[str, Any]:
    content: dict[str, Any] = {
        "model": route.model,
        "instructions": common.instructions(route, request),
        "input": [{"role": message.role, "content": message.text} for message in request.messages],
        "max_output_tokens": request.max_output_tokens,
        "store": False,
    }
    if schema := common.native_schema(route, request):
        content["text"] = {
            "format": {"type": "json_schema", "name": request.schema_name, "schema": schema, "strict": True}
        }
    if request.tools:
        content["tools"] = [_tool(tool) for tool in request.tools]
        content["max_tool_calls"] = request.max_tool_calls
    if request.temperature is not None:
        content["temperature"] = request.temperature
    return content


def _tool(tool: Tool) -> dict[str, Any]:
    if isinstance(tool, CodeExecution):
        return {"type": "code_interpreter", "container": {"type": "auto"}}
    return _web_search(tool) if isinstance(tool, WebSearch) else _x_search(tool)


def _web_search(tool: WebSearch) -> dict[str, Any]:
    filters = {"allowed_domains": tool.allowed_domains, "excluded_domains": tool.excluded_domains}
    named = {key: list(domains) for key, domains in filters.items() if domains}
    return {"type": "web_search"} | ({"filters": named} if named else {})


def _x_search(tool: XSearch) -> dict[str, Any]:
    limits = {
        "allowed_x_handles": list(tool.allowed_handles),
        "excluded_x_handles": list(tool.excluded_handles),
        "from_date": tool.since and tool.since.isoformat(),
        "to_date": tool.until and tool.until.isoformat(),
    }
    return {"type": "x_search"} | {key: value for key, value in limits.items() if value}


def fold(whole: dict[str, Any], event: Mapping[str, Any]) -> str:
    match event.get("type"):
        case "response.output_text.delta":
            return str(event["delta"])
        case "response.completed" | "response.incomplete" | "response.failed":
            whole.update(event["response"])
    return ""


def complete(whole: Mapping[str, Any]) -> bool:
    return "status" in whole


def reply(route: Route, data: Mapping[str, Any]) -> Reply:
    if data["status"] == "failed":
        raise faults.of_event(route.provider.name, data)
    parts = list(_parts(data))
    answer = Reply(
        text="".join(part["text"] for part in parts if part["type"] == "output_text"),
        model=str(data["model"]),
        usage=_usage(data),
        citations=common.citations(_sources(data, parts)),
        request_id=str(data.get("id") or ""),
    )
    if data["status"] == "incomplete":
        kind = STOPS.get(data["incomplete_details"]["reason"], FailureKind.TRUNCATED)
        raise faults.stopped(route.provider.name, kind, answer)
    if not answer.text and any(part["type"] == "refusal" for part in parts):
        raise faults.stopped(route.provider.name, FailureKind.REFUSED, answer)
    if data["status"] != "completed" or not parts:
        raise ValueError("neither an answer nor a reason")
    return answer


def _parts(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in data["output"]:
        if item["type"] == "message" and item.get("phase") != "commentary":
            yield from item["content"]


def _sources(data: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> Iterator[tuple[Any, Any]]:
    for part in parts:
        for note in part.get("annotations") or ():
            if note["type"] == "url_citation":
                yield note["url"], note.get("title")
    for url in data.get("citations") or ():
        yield url, ""


def _usage(data: Mapping[str, Any]) -> Usage | None:
    raw = data.get("usage")
    if not raw:
        return None
    reasoning = common.count((raw.get("output_tokens_details") or {}).get("reasoning_tokens"))
    ticks = raw.get("cost_in_usd_ticks")
    return Usage(
        input=common.count(raw["input_tokens"]),
        output=common.count(raw["output_tokens"]),
        cached=common.count((raw.get("input_tokens_details") or {}).get("cached_tokens")),
        reasoning=reasoning,
        tools=_calls(data),
        reported_ticks=None if ticks is None else common.count(ticks),
        raw=dict(raw),
    )


def _calls(data: Mapping[str, Any]) -> dict[str, int]:
    return dict(Counter(CALLS[item["type"]] for item in data["output"] if item["type"] in CALLS))

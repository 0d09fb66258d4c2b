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
# What xAI counts, and bills: X search by what it fetched.
COUNTED = {
    "web_search_calls": "web_search",
    "x_search_calls": "x_search",
    "x_posts_fetched": "x_post",
    "x_users_fetched": "x_profile",
    "code_interpreter_calls": "code_execution",
}


def body(route: Route, request: Request) -> dict[str, Any]:
    schema = common.native_schema(route, request)
    content: dict[str, Any] = {
        "model": route.model,
        # Not as `instructions`, which xAI has not always known.
        "input": [{"role": "system", "content": common.instructions(request, schema)}]
        + [{"role": message.role, "content": message.text} for message in request.messages],
        "max_output_tokens": request.max_output_tokens,
        "store": False,
    }
    if schema:
        content["text"] = {
            "format": {"type": "json_schema", "name": request.schema_name, "schema": schema, "strict": True}
        }
    if request.tools:
        content["tools"] = [_tool(tool) for tool in request.tools]
        content["max_tool_calls"] = request.max_tool_calls
        content["include"] = list(route.provider.include)
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
        case "response.output_item.added" if event["item"].get("phase") == "commentary":
            whole.setdefault("asides", []).append(event["output_index"])
        case "response.output_text.delta" if event.get("output_index") not in whole.get("asides", ()):
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
        usage=common.usage(_usage, data),
        citations=common.citations(_sources(data, parts)),
        request_id=str(data.get("id") or ""),
    )
    if stop := _stop(data, parts, answer.text):
        raise faults.stopped(route.provider.name, stop, answer)
    return answer


def _stop(data: Mapping[str, Any], parts: list[Mapping[str, Any]], text: str) -> FailureKind | None:
    if data["status"] == "incomplete":
        reason = str((data.get("incomplete_details") or {}).get("reason"))
        return STOPS.get(reason, FailureKind.TRUNCATED)
    if any(part["type"] == "refusal" for part in parts):
        return FailureKind.REFUSED
    return None if text and data["status"] == "completed" else FailureKind.MALFORMED


def _parts(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in data["output"]:
        if item["type"] == "message" and item.get("phase") != "commentary":
            yield from item["content"]


def _sources(data: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> Iterator[tuple[Any, Any]]:
    """What the text cites, then what was found."""
    for part in parts:
        for note in part.get("annotations") or ():
            if note["type"] == "url_citation":
                yield note["url"], note.get("title")
    for url in data.get("citations") or ():
        yield url, ""
    for item in data["output"]:
        for source in (item.get("action") or {}).get("sources") or ():
            yield source.get("url"), source.get("title")


def _usage(data: Mapping[str, Any]) -> Usage | None:
    raw = data.get("usage")
    if not raw:
        return None
    given = raw.get("input_tokens_details") or {}
    tokens, output = common.count(raw["input_tokens"]), common.count(raw["output_tokens"])
    reasoning = common.count((raw.get("output_tokens_details") or {}).get("reasoning_tokens"))
    return Usage(
        input=tokens,
        output=common.with_reasoning(tokens, output, reasoning, raw.get("total_tokens")),
        cached=common.count(given.get("cached_tokens")),
        written=common.count(given.get("cache_write_tokens")),
        reasoning=reasoning,
        tools=_units(data["output"], raw),
        reported_ticks=common.ticks(raw),
        raw=dict(raw),
    )


def _units(output: list[Mapping[str, Any]], raw: Mapping[str, Any]) -> dict[str, int]:
    """What the tools are billed by. OpenAI leaves the counting to us."""
    counted = raw.get("server_side_tool_usage_details")
    if counted is not None:
        units = {unit: common.count(counted.get(key)) for key, unit in COUNTED.items()}
        return {unit: count for unit, count in units.items() if count}
    return dict(Counter(_billed(output)))


def _billed(output: list[Mapping[str, Any]]) -> Iterator[str]:
    """Searches, not the pages opened after them; and every container that code ran in."""
    containers = set()
    for item in output:
        if item["type"] == "web_search_call" and (item.get("action") or {}).get("type", "search") == "search":
            yield "web_search"
        if item["type"] == "code_interpreter_call":
            containers.add(item.get("container_id"))
    yield from ["code_execution"] * len(containers)

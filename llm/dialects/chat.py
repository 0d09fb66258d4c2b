"""Chat completions: what every server that calls itself compatible with OpenAI speaks."""

from collections.abc import Iterator, Mapping
from typing import Any

from llm.dialects import common, faults
from llm.errors import FailureKind
from llm.routing import Route
from llm.wire import Reply, Request, Usage

PATH = "/chat/completions"
STREAM = {"stream": True, "stream_options": {"include_usage": True}}

STOPS = {"length": FailureKind.TRUNCATED, "content_filter": FailureKind.FILTERED}


def body(route: Route, request: Request) -> dict[str, Any]:
    if request.tools:
        raise ValueError("This dialect knows no server tools.")
    schema = common.native_schema(route, request)
    messages = [{"role": "system", "content": common.instructions(request, schema)}]
    messages += [{"role": message.role, "content": message.text} for message in request.messages]
    content: dict[str, Any] = {
        "model": route.model,
        "messages": messages,
        "max_tokens": request.max_output_tokens,
    }
    if schema:
        content["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": request.schema_name, "schema": schema, "strict": True},
        }
    for name in ("temperature", "seed"):
        if (value := getattr(request, name)) is not None:
            content[name] = value
    return content


def fold(whole: dict[str, Any], event: Mapping[str, Any]) -> str:
    for key in ("id", "model", "usage", "citations"):
        if event.get(key):
            whole[key] = event[key]
    if not event.get("choices"):
        return ""
    choice = event["choices"][0]
    kept = whole.setdefault("choices", [{"message": {"content": "", "refusal": "", "annotations": []}}])[0]
    if choice.get("finish_reason"):
        kept["finish_reason"] = choice["finish_reason"]
    delta = choice.get("delta") or {}
    message = kept["message"]
    text = str(delta.get("content") or "")
    message["content"] += text
    message["refusal"] += str(delta.get("refusal") or "")
    message["annotations"] += delta.get("annotations") or []
    return text


def complete(whole: Mapping[str, Any]) -> bool:
    return bool(whole.get("choices")) and "finish_reason" in whole["choices"][0]


def reply(route: Route, data: Mapping[str, Any]) -> Reply:
    if data.get("error"):
        raise faults.of_event(route.provider.name, data)
    choice = data["choices"][0]
    message = choice["message"]
    answer = Reply(
        text=str(message.get("content") or ""),
        model=str(data.get("model") or route.model),
        usage=common.usage(_usage, data.get("usage")),
        citations=common.citations(_sources(data, message)),
        request_id=str(data.get("id") or ""),
    )
    if stop := _stop(choice, message, answer.text):
        raise faults.stopped(route.provider.name, stop, answer)
    return answer


def _stop(choice: Mapping[str, Any], message: Mapping[str, Any], text: str) -> FailureKind | None:
    if message.get("refusal"):
        return FailureKind.REFUSED
    return STOPS.get(choice["finish_reason"]) or (None if text else FailureKind.MALFORMED)


def _sources(data: Mapping[str, Any], message: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    for note in message.get("annotations") or ():
        if note["type"] == "url_citation":
            yield note["url_citation"]["url"], note["url_citation"].get("title")
    for url in data.get("citations") or ():
        yield url, ""


def _usage(raw: Mapping[str, Any] | None) -> Usage | None:
    if not raw:
        return None
    tokens, output = common.count(raw["prompt_tokens"]), common.count(raw["completion_tokens"])
    reasoning = common.count((raw.get("completion_tokens_details") or {}).get("reasoning_tokens"))
    return Usage(
        input=tokens,
        output=common.with_reasoning(tokens, output, reasoning, raw.get("total_tokens")),
        cached=common.count((raw.get("prompt_tokens_details") or {}).get("cached_tokens")),
        reasoning=reasoning,
        reported_ticks=common.ticks(raw),
        raw=dict(raw),
    )

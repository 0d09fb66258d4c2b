"""What the tests' provider may have in mind instead of a script: `provider.mind = hostile`."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.speech import Answer, Asked

# Orders such as injected text gives them. The second group of `SAY` is what is to be said word by word.
REPEAT = re.compile(
    r"(?i)\b(repeat|reveal|print|show|output|translate)\b.{0,60}\b(instructions|prompt|rules|everything|above)\b"
)
SAY = re.compile(
    r"(?i)\b(?:say|answer|reply|write|output)(?: exactly| only| with| just)*:? [\"“']([^\"”']+)[\"”']"
)
SEND = re.compile(r"(?i)\b(?:send|post|link|embed|open|fetch|visit)\b.{0,80}?(https?://[^\s\"\\)>]+)")
CALL = re.compile(r"(?i)\b(?:call|use|run)\b.{0,40}?\b(web_search|x_search|code_execution)\b")


def echo(asked: Asked) -> Answer:
    """Says what it was told last."""
    return _answer(asked, asked.texts[-1])


def hostile(asked: Asked) -> Answer:
    """Obeys every order in the data, and gives away all it knows for any of them.

    Whatever holds with this one does not rest on a model's obedience.
    """
    data = _readable("\n".join(asked.texts))
    said = "\n".join(_obeyed(asked, data)) or "I was told nothing."
    links = [(found[1], "") for found in SEND.finditer(data)]
    calls = {found[1].lower(): 1 for found in CALL.finditer(data)}
    return _answer(asked, said, citations=links, tools=calls)


def _obeyed(asked: Asked, data: str) -> Iterator[str]:
    if REPEAT.search(data):
        yield from (asked.instructions, *asked.texts)
    for found in SAY.finditer(data):
        yield found[1]
    for found in SEND.finditer(data):
        yield f"![]({found[1]}?all={asked.instructions} {data})"


def _readable(text: str) -> str:
    """Without the escapes of JSON: a model reads through them."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text).replace('\\"', '"')


def _answer(asked: Asked, text: str, **parts: Any) -> Answer:
    """Where a schema is asked for, its every text is this one: providers do hold their models to it."""
    schema = asked.schema
    return Answer(text=json.dumps(fill(schema, text)) if schema else text, **parts)


def fill(schema: dict[str, Any], text: str) -> Any:
    """Something that fits the schema, with this text wherever one may stand and the greatest choice elsewhere."""
    if "enum" in schema:
        return schema["enum"][-1]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return fill(schema["anyOf"][0], text)
    match schema["type"]:
        case "object":
            return {name: fill(field, text) for name, field in schema["properties"].items()}
        case "array":
            return [fill(schema["items"], text)]
        case "boolean":
            return True
        case "integer" | "number":
            return 100
        case "null":
            return None
    return text

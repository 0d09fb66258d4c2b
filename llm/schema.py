"""The part of JSON schema that every provider holds an answer to, and what is wrong with an answer that does not fit.

Providers take objects whose fields are all required, lists, enumerations, plain values and null; they refuse or ignore
bounds, patterns, defaults, free-form dictionaries and recursion. Bounds of a model are therefore told in words and
checked here after the answer has come.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

DEEPEST = 5
MOST_PROPERTIES = 100
MOST_ERRORS = 8
# What bounds become: providers differ in which they accept, and none of them is needed twice.
IN_WORDS: Mapping[str, str] = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matching {}",
    "format": "a {}",
}
DROPPED = {"title", "default", "examples", "uniqueItems"} | set(IN_WORDS)
KEPT = {"type", "description", "enum", "properties", "required", "items", "anyOf", "$ref", "$defs", "const"}


class UnsupportedSchema(TypeError):
    """The model asks for something that not every provider can hold an answer to."""


@lru_cache(maxsize=256)
def of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema to send. Raises UnsupportedSchema, with the field that is wrong."""
    whole = model.model_json_schema()
    definitions = whole.pop("$defs", {})
    schema = _converted(whole, definitions, model.__name__, ())
    properties = sum(1 for _ in _properties(schema))
    if properties > MOST_PROPERTIES:
        raise UnsupportedSchema(f"{model.__name__} has {properties} fields; {MOST_PROPERTIES} is the most.")
    return schema


def _converted(
    node: dict[str, Any], definitions: Mapping[str, Any], where: str, refs: tuple[str, ...], depth: int = 1
) -> dict[str, Any]:
    """References are written out, so that no provider has to follow them."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        if name in refs:
            raise UnsupportedSchema(f"{where} holds itself ({name}): a schema must end somewhere.")
        node = {**definitions[name], **{key: value for key, value in node.items() if key != "$ref"}}
        refs = (*refs, name)
    if depth > DEEPEST:
        raise UnsupportedSchema(f"{where} lies {depth} levels deep; {DEEPEST} is the most.")
    _refuse_what_is_free(node, where)
    kept = {key: value for key, value in node.items() if key in KEPT}
    if words := [said.format(node[key]) for key, said in IN_WORDS.items() if key in node]:
        kept["description"] = f"{kept.get('description', '')} ({', '.join(words)})".strip()
    if "const" in kept:
        kept["enum"] = [kept.pop("const")]
    inner: Callable[[dict[str, Any], str, int], dict[str, Any]] = lambda child, name, down: _converted(  # noqa: E731
        child, definitions, f"{where}.{name}" if name else where, refs, depth + down
    )
    if "properties" in node:
        kept["properties"] = {name: inner(child, name, 1) for name, child in node["properties"].items()}
        kept |= {"required": list(node["properties"]), "additionalProperties": False}
    if "items" in node:
        kept["items"] = inner(node["items"], "[]", 1)
    if "anyOf" in node:
        kept["anyOf"] = [inner(child, "", 0) for child in node["anyOf"]]
    return kept


def _refuse_what_is_free(node: dict[str, Any], where: str) -> None:
    if node.get("additionalProperties"):
        raise UnsupportedSchema(f"{where} is a free dictionary: make it a list of named pairs.")
    if "prefixItems" in node:
        raise UnsupportedSchema(f"{where} is a tuple: give its parts names.")
    if {"oneOf", "allOf", "not"} & node.keys():
        raise UnsupportedSchema(f"{where} is a union that is told apart by a field: use one model.")
    if not {"type", "enum", "const", "anyOf"} & node.keys():
        raise UnsupportedSchema(f"{where} may be anything: say which type it has.")
    if node.get("type") == "object" and not node.get("properties"):
        raise UnsupportedSchema(f"{where} has no fields.")


def _properties(node: Mapping[str, Any]) -> Iterator[str]:
    for name, child in node.get("properties", {}).items():
        yield name
        yield from _properties(child)
    for child in (node.get("items"), *node.get("anyOf", ())):
        if child:
            yield from _properties(child)


def complaints(error: ValidationError) -> str:
    """What does not fit, for the model to mend: places and rules, never the values themselves."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [
        f"- {'.'.join(map(str, item['loc'])) or 'answer'}: {item['msg']}" for item in found[:MOST_ERRORS]
    ]
    return "\n".join(lines)

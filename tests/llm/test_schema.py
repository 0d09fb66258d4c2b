import json
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError, create_model

from llm import schema
from llm.prompt import declared


class Kind(StrEnum):
    MUSEUM = "museum"
    CAFE = "cafe"


class Stop(BaseModel):
    name: str = Field(max_length=40)
    kind: Kind
    hour: int = Field(ge=0, le=23)
    note: str | None = None


class Day(BaseModel):
    stops: list[Stop] = Field(min_length=1, max_length=5)
    mood: Literal["calm", "busy"] = "calm"


def test_every_field_is_required_and_no_other_is_allowed():
    sent = schema.of(Day)
    assert sent["required"] == ["stops", "mood"]
    assert sent["additionalProperties"] is False
    assert sent["properties"]["stops"]["items"]["required"] == ["name", "kind", "hour", "note"]


def test_bounds_are_told_in_words():
    stop = schema.of(Day)["properties"]["stops"]
    assert stop["description"] == "(at least 1 items, at most 5 items)"
    assert stop["items"]["properties"]["hour"] == {
        "type": "integer",
        "description": "(at least 0, at most 23)",
    }


def test_enumerations_and_null_are_kept():
    properties = schema.of(Stop)["properties"]
    assert properties["kind"]["enum"] == ["museum", "cafe"]
    assert properties["note"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_nothing_that_a_provider_refuses_is_sent():
    sent = json.dumps(schema.of(Day))
    assert not [word for word in schema.DROPPED | {"$ref", "$defs", "const"} if f'"{word}":' in sent]


class Walk(BaseModel):
    by: Literal["foot"]


class Ride(BaseModel):
    by: Literal["bus"]


class Journey(BaseModel):
    by: Annotated[Walk | Ride, Field(discriminator="by")]


class Tree(BaseModel):
    branches: list["Tree"]


def deep(levels: int) -> type[BaseModel]:
    model: Any = str
    for level in range(levels):
        model = create_model(f"Level{level}", inner=(model, ...))
    return model


def wide(count: int) -> type[BaseModel]:
    fields: dict[str, Any] = {f"f{number}": (int, ...) for number in range(count)}
    return create_model("Wide", **fields)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (create_model("Free", pairs=(dict[str, str], ...)), "Free.pairs is a free dictionary"),
        (create_model("Pair", pair=(tuple[int, str], ...)), "Pair.pair is a tuple"),
        (create_model("Anything", it=(Any, ...)), "Anything.it may be anything"),
        (create_model("Empty"), "Empty has no fields"),
        (Tree, "holds itself"),
        (deep(8), "levels deep"),
        (wide(101), "Wide has 101 fields"),
        (Journey, "Journey.by is a union"),
    ],
)
def test_what_providers_cannot_hold_an_answer_to_is_refused(model: type[BaseModel], words: str):
    with pytest.raises(schema.UnsupportedSchema, match=words):
        schema.of(model)


def test_complaints_name_places_and_rules_but_no_values():
    with pytest.raises(ValidationError) as caught:
        Stop.model_validate_json('{"name": "secret", "kind": "bar", "hour": 99, "note": null}')
    assert schema.complaints(caught.value).splitlines() == [
        "- kind: Input should be 'museum' or 'cafe'",
        "- hour: Input should be less than or equal to 23",
    ]


def test_a_long_list_of_complaints_is_cut():
    with pytest.raises(ValidationError) as caught:
        Day.model_validate({"stops": [{} for _ in range(4)]})
    assert len(schema.complaints(caught.value).splitlines()) == schema.MOST_ERRORS


def test_every_declared_prompt_stays_inside_the_subset():
    shapes = [prompt for prompt in declared().values() if prompt.output is not str]
    assert all(schema.of(prompt.model)["type"] == "object" for prompt in shapes)

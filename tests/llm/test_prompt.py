from typing import Any

import pytest
from pydantic import BaseModel

from llm.prompt import Prompt, declared
from llm.schema import UnsupportedSchema
from llm.wire import Capability, CodeExecution, WebSearch, XSearch


class Facts(BaseModel):
    words: int = 8
    bio: str = ""


class Free(BaseModel):
    pairs: dict[str, str]


def declare(**changes: Any) -> Prompt[Facts, str]:
    fields: dict[str, Any] = {
        "name": "tests.prompt",
        "version": 1,
        "purpose": "drafting",
        "template": "Write $words words.",
        "facts": Facts,
        "output": str,
        "parameters": frozenset({"words"}),
    }
    return Prompt(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"parameters": frozenset({"words", "length"})}, ValueError),
        ({"sources": frozenset({"profile"})}, ValueError),
        ({"template": "Write about $bio."}, ValueError),
        ({"template": "Write."}, ValueError),
        ({"tools": (WebSearch(),)}, ValueError),
        ({"optional_tools": (WebSearch(),)}, ValueError),
        ({"max_tool_calls": 3}, ValueError),
        ({"output": Free}, UnsupportedSchema),
        ({"output": int}, TypeError),
    ],
)
def test_a_prompt_that_can_never_be_asked_is_refused_where_it_is_declared(
    changes: dict[str, Any], error: type[Exception]
):
    with pytest.raises(error):
        declare(**changes)


@pytest.mark.parametrize(
    ("changes", "needs"),
    [
        ({}, set()),
        ({"temperature": 0.2, "seed": 7}, {Capability.TEMPERATURE, Capability.SEED}),
        ({"tools": (WebSearch(),), "max_tool_calls": 1}, {Capability.WEB_SEARCH}),
        (
            {"tools": (WebSearch(excluded_domains=("a.example",)),), "max_tool_calls": 1},
            {Capability.WEB_SEARCH, Capability.WEB_SEARCH_EXCLUDE},
        ),
        (
            {"tools": (XSearch(), CodeExecution()), "max_tool_calls": 1},
            {Capability.X_SEARCH, Capability.CODE_EXECUTION},
        ),
    ],
)
def test_what_a_route_must_be_able_to_do(changes: dict[str, Any], needs: set[Capability]):
    assert declare(**changes).needs == needs


def test_a_name_belongs_to_one_place():
    declare()
    elsewhere = type("Elsewhere", (Facts,), {"__module__": "elsewhere"})
    with pytest.raises(ValueError, match=r"tests\.prompt is declared in"):
        declare(facts=elsewhere)
    assert declared()["tests.prompt"].facts is Facts


@pytest.mark.parametrize(
    "make",
    [
        lambda: WebSearch(allowed_domains=("a.example",), excluded_domains=("b.example",)),
        lambda: WebSearch(allowed_domains=tuple(f"{n}.example" for n in range(6))),
        lambda: XSearch(allowed_handles=tuple(f"h{n}" for n in range(11))),
    ],
)
def test_a_search_names_a_few_places_to_look_in_or_to_leave_out(make: Any):
    with pytest.raises(ValueError, match=r"(?i)allow or exclude|at most"):
        make()

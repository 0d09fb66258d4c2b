"""Prompts that the tests ask."""

from typing import Any

from pydantic import BaseModel, Field

from llm import door


class Facts(BaseModel):
    words: int = 8
    bio: str = "I have cooked in Kyoto for twelve years."


class Headline(BaseModel):
    headline: str = Field(max_length=60)
    score: int = Field(ge=0, le=100)


def by_hand(facts: Facts) -> str:
    return f"By hand: {facts.bio[:20]}"


def text(**changes: Any) -> door.Prompt[Facts, str]:
    fields: dict[str, Any] = {
        "name": "tests.text",
        "version": 1,
        "purpose": "drafting",
        "template": "Write $words words about the section bio.",
        "facts": Facts,
        "output": str,
        "parameters": frozenset({"words"}),
    }
    return door.Prompt(**(fields | changes))


def headline(**changes: Any) -> door.Prompt[Facts, Headline]:
    return text(**({"name": "tests.headline", "output": Headline} | changes))  # type: ignore[return-value]

"""A text of the expert's in another language."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from content_assistant.checks import survivors
from llm import door

VERSION = 1
Kind = Literal["bio", "service description", "itinerary"]


class Facts(BaseModel):
    language: str
    original_language: str
    kind: Kind
    text: str
    names: list[str]
    wish: str
    text_before: str


def offline(facts: Facts) -> str:
    """No fake: the original, prepared for whoever translates it."""
    return survivors.marked(facts.text, facts.original_language, facts.names)


TRANSLATE = door.Prompt(
    name="content_assistant.translate",
    version=VERSION,
    purpose="drafting",
    template=Path(__file__).with_name("translate.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=str,
    parameters=frozenset({"language", "original_language", "kind"}),
    offline=offline,
    max_output_tokens=10_000,
    audience=door.Audience.PRIVATE,
    # It is the expert's own text, in which all of this stood before.
    restores=frozenset({"person", "email", "phone", "card", "iban", "passport", "ssn", "ip", "address"}),
    sources=frozenset({"text"}),
)

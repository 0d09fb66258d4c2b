"""A model's second look at the experts nearest the top: what it is told, what it answers, who answers without it."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from llm import door
from matching import wording

VERSION = 1
TOP_RATING = 4


class Request(BaseModel):
    """What the traveler asks for."""

    wishes: list[str]
    musts: list[str]
    must_haves: str
    nice_to_haves: str
    brief: str
    likes_to_be_written_to: str


class Record(BaseModel):
    """An expert, without a name."""

    expert: str  # a letter
    profile: str
    services: list[str]
    reviews: list[str]
    facts: list[str]  # each begins with its number, F1 and so on
    strengths: list[str]
    considerations: list[str]


class Facts(BaseModel):
    language: str
    request: Request
    experts: list[Record]


class Rating(BaseModel):
    expert: str
    factor: Literal["expertise", "communication"]
    rating: int = Field(description="0 to 4")
    quote: str


class Point(BaseModel):
    expert: str
    kind: Literal["strength", "consideration"]
    text: str
    evidence: str = Field(description="a quote, or the number of a fact")


class Paragraph(BaseModel):
    expert: str
    text: str


class Review(BaseModel):
    ratings: list[Rating]
    points: list[Point]
    paragraphs: list[Paragraph]


def offline(facts: Facts) -> Review:
    """Words the reasoning from the receipt itself, and rates nobody."""
    paragraphs = [
        Paragraph(expert=record.expert, text=wording.reasoning(record.strengths, record.considerations))
        for record in facts.experts
    ]
    return Review(ratings=[], points=[], paragraphs=paragraphs)


REVIEW = door.Prompt(
    name="matching.review",
    version=VERSION,
    purpose="matching",
    template=Path(__file__).with_name("review.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=Review,
    tier=door.Tier.REASONING,
    parameters=frozenset({"language"}),
    offline=offline,
    max_output_tokens=8_000,
    audience=door.Audience.PUBLIC,
    restores=frozenset({"person"}),
    sources=frozenset({"request", "experts"}),
)

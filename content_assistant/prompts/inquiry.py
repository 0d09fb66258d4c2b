"""A reply to an inquiry: what is told, and who writes it when no model can."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from content_assistant.offline import inquiry as offline
from llm import door

VERSION = 1
FEWEST, MOST = 250, 350


class Offer(BaseModel):
    title: str
    about: str
    price: str  # as it is written on pages in the language of the reply, with what it is for
    length: str
    group: int
    includes: list[str]
    notice: str
    policy: str


class Journey(BaseModel):
    when: str
    adults: int
    children: int
    interests: list[str]
    must_haves: str
    brief: str
    # What the expert's calendar says of the days of the trip, where it has any.
    free: list[str]
    taken: list[str]


class Line(BaseModel):
    who: Literal["traveler", "expert"]
    text: str


class Facts(BaseModel):
    language: str
    style: str
    fewest: int = FEWEST
    most: int = MOST
    traveler: str
    expert: str
    city: str
    profile: str
    specialties: list[str]
    languages: list[str]
    services: list[Offer]
    trip: Journey | None
    messages: list[Line]
    questions: list[str]
    reviews: list[str]
    wish: str
    text_before: str


INQUIRY = door.Prompt(
    name="content_assistant.inquiry",
    version=VERSION,
    purpose="drafting",
    template=Path(__file__).with_name("inquiry.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=str,
    parameters=frozenset({"language", "style", "fewest", "most"}),
    offline=offline.write,
    max_output_tokens=1_500,
    audience=door.Audience.PRIVATE,
    # Details that people wrote never come back: only names do.
    restores=frozenset({"person"}),
    sources=frozenset(
        {"profile", "services", "specialties", "trip", "messages", "languages", "city", "expert", "traveler"}
    ),
)

"""An itinerary, day by day: what is told, what is answered."""

from pathlib import Path

from pydantic import BaseModel, Field

from content_assistant.itineraries import PARTS, Day, Itinerary, Option, marked
from content_assistant.offline import itinerary as offline
from llm import door

VERSION = 2
# An answer must fit: longer trips get shorter notes.
WORDS = ((5, 30), (10, 20), (21, 11))
MOST_OPTIONS = ((5, 5), (10, 4), (21, 3))


class Offer(BaseModel):
    """A service as it goes into an itinerary: no price, because prices change and itineraries stay."""

    title: str
    about: str
    length: str


class Facts(BaseModel):
    language: str
    days: int
    most: int
    words: int
    destination: str
    theme: str
    specialties: list[str]
    services: list[Offer]
    profile: str
    wish: str
    text_before: str


class DayPlan(BaseModel):
    """Each line is “title | note | what it rests on”: as objects three weeks of them would fit into no answer."""

    title: str
    morning: list[str]
    afternoon: list[str]
    evening: list[str]
    eat: list[str]
    notes: list[str] = Field(description="insider knowledge and customs")
    instead: list[str] = Field(description="alternatives, the interest as title")


class Plan(BaseModel):
    title: str
    summary: str
    language: str = Field(description="the code of the language it is written in")
    days: list[DayPlan]


def itinerary_of(plan: Plan) -> Itinerary:
    days = [
        Day(title=day.title, **{part: [_option(line) for line in getattr(day, part)] for part in PARTS})
        for day in plan.days
    ]
    return marked(Itinerary(title=plan.title, summary=plan.summary, language=plan.language, days=days))


def _option(line: str) -> Option:
    title, note, basis = (*map(str.strip, line.split("|", 2)), "", "")[:3]
    is_page = basis.startswith(("https://", "http://"))
    return Option(title=title, note=note, service="" if is_page else basis, source=basis if is_page else "")


def upto(steps: tuple[tuple[int, int], ...], days: int) -> int:
    return next(value for most, value in steps if days <= most)


ITINERARY = door.Prompt(
    name="content_assistant.itinerary",
    version=VERSION,
    purpose="itinerary",
    template=Path(__file__).with_name("itinerary.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=Plan,
    tier=door.Tier.REASONING,
    parameters=frozenset({"language", "days", "most", "words"}),
    offline=lambda facts: Plan.model_validate(offline.write(facts)),
    optional_tools=(door.WebSearch(), door.XSearch()),
    max_tool_calls=12,
    max_output_tokens=10_000,
    # It goes to the expert's own clients, with the addresses of pages it rests on; checks/plans.py looks for contacts.
    audience=door.Audience.PRIVATE,
    restores=frozenset({"person"}),
)

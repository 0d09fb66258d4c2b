"""Whether people who write about a city would fit as experts. social.leads checks what comes back."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from llm import door


class Shown(BaseModel):
    post: str  # a label
    text: str
    interactions: int


class Person(BaseModel):
    person: str  # a letter
    followers: int
    engagement_percent: float
    posts_of_30_days: int
    on_days: int
    posts: list[Shown]


class Facts(BaseModel):
    city: str
    people: list[Person]


class Judged(BaseModel):
    person: str
    authentic: bool
    style: str
    fit: Literal["high", "medium", "low"]
    why: str
    posts: list[str]


class Told(BaseModel):
    people: list[Judged]


# Without a model nobody has read what they write: more than medium takes reading.
STEADY_POSTS, STEADY_DAYS = 6, 5


def offline(facts: Facts) -> Told:
    """By figures alone, and no fit is high."""
    return Told(people=[_judged(person) for person in facts.people])


def _judged(person: Person) -> Judged:
    steady = person.posts_of_30_days >= STEADY_POSTS and person.on_days >= STEADY_DAYS
    best = sorted(person.posts, key=lambda post: -post.interactions)[:3]
    return Judged(
        person=person.person,
        authentic=True,
        style="",
        fit="medium" if steady else "low",
        why=(
            f"{person.posts_of_30_days} posts on {person.on_days} days, "
            f"{person.engagement_percent:.1f} % of {person.followers} followers react."
        ),
        posts=[post.post for post in best],
    )


LEADS = door.Prompt(
    name="social.leads",
    version=1,
    purpose="outreach",
    template=Path(__file__).with_name("leads.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=Told,
    tier=door.Tier.REASONING,
    offline=offline,
    max_output_tokens=6_000,
    audience=door.Audience.PRIVATE,
)

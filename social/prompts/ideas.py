"""What to publish about a city, from its strongest trends. social.ideas checks what comes back."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from llm import door
from social import topics, words

Channel = Literal["reel", "tiktok", "blog", "thread", "short"]
CHANNELS: tuple[Channel, ...] = ("reel", "tiktok", "blog", "thread", "short")
MOST_IDEAS = 10
LONGEST_TITLE = 100


class Shown(BaseModel):
    post: str  # a label
    text: str
    interactions: int


class Complaint(BaseModel):
    text: str
    help: str
    posts: int


class Trend(BaseModel):
    trend: str  # a label
    topic: str
    kind: str
    mentions: int
    opportunity: str
    seasonal: str
    complaints: list[Complaint]
    had: list[Channel] = []  # channels on which it came lately
    posts: list[Shown]


class Facts(BaseModel):
    city: str
    trends: list[Trend]
    taken: list[str]


class Idea(BaseModel):
    channel: Channel
    title: str
    hook: str
    outline: list[str]
    trend: str
    posts: list[str]


class Told(BaseModel):
    ideas: list[Idea]


def offline(facts: Facts) -> Told:
    """Titles by pattern, points from what was counted: each trend once before any comes twice, on no channel twice."""
    told: list[Idea] = []
    titles = list(facts.taken)
    for turn in range(len(CHANNELS)):
        for place, trend in enumerate(facts.trends):
            channel = CHANNELS[(place + turn) % len(CHANNELS)]
            title = next(_free_titles(channel, trend, facts.city, titles), "")
            if title and trend.posts and channel not in trend.had:
                titles.append(title)
                told.append(_idea(channel, title, trend, facts.city))
            if len(told) == MOST_IDEAS:
                return Told(ideas=told)
    return Told(ideas=told)


def _free_titles(channel: str, trend: Trend, city: str, titles: Sequence[str]) -> Iterator[str]:
    for pattern in words.load().titles[channel]:
        title = pattern.format(topic=trend.topic.lstrip("#"), city=city)
        if len(title) <= LONGEST_TITLE and not any(topics.same_words(title, other) for other in titles):
            yield title


def _idea(channel: Channel, title: str, trend: Trend, city: str) -> Idea:
    best = sorted(trend.posts, key=lambda post: -post.interactions)[:3]
    points = [f"What it is: {trend.topic.lstrip('#')}, {trend.kind} in {city}.", *_complaints(trend)]
    if trend.seasonal:
        points.append(trend.seasonal[:200])
    points += ["A local expert shows how they go there.", "Where to ask somebody who lives there."]
    return Idea(
        channel=channel,
        title=title,
        hook=f"{trend.mentions} posts of the past week are about {trend.topic.lstrip('#')} in {city}."[:200],
        outline=points[:6],
        trend=trend.trend,
        posts=[post.post for post in best],
    )


def _complaints(trend: Trend) -> Iterator[str]:
    for one in trend.complaints[:2]:
        yield f"{one.text}: {one.help}"[:200] if one.help else one.text[:200]


IDEAS = door.Prompt(
    name="social.ideas",
    version=2,
    purpose="trends",
    template=Path(__file__).with_name("ideas.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=Told,
    tier=door.Tier.REASONING,
    offline=offline,
    max_output_tokens=6_000,
    audience=door.Audience.PUBLIC,
)

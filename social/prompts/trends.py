"""What people talk about in a city, read from stored posts. social.trends checks what comes back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from llm import door
from markets import folding
from social import topics, words
from social.sources.base import hashtags_in

Kind = Literal["restaurant", "activity", "attraction", "neighbourhood", "event", "other"]
Opportunity = Literal["high", "medium", "low"]
MOST_TRENDS = 10
# Fewer are no trend; and what so large a share of the posts holds tells none of them apart.
FEWEST_POSTS, FEWEST_AUTHORS, COMMON = 3, 2, 0.5
ENOUGH_TO_COMPARE = 10  # among fewer posts any share may be large


class Shown(BaseModel):
    post: str  # a label
    text: str
    interactions: int
    author: int  # a number that stands for whoever wrote it


class Known(BaseModel):
    topic: str  # a label
    words: str


class Facts(BaseModel):
    city: str
    hashtags: list[str]
    posts: list[Shown]
    known: list[Known]


class Pain(BaseModel):
    topic: str  # as it is worded among the trends
    text: str
    help: str
    posts: list[str]


class Topic(BaseModel):
    topic: str
    same_as: str
    kind: Kind
    sentiment_score: int = Field(description="-100 to 100")
    posts: list[str]
    words: list[str]
    estimate: int | None
    opportunity: Opportunity
    opportunity_reason: str
    seasonal: str


class Told(BaseModel):
    trends: list[Topic]
    pains: list[Pain]


def offline(facts: Facts) -> Told:
    """Hashtags and pairs of words that several authors share. Everything said is counted."""
    texts = {place: post.text for place, post in enumerate(facts.posts)}
    taken: list[set[int]] = []
    told: list[Topic] = []
    pains: list[Pain] = []
    for subject, found in _subjects(facts):
        if not any(topics.same_posts(found, other) for other in taken):
            taken.append(found)
            told.append(_topic(subject, sorted(found), facts, texts))
            pains += _pains(subject, sorted(found), facts, texts)
        if len(told) == MOST_TRENDS:
            break
    return Told(trends=told, pains=pains)


def _subjects(facts: Facts) -> list[tuple[str, set[int]]]:
    """The most talked about first; of equals hashtags before pairs, the longer, then by the alphabet."""
    own = {tag.lower() for tag in facts.hashtags} | {f"#{folding.fold(facts.city).replace(' ', '')}"}
    idle = {tag.lstrip("#") for tag in own} | set(folding.fold(facts.city).split())
    places: dict[str, set[int]] = {}
    for place, post in enumerate(facts.posts):
        for subject in {*(hashtags_in(post.text) - own), *_pairs(post.text, idle)}:
            places.setdefault(subject, set()).add(place)
    count = len(facts.posts)
    most = COMMON * count if count >= ENOUGH_TO_COMPARE else count
    enough = [
        (subject, found)
        for subject, found in places.items()
        if FEWEST_POSTS <= len(found) <= most
        and len({facts.posts[place].author for place in found}) >= FEWEST_AUTHORS
    ]
    return sorted(enough, key=lambda one: (-len(one[1]), one[0][0] != "#", -len(one[0]), one[0]))


def _pairs(text: str, idle: set[str]) -> Iterator[str]:
    for first, second in pairwise(folding.fold(text).split()):
        if all(len(word) > 3 and word not in idle for word in (first, second)):
            yield f"{first} {second}"


def _topic(subject: str, found: Sequence[int], facts: Facts, texts: dict[int, str]) -> Topic:
    folded = [set(folding.fold(texts[place]).split()) for place in found]
    score, authors = _score(folded), len({facts.posts[place].author for place in found})
    labels = [facts.posts[place].post for place in found]
    interactions = sum(facts.posts[place].interactions for place in found)
    return Topic(
        topic=subject,
        same_as="",
        kind=_kind(folded),
        sentiment_score=score,
        posts=labels,
        words=[subject.lstrip("#")],
        estimate=None,
        opportunity="medium" if authors >= 5 else "low",
        opportunity_reason=f"{len(found)} posts by {authors} authors with {interactions} interactions.",
        seasonal="",
    )


def _score(folded: Sequence[set[str]]) -> int:
    """Posts with good words less those with bad ones, in percent of all."""
    known = words.load()
    feelings = [bool(text & known.positive) - bool(text & known.negative) for text in folded]
    return round(100 * sum(feelings) / len(feelings))


def _kind(folded: Sequence[set[str]]) -> Kind:
    counts: Counter[str] = Counter()
    for name, known in words.load().kinds.items():
        counts[name] = sum(bool(text & known) for text in folded)
    name, count = counts.most_common(1)[0]
    kinds: dict[str, Kind] = {
        "restaurant": "restaurant",
        "activity": "activity",
        "attraction": "attraction",
        "neighbourhood": "neighbourhood",
        "event": "event",
    }
    return kinds[name] if 2 * count >= len(folded) else "other"


def _pains(subject: str, found: Sequence[int], facts: Facts, texts: dict[int, str]) -> Iterator[Pain]:
    folded = {facts.posts[place].post: set(folding.fold(texts[place]).split()) for place in found}
    for pain in words.load().pains:
        shown = [label for label, text in folded.items() if text & pain.words]
        if len(shown) >= 2:
            yield Pain(topic=subject, text=pain.text, help=pain.help, posts=shown)


TRENDS = door.Prompt(
    name="social.trends",
    version=1,
    purpose="trends",
    template=Path(__file__).with_name("trends.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=Told,
    tier=door.Tier.REASONING,
    offline=offline,
    max_output_tokens=8_000,
    audience=door.Audience.PUBLIC,
)

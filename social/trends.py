"""Trends of a market: asked for, checked against what is stored, counted, merged, and kept.

What a model says about a post counts where the post was among those it was shown. Mentions are counted here, over the
stored posts of seven days; the model's own number stays beside them as an estimate.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from markets import folding
from markets.models import Market
from social import asking, topics
from social.models import Post, Trend, TrendPost, TrendSample
from social.models.monitoring import Monitor
from social.models.trends import VALID, sentiment_of
from social.posts import WEEK
from social.prompts.trends import COMMON, ENOUGH_TO_COMPARE, TRENDS, Facts, Known, Pain, Shown, Topic
from social.sources.base import count, drop

# How many posts a model is shown: those that most people saw, and the newest.
SHOWN = 150
LONGEST_TOPIC, LONGEST_REASON = 120, 600
SHORTEST_WORD, MOST_WORDS, MOST_PAINS = 3, 6, 5


KEPT_UP = (
    "topic kind origin sentiment sentiment_score opportunity opportunity_reason pain_points seasonal newer words "
    "estimate mentions last_seen valid_until"
).split()


@dataclass
class Checked:
    """One topic of an answer, as far as it holds."""

    topic: str
    kind: str
    score: int
    opportunity: str
    reason: str
    seasonal: str
    words: list[str]
    cited: set[int]  # keys of posts
    pains: list[dict[str, Any]]
    estimate: int | None
    same_as: int | None  # the key of a known trend

    @property
    def key(self) -> str:
        return topics.key(self.topic)


@dataclass
class Reading:
    """What came of asking about a market's posts."""

    trends: list[Checked] = field(default_factory=list)
    by_model: bool = False
    cost: Decimal = Decimal(0)
    note: str = ""
    drops: list[dict[str, str]] = field(default_factory=list)


def read(monitor: Monitor, posts: Sequence[Post], *, room: Decimal, now: datetime) -> Reading:
    """Writes nothing. Takes seconds."""
    if not posts:
        return Reading()
    chosen = _chosen(posts)
    labels = {f"P{number}": post for number, post in enumerate(chosen, 1)}
    known = {f"T{number}": trend for number, trend in enumerate(_known(monitor.market, now), 1)}
    heard = asking.ask(TRENDS, _facts(monitor, labels, known), room=room)
    reading = Reading(by_model=heard.by_model, cost=heard.cost, note=heard.note)
    folded = topics.Folded({post.pk: post.text for post in posts})
    checker = _Checker(labels, {label: trend.pk for label, trend in known.items()}, folded, monitor.market)
    for number, told in enumerate(heard.output.trends):
        if checked := checker.check(told, heard, f"trends.{number}"):
            reading.trends.append(checked)
    for number, pain in enumerate(heard.output.pains):
        checker.take_pain(pain, reading.trends, heard, f"pains.{number}")
    reading.drops = checker.drops
    return reading


def _chosen(posts: Sequence[Post]) -> list[Post]:
    """Half of them for their readers, half for being new, in the order of time."""
    seen = sorted(posts, key=lambda post: (-post.interactions, post.pk))[: SHOWN // 2]
    picked = {post.pk for post in seen}
    new = [post for post in posts if post.pk not in picked][: SHOWN - len(seen)]
    return sorted([*seen, *new], key=lambda post: (post.posted_at, post.pk))


def _known(market: Market, now: datetime) -> list[Trend]:
    return list(Trend.objects.valid(now).filter(market=market).order_by("-last_seen", "pk")[:40])


def _facts(monitor: Monitor, labels: dict[str, Post], known: dict[str, Trend]) -> Facts:
    authors: dict[int, int] = {}
    return Facts(
        city=monitor.market.name,
        hashtags=list(monitor.hashtags),
        posts=[
            Shown(
                post=label,
                text=asking.shown(post.text),
                interactions=post.interactions,
                author=authors.setdefault(post.author_id, len(authors) + 1),
            )
            for label, post in labels.items()
        ],
        known=[Known(topic=label, words=trend.topic) for label, trend in known.items()],
    )


class _Checker:
    """Holds one answer against what was shown."""

    def __init__(
        self, labels: dict[str, Post], known: dict[str, int], folded: topics.Folded, market: Market
    ) -> None:
        self.labels, self.known, self.folded, self.market = labels, known, folded, market
        self.drops: list[dict[str, str]] = []
        self._keys: set[str] = set()

    def check(self, told: Topic, heard: asking.Heard[Any], place: str) -> Checked | None:
        topic = " ".join(told.topic.replace("\0", "").split())
        reason = "empty" if not topic else asking.refused(topic, LONGEST_TOPIC)
        if not reason and heard.is_flagged(f"{place}.topic"):
            reason = "filtered"
        if not reason and topics.key(topic) in self._keys:
            reason = "said_twice"
        cited = self._posts(told.posts)
        if not reason and not cited:
            reason = "no_evidence"
        if reason:
            self.drops.append(drop("trend", reason, topic))
            return None
        self._keys.add(topics.key(topic))
        return Checked(
            topic=topic,
            kind=told.kind,
            score=max(-100, min(100, told.sentiment_score)),
            opportunity=told.opportunity,
            reason=self._text("reason", told.opportunity_reason, heard, f"{place}.opportunity_reason"),
            seasonal=self._text("seasonal", told.seasonal, heard, f"{place}.seasonal"),
            words=list(self._words(told.words, cited)),
            cited=cited,
            pains=[],
            estimate=count(told.estimate),
            same_as=self.known.get(told.same_as),
        )

    def _posts(self, labels: Iterable[str]) -> set[int]:
        found: set[int] = set()
        for label in dict.fromkeys(labels):
            if post := self.labels.get(label.strip()):
                found.add(post.pk)
            else:
                self.drops.append(drop("post", "no_such_post", label))
        return found

    def _text(self, what: str, text: str, heard: asking.Heard[Any], place: str) -> str:
        text = text.replace("\0", "").strip()
        reason = asking.refused(text, LONGEST_REASON) or ("filtered" if heard.is_flagged(place) else "")
        if reason:
            self.drops.append(drop(what, reason, text))
        return "" if reason else text

    def _words(self, told: Iterable[str], cited: set[int]) -> Iterator[str]:
        """Those that stand in a cited post, and that tell these posts from the others."""
        evidence = self.folded.of(cited)
        kept = 0
        for word in dict.fromkeys(folding.fold(one) for one in told):
            long_enough = len(word) >= (SHORTEST_WORD if word.isascii() else 2)
            if kept == MOST_WORDS or not long_enough or word == folding.fold(self.market.name):
                continue
            if not evidence.with_any([word]):
                self.drops.append(drop("word", "in_no_post", word))
            elif len(self.folded) < ENOUGH_TO_COMPARE or (
                len(self.folded.with_any([word])) <= COMMON * len(self.folded)
            ):
                kept += 1
                yield word

    def take_pain(self, pain: Pain, trends: Sequence[Checked], heard: asking.Heard[Any], place: str) -> None:
        """Beside its topic, with the number of posts that show it."""
        trend = next((one for one in trends if one.key == topics.key(pain.topic)), None)
        shown = self._posts(pain.posts)
        text = self._text("pain", pain.text, heard, f"{place}.text")
        if trend is None or not shown:
            self.drops.append(drop("pain", "no_evidence" if trend else "no_such_topic", pain.text))
        elif text and len(trend.pains) < MOST_PAINS:
            aid = self._text("help", pain.help, heard, f"{place}.help")
            trend.pains.append({"text": text[:200], "help": aid[:300], "posts": len(shown)})


# Keeping them


@transaction.atomic
def store(market: Market, reading: Reading, posts: Sequence[Post], now: datetime) -> int:
    """The number of trends that this reading is about. Constant in queries, whatever it holds."""
    book = _Book(market, posts, now)
    touched = book.take(reading)
    book.write()
    return touched


def recount(market: Market, posts: Sequence[Post], now: datetime) -> None:
    """After staff have merged or split."""
    store(market, Reading(), posts, now)


class _Book:
    """All trends of a market while a reading is entered."""

    def __init__(self, market: Market, posts: Sequence[Post], now: datetime) -> None:
        self.market, self.now = market, now
        self.posts = {post.pk: post for post in posts}
        self.folded = topics.Folded({post.pk: post.text for post in posts})
        self.rows: list[Trend] = list(
            Trend.objects.select_for_update(of=("self",)).filter(market=market).order_by("pk")
        )
        rows = {trend.pk: trend for trend in self.rows}
        for trend in self.rows:
            if trend.merged_into_id is not None:  # the same objects throughout, and no query each
                trend.merged_into = rows[trend.merged_into_id]
        self.by_key = {trend.key: trend for trend in self.rows}
        self.mentions: dict[str, set[int]] = {trend.key: set() for trend in self.rows}
        self.cited: dict[str, set[int]] = {trend.key: set() for trend in self.rows}
        self._old = {trend.pk: trend.key for trend in self.rows}
        for row, post in TrendPost.objects.filter(
            trend__market=market, post__posted_at__gte=now - WEEK
        ).values_list("trend", "post"):
            self.mentions[self._old[row]].add(post)
        self._count_again()

    def _count_again(self) -> None:
        """Posts that came since mention old topics too."""
        for trend in self.rows:
            if trend.words and trend.valid_until > self.now:
                self.mentions[trend.key] |= self.folded.with_any(trend.words)

    def take(self, reading: Reading) -> int:
        origin = Trend.Origin.MODEL if reading.by_model else Trend.Origin.COUNTED
        told: dict[str, Checked] = {}
        for checked in reading.trends:
            trend = self._enter(checked, origin)
            root = self._root(trend)
            if trend is root or root.key not in told:  # its own words before those of a part of it
                told[root.key] = checked
        for key, checked in told.items():
            root = self.by_key[key]
            self._describe(root, checked, origin, topic=root.newer.get("topic", root.topic))
        return len(told)

    def _enter(self, checked: Checked, origin: str) -> Trend:
        mentioned = checked.cited | self.folded.with_any(checked.words)
        trend = self.by_key.get(checked.key)
        if trend is None:
            trend = Trend(market=self.market, key=checked.key, first_seen=self.now)
            trend.merged_into = self._same(checked, mentioned)
            self.rows.append(trend)
            self.by_key[trend.key] = trend
            self.mentions[trend.key], self.cited[trend.key] = set(), set()
        self.mentions[trend.key] |= mentioned
        if self._describe(trend, checked, origin, topic=checked.topic):
            trend.words = checked.words
            self.cited[trend.key] |= checked.cited
        return trend

    def _describe(self, trend: Trend, checked: Checked, origin: str, *, topic: str) -> bool:
        """Figures move on; words that somebody has approved stay until somebody approves the newer ones."""
        if trend.origin == Trend.Origin.MODEL and origin == Trend.Origin.COUNTED:
            return False  # mere counting words nothing better than what a model had read
        trend.origin, trend.estimate = origin, checked.estimate
        trend.sentiment_score, trend.sentiment = checked.score, sentiment_of(checked.score)
        trend.last_seen, trend.valid_until = self.now, self.now + VALID
        trend.reword(
            topic=topic,
            kind=checked.kind,
            opportunity=checked.opportunity,
            opportunity_reason=checked.reason,
            pain_points=checked.pains,
            seasonal=checked.seasonal,
        )
        return True

    def _same(self, checked: Checked, mentioned: set[int]) -> Trend | None:
        """The trend that this is in other words: as the model says, by the words, or by the posts."""
        open_to = [trend for trend in self.rows if trend.valid_until > self.now and not trend.kept_apart]
        said = [trend for trend in open_to if trend.pk and trend.pk == checked.same_as]
        worded = [trend for trend in open_to if topics.same_words(trend.topic, checked.topic)]
        shared = [trend for trend in open_to if topics.same_posts(self.mentions[trend.key], mentioned)]
        found = next(iter([*said, *worded, *shared]), None)
        return self._root(found) if found else None

    def _root(self, trend: Trend) -> Trend:
        return trend.merged_into or trend

    def write(self) -> None:
        self._total()
        new = [trend for trend in self.rows if trend.pk is None]
        Trend.objects.bulk_create(trend for trend in new if trend.merged_into is None)
        Trend.objects.bulk_create(trend for trend in new if trend.merged_into is not None)
        Trend.objects.bulk_create(
            [trend for trend in self.rows if trend.pk in self._old],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=KEPT_UP,
        )
        self._write_mentions()
        self._write_samples()

    def _total(self) -> None:
        """Of a trend with all that was merged into it. It is seen as late as the last post that mentions it."""
        whole = {trend.key: set(self.mentions[trend.key]) for trend in self.rows}
        for trend in self.rows:
            if trend.merged_into is not None:
                whole[trend.merged_into.key] |= self.mentions[trend.key]
        for trend in self.rows:
            trend.mentions = len(whole[trend.key])
            times = [self.posts[key].posted_at for key in whole[trend.key] if key in self.posts]
            trend.last_seen = max([trend.last_seen, *(at for at in times if at <= self.now)])
            trend.valid_until = max(trend.valid_until, trend.last_seen + VALID)

    def _write_mentions(self) -> None:
        here = self.posts.keys()
        pairs = [
            TrendPost(trend=trend, post_id=post)
            for trend in self.rows
            for post in sorted(self.mentions[trend.key] & here)
        ]
        TrendPost.objects.bulk_create(pairs, ignore_conflicts=True)
        examples = [
            TrendPost(trend=trend, post_id=post, example=True)
            for trend in self.rows
            for post in sorted(self.cited[trend.key] & here)
        ]
        TrendPost.objects.bulk_create(
            examples, update_conflicts=True, unique_fields=["trend", "post"], update_fields=["example"]
        )

    def _write_samples(self) -> None:
        TrendSample.objects.bulk_create(
            [
                TrendSample(
                    trend=trend,
                    day=self.now.date(),
                    mentions=trend.mentions,
                    sentiment_score=trend.sentiment_score,
                )
                for trend in self.rows
                if trend.merged_into is None and trend.valid_until > self.now
            ],
            update_conflicts=True,
            unique_fields=["trend", "day"],
            update_fields=["mentions", "sentiment_score"],
        )


# Old trends go, so that a round does not grow with the years: their keys are free again.
KEEP = timedelta(days=120)


def forget_old(now: datetime) -> int:
    gone, _of = Trend.objects.filter(valid_until__lt=now - KEEP, campaigns=None, ideas=None).delete()
    return gone

"""Ideas for content: ten at a time from the ten strongest trends of a market, and never the same within 60 days:
neither nearly the same title nor a trend on the same channel again. Where fewer are left there are fewer.

What an idea stands on are stored posts of its trend; those that a model names and that are none of them are dropped and
counted. The moves of ideas are here alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import IllegalMove
from accounts.models import User
from markets.models import Market
from social import alerts, asking, moving, topics
from social.fingerprints import number
from social.models import Idea, IdeaRound, Monitor, Post, Trend, TrendPost
from social.models.content import REST
from social.prompts import ideas as prompt
from social.prompts.ideas import IDEAS, Complaint, Facts, Shown
from social.sources.base import DROPS_KEPT, drop

MOST_TRENDS, MOST_POSTS = 10, 6
MOST_TAKEN = 200
LONGEST_TITLE, LONGEST_HOOK, LONGEST_POINT = 160, 300, 300
FEWEST_POINTS, MOST_POINTS = 2, 8
_HANDLE = re.compile(r"(?<!\w)@\w")
State = Idea.State
Pair = tuple[int, str]  # a trend and a channel


@dataclass
class Checked:
    """One idea of an answer that holds."""

    channel: str
    title: str
    hook: str
    outline: list[str]
    trend: int
    posts: list[int]
    by_model: bool

    @property
    def subject(self) -> int:
        return number(topics.key(self.title))


@dataclass
class Written:
    ideas: list[Checked] = field(default_factory=list)
    cost: Decimal = Decimal(0)
    note: str = ""
    drops: list[dict[str, str]] = field(default_factory=list)


def strongest(market: Market, now: datetime) -> list[Trend]:
    trends = Trend.objects.valid(now).filter(market=market, mentions__gt=0)
    return sorted(trends, key=lambda trend: (-trend.strength(now), trend.pk))[:MOST_TRENDS]


def resting(market: Market, today: date) -> list[str]:
    """Titles that may not come back yet, the newest first."""
    rows = Idea.objects.filter(market=market, rests_until__gt=today).order_by("-made_on", "-pk")
    return list(rows.values_list("title", flat=True))


def resting_pairs(market: Market, today: date) -> set[Pair]:
    """Trends and channels that may not come together yet; what was merged counts as what it is part of."""
    rows = Idea.objects.filter(market=market, rests_until__gt=today, trend__isnull=False)
    return set(rows.values_list(Coalesce("trend__merged_into", "trend"), "channel"))


def write(market: Market, *, room: Decimal, now: datetime) -> Written:
    """Stores nothing. Takes seconds."""
    trends = strongest(market, now)
    labels = {f"T{place}": trend for place, trend in enumerate(trends, 1)}
    posts = _posts(labels)
    labels = {label: trend for label, trend in labels.items() if posts[label]}
    if not labels:
        return Written(note=_("There are no trends with stored posts to stand on."))
    taken, pairs = resting(market, now.date()), resting_pairs(market, now.date())
    facts = _facts(market, labels, posts, taken, pairs)
    heard = asking.ask(IDEAS, facts, room=room)
    written = Written(cost=heard.cost, note=heard.note)
    checker = _Checker(labels, posts, taken, pairs, written)
    for place, told in enumerate(heard.output.ideas):
        checker.check(told, heard, f"ideas.{place}")
    if heard.by_model:
        _fill_up(checker, facts)
    if len(written.ideas) < prompt.MOST_IDEAS:
        fewer = _("Fewer than ten: within 60 days each trend comes once on each channel.")
        written.note = " ".join(filter(None, [written.note, fewer]))
    return written


def _fill_up(checker: "_Checker", facts: Facts) -> None:
    """What is missing to ten, by the writer without a model."""
    written, held = checker.written, len(checker.written.ideas)
    if held == prompt.MOST_IDEAS:
        return
    trends = [
        one.model_copy(update={"had": _had(checker.labels[one.trend], checker.pairs)}) for one in facts.trends
    ]
    left = facts.model_copy(update={"taken": checker.taken, "trends": trends})
    counted = asking.without_model(IDEAS, left, written.note)
    for told in counted.output.ideas:
        if len(written.ideas) < prompt.MOST_IDEAS:
            checker.check(told, counted, "")
    kept = _("%(count)s of 10 ideas of the model held.") % {"count": held}
    written.note = " ".join(filter(None, [written.note, kept]))


def _posts(labels: dict[str, Trend]) -> dict[str, dict[str, Post]]:
    """By the label of their trend and their own: those that were cited first, then those that many people saw."""
    keys = {trend.pk: label for label, trend in labels.items()}
    found: dict[str, dict[str, Post]] = {label: {} for label in labels}
    rows = TrendPost.objects.filter(trend__in=list(keys)).select_related("post")
    count = 0
    for row in rows.order_by("trend", "-example", "-post__likes", "post"):
        here = found[keys[row.trend_id]]
        if len(here) < MOST_POSTS:
            count += 1
            here[f"P{count}"] = row.post
    return found


def _had(trend: Trend, pairs: set[Pair]) -> list[prompt.Channel]:
    return [channel for channel in prompt.CHANNELS if (trend.pk, channel) in pairs]


def _facts(
    market: Market,
    labels: dict[str, Trend],
    posts: dict[str, dict[str, Post]],
    taken: Sequence[str],
    pairs: set[Pair],
) -> Facts:
    return Facts(
        city=market.name,
        taken=list(taken[:MOST_TAKEN]),
        trends=[
            prompt.Trend(
                trend=label,
                topic=trend.topic,
                kind=trend.get_kind_display(),
                mentions=trend.mentions,
                opportunity=trend.opportunity_reason,
                seasonal=trend.seasonal,
                had=_had(trend, pairs),
                complaints=[Complaint(**pain) for pain in trend.pain_points],
                posts=[
                    Shown(post=one, text=asking.shown(post.text), interactions=post.interactions)
                    for one, post in posts[label].items()
                ],
            )
            for label, trend in labels.items()
        ],
    )


class _Checker:
    """Holds one answer against what was shown."""

    def __init__(
        self,
        labels: dict[str, Trend],
        posts: dict[str, dict[str, Post]],
        taken: Sequence[str],
        pairs: set[Pair],
        written: Written,
    ) -> None:
        self.labels, self.posts, self.written = labels, posts, written
        self.taken, self.pairs = list(taken), set(pairs)

    def check(self, told: prompt.Idea, heard: asking.Heard[Any], place: str) -> None:
        title, hook = _line(told.title), _line(told.hook)
        outline = [point for point in map(_line, told.outline) if point][:MOST_POINTS]
        label = told.trend.strip()
        cited = self._cited(label, told.posts)
        reason = (
            _refused(title, hook, outline)
            or ("filtered" if heard.is_flagged(place) else "")
            or ("" if label in self.labels else "no_such_trend")
            or ("" if cited else "no_evidence")
            or ("repeated" if is_taken(title, self.taken) or self._pair(told) in self.pairs else "")
            or ("" if len(self.written.ideas) < prompt.MOST_IDEAS else "too_many")
        )
        if reason:
            self.written.drops.append(drop("idea", reason, title))
            return
        self.taken.append(title)
        self.pairs.add(self._pair(told))
        self.written.ideas.append(
            Checked(
                told.channel,
                title,
                hook,
                outline,
                self.labels[label].pk,
                [post.pk for post in cited],
                heard.by_model,
            )
        )

    def _pair(self, told: prompt.Idea) -> Pair:
        return self.labels[told.trend.strip()].pk, told.channel

    def _cited(self, trend: str, names: Sequence[str]) -> list[Post]:
        """Of this very trend; a post of another one bears nothing out."""
        shown = self.posts.get(trend, {})
        cited = []
        for name in dict.fromkeys(one.strip() for one in names):
            if name in shown:
                cited.append(shown[name])
            else:
                self.written.drops.append(drop("post", "not_of_this_trend", name))
        return cited


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _refused(title: str, hook: str, outline: Sequence[str]) -> str:
    if not (title and hook) or len(outline) < FEWEST_POINTS:
        return "empty"
    for text, longest in [
        (title, LONGEST_TITLE),
        (hook, LONGEST_HOOK),
        *((one, LONGEST_POINT) for one in outline),
    ]:
        if reason := asking.refused(text, longest):
            return reason
        if _HANDLE.search(text):
            return "names_a_person"
    return ""


def is_taken(title: str, taken: Sequence[str]) -> bool:
    """The same words, or nearly the same."""
    return any(topics.key(title) == topics.key(other) or topics.same_words(title, other) for other in taken)


def store(round_: IdeaRound, written: Written, now: datetime) -> list[Idea]:
    """In a transaction. Of two rounds of a market one stores after the other, and what was written meanwhile counts."""
    market, today = round_.market, now.date()
    Monitor.objects.select_for_update().filter(market=market).first()
    taken, pairs = resting(market, today), resting_pairs(market, today)
    fresh = []
    for one in written.ideas:
        if is_taken(one.title, taken) or (one.trend, one.channel) in pairs:
            written.drops.append(drop("idea", "repeated", one.title))
        else:
            taken.append(one.title)
            fresh.append(one)
    # Staff may have rejected, merged or erased meanwhile.
    trends = set(
        Trend.objects.filter(pk__in=[one.trend for one in fresh], merged_into=None).values_list(
            "pk", flat=True
        )
    )
    posts = set(
        Post.objects.filter(pk__in=[post for one in fresh for post in one.posts]).values_list("pk", flat=True)
    )
    fresh = [one for one in fresh if one.trend in trends and posts & set(one.posts)]
    made = Idea.objects.bulk_create(_row(one, market, today) for one in fresh)
    through = Idea.posts.through
    through.objects.bulk_create(
        through(idea_id=idea.pk, post_id=post)
        for idea, one in zip(made, fresh, strict=True)
        for post in one.posts
        if post in posts
    )
    round_.made, round_.cost, round_.note = len(made), written.cost, written.note
    round_.dropped, round_.drops = len(written.drops), written.drops[:DROPS_KEPT]
    end(round_, IdeaRound.State.DONE)
    if made:
        alerts.tell_ideas(round_, made)
    return made


def _row(one: Checked, market: Market, today: date) -> Idea:
    return Idea(
        market=market,
        channel=one.channel,
        title=one.title,
        subject=one.subject,
        hook=one.hook,
        outline=one.outline,
        trend_id=one.trend,
        origin=Trend.Origin.MODEL if one.by_model else Trend.Origin.COUNTED,
        made_on=today,
        rests_until=today + REST,
    )


def begin(market: Market, *, by: User | None = None) -> IdeaRound | None:
    """None where a round of this market is under way. In a transaction: its job commits with it."""
    try:
        with transaction.atomic():
            round_ = IdeaRound.objects.create(market=market, asked_by=by)
    except IntegrityError:
        return None
    if by:
        audit.record(action="ideas.ask", target=round_, by=by)
    return round_


def end(round_: IdeaRound, to: str, note: str = "") -> None:
    """The one way in which a round of ideas comes to its end."""
    if to not in IdeaRound.MOVES[round_.state]:
        raise IllegalMove.of(round_, to)
    round_.state, round_.finished_at = to, timezone.now()
    round_.note = note or round_.note
    round_.save()


def due(now: datetime) -> list[Market]:
    """Watched markets that have trends and had no round for a week."""
    lately = IdeaRound.objects.filter(asked_at__gt=now - IdeaRound.EVERY).values("market")
    talked = Trend.objects.valid(now).filter(mentions__gt=0).values("market")
    watched = Monitor.objects.running().values("market")
    return list(
        Market.objects.filter(pk__in=watched).filter(pk__in=talked).exclude(pk__in=lately).order_by("pk")
    )


def move(idea: Idea, to: str, *, by: User, reason: str = "") -> Idea:
    """Use, reject, or take up again: page, bulk action, draft and campaign alike."""
    return moving.move(idea, to, by=by, reason=reason, asks_why=State.REJECTED)


def check_usable(idea: Idea) -> None:
    """IllegalMove for one that nothing may be made of. In a transaction: it stays as it is until the end of it."""
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)
    if idea.state != State.USED and State.USED not in Idea.MOVES[idea.state]:
        raise IllegalMove.of(idea, State.USED)


def use(idea: Idea, *, by: User) -> Idea:
    """As something is made of it: once used it stays so."""
    return idea if idea.state == State.USED else move(idea, State.USED, by=by)

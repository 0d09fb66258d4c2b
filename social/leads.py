"""Leads: who writes regularly about a market, is followed by some thousands, and is answered by them.

Figures decide who comes into question; a model reads what these people write, and code keeps of its word what their
own posts bear out. A follower count that nobody knows is no figure: such an author comes into question once it is.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, F, Max, Sum
from django.db.models.functions import TruncDate

from markets.models import Market
from social import alerts, asking
from social.models import Author, Lead, LeadSample, Post
from social.models.leads import HIGH_ENGAGEMENT, HIGH_FOLLOWERS
from social.prompts.leads import LEADS, Facts, Judged, Person, Shown
from social.signals import high_potential_found
from social.sources.base import drop

MONTH = timedelta(days=30)
FOLLOWERS = (5_000, 100_000)
ENGAGEMENT = Decimal(3)  # percent: more than this
# Regular is so many posts on so many days of a month.
POSTS, DAYS = 3, 3
# Signs of an account that is not what it seems.
YOUNGEST = timedelta(days=90)
MOST_ENGAGEMENT = Decimal(60)
MOST_FOLLOWING = 3  # times the followers
OWN_TEXTS = 0.7  # of all texts, those that are unlike the others
# How many are judged in a round, and how long a judgement stands.
AT_ONCE = 10
STANDS = timedelta(days=7)
SHOWN_POSTS = 8
LONGEST_STYLE, LONGEST_WHY = 200, 600
Fit = Lead.Fit


@dataclass(frozen=True)
class Figures:
    """What an author's posts of a month about a market add up to."""

    author: Author
    posts: int
    days: int
    texts: int  # different ones
    interactions: int
    latest: datetime

    @property
    def engagement(self) -> Decimal | None:
        """Interactions a post in percent of the followers; unknown where these are."""
        if not self.author.followers:
            return None
        percent = Decimal(100 * self.interactions) / (self.posts * self.author.followers)
        return min(percent, Decimal(99_999)).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def regular(self) -> bool:
        return self.posts >= POSTS and self.days >= DAYS

    def doubts(self, today: date) -> list[str]:
        """Why the account may not be what it seems."""
        author, engagement = self.author, self.engagement
        found = {
            "young": author.since is not None and today - author.since < YOUNGEST,
            "follows_many": bool(
                author.following and author.followers and author.following > MOST_FOLLOWING * author.followers
            ),
            "repeats": self.texts < OWN_TEXTS * self.posts,
            "too_engaged": engagement is not None and engagement > MOST_ENGAGEMENT,
        }
        return [name for name, is_so in found.items() if is_so]

    def comes_into_question(self, today: date) -> bool:
        followers, engagement = self.author.followers, self.engagement
        if followers is None or engagement is None:
            return False
        known = FOLLOWERS[0] <= followers <= FOLLOWERS[1] and engagement > ENGAGEMENT
        return known and self.regular and not self.doubts(today)


@dataclass
class Judgement:
    figures: Figures
    fit: str
    style: str
    why: str
    evidence: list[int]  # keys of posts


@dataclass
class Finding:
    """What a round found about leads: those judged now, and figures of those who were known before."""

    judged: list[Judgement] = field(default_factory=list)
    known: list[Figures] = field(default_factory=list)
    by_model: bool = False
    cost: Decimal = Decimal(0)
    note: str = ""
    drops: list[dict[str, str]] = field(default_factory=list)


def find(market: Market, *, room: Decimal, now: datetime) -> Finding:
    """Writes nothing. Takes seconds where somebody is to be judged."""
    every = figures(market, now)
    leads = {
        lead.author_id: lead for lead in Lead.objects.filter(author__in=[one.author.pk for one in every])
    }
    finding = Finding(known=[one for one in every if one.author.pk in leads])
    due = [
        one for one in every if one.comes_into_question(now.date()) and _is_due(leads.get(one.author.pk), now)
    ]
    due = sorted(due, key=lambda one: (-one.posts, one.author.handle))[:AT_ONCE]
    if due:
        _judge(market, due, finding, room, now)
    return finding


def figures(market: Market, now: datetime) -> list[Figures]:
    """Of all who wrote at least twice; two queries."""
    rows = list(
        Post.objects.filter(
            sightings__market=market, sightings__posted_at__gte=now - MONTH, posted_at__lte=now
        )
        .values("author")
        .annotate(
            count=Count("pk"),
            days=Count(TruncDate("posted_at"), distinct=True),
            texts=Count("text", distinct=True),
            sum=Sum(F("likes") + F("reposts") + F("replies")),
            latest=Max("posted_at"),
        )
        .filter(count__gte=2)
        .order_by("author")
    )
    authors = Author.objects.in_bulk([row["author"] for row in rows])
    return [
        Figures(authors[row["author"]], row["count"], row["days"], row["texts"], row["sum"], row["latest"])
        for row in rows
    ]


def _is_due(lead: Lead | None, now: datetime) -> bool:
    if lead is None:
        return True
    return lead.opted_out_at is None and lead.expert_id is None and lead.judged_at <= now - STANDS


def _judge(market: Market, due: Sequence[Figures], finding: Finding, room: Decimal, now: datetime) -> None:
    people = dict(zip(string.ascii_uppercase, due, strict=False))
    posts = _posts_of(market, people, now)
    heard = asking.ask(LEADS, _facts(market, people, posts), room=room)
    finding.by_model, finding.cost, finding.note = heard.by_model, heard.cost, heard.note
    seen: set[str] = set()
    for number, told in enumerate(heard.output.people):
        label = told.person.strip()
        if label not in people or label in seen:
            finding.drops.append(drop("person", "said_twice" if label in seen else "no_such_person", label))
            continue
        seen.add(label)
        judged = _checked(told, people[label], posts[label], heard, f"people.{number}", finding)
        if told.authentic:
            finding.judged.append(judged)
        else:
            finding.drops.append(drop("person", "not_authentic", label))


def _posts_of(market: Market, people: dict[str, Figures], now: datetime) -> dict[str, dict[str, Post]]:
    """Of each the posts that most people saw, by label; one query."""
    letters = {one.author.pk: letter for letter, one in people.items()}
    found = Post.objects.filter(
        author__in=list(letters), sightings__market=market, posted_at__gte=now - MONTH, posted_at__lte=now
    )
    shown: dict[str, dict[str, Post]] = {letter: {} for letter in people}
    for post in sorted(found, key=lambda post: (-post.interactions, post.pk)):
        letter = letters[post.author_id]
        if len(shown[letter]) < SHOWN_POSTS:
            shown[letter][f"{letter}{len(shown[letter]) + 1}"] = post
    return shown


def _facts(market: Market, people: dict[str, Figures], posts: dict[str, dict[str, Post]]) -> Facts:
    return Facts(
        city=market.name,
        people=[
            Person(
                person=letter,
                followers=one.author.followers or 0,
                engagement_percent=float(one.engagement or 0),
                posts_of_30_days=one.posts,
                on_days=one.days,
                posts=[
                    Shown(post=label, text=asking.shown(post.text), interactions=post.interactions)
                    for label, post in posts[letter].items()
                ],
            )
            for letter, one in people.items()
        ],
    )


def _checked(
    told: Judged,
    one: Figures,
    posts: dict[str, Post],
    heard: asking.Heard[Any],
    place: str,
    finding: Finding,
) -> Judgement:
    """A fit is high only where posts of this very person show it."""
    evidence = []
    for label in dict.fromkeys(name.strip() for name in told.posts):
        if label in posts:
            evidence.append(posts[label].pk)
        else:
            finding.drops.append(drop("post", "not_of_this_person", label))
    texts = {}
    for name, text, longest in (("style", told.style, LONGEST_STYLE), ("why", told.why, LONGEST_WHY)):
        text = text.replace("\0", "").strip()
        reason = asking.refused(text, longest) or ("filtered" if heard.is_flagged(f"{place}.{name}") else "")
        if reason:
            finding.drops.append(drop(name, reason, text))
        texts[name] = "" if reason else text
    fit: str = told.fit
    if fit == Fit.HIGH and not evidence:
        fit = Fit.MEDIUM
        finding.drops.append(drop("fit", "no_evidence", told.person))
    return Judgement(one, fit, texts["style"], texts["why"], evidence[:5])


def store(market: Market, finding: Finding, now: datetime) -> int:
    """How many were judged. In a transaction; constant in queries."""
    keys = [one.author.pk for one in finding.known] + [one.figures.author.pk for one in finding.judged]
    rows = {
        lead.author_id: lead
        for lead in Lead.objects.select_for_update(of=("self",), no_key=True)
        .filter(author__in=keys)
        .order_by("pk")
    }
    before = {key for key, lead in rows.items() if lead.high_potential}
    for one in finding.known:
        if lead := rows.get(one.author.pk):
            _measure(lead, one, now)
    for judgement in finding.judged:
        author = judgement.figures.author
        lead = rows.setdefault(author.pk, Lead(author=author, market=market, found_at=now))
        _measure(lead, judgement.figures, now)
        lead.fit, lead.style, lead.why, lead.judged_at = judgement.fit, judgement.style, judgement.why, now
        lead.origin = "model" if finding.by_model else "counted"
    for lead in rows.values():
        lead.high_potential = is_high_potential(lead)
    _write(list(rows.values()))
    _write_evidence(finding, rows)
    _write_samples(finding, rows, now)
    _tell([lead.pk for key, lead in rows.items() if lead.high_potential and key not in before])
    return len(finding.judged)


def is_high_potential(lead: Lead) -> bool:
    """Never by what is unknown."""
    if lead.followers is None or lead.engagement is None or lead.opted_out_at:
        return False
    return lead.fit == Fit.HIGH and lead.followers >= HIGH_FOLLOWERS and lead.engagement >= HIGH_ENGAGEMENT


def _measure(lead: Lead, one: Figures, now: datetime) -> None:
    """What is unknown this time stays as it was last known."""
    if one.author.followers is not None:
        lead.followers, lead.engagement = one.author.followers, one.engagement
    lead.posts_counted, lead.days_counted, lead.seen_at = one.posts, one.days, now


def _write(leads: list[Lead]) -> None:
    Lead.objects.bulk_create((lead for lead in leads if lead.pk is None), ignore_conflicts=True)
    fields = "followers engagement posts_counted days_counted seen_at fit style why judged_at origin high_potential"
    Lead.objects.bulk_create(
        (lead for lead in leads if lead.pk is not None),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=fields.split(),
    )
    # Two markets may have met the same author at once: whoever came second has no number yet.
    stored = dict(
        Lead.objects.filter(author__in=[lead.author_id for lead in leads]).values_list("author", "pk")
    )
    for lead in leads:
        lead.pk = stored[lead.author_id]


def _write_evidence(finding: Finding, rows: dict[int, Lead]) -> None:
    """Of those judged now, in the place of what was there before."""
    through = Lead.evidence.through
    judged = {rows[one.figures.author.pk].pk: one.evidence for one in finding.judged if one.evidence}
    through.objects.filter(lead_id__in=list(judged)).delete()
    through.objects.bulk_create(
        (through(lead_id=lead, post_id=post) for lead, posts in judged.items() for post in posts),
        ignore_conflicts=True,
    )


def _write_samples(finding: Finding, rows: dict[int, Lead], now: datetime) -> None:
    """As measured today: null where nobody knows."""
    measured = {one.author.pk: one for one in [*finding.known, *(each.figures for each in finding.judged)]}
    LeadSample.objects.bulk_create(
        [
            LeadSample(
                lead=rows[key],
                day=now.date(),
                followers=one.author.followers,
                engagement=one.engagement,
                posts_counted=one.posts,
            )
            for key, one in measured.items()
            if key in rows
        ],
        update_conflicts=True,
        unique_fields=["lead", "day"],
        update_fields=["followers", "engagement", "posts_counted"],
    )


def _tell(keys: Sequence[int]) -> None:
    found = list(Lead.objects.filter(pk__in=keys).select_related("author", "market").order_by("pk"))
    if found:
        alerts.tell_high_potential(found)
        high_potential_found.send(Lead, leads=found)

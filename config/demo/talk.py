"""What people post in the demo, and what came of it: trends with history, viral moments, leads, outreach in each state.

Posts are stored, counted and judged by the code that does it with real ones; what a model would have said stands in
talk.toml. Nobody is written to: the people do not exist.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle
from math import pi, sin
from random import Random
from typing import Any

from django.db.models import Count, Q

from accounts import audit
from accounts.models import User
from config.demo import material
from experts.models import Expert
from markets import folding
from markets.models import Market
from social import (
    campaigns,
    ideas,
    leads,
    moves,
    outreach,
    phrasing,
    posts,
    publishing,
    rounds,
    topics,
    trend_moves,
    trends,
    viral,
    x_length,
)
from social.campaigns import Basis
from social.fingerprints import number
from social.leads import Finding, Judgement
from social.models import Campaign, Contact, Lead, Monitor, Outreach, Post, Run, Trend, TrendSample
from social.models.leads import SILENCE
from social.prompts.outreach import OUTREACH, Facts, Shown, Variant
from social.sources import FoundAuthor, FoundPost
from social.trends import Checked, Reading

HISTORY = 20  # days of a trend
ROUNDS = 8
PASSERS_BY = 12
State = Outreach.State
BY_HAND = "Shall we talk?"
_SENT = [State.DRAFTED, State.APPROVED, State.SENT]
# By which moves a row comes to each state, how long after it was found, and the time that a move writes.
WAYS: Mapping[str, Sequence[State]] = {
    State.IDENTIFIED: [],
    State.DRAFTED: [State.DRAFTED],
    State.CUSTOMISED: [State.DRAFTED, State.CUSTOMISED],
    State.APPROVED: [State.DRAFTED, State.APPROVED],
    State.SENT: _SENT,
    State.REPLIED: [*_SENT, State.REPLIED],
    State.CONVERTED: [*_SENT, State.REPLIED, State.CONVERTED],
    State.SKIPPED: [State.DRAFTED, State.SKIPPED],
    State.DECLINED: [*_SENT, State.REPLIED, State.DECLINED],
    State.OPTED_OUT: [*_SENT, State.OPTED_OUT],
}
AFTER = {
    State.DRAFTED: timedelta(minutes=2),
    State.CUSTOMISED: timedelta(days=1),
    State.APPROVED: timedelta(days=1),
    State.SKIPPED: timedelta(days=1),
    State.SENT: timedelta(days=1, hours=2),
    State.REPLIED: timedelta(days=2),
    State.OPTED_OUT: timedelta(days=2),
    State.DECLINED: timedelta(days=3),
    State.CONVERTED: timedelta(days=5),
}
WRITES = {
    State.DRAFTED: "drafted_at",
    State.CUSTOMISED: "customised_at",
    State.APPROVED: "approved_at",
    State.SENT: "sent_at",
    State.REPLIED: "replied_at",
    State.OPTED_OUT: "replied_at",
    State.CONVERTED: "converted_at",
}
SEEN = {State.DRAFTED, State.REPLIED, State.OPTED_OUT}  # what no person decides


@dataclass(frozen=True)
class Place:
    key: str
    market: Market
    rng: Random
    now: datetime

    @property
    def tag(self) -> str:
        return folding.fold(self.market.name).replace(" ", "")


@cache
def _material() -> Mapping[str, Any]:
    return material.read(material.FOLDER / "talk.toml")


def load(rng: Random, markets: Mapping[str, Market], staff: User, now: datetime) -> None:
    """For those of the markets that talk.toml knows. In a transaction."""
    rounds.watch_new_markets()
    states = cycle(State.values)
    for key in [one for one in markets if one in _material()]:
        place = Place(key, markets[key], rng, now)
        _post(place)
        _read(place, staff)
        _judge(place)
        _note_findings(place)
        _reach_out(place, states, staff)
        _publish(place, staff)


def _post(place: Place) -> None:
    """A month of those who write often, a week of others, and one post that everybody sees."""
    found = [*_of_passers_by(place), *_of_regulars(place), *_seen_by_everybody(place)]
    posts.store(found, market=place.market, source="file", now=place.now)
    viral.find(place.market, place.now)


def _topics(place: Place) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = _material()[place.key]
    return found


def _of_passers_by(place: Place) -> Iterator[FoundPost]:
    rng = place.rng
    for topic_place, topic in enumerate(_topics(place)):
        for text in topic["posts"]:
            for _ in range(rng.randint(1, 3)):
                who = f"traveler_{place.tag[:8]}_{rng.randint(1, PASSERS_BY)}"
                author = FoundAuthor(who, followers=rng.randint(40, 3_000), following=rng.randint(40, 900))
                age = timedelta(hours=rng.uniform(2, 150 - 20 * topic_place))
                yield _found(place, author, text, age, likes=rng.randint(2, 180))


def _of_regulars(place: Place) -> Iterator[FoundPost]:
    rng, texts = place.rng, [text for topic in _topics(place) for text in topic["posts"]]
    for person in _material()["people"]:
        author = FoundAuthor(
            person["handle"].format(city=place.tag)[:30],
            person["name"],
            person["bio"],
            person["followers"],
            rng.randint(200, 900),
            (place.now - timedelta(days=rng.randint(700, 2500))).date(),
        )
        for count, text in enumerate(rng.sample(texts, 6)):
            share = rng.uniform(0.035, 0.07)
            age = timedelta(days=4 * count, hours=rng.uniform(3, 60))
            likes = round(person["followers"] * share)
            # Those that are seen by very many are one for each city, below.
            yield _found(place, author, text, max(age, timedelta(hours=50)), likes=likes)


def _seen_by_everybody(place: Place) -> Iterator[FoundPost]:
    """Measured four times within a day."""
    author = FoundAuthor(f"was_in_{place.tag}"[:30], "Was there", followers=2_300, following=410)
    first, text = place.now - timedelta(hours=23), _topics(place)[0]["posts"][0]
    by_itself = Random(_id(place, author.handle, 1))  # the rest of the demo stays as it is
    share, later = by_itself.uniform(0.6, 1.6), by_itself.uniform(0, 5)
    for hours, most in ((16, 60), (11, 390), (6, 1_240), (1, 2_870)):
        likes = round(most * share)
        yield FoundPost(
            id=_id(place, author.handle, 0),
            author=author,
            text=_worded(place, text),
            at=first,
            language="en",
            likes=likes,
            reposts=likes // 15,
            replies=likes // 40,
            views=likes * 34,
            measured_at=place.now - timedelta(hours=hours + later),
        )


def _found(place: Place, author: FoundAuthor, text: str, age: timedelta, *, likes: int) -> FoundPost:
    return FoundPost(
        id=_id(place, f"{author.handle} {text}", round(age.total_seconds())),
        author=author,
        text=_worded(place, text),
        at=place.now - age,
        language="en",
        likes=likes,
        reposts=min(likes // 12, 90),
        replies=likes // 20,
        views=likes * place.rng.randint(15, 40),
    )


def _worded(place: Place, text: str) -> str:
    return text.format(tag=place.rng.choice(rounds.usual_hashtags(place.market)))


def _id(place: Place, text: str, part: int) -> str:
    return str(number(f"{place.key} {text} {part}"))


def _read(place: Place, staff: User) -> None:
    """Trends, counted in the stored posts; most are approved, and each has days behind it."""
    week = posts.recent(place.market, place.now)
    folded = topics.Folded({post.pk: post.text for post in week})
    told = [_checked(topic, folded) for topic in _topics(place)]
    reading = Reading([one for one in told if one.cited], by_model=True)
    trends.store(place.market, reading, week, place.now)
    for count, trend in enumerate(Trend.objects.standing().filter(market=place.market).order_by("pk")):
        _remember(place, trend, count)
        if count < 2:
            trend_moves.move(trend, Trend.State.APPROVED, by=staff)
    _note_rounds(place, len(week))


def _checked(topic: Mapping[str, Any], folded: topics.Folded) -> Checked:
    about = sorted(folded.with_any(topic["words"]))
    return Checked(
        topic=topic["topic"],
        kind=topic["kind"],
        score=topic["score"],
        opportunity=topic["opportunity"],
        reason=topic["reason"],
        seasonal=topic["seasonal"],
        words=list(topic["words"]),
        cited=set(about[:4]),
        pains=list(topic["pains"]),
        estimate=None,
        same_as=None,
    )


def _remember(place: Place, trend: Trend, count: int) -> None:
    """What it counted on the days before, unevenly: one grows, the next had its best days, the third fades."""
    days = place.rng.randint(6, HISTORY)
    ways = (
        lambda ago: 1 - ago / (days + 2),
        lambda ago: 1 + 0.6 * sin(pi * ago / days),
        lambda ago: 1 + 0.8 * ago / days,
    )
    part = ways[count % len(ways)]
    Trend.objects.filter(pk=trend.pk).update(first_seen=place.now - timedelta(days=days))
    TrendSample.objects.bulk_create(
        TrendSample(
            trend=trend,
            day=(place.now - timedelta(days=ago)).date(),
            mentions=max(round(trend.mentions * part(ago) * place.rng.uniform(0.7, 1.2)), 1),
            sentiment_score=max(-100, min(100, trend.sentiment_score + place.rng.randint(-12, 12))),
        )
        for ago in range(1, days)
    )


def _note_rounds(place: Place, seen: int) -> None:
    """The last rounds of the market, half an hour apart."""
    rng, slot = place.rng, place.market.monitor.slot(place.now)
    Run.objects.bulk_create(
        Run(
            market=place.market,
            slot=slot - timedelta(minutes=30 * ago),
            state=Run.State.DONE,
            source="file",
            since=slot - timedelta(days=7),
            until=slot - timedelta(minutes=30 * ago),
            complete=True,
            started_at=slot - timedelta(minutes=30 * ago),
            finished_at=slot - timedelta(minutes=30 * ago) + timedelta(seconds=rng.randint(9, 70)),
            cost=Decimal(rng.randint(20_000, 90_000)) / 1_000_000,
            posts_seen=seen,
            posts_new=rng.randint(0, 9),
        )
        for ago in range(ROUNDS)
    )
    Monitor.objects.filter(market=place.market).update(last_run_at=slot)


def _note_findings(place: Place) -> None:
    """What the rounds found: a moment soon after it was measured, leads one by one."""
    rng = Random(_id(place, "rounds", 1))
    runs = list(Run.objects.filter(market=place.market).order_by("slot"))
    known = Trend.objects.standing().filter(market=place.market).count()
    for run in runs:
        run.trends = rng.randint(1, known) if run.posts_new else 0
    for moment in place.market.viral_moments.select_related("post"):
        after = (run for run in runs if run.finished_at and run.finished_at > moment.post.measured_at)
        run = next(after, runs[-1])
        run.viral += 1
        moment.found_at = min(run.finished_at or run.slot, place.now)
        moment.save(update_fields=["found_at"])
    for _lead in Lead.objects.filter(market=place.market):
        rng.choice(runs).leads += 1
    Run.objects.bulk_update(runs, ["viral", "trends", "leads"])


def _judge(place: Place) -> None:
    """Those who write often, by their figures, and as talk.toml judges them."""
    people = {person["handle"].format(city=place.tag)[:30]: person for person in _material()["people"]}
    found = [one for one in leads.figures(place.market, place.now) if one.author.handle in people]
    found = [one for one in found if one.comes_into_question(place.now.date())]
    judged = [
        Judgement(
            one,
            people[one.author.handle]["fit"],
            people[one.author.handle]["style"],
            f"{one.posts} posts on {one.days} days about {place.market.name}, and readers answer.",
            list(
                one.author.posts.filter(sightings__market=place.market)
                .order_by("-likes", "pk")
                .values_list("pk", flat=True)[:3]
            ),
        )
        for one in found
    ]
    leads.store(place.market, Finding(judged=judged, by_model=True), place.now)


def _reach_out(place: Place, states: Iterator[str], staff: User) -> None:
    """One row a lead, each led on to the next state; whoever begins outreach for new leads may have made it already."""
    high = Lead.objects.filter(market=place.market, high_potential=True).select_related("author", "market")
    for lead in high.order_by("pk"):
        row = Outreach.objects.filter(lead=lead).first() or outreach.begin([lead], place.now)[0]
        begun = place.now - timedelta(days=place.rng.uniform(8, 12))
        _lead_on(row, WAYS[next(states)], _words(place, lead, begun), staff, begun)


def _words(place: Place, lead: Lead, begun: datetime) -> dict[str, dict[str, Any]]:
    """What each move is given."""
    written = _written(place, lead)
    since = Q(bookings__created_at__gte=begun + AFTER[State.CONVERTED])
    experts = Expert.objects.filter(market=place.market, status=Expert.Status.ACTIVE, lead=None)
    busiest = experts.annotate(booked=Count("bookings", filter=since))
    return {
        State.DRAFTED: {
            "variants": [one.text for one, _post in written],
            "grounds": [post.pk for _one, post in written],
            "grounded_on": written[0][1],
            "origin": "counted",
        },
        State.CUSTOMISED: {"text": f"{written[0][0].text} {BY_HAND}"},
        State.SKIPPED: {"reason": "Moves away in spring."},
        State.DECLINED: {"reason": "No time before next year."},
        State.REPLIED: {"text": "That sounds lovely. What would I have to do?"},
        State.OPTED_OUT: {"text": "Please do not write to me again."},
        # One who has something to show for it.
        State.CONVERTED: {"expert": busiest.order_by("-booked", "pk").first()},
    }


def _written(place: Place, lead: Lead) -> list[tuple[Variant, Post]]:
    """By the writer without a model, with room for a word by hand."""
    tongue, found = phrasing.tongues()["en"], outreach.posts_of(lead)
    facts = Facts(
        city=place.market.name,
        brand=phrasing.BRAND,
        language=tongue.name,
        longest=x_length.LONGEST - len(BY_HAND) - 1,
        offer=tongue.offer,
        posts=[Shown(post=label, text=post.text, link=post.url) for label, post in found.items()],
        tried=[],
        problems=[],
    )
    assert OUTREACH.offline
    return [(one, found[one.post]) for one in OUTREACH.offline(facts).variants[: outreach.VARIANTS]]


def _lead_on(
    row: Outreach, way: Sequence[State], words: Mapping[str, Any], staff: User, begun: datetime
) -> None:
    """By the moves that staff make, each at its time. No job is to send anything: the people do not exist."""
    noted = audit.history(row)
    Outreach.objects.filter(pk=row.pk).update(
        created_at=begun, moved_at=begun, due_at=begun + outreach.DUE_IN
    )
    noted.update(at=begun)
    for to in way:
        at = begun + AFTER[to]
        if to == State.SENT:
            _note_message(row, staff, at)
        row = moves.move(row, to, by=None if to in SEEN else staff, **words.get(to, {}))
        noted.filter(action=f"outreach.{to}").update(at=at)
        times = dict.fromkeys(["moved_at", *([WRITES[to]] if to in WRITES else [])], at)
        Outreach.objects.filter(pk=row.pk).update(send_after=None, **times)
        if to == State.OPTED_OUT:
            Contact.objects.filter(person=number(row.lead.handle), kind=Contact.Kind.OPT_OUT).update(at=at)
            Lead.objects.filter(pk=row.lead_id).update(opted_out_at=at)


def _note_message(row: Outreach, staff: User, at: datetime) -> None:
    handle = row.lead.handle
    Contact.objects.create(
        person=number(handle),
        handle=handle,
        kind=Contact.Kind.MESSAGE,
        at=at,
        until=at + SILENCE,
        outreach=row,
        by=staff,
    )


def _publish(place: Place, staff: User) -> None:
    """Ideas by the writer without a model, a text of one, and a campaign for the moment."""
    round_ = ideas.begin(place.market, by=staff)
    assert round_
    made = ideas.store(round_, ideas.write(place.market, room=Decimal(0), now=place.now), place.now)
    if made:
        publishing.draft(made[0], made[0].channel, by=staff)
    moment = place.market.viral_moments.select_related("market", "post__author").first()
    if moment:
        given = campaigns.proposal(Basis(viral=moment), owner=staff)
        for name in ("market", "owner", "viral"):
            given[f"{name}_id"] = given.pop(name)
        campaigns.plan(Campaign(**given, budget=Decimal(300), currency="USD"), by=staff)

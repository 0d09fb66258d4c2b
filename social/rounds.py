"""Rounds: when a market's is due, what it reads, and the only moves of a Run.

Each market has a slot every so many minutes, apart from the others'. What was missed, for whatever reason, is made
up by one round: the next one, which reads from where the last complete one ended.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from jobs.errors import Retryable
from markets import folding
from markets.models import Market
from social import leads, posts, trends, viral
from social.leads import Finding
from social.models import IdeaRound, Monitor, Outreach, Post, PostSample, Run
from social.sources import Found, Query, Source
from social.trends import Reading

FURTHEST = timedelta(days=7)
# Posts appear in searches some minutes late.
OVERLAP = timedelta(minutes=10)
DROPS_KEPT = 50
KEEP = timedelta(days=90)
State = Run.State


def watch_new_markets() -> None:
    """Every active market is watched, by hashtags of its name until staff say otherwise."""
    unwatched = Market.objects.active().filter(monitor=None)
    Monitor.objects.bulk_create(
        (Monitor(market=market, hashtags=usual_hashtags(market)) for market in unwatched),
        ignore_conflicts=True,
    )


def usual_hashtags(market: Market) -> list[str]:
    """#Kyoto, #VisitKyoto, #KyotoTravel."""
    name = "".join(word.capitalize() for word in folding.fold(market.name).split())[:50]
    return [f"#{name}", f"#Visit{name}", f"#{name}Travel"]


def due(now: datetime) -> list[Monitor]:
    """Those whose slot has begun and has no round yet, and that have none under way."""
    monitors = list(Monitor.objects.running().select_related("market").order_by("market"))
    last: dict[int, datetime] = dict(
        Run.objects.filter(market__in=[one.market_id for one in monitors])
        .order_by()
        .values("market")
        .annotate(last=Max("slot"))
        .values_list("market", "last")
    )
    busy = set(Run.objects.open().values_list("market", flat=True))
    return [
        one
        for one in monitors
        if one.market_id not in busy and one.slot(now) > last.get(one.market_id, one.slot(now) - timedelta(1))
    ]


def begin(monitor: Monitor, now: datetime, *, slot: datetime | None = None) -> Run | None:
    """The round of this slot; None where another worker was faster. In a transaction: its job commits with it."""
    run = Run(
        market=monitor.market,
        slot=slot or monitor.slot(now),
        since=_since(monitor.market, now),
        until=now,
        started_at=now,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return None
    if room(run, now) <= 0:
        move(run, State.SKIPPED, note=_("The day's budget of this market is used up."))
        return None
    Monitor.objects.filter(pk=monitor.pk).update(last_run_at=now)
    return run


@transaction.atomic
def begin_now(monitor: Monitor, *, by: User) -> Run:
    """Between two slots, because a person wants to see."""
    now = timezone.now()
    run = begin(monitor, now, slot=now)
    if run is None:
        raise DomainError(_("A round of this market is under way, or its budget of the day is used up."))
    audit.record(action="run.start", target=monitor, by=by)
    return run


def _since(market: Market, now: datetime) -> datetime:
    read = Run.objects.filter(market=market, complete=True, until__lt=now).aggregate(last=Max("until"))[
        "last"
    ]
    earliest = now - FURTHEST
    return max(read - OVERLAP, earliest) if read else earliest


def room(run: Run, now: datetime) -> Decimal:
    """What the market may still spend today, UTC."""
    return room_of(run.market, now)


def room_of(market: Market, now: datetime) -> Decimal:
    """Rounds, drafts and ideas share a day's money. A market that nobody watches has none."""
    monitor = Monitor.objects.filter(market=market).first()
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Run.objects.of_day(now).filter(market=market),
        Outreach.objects.filter(lead__market=market, drafted_at__gte=midnight, drafted_at__lte=now),
        IdeaRound.objects.filter(market=market, asked_at__gte=midnight, asked_at__lte=now),
    )
    spent = sum((one.aggregate(sum=Sum("cost"))["sum"] or Decimal(0) for one in rows), Decimal(0))
    return Decimal(monitor.cost_cap) - spent if monitor else Decimal(0)


def query(run: Run, now: datetime) -> Query:
    monitor = run.market.monitor
    return Query(
        city=run.market.name,
        accounts=monitor.accounts,
        hashtags=monitor.hashtags,
        since=run.since,
        until=run.until,
        budget=room(run, now),
    )


def look(run: Run, source: Source, now: datetime) -> Found:
    """What the source has: new posts, and those of the last two days as they are now. Writes nothing."""
    asked = query(run, now)
    found = source.search(asked)
    left = asked.budget - found.cost
    again = [
        one for one in posts.to_measure_again(run.market, now) if one not in {post.id for post in found.posts}
    ]
    if again and left > 0:
        try:
            measured = source.refresh(again, left)
        except Retryable as error:  # what was found is worth keeping without it
            found.note = found.note or str(error)
        else:
            found.posts += measured.posts
            found.cost += measured.cost
    return found


def store_posts(run: Run, source: Source, found: Found, now: datetime) -> None:
    """The first half of a round. In a transaction."""
    stored = posts.store(found.posts, market=run.market, source=source.name, now=now)
    moments = viral.find(run.market, now)
    _note_drops(run, found.drops)
    run.posts_seen, run.posts_new, run.viral = stored.seen, stored.new, len(moments)
    run.cost += found.cost
    move(run, State.READ, source=source.name, complete=found.complete, note=found.note)


def think(run: Run, now: datetime) -> tuple[Reading, Finding]:
    """What is to be said about the stored posts. Writes nothing; asks nobody where nothing has come."""
    if not run.posts_new:
        return Reading(), Finding(known=leads.figures(run.market, now))
    left = room(run, now)
    week = posts.recent(run.market, now)
    reading = trends.read(run.market.monitor, week, room=left, now=now)
    return reading, leads.find(run.market, room=left - reading.cost, now=now)


def store_thoughts(run: Run, reading: Reading, finding: Finding, now: datetime) -> None:
    """The second half. In a transaction."""
    week = posts.recent(run.market, now)
    run.trends = trends.store(run.market, reading, week, now)
    run.leads = leads.store(run.market, finding, now)
    _note_drops(run, [*reading.drops, *finding.drops])
    run.cost += reading.cost + finding.cost
    move(run, State.DONE, note=" ".join(dict.fromkeys(filter(None, [run.note, reading.note, finding.note]))))


def move(run: Run, to: str, **fields: Any) -> None:
    """Of a run that this worker holds; with all else that was set on it."""
    if to not in Run.MOVES[run.state]:
        raise IllegalMove.of(run, to)
    run.state = to
    run.finished_at = None if to in Run.OPEN else timezone.now()
    for name, value in fields.items():
        setattr(run, name, value)
    run.save()


def give_up(run_id: int, note: str = "") -> None:
    for run in Run.objects.select_for_update().open().filter(pk=run_id):
        why = _("No outcome after several attempts; the next round reads the same again.")
        move(run, State.FAILED, note=note or why)


def forget_old(now: datetime) -> None:
    """Rounds and posts of long ago; posts that evidence, ideas or moments stand on stay."""
    Run.objects.filter(started_at__lt=now - KEEP).exclude(state__in=Run.OPEN).delete()
    PostSample.objects.filter(at__lt=now - timedelta(days=30), post__viral=None).delete()
    old = Post.objects.filter(posted_at__lt=now - KEEP, evidence_of=None, ideas=None, viral=None)
    Post.objects.filter(pk__in=old.order_by("pk").values("pk")[:5_000]).delete()
    trends.forget_old(now)


def _note_drops(run: Run, drops: Iterable[dict[str, str]]) -> None:
    """All are counted, the first of them kept to be read."""
    drops = list(drops)
    run.dropped += len(drops)
    run.drops = [*run.drops, *drops][:DROPS_KEPT]
